"""From an error to an answer: the one place of the gateway that turns failures into statuses."""

import math

import msgspec

from interlingua.errors import Error, Forbidden, ProviderError, Unauthorized
from interlingua.gateway.doors.headers import route_headers
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.gateway.refusals import Refusal
from interlingua.wires.contract import TellingWire

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
NO_RETRY: tuple[bytes, bytes] = (b"x-should-retry", b"false")
"""Read by the official SDKs, which would otherwise retry every 5xx and some of the 4xx."""

_PLAIN = "chat_completions"
"""The wire whose words the refusals are written in."""

_RETRIED = frozenset({408, 409, 429})

UPSTREAM_KEY_REFUSED = "upstream_unauthorized"
UPSTREAM_KEY_STATUS = 502


class Failure(msgspec.Struct, frozen=True):
    """How an error is told before an answer has begun."""

    status: int
    headers: Headers
    body: bytes


def failure_of(error: Error, wire: TellingWire) -> Failure:
    """Say how `error` is told to a caller that speaks `wire`.

    The provider's own error passes as it came; the doors take its body away where it is
    of another wire. A key of the gateway's that a provider refuses is no fault of the
    caller's, so it becomes a 502: a 401 always means the caller's own key.
    """
    if isinstance(error, Unauthorized | Forbidden):
        body = wire.render_error(upstream_refusal(error))
        return Failure(UPSTREAM_KEY_STATUS, (JSON, NO_RETRY, *_headers(error)), body)
    status = error.status if error.status is not None and 400 <= error.status < 600 else error.status_hint
    sdk_retries = status >= 500 or status in _RETRIED
    headers = (JSON, NO_RETRY, *_headers(error)) if sdk_retries and not error.retryable else (JSON, *_headers(error))
    if isinstance(error, ProviderError) and _is_error_object(error.body):
        return Failure(status, headers, error.body or b"")
    return Failure(status, headers, wire.render_error(error))


def upstream_refusal(error: ProviderError) -> Error:
    """Give the error that stands for a refused key of the gateway's own."""
    return ProviderError(
        f"The provider {error.provider or 'upstream'} refused the gateway's own key; whoever runs the gateway "
        f"must correct it. It said: {error.message}",
        provider=error.provider,
        model=error.model,
        status=UPSTREAM_KEY_STATUS,
        code=UPSTREAM_KEY_REFUSED,
        request_id=error.request_id,
    )


def fail(exchange: Exchange, error: Error, wire: TellingWire) -> None:
    """Tell the caller of a failure, as far as its answer has got.

    Nothing sent yet: a proper status. A stream begun: an error in the stream, which the
    wire's SDK raises, and no end mark. Otherwise the connection is cut, so that nobody
    takes what has arrived for the whole.
    """
    if exchange.ended:
        return
    if exchange.status == 0:
        failure = failure_of(error, wire)
        exchange.answer(failure.status, failure.headers, failure.body)
    elif exchange.in_band is not None:
        exchange.write(exchange.in_band(upstream_refusal(error) if isinstance(error, Unauthorized) else error))
        exchange.end(close=True)
    else:
        exchange.abort()


def refuse(exchange: Exchange, refusal: Refusal, wire: TellingWire) -> None:
    """Answer with a refusal, in the words of `wire`."""
    body = refusal.body() if wire.name == _PLAIN else wire.render_error(refusal.told())
    exchange.answer(refusal.status, (JSON, *refusal.headers), body)


def _headers(error: Error) -> list[tuple[bytes, bytes]]:
    headers = route_headers(error.route)
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % math.ceil(error.retry_after)))
        headers.append((b"retry-after-ms", b"%d" % math.ceil(error.retry_after * 1000)))
    if error.request_id is not None and error.request_id.isascii() and error.request_id.isprintable():
        headers.append((b"x-request-id", error.request_id.encode()))
    return headers


class _ErrorObject(msgspec.Struct):
    error: msgspec.Raw


def _is_error_object(body: bytes | None) -> bool:
    if not body:
        return False
    try:
        msgspec.json.decode(body, type=_ErrorObject)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    return True
