"""From bytes to requests: llhttp, and the rules that llhttp leaves to the server. No I/O.

llhttp 9 in its strict default refuses bare LF, folded headers, two lengths that
disagree, control characters and the like. What it accepts and this module refuses
(measured 2026-11-22 with httptools 0.9): no, several or malformed Host; a target whose
host is not the Host header's; transfer codings besides chunked; HTTP/0.9, HTTP/2.0 and
other protocols' versions; heads without bound.
"""

import re
from collections import deque
from collections.abc import Callable
from typing import Literal, NoReturn, TypeAlias

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from interlingua.gateway.exchange import Request
from interlingua.gateway.refusals import (
    BAD_HOST,
    CODED_BODY,
    LARGE_BODY,
    LARGE_HEAD,
    LONG_TARGET,
    MALFORMED,
    TLS_ON_PLAIN_PORT,
    UNKNOWN_CODING,
    UNKNOWN_EXPECTATION,
    UNKNOWN_METHOD,
    UNKNOWN_VERSION,
    UNREGISTERED_METHOD,
    Refusal,
)
from interlingua.gateway.settings import ServerSettings

Phase: TypeAlias = Literal["idle", "head", "body"]

MAX_TARGET = 8192
MAX_PIPELINED = 16
"""Requests that may wait on one connection; what a caller sends beyond them is not read."""

_HOST = re.compile(rb"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9._])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_TARGET = re.compile(rb"(?:http://([^/?#@]+))?(/[^?#]*)?(?:\?([^#]*))?")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40} [!-~]+ HTTP/1\.[01]\r\n")
_ONCE = frozenset(b"host content-length transfer-encoding authorization x-api-key x-goog-api-key content-type".split())
_FOREIGN_METHODS = frozenset(
    b"SOURCE DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH".split()
)
"""Methods that llhttp knows from other protocols (RTSP, Icecast), whose versions it takes for HTTP's."""
_TLS_HANDSHAKE = b"\x16\x03"


class _Stop(Exception):
    """Takes llhttp out of a request that has been refused."""


class RequestReader:
    """Reads the requests of one connection, in order, into `ready`.

    `admit` is asked once a head is whole and before any of its body is kept; what it
    refuses is never read. After a refusal, or past a request that closes the
    connection, `stopped` is set and further bytes are ignored: a parser that has lost
    its place must not find requests in the rest.
    """

    def __init__(self, settings: ServerSettings, admit: Callable[[Request], Refusal | None]) -> None:
        self.ready: deque[Request | Refusal] = deque()
        self.refused = _NO_REQUEST
        """What is known of the request that was refused: its path says in which words to tell its caller."""
        self.phase: Phase = "idle"
        self.stopped = False
        self.expects_continue = False
        self._keep_alive = True
        self._waiting_size = 0
        self._settings = settings
        self._admit = admit
        self._parser = HttpRequestParser(self)
        self._refusal: Refusal | None = None
        self._upgrading = False
        self._known_host: bytes | None = None
        self._partial = 0
        self._reset()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self.stopped:
            return
        was_in_head = self.phase == "head"
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except HttpParserError as error:
            if not self.stopped:
                self._refuse(self._refusal or _refusal_for(error, data, fresh=not was_in_head))
        else:
            if len(self._lines) > self._settings.max_headers:
                self._refuse(LARGE_HEAD)
            elif was_in_head and self.phase == "head":
                self._partial += len(data)
                if self._partial > self._settings.max_header_bytes:
                    self._refuse(LARGE_HEAD)

    def give_up(self, refusal: Refusal) -> None:
        """Refuse the request that is being read; its clock ran out."""
        self._refuse(refusal)

    def close(self) -> None:
        """Read nothing more, forget what waits, and let go of the parser, which holds its reader in turn."""
        self.stopped = True
        self.ready.clear()
        del self._parser

    def on_message_begin(self) -> None:
        """Start a request (llhttp)."""
        if self.stopped:
            raise _Stop
        self._reset()
        self.phase = "head"

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target (llhttp)."""
        self._target += url
        if len(self._target) > MAX_TARGET:
            self._stop(LONG_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header (llhttp), or one of those after a chunked body, which are not kept."""
        self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        """Judge a request by its head (llhttp)."""
        parser = self._parser
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                self._stop(UNKNOWN_METHOD.about("This is not a proxy.", ((b"allow", b"GET, HEAD, POST"),)))
            self._upgrading = True
            return
        version = parser.get_http_version()
        if version not in {"1.1", "1.0"}:
            self._stop(UNKNOWN_VERSION)
        method = parser.get_method()
        if method in _FOREIGN_METHODS:
            self._stop(UNREGISTERED_METHOD)
        self._read_headers()
        request = self._request = self._read_head(method.decode("ascii"), minor_version=int(version[2]))
        refusal = self._head_refusal(request) or self._admit(request)
        if refusal is not None:
            self._stop(refusal)
        self._keep_alive = request.minor_version == 1 and parser.should_keep_alive()
        self.phase = "body"

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body (llhttp)."""
        self._body_size += len(body)
        if self._body_size > self._settings.max_body_bytes:
            self._stop(LARGE_BODY)
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Give the request out (llhttp)."""
        if self._upgrading:
            return
        request = self._request
        if self._body:
            request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self.ready.append(request)
        self.phase = "idle"
        self._waiting_size += self._body_size
        self._body = []
        if (
            not self._keep_alive
            or len(self.ready) >= MAX_PIPELINED
            or self._waiting_size > self._settings.max_body_bytes
        ):
            self.stopped = True

    def take(self) -> Request | Refusal:
        """Take the oldest request out of `ready`."""
        item = self.ready.popleft()
        if not self.ready:
            self._waiting_size = 0
        return item

    def _reset(self) -> None:
        self._target = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._headers: dict[bytes, bytes] = {}
        self._request = _NO_REQUEST
        self._body: list[bytes] = []
        self._body_size = 0
        self._partial = 0
        self.expects_continue = False

    def _read_headers(self) -> None:
        """Put the header lines into a dict; those that must stand once are refused when they stand twice."""
        headers, size = self._headers, 0
        for line_name, value in self._lines:
            size += len(line_name) + len(value) + 4
            name = line_name.lower()
            if name not in headers:
                headers[name] = value
            elif name == b"host":
                self._stop(BAD_HOST)
            elif name in _ONCE:
                self._stop(MALFORMED.about(f"The header {name.decode()} stands twice."))
            else:
                headers[name] += b", " + value
        if size > self._settings.max_header_bytes or len(self._lines) > self._settings.max_headers:
            self._stop(LARGE_HEAD)

    def _read_head(self, method: str, *, minor_version: int) -> Request:
        match = _TARGET.fullmatch(self._target)
        host = self._headers.get(b"host")
        if host is None:
            if minor_version == 1:
                self._stop(BAD_HOST)
        elif host != self._known_host:
            if not _HOST.fullmatch(host):
                self._stop(BAD_HOST)
            self._known_host = host
        if match is None:
            if method == "OPTIONS" and self._target == b"*":
                return Request(method, "*", "", self._headers, minor_version=minor_version)
            self._stop(MALFORMED.about("The request's target is neither a path nor an http:// address."))
        authority, path, query = match.groups()
        if authority is not None and authority.lower() != (host or b"").lower():
            self._stop(BAD_HOST.about("The request's target names another host than its Host header."))
        return Request(
            method,
            (path or b"/").decode("ascii"),
            (query or b"").decode("ascii"),
            self._headers,
            minor_version=minor_version,
        )

    def _head_refusal(self, request: Request) -> Refusal | None:
        headers = request.headers
        coding = headers.get(b"transfer-encoding")
        if coding is not None:
            if request.minor_version == 0:
                return MALFORMED.about("HTTP/1.0 has no Transfer-Encoding.")
            if coding.lower() != b"chunked":
                return UNKNOWN_CODING
        length = headers.get(b"content-length")
        if length is not None and int(length) > self._settings.max_body_bytes:
            return LARGE_BODY
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            return CODED_BODY
        expectation = headers.get(b"expect")
        if expectation is not None:
            if expectation.lower() != b"100-continue":
                return UNKNOWN_EXPECTATION
            self.expects_continue = request.minor_version == 1 and (coding is not None or length not in {None, b"0"})
        return None

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read a request that offers another protocol as if it did not, which RFC 9110 §7.8 allows.

        Java's client does so on every first request (`Upgrade: h2c`), and llhttp would
        take its body for the new protocol. So the head is read again without the offer.
        """
        method = self._parser.get_method()
        head = [method + b" " + self._target + b" HTTP/" + self._parser.get_http_version().encode() + b"\r\n"]
        for line_name, value in self._lines:
            name = line_name.lower()
            if name == b"connection":
                closes = b"close" in [token.strip() for token in value.lower().split(b",")]
                head.append(b"connection: close\r\n" if closes else b"")
            elif name != b"upgrade":
                head.append(name + b": " + value + b"\r\n")
        self._upgrading = False
        self._parser = HttpRequestParser(self)
        self.phase = "idle"
        self.feed(b"".join(head) + b"\r\n")
        if rest:
            self.feed(rest)

    def _stop(self, refusal: Refusal) -> NoReturn:
        self._refusal = refusal
        raise _Stop

    def _refuse(self, refusal: Refusal) -> None:
        self.refused = self._request if self._request is not _NO_REQUEST else _request_to(self._target)
        self.ready.append(refusal)
        self.phase = "idle"
        self.stopped = True
        self._body = []


_NO_REQUEST = Request("", "")


def _request_to(target: bytes) -> Request:
    match = _TARGET.fullmatch(target)
    return _NO_REQUEST if match is None else Request("", (match[2] or b"/").decode("ascii", "replace"))


def _refusal_for(error: HttpParserError, data: bytes, *, fresh: bool) -> Refusal:
    """Say what is wrong with bytes that llhttp refused."""
    if fresh and data.startswith(_TLS_HANDSHAKE):
        return TLS_ON_PLAIN_PORT
    if fresh and isinstance(error, HttpParserInvalidMethodError) and _REQUEST_LINE.match(data):
        return UNREGISTERED_METHOD
    return MALFORMED.about(f"{str(error).rstrip('.')}.")
