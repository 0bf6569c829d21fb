"""The answers to requests that no door takes, as data: each has one status, one code and one remedy.

They are told in the words of the wire that the path belongs to. Where no path is known
yet they have OpenAI's error shape, since that is what most callers can read.
"""

from typing import Final

import msgspec

from interlingua.errors import Error, Forbidden, InvalidRequest, NotFound, Overloaded, Unauthorized

_TOLD_AS: Final[dict[int, type[Error]]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 503: Overloaded}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request is not served.

    `message` says what is wrong and what to do. `cause` names, for the table in the
    documentation, what a caller did to meet it. `headers` go with the answer.
    """

    code: str
    status: int
    message: str
    cause: str
    type: str = "invalid_request_error"
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def about(self, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> "Refusal":
        """Give this refusal with what is known of the case at hand put before its message."""
        return msgspec.structs.replace(self, message=f"{detail} {self.message}", headers=self.headers + headers)

    def body(self) -> bytes:
        """Write it in OpenAI's shape."""
        error = {"message": self.message, "type": self.type, "param": None, "code": self.code}
        return msgspec.json.encode({"error": error})

    def told(self) -> Error:
        """Give it as the error whose words other wires have for it."""
        kind = _TOLD_AS.get(self.status, InvalidRequest if self.status < 500 else Error)
        return kind(self.message, code=self.code, status=self.status)

    def error(self) -> Error:
        """Give it as an error of the tree, for a place that raises."""
        kind = InvalidRequest if self.status < 500 else Error
        error = kind(self.message, code=self.code, status=self.status)
        error.retryable = self.status == 503
        return error


MALFORMED = Refusal(
    code="malformed_request",
    status=400,
    message="Send HTTP/1.1 as RFC 9112 has it.",
    cause="A request line, header, chunk or length that HTTP/1.1 does not allow, or two lengths that disagree",
)
TLS_ON_PLAIN_PORT = Refusal(
    code="tls_not_served",
    status=400,
    message="This port speaks plain HTTP: use http:// in the base URL, or put a proxy that ends TLS in front.",
    cause="A TLS handshake on the plain port",
)
BAD_HOST = Refusal(
    code="invalid_host",
    status=400,
    message="Send exactly one Host header with a host and, at most, a port.",
    cause="No Host header, several, or one that is not `host[:port]`; a target that names another host",
)
FOREIGN_HOST = Refusal(
    code="host_not_allowed",
    status=403,
    message="Without keys only this machine's own names are served: call localhost or 127.0.0.1, or set api_keys.",
    cause="A Host header that is not this machine's, on a gateway without keys (DNS rebinding)",
)
FOREIGN_ORIGIN = Refusal(
    code="origin_not_allowed",
    status=403,
    message="Web pages of other origins may not call a gateway without keys; set api_keys, and send one.",
    cause="A browser's request for a page of another origin, on a gateway without keys",
)
BAD_KEY = Refusal(
    code="invalid_api_key",
    status=401,
    message="Send one of the gateway's own keys as `Authorization: Bearer …`, `x-api-key: …` or `x-goog-api-key: …`.",
    cause="No key, an unknown key, or a key in the wrong place, on a gateway with keys",
    headers=((b"www-authenticate", b'Bearer realm="interlingua"'),),
)
UNKNOWN_PATH = Refusal(
    code="unknown_url",
    status=404,
    message="GET / lists what is served; the base URL ends in /v1 for OpenAI's clients, and has no path for others.",
    cause="A path that is not served",
)
UNKNOWN_METHOD = Refusal(
    code="method_not_supported",
    status=405,
    message="Use one of the methods in the Allow header.",
    cause="A path that is served, with another method",
)
UNREGISTERED_METHOD = Refusal(
    code="method_unknown",
    status=501,
    message="Use a method that HTTP knows, such as POST.",
    cause="A method that HTTP does not know",
)
UNTYPED_BODY = Refusal(
    code="unsupported_media_type",
    status=415,
    message="Send the body as JSON with `content-type: application/json`.",
    cause="A body that is not declared to be JSON",
)
CODED_BODY = Refusal(
    code="unsupported_content_encoding",
    status=415,
    message="Send the body as it is, without content-encoding.",
    cause="A compressed body",
)
UNKNOWN_CODING = Refusal(
    code="unsupported_transfer_encoding",
    status=501,
    message="Send the body with a Content-Length, or with `Transfer-Encoding: chunked` alone.",
    cause="A transfer coding other than chunked",
)
UNKNOWN_EXPECTATION = Refusal(
    code="unsupported_expectation",
    status=417,
    message="Only `Expect: 100-continue` is understood.",
    cause="Another expectation than 100-continue",
)
UNKNOWN_VERSION = Refusal(
    code="unsupported_http_version",
    status=505,
    message="Use HTTP/1.1.",
    cause="An HTTP version other than 1.0 and 1.1",
)
LONG_TARGET = Refusal(
    code="uri_too_long",
    status=414,
    message="Shorten the path and the query.",
    cause="A request target of more than 8 KiB",
)
LARGE_HEAD = Refusal(
    code="headers_too_large",
    status=431,
    message="Send fewer and shorter headers.",
    cause="Headers beyond `max_header_bytes` or `max_headers`",
)
LARGE_BODY = Refusal(
    code="request_too_large",
    status=413,
    message="Send less, or raise max_body_bytes.",
    cause="A body beyond `max_body_bytes`",
)
SLOW_REQUEST = Refusal(
    code="request_timeout",
    status=408,
    message="The request did not arrive in time; send it again.",
    cause="A head or a body that takes longer than `header_timeout` or `body_timeout`",
)
TOO_MANY_CONNECTIONS = Refusal(
    code="too_many_connections",
    status=503,
    message="Try again in a moment, or raise max_connections.",
    cause="More connections than `max_connections`",
    type="server_error",
    headers=((b"retry-after", b"1"),),
)
SHUTTING_DOWN = Refusal(
    code="shutting_down",
    status=503,
    message="The gateway is stopping; send the request again.",
    cause="A request that was still being answered at the end of `drain_seconds`",
    type="server_error",
    headers=((b"retry-after", b"1"),),
)
BROKEN = Refusal(
    code="internal_error",
    status=500,
    message="The gateway failed; its log has the cause under the request's id.",
    cause="A fault of the gateway itself",
    type="server_error",
)


def refusals() -> list[Refusal]:
    """Give every refusal, in the order of this module."""
    return [value for value in globals().values() if isinstance(value, Refusal)]
