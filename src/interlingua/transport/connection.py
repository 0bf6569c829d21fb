"""One HTTP/1.1 connection: an `asyncio.Protocol` around llhttp, and the clocks of its exchange."""

import asyncio
import contextlib
import socket
from typing import Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from interlingua.errors import ProtocolError, StreamInterrupted, TimedOut
from interlingua.transport.contract import Timeouts
from interlingua.transport.response import StreamedResponse

MAX_HEAD = 64 * 1024
"""The largest head of a reply, and the most framing without a byte of body, in bytes."""

MAX_UNREAD = 128 * 1024
"""How much of a body may wait for its reader before the sender is held back, in bytes; one more read may follow it."""

_WRITE_TOGETHER = 128 * 1024


class StaleConnection(Exception):
    """The peer closed a kept connection before it answered; the request may be sent once more."""


class Owner(Protocol):
    """Who a connection belongs to: told when it is free again, and when it is gone."""

    def release(self, connection: "Connection") -> None:
        """Take back a connection whose exchange ended cleanly."""
        ...

    def discard(self, connection: "Connection") -> None:
        """Forget a connection that has been closed."""
        ...


class Connection(asyncio.Protocol):
    """Sends one request at a time and fills its response.

    The connection goes back to its owner the moment the last byte of a reply has been
    read from the socket, whether or not anybody has consumed it; in every other case,
    and whenever there is any doubt about what may still arrive, it is closed.
    """

    __slots__ = (
        "_body",
        "_by_contents",
        "_done",
        "_framed",
        "_head_size",
        "_informational",
        "_keep_alive",
        "_looked_again",
        "_loop",
        "_method",
        "_owner",
        "_parser",
        "_phase",
        "_phase_limit",
        "_phase_start",
        "_response",
        "_reused",
        "_sent_at",
        "_silent",
        "_timeouts",
        "_timer",
        "_timer_due",
        "_total_due",
        "_transport",
        "_write_size",
        "_writing",
        "closed",
        "idle_since",
        "on_body",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._owner: Owner | None = None
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        # llhttp's callback appends by itself, without a Python frame for each piece.
        self.on_body = self._body.append
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._response: StreamedResponse | None = None
        self._method = ""
        self._reused = False
        self._silent = True
        self._head_size = 0
        self._informational = False
        self._framed = True
        self._keep_alive = False
        self._done = False
        self._writing = False
        self._write_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._timeouts = Timeouts()
        self._phase = ""
        self._phase_limit: float | None = None
        self._phase_start = 0.0
        self._sent_at = 0.0
        self._by_contents = False
        self._looked_again = False
        self._total_due: float | None = None
        self.closed = False
        self.idle_since = 0.0

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport below, None once the connection is closed."""
        return self._transport

    @property
    def is_fresh(self) -> bool:
        """Whether it has not served a request yet."""
        return not self._reused

    def adopt(self, owner: Owner) -> None:
        """Belong to `owner` from now on."""
        self._owner = owner

    def start(
        self, method: str, head: bytes, body: bytes, timeouts: Timeouts, total_due: float | None
    ) -> StreamedResponse:
        """Send a request and give the response that will fill; `total_due` is in the loop's time."""
        transport = self._transport
        response = StreamedResponse(self._loop, self)
        if transport is None or self.closed:
            response.failure = StaleConnection("The connection closed before the request was sent.")
            response.source = None
            return response
        self._response = response
        self._method = method
        self._silent = True
        self._head_size = 0
        self._framed = True
        self._done = False
        self._timeouts = timeouts
        self._total_due = total_due
        self._by_contents = False
        self._write_size = 0
        if len(body) < _WRITE_TOGETHER:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
        self._begin_phase("first_token", timeouts.first_token)
        return response

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser and pass on what it found."""
        response = self._response
        parser = self._parser
        if response is None or parser is None:
            self.abort()
            return
        self._silent = False
        try:
            parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if not self._done:
                self._fail(_explain(error))
                return
            self._keep_alive = False
        body = self._body
        if body:
            self._pass_on(response, body)
        else:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD and not self._done:
                self._fail(ProtocolError(f"The reply has more than {MAX_HEAD} bytes of head or framing."))
                return
        if self._done:
            self._finish(response)
        elif response.head_complete and (response.gathering < 0 or response.unread > response.gathering):
            response.wake()

    def eof_received(self) -> None:
        """A body without a length ends here; anything else was cut."""
        if self._response is not None:
            self._end_of_stream()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the reader and the owner."""
        self.closed = True
        if self._response is not None:
            self._end_of_stream(exc)
        self._transport = None
        self._parser = None
        self._stop_timer()
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.discard(self)

    def pause_writing(self) -> None:
        """The request does not fit into the socket's buffer at once."""
        self._writing = True

    def resume_writing(self) -> None:
        """The request is sent but for a rest; the first-token clock starts anew."""
        self._writing = False
        if self._phase == "first_token":
            self._phase_start = self._loop.time()

    # llhttp

    def on_message_begin(self) -> None:
        """Refuse a second reply behind the first."""
        if self._done:
            raise ProtocolError("The connection carries more than the reply that was asked for.")
        self._informational = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are let go."""
        response = self._response
        if response is not None and not response.head_complete:
            response.raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Read what the head says about the body."""
        response, parser = self._response, self._parser
        if response is None or parser is None:
            return
        status = parser.get_status_code()
        if status < 200:
            if status == 101 or status < 100:
                raise ProtocolError(f"The reply has the status {status}, which was not asked for.")
            self._informational = True
            response.raw_headers.clear()
            return
        response.status = status
        self._keep_alive = parser.should_keep_alive()
        self._read_framing(response, status)
        response.head_complete = True
        if self._method == "HEAD":
            # llhttp does not know the request and would wait for a body.
            self._done = True
            self._keep_alive = False

    def on_message_complete(self) -> None:
        """Note the end of the reply; `data_received` acts on it once the rest of the read is seen."""
        if not self._informational:
            self._done = True

    # what follows from it

    def _read_framing(self, response: StreamedResponse, status: int) -> None:
        framed = status in (204, 304)
        size = 0
        for name, value in response.raw_headers:
            size += len(name) + len(value) + 4
            length = len(name)
            if length == 14 and name.lower() == b"content-length":
                framed = True
            elif length == 17 and name.lower() == b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    raise ProtocolError("The reply has a transfer encoding other than chunked.")
                framed = True
            elif length == 16 and name.lower() == b"content-encoding":
                encoding = value.strip().lower()
                if encoding not in (b"", b"identity"):
                    response.decode_body(encoding.decode("latin-1"))
        if size > MAX_HEAD:
            raise ProtocolError(f"The reply has more than {MAX_HEAD} bytes of head.")
        self._framed = framed

    def _pass_on(self, response: StreamedResponse, body: list[bytes]) -> None:
        if self._method == "HEAD":
            body.clear()
            return
        piece = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        self._head_size = 0
        response.pieces.append(piece)
        response.unread += len(piece)
        if self._done:
            return
        if self._by_contents:
            pass
        elif self._phase == "idle":
            self._phase_start = self._loop.time()
        else:
            self._sent_at = self._phase_start
            self.begin_idle()
        if (
            response.unread > MAX_UNREAD
            and response.gathering < 0
            and not response.paused
            and self._transport is not None
        ):
            response.paused = True
            self._transport.pause_reading()

    def _finish(self, response: StreamedResponse) -> None:
        self._response = None
        response.source = None
        response.complete = True
        transport = self._transport
        owner = self._owner
        if not self._keep_alive or owner is None or transport is None or transport.get_write_buffer_size():
            self.abort()
        else:
            if response.paused:
                response.paused = False
                transport.resume_reading()
            self._reused = True
            self.idle_since = self._loop.time()
            owner.release(self)
        response.wake()

    def _end_of_stream(self, cause: Exception | None = None) -> None:
        response = self._response
        if response is None:
            return
        if response.head_complete:
            if not self._framed and cause is None:
                self._keep_alive = False
                self._finish(response)
                return
            self._fail(StreamInterrupted("The connection closed in the middle of the reply."), cause)
        elif self._silent and self._reused:
            self._fail(StaleConnection("The kept connection was closed."), cause)
        elif self._silent:
            self._fail(StreamInterrupted("The connection closed without an answer."), cause)
        else:
            self._fail(StreamInterrupted("The connection closed before the head of the reply was whole."), cause)

    def _fail(self, error: Exception, cause: Exception | None = None) -> None:
        response = self._response
        if response is not None:
            self._response = None
            error.__cause__ = cause
            response.failure = error
            response.source = None
            response.wake()
        self.abort()

    def resume(self) -> None:
        """Let the sender go on; the idle clock starts anew."""
        response = self._response
        if response is not None and response.paused and self._transport is not None:
            response.paused = False
            self._transport.resume_reading()
            if not self._by_contents:
                self.begin_idle()

    def abort(self) -> None:
        """Close at once, whatever may be under way; safe to call twice."""
        self._response = None
        self._stop_timer()
        if not self.closed:
            self.closed = True
            if self._transport is not None:
                self._transport.abort()

    def give_up(self) -> None:
        """Close at once and tell whoever waits for the reply."""
        self._fail(StreamInterrupted("The transport was closed before the reply's end."))

    def shut_down(self) -> None:
        """End the connection from outside its loop, which is closed: at the socket, since nothing else would act."""
        transport, self._transport = self._transport, None
        self._response = self._parser = self._timer = self._owner = None
        self.closed = True
        opened = None if transport is None else transport.get_extra_info("socket")
        if opened is not None and opened.fileno() >= 0:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    # clocks

    def follow_contents(self) -> None:
        """Let the first-token clock go on, and no read move a clock from here on."""
        self._by_contents = True
        if self._phase == "idle":
            self._begin_phase("first_token", self._timeouts.first_token, self._sent_at)

    def begin_idle(self) -> None:
        """Let the idle clock run from now on."""
        self._begin_phase("idle", self._timeouts.idle)

    def _begin_phase(self, phase: str, limit: float | None, since: float | None = None) -> None:
        self._phase = phase
        self._phase_limit = limit
        self._phase_start = start = self._loop.time() if since is None else since
        self._looked_again = False
        due = self._total_due
        if limit is not None and (due is None or start + limit < due):
            due = start + limit
        # A timer that rings too early only looks at the clock, so most exchanges never touch it.
        if due is not None and (self._timer is None or self._timer_due > due):
            self._set_timer(due)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_at(due, self._on_timer)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        self._timer = None
        response = self._response
        if response is None:
            return
        now = self._loop.time()
        total = self._total_due
        if total is not None and now >= total:
            self._fail(TimedOut("total", self._timeouts.total or 0.0))
            return
        limit = self._phase_limit
        if limit is None or (response.paused and not self._by_contents):
            if total is not None:
                self._set_timer(total)
            return
        if self._writing and self._sending_moves():
            self._phase_start = now
        if self._by_contents:
            self._look_at_reader(response, now)
        due = self._phase_start + limit
        if now >= due and not self._looks_again(response):
            self._fail(TimedOut(self._phase, limit))
            return
        self._set_timer(due if total is None or due < total else total)

    def _look_at_reader(self, response: StreamedResponse, now: float) -> None:
        """Let a clock stand still whose reader is away."""
        start = response.heard_at if response.is_awaited else now
        if start > self._phase_start:
            self._phase_start = start
            self._looked_again = False

    def _looks_again(self, response: StreamedResponse) -> bool:
        """Say, once for each content, whether to wait until the reader has seen what has come just now."""
        if not self._by_contents or not response.is_answered or self._looked_again:
            return False
        self._looked_again = True
        return True

    def _sending_moves(self) -> bool:
        """Say whether the peer has taken some of the request since the last look."""
        size = 0 if self._transport is None else self._transport.get_write_buffer_size()
        moves = self._write_size == 0 or size < self._write_size
        self._write_size = size
        return moves


def _explain(error: Exception) -> ProtocolError:
    cause = error.__context__
    if isinstance(cause, ProtocolError):
        return cause
    return ProtocolError(f"The reply is not valid HTTP/1.1: {error}.")
