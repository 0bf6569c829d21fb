"""The same contract on an `httpx2` client of yours: for SOCKS, HTTP/2, or a transport of your own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

from interlingua.errors import (
    ConnectFailed,
    Error,
    InvalidRequest,
    ProtocolError,
    StreamInterrupted,
    TimedOut,
    TransportError,
)
from interlingua.transport.contract import HTTPRequest, Timeouts
from interlingua.transport.decoding import BodyDecoder
from interlingua.transport.head import check_headers
from interlingua.transport.redirect import MAX_REDIRECTS, REDIRECTS, check_redirect
from interlingua.transport.response import DEFAULT_READ_LIMIT, without_encoding
from interlingua.transport.url import parse_url

if TYPE_CHECKING:
    import httpcore2
    import httpx2


class HTTPX2Transport:
    """Sends requests through an injected `httpx2.AsyncClient`; meets `Transport`.

    Connections, proxies, TLS and the client's own default headers and cookies are the client's
    business; redirects and clocks are not. `aclose` closes the client.

    Args:
        client: The client to send with. It belongs to one event loop, as httpx2 clients do.

    Example:
        >>> import httpx2
        >>> transport = HTTPX2Transport(httpx2.AsyncClient(http2=False))

    """

    def __init__(self, client: "httpx2.AsyncClient") -> None:
        self._client = client

    async def send(self, request: HTTPRequest) -> "HTTPX2Response":
        """Send `request` and give the reply as soon as its head is there.

        Raises:
            InvalidRequest: the method, the URL or a header cannot be sent.
            ConnectFailed: no connection could be made.
            TimedOut: a clock ran out; `clock` says which.
            ProtocolError: the reply was not HTTP, or redirected to another host.
            StreamInterrupted: the connection closed before the reply's head was whole.

        """
        target = parse_url(request.url)
        check_headers(request.method, request.headers)
        total = request.timeouts.total
        total_due = None if total is None else asyncio.get_running_loop().time() + total
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._exchange(request, f"{target.origin}{target.path}", total_due)
            location = response.header("location") if response.status in REDIRECTS else None
            if location is None or not request.follow_redirects:
                return response
            await response.aclose()
            target = check_redirect(target, location, response.status, request.method)
        raise ProtocolError(f"{target.origin} redirected more than {MAX_REDIRECTS} times.")

    async def _exchange(self, request: HTTPRequest, url: str, total_due: float | None) -> "HTTPX2Response":
        import httpx2  # noqa: PLC0415 - an optional dependency, present wherever there is a client to inject

        clocks = _Clocks(request.timeouts, total_due, request.on_sent)
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        if all(name.lower() != b"accept-encoding" for name, _ in headers):
            headers.append((b"accept-encoding", b"identity"))
        connect = request.timeouts.connect
        built = self._client.build_request(
            request.method,
            url,
            headers=headers,
            content=request.body or None,
            timeout=httpx2.Timeout(connect=connect, pool=connect, read=None, write=request.timeouts.idle),
            extensions={"trace": clocks.trace},
        )
        try:
            response = await clocks.wait_for_head(self._client.send(built, stream=True, follow_redirects=False))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _translate(error, request.timeouts) from error
        try:
            return HTTPX2Response(response, clocks)
        except ProtocolError:
            await response.aclose()
            raise

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()


class HTTPX2Response:
    """A reply that an `httpx2` client reads; meets `HTTPResponse`."""

    def __init__(self, response: "httpx2.Response", clocks: "_Clocks") -> None:
        self._response = response
        self._clocks = clocks
        self._body: AsyncIterator[bytes] | None = None
        self._ended = False
        self.status = response.status_code
        self.headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        encoding = (self.header("content-encoding") or "").strip().lower()
        self._decoder = None
        if encoding not in ("", "identity"):
            self._decoder = BodyDecoder(encoding)
            self.headers = without_encoding(self.headers)

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    async def read(self, limit: int = DEFAULT_READ_LIMIT) -> bytes:
        """Read the whole body; 64 MiB at most unless told.

        Raises:
            ProtocolError: the body is longer than `limit` bytes, or its encoding is broken.
            StreamInterrupted: the connection closed before the body's end.
            TimedOut: a clock ran out.

        """
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                await self.aclose()
                raise ProtocolError(f"The reply's body is longer than {limit} bytes.")
        return b"".join(pieces)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        import httpx2  # noqa: PLC0415 - see `HTTPX2Transport`

        if self._ended:
            raise StopAsyncIteration
        if self._body is None:
            self._body = self._response.aiter_raw()
        try:
            while True:
                piece = await self._clocks.wait_for_piece(anext(self._body))
                data = piece if self._decoder is None else self._decoder.feed(piece)
                if data:
                    return data
        except StopAsyncIteration:
            self._ended = True
            if self._decoder is not None:
                self._decoder.finish()
            raise
        except httpx2.StreamClosed:
            raise StreamInterrupted("The response was closed before its end.") from None
        except httpx2.HTTPError as error:
            await self.aclose()
            raise _translate(error, self._clocks.timeouts) from error
        except BaseException:
            await self.aclose()
            raise

    def follow_contents(self) -> None:
        """Let the clocks run on contents; see `HTTPResponse`."""
        self._clocks.follow_contents()

    def heard(self) -> None:
        """Tell that there was content."""
        self._clocks.heard()

    async def aclose(self) -> None:
        """Let go of the connection; safe to call twice."""
        await self._response.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()


class _Clocks:
    """Our four clocks around a client that has others."""

    def __init__(self, timeouts: Timeouts, total_due: float | None, on_sent: Callable[[], None] | None) -> None:
        self.timeouts = timeouts
        self._on_sent = on_sent
        self._total_due = total_due
        self._sent_at = asyncio.get_running_loop().time()
        self._timer: asyncio.Timeout | None = None
        self._has_body = False
        self._waited: float | None = None
        """How long the reader has waited for content; None while bytes count and not contents."""
        self._handshaking: httpcore2.AsyncNetworkStream | None = None

    async def trace(self, event: str, info: "dict[str, Any]") -> None:
        """Follow an exchange; httpcore2 calls it at each step."""
        if event == "connection.connect_tcp.complete":
            self._handshaking = info["return_value"]
        elif event == "connection.start_tls.complete":
            self._handshaking = None
        elif event.endswith("send_request_headers.started"):
            if self._on_sent is not None and info["request"].method != b"CONNECT":
                self._on_sent()
        elif self._timer is not None and event.endswith("receive_response_headers.started"):
            self._sent_at = asyncio.get_running_loop().time()
            self._timer.reschedule(self._due(self.timeouts.first_token))

    def _due(self, limit: float | None) -> float | None:
        """When a clock that began at `_sent_at` runs out, or all of it, whichever is first."""
        due = None if limit is None else self._sent_at + limit
        if self._total_due is None or (due is not None and due < self._total_due):
            return due
        return self._total_due

    async def wait_for_head(self, sending: "Awaitable[httpx2.Response]") -> "httpx2.Response":
        connect, first_token = self.timeouts.connect, self.timeouts.first_token
        # A client without httpcore2 below it never says when the request is out.
        both = None if connect is None or first_token is None else connect + first_token
        timer = self._timer = asyncio.timeout_at(self._due(both))
        try:
            async with timer:
                return await sending
        except TimeoutError:
            raise self._timed_out("first_token", first_token, timer.when()) from None
        except asyncio.CancelledError:
            # httpcore2 2.16 leaves a connection to the garbage collector whose TLS handshake is cancelled.
            if self._handshaking is not None:
                await self._handshaking.aclose()
            raise
        finally:
            self._timer = self._handshaking = None

    async def wait_for_piece(self, reading: Awaitable[bytes]) -> bytes:
        clock, limit = ("idle", self.timeouts.idle) if self._has_body else ("first_token", self.timeouts.first_token)
        loop = asyncio.get_running_loop()
        if self._waited is not None:
            self._sent_at = loop.time() - self._waited
        elif self._has_body:
            self._sent_at = loop.time()
        timer = asyncio.timeout_at(self._due(limit))
        try:
            async with timer:
                piece = await reading
        except TimeoutError:
            raise self._timed_out(clock, limit, timer.when()) from None
        if self._waited is None:
            self._has_body = True
        else:
            self._waited = loop.time() - self._sent_at
        return piece

    def follow_contents(self) -> None:
        self._waited = asyncio.get_running_loop().time() - self._sent_at
        self._has_body = False

    def heard(self) -> None:
        self._waited = 0.0
        self._has_body = True

    def _timed_out(self, clock: str, limit: float | None, when: float | None) -> TimedOut:
        # By the time that was set, and not by what time it is: a loop may ring a moment early.
        if limit is None or when == self._total_due:
            return TimedOut("total", self.timeouts.total or 0.0)
        return TimedOut(clock, limit)


def _translate(error: Exception, timeouts: Timeouts) -> Error:
    """Give our error for one of httpx2's."""
    import httpx2  # noqa: PLC0415 - see `HTTPX2Transport`

    text = str(error) or type(error).__name__
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return TimedOut("connect", timeouts.connect or 0.0)
    if isinstance(error, httpx2.TimeoutException):
        return TimedOut("idle", timeouts.idle or 0.0)
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return ConnectFailed(f"No connection: {text}.")
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return InvalidRequest(f"The request cannot be sent: {text}.")
    if isinstance(error, httpx2.RemoteProtocolError) and ("disconnected" in text or "peer closed" in text):
        return StreamInterrupted(f"The connection closed before the reply's end: {text}")
    if isinstance(error, httpx2.ProtocolError | httpx2.DecodingError):
        return ProtocolError(f"The reply is not valid HTTP: {text}.")
    if isinstance(error, httpx2.NetworkError):
        return StreamInterrupted(f"The connection broke: {text}.")
    return TransportError(f"The request failed: {text}.")
