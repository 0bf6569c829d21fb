"""One caller's connection: requests in, answers out, in the order they came."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

from interlingua.errors import Error
from interlingua.gateway.exchange import Exchange, Headers, Request
from interlingua.gateway.outgoing import unread
from interlingua.gateway.reading import RequestReader
from interlingua.gateway.refusals import SLOW_REQUEST, TOO_MANY_CONNECTIONS, Refusal

if TYPE_CHECKING:
    from interlingua.gateway.server import HTTPServer

REASONS: dict[int, str] = {
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request",
    401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 409: "Conflict", 413: "Content Too Large", 414: "URI Too Long",
    415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
}  # fmt: skip
_STATUS_LINES = {
    status: f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n".encode() for status in range(100, 600)
}
_CONTINUE = _STATUS_LINES[100] + b"\r\n"

HIGH_WATER = 64 * 1024
"""Unsent bytes at which a writer is asked to wait."""
LEAST_PROGRESS = 1024
"""Bytes that a caller must read within `write_timeout` to count as reading."""
SETTLING_SECONDS = 1.0
"""How long after a caller has fallen behind what it reads is counted: what was on its way then arrives unread."""
LINGER_SECONDS = 5.0
"""How long what a refused caller still sends is thrown away, so that it can read the refusal."""


class Application(Protocol):
    """What stands behind the server."""

    interrupting: bool
    """Set by the server before it cancels handlers whose callers are still there."""

    def admit(self, request: Request) -> Refusal | None:
        """Say by its head alone why a request is not served, or None."""
        ...

    async def handle(self, exchange: Exchange) -> None:
        """Answer an exchange; whatever happens, it has ended afterwards."""
        ...

    def refused(self, exchange: Exchange, refusal: Refusal) -> None:
        """Answer an exchange with a refusal."""
        ...


class HTTPExchange:
    """An exchange on a connection of our own server (see `Exchange`)."""

    __slots__ = (
        "_chunked",
        "_connection",
        "_head",
        "ended",
        "id",
        "in_band",
        "model",
        "request",
        "route",
        "sent",
        "started_at",
        "status",
    )

    def __init__(self, request: Request, connection: "Connection", id: str, started_at: float) -> None:  # noqa: A002
        self.request = request
        self.id = id
        self.status = 0
        self.sent = 0
        self.ended = False
        self.model: str | None = None
        self.route: Sequence[object] = ()
        self.in_band: Callable[[Error], bytes] | None = None
        self.started_at = started_at
        self._connection = connection
        self._head: bytes | None = None
        self._chunked = False

    @property
    def congested(self) -> bool:
        """Whether `drain()` is to be awaited before the next write."""
        return self._connection.congested

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        head = self._compose(status, headers, b"content-length: %d\r\n" % len(body))
        self.sent = len(body)
        if self.request.method == "HEAD":
            body = b""
        self._connection.write(head + body)
        self.end()

    def start(self, status: int, headers: Headers) -> None:
        """Begin an answer in pieces; its head leaves with the first of them."""
        self._chunked = self.request.minor_version == 1
        if not self._chunked:
            self._connection.close_after_answer()
        self._head = self._compose(status, headers, b"transfer-encoding: chunked\r\n" if self._chunked else b"")

    def write(self, data: bytes) -> None:
        """Send a piece."""
        if not data or self.ended:
            return
        self.sent += len(data)
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if self._head is not None:
            data = self._head + data
            self._head = None
        self._connection.write(data)

    async def drain(self) -> None:
        """Wait until the caller has read enough."""
        await self._connection.drain()

    def end(self, *, close: bool = False) -> None:
        """Finish the answer."""
        if self.ended:
            return
        self.ended = True
        if close:
            self._connection.close_after_answer()
        tail = b"0\r\n\r\n" if self._chunked else b""
        if self._head is not None:
            tail = self._head + tail
        if tail:
            self._connection.write(tail)
        self._connection.answered()

    def abort(self) -> None:
        """Cut the connection."""
        self.ended = True
        self._connection.abort()

    def _compose(self, status: int, headers: Headers, framing: bytes) -> bytes:
        self.status = status
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers) or b"\0" in lines:
            raise ValueError("a header's value holds a line break")
        connection = b"connection: close\r\n" if self._connection.is_closing else b""
        return b"%b%b%b%bx-interlingua-request-id: %b\r\n%b" % (
            _STATUS_LINES[status],
            lines,
            framing,
            connection,
            self.id.encode(),
            self._connection.server.date_line,
        )


class Connection(asyncio.Protocol):
    """Reads requests, has them answered one after the other, and watches the clocks.

    Nothing here has a timer of its own: `deadline` says when patience ends, and the
    server looks at all connections in turn. While a request is being answered the
    connection goes on being read, since that is how a caller's leaving is noticed.
    """

    def __init__(self, server: "HTTPServer") -> None:
        self.server = server
        self.deadline: float | None = None
        self.congested = False
        self._application = server.application
        self._reader = RequestReader(server.settings, server.application.admit)
        self._transport: asyncio.Transport = _NOT_CONNECTED
        self._exchange: HTTPExchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._resumed: asyncio.Future[None] | None = None
        self._closing = False
        self._lingering = False
        self._backlog: int | None = None
        self._client = ""

    @property
    def is_closing(self) -> bool:
        """Whether the answer that is being given is the connection's last."""
        return self._closing or self.server.draining or (self._reader.stopped and not self._reader.ready)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being read or answered."""
        return self._exchange is not None or self._reader.phase != "idle"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        peer: tuple[object, ...] | None = transport.get_extra_info("peername")
        self._client = str(peer[0]) if peer else ""
        if not self.server.add(self):
            self._closing = True
            self._reader.give_up(TOO_MANY_CONNECTIONS)
            self._next()
            return
        self.deadline = self.server.now() + self.server.settings.header_timeout

    def data_received(self, data: bytes) -> None:
        """Take the next bytes."""
        reader = self._reader
        before = reader.phase
        reader.feed(data)
        if self._exchange is not None:
            return
        if reader.ready:
            self._next()
        elif reader.phase != before:
            self._set_reading_deadline()
            if reader.expects_continue:
                self._transport.write(_CONTINUE)

    def eof_received(self) -> bool:
        """Take the caller's end as its leaving: from here a closed and a half-closed socket look the same."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the work for a caller that is gone."""
        del exc
        self.deadline = None
        self.server.remove(self)
        if self._task is not None and not self._task.done():
            self.server.keep(self._task)
            if self._exchange is not None:
                self._task.cancel()
        # A cancelled task holds the frames that it was in, and they this connection: in a circle, all that they had
        # read would stay until the garbage is collected.
        self._task = self._exchange = None
        self._reader.close()
        self._wake()

    def pause_writing(self) -> None:
        """Note that the caller reads more slowly than we write."""
        self.congested = True
        self._backlog = None
        self.deadline = self.server.now() + self.server.settings.write_timeout

    def resume_writing(self) -> None:
        """Note that the caller has caught up."""
        self.congested = False
        self.deadline = None
        if self._exchange is None:
            self._rest()
        self._wake()

    def write(self, data: bytes) -> None:
        """Send bytes; to a caller that is gone they are thrown away."""
        self._transport.write(data)

    async def drain(self) -> None:
        """Wait until writing may go on."""
        if self.congested:
            self._resumed = asyncio.get_running_loop().create_future()
            await self._resumed

    def close_after_answer(self) -> None:
        """Make the answer that is being given the last one."""
        self._closing = True

    def answered(self) -> None:
        """Go on after an answer: with the next request, or by closing."""
        closing = self.is_closing
        self._exchange = None
        if closing:
            self._close()
        elif self._reader.ready:
            self._next()
        elif not self.congested:
            self._rest()

    def abort(self) -> None:
        """Cut the connection at once."""
        self._exchange = None
        self._transport.abort()

    def check(self, now: float) -> None:
        """See whether patience has ended."""
        if self.deadline is None:
            return
        if now < self.deadline:
            if self.congested and self._backlog is None:
                self._begin_counting(now, self.deadline)
            return
        if self.congested:
            self._check_progress(now)
        elif self._exchange is None and self._reader.phase != "idle" and not self._lingering:
            self._reader.give_up(SLOW_REQUEST)
            self._next()
        else:
            self._transport.abort() if self._lingering else self._transport.close()

    def drain_idle(self) -> None:
        """Close if nothing is going on; otherwise the answer that is being given is the last."""
        if not self.is_busy and not self.congested:
            self._transport.close()

    def interrupt(self) -> None:
        """End what is going on: the handler is cancelled while the caller is still there to be told."""
        if self._exchange is not None and self._task is not None:
            self._task.cancel()
        else:
            self._transport.close()

    def _next(self) -> None:
        """Begin with the oldest request that waits."""
        item = self._reader.take()
        self.deadline = None
        request = item if isinstance(item, Request) else msgspec.structs.replace(self._reader.refused)
        request.client = self._client
        exchange = HTTPExchange(request, self, self.server.ids.next(), self.server.now())
        self._exchange = exchange
        if isinstance(item, Refusal):
            self._application.refused(exchange, item)
        else:
            if self._task is not None and not self._task.done():
                self.server.keep(self._task)
            self._task = asyncio.get_running_loop().create_task(self._application.handle(exchange))

    def _rest(self) -> None:
        """Wait for the next request."""
        if self._lingering:
            return
        if self._reader.phase == "idle":
            self.deadline = self.server.now() + self.server.settings.idle_timeout
        else:
            self._set_reading_deadline()

    def _set_reading_deadline(self) -> None:
        settings = self.server.settings
        seconds = settings.header_timeout if self._reader.phase == "head" else settings.body_timeout
        self.deadline = self.server.now() + seconds

    def _begin_counting(self, now: float, deadline: float) -> None:
        """Note what a caller has not read, once what was on its way has arrived."""
        patience = self.server.settings.write_timeout
        if now >= deadline - patience + min(SETTLING_SECONDS, patience / 4):
            self._backlog = unread(self._transport)

    def _check_progress(self, now: float) -> None:
        """Cut a caller that does not read; one that reads slowly is borne with."""
        left = unread(self._transport)
        if self._backlog is not None and self._backlog - left < LEAST_PROGRESS:
            self._transport.abort()
            return
        self._backlog = left
        self.deadline = now + self.server.settings.write_timeout

    def _close(self) -> None:
        """Close once everything is sent and the caller has had the chance to read it.

        Closing a socket with unread bytes resets it, and a reset can overtake the
        answer. So after a refusal the caller's remaining bytes are thrown away first.
        """
        if not self._reader.stopped or self._transport.is_closing():
            self._transport.close()
            return
        self._lingering = True
        if not self.congested:
            self.deadline = self.server.now() + LINGER_SECONDS
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _wake(self) -> None:
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
        self._resumed = None


class _NotConnected(asyncio.Transport):
    """Stands for the transport before there is one."""


_NOT_CONNECTED = _NotConnected()
