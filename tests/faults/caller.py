"""A caller that weighs little, so that thousands fit into one process, and that leaves as rudely as it is told to."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, cast

import msgspec

Leaving = Literal["fin", "reset"]

_RESET: Final = struct.pack("ii", 1, 0)
_PACKET: Final = 1400
_KEPT: Final = 4096


class Caller(asyncio.Protocol):
    """One connection to the gateway, with one request on it.

    `received` counts the bytes that came, `begun` is done with the first of them, `over`
    when the answer has ended or the connection has closed; `start` has the first bytes.
    """

    __slots__ = (
        "_loop",
        "_transport",
        "begun",
        "ends",
        "kept",
        "left_at",
        "over",
        "received",
        "start",
        "tail",
        "wire",
    )

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.begun: asyncio.Future[float] = self._loop.create_future()
        self.over: asyncio.Future[float] = self._loop.create_future()
        self.received = 0
        self.start = b""
        self.tail = b""
        self.kept: list[bytes] | None = None
        self.ends: Sequence[bytes] = ()
        self.left_at = 0.0
        self.wire: socket.socket | None = None

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    @property
    def status(self) -> int:
        """The status of the answer; 0 while there is none."""
        return int(self.start[9:12]) if len(self.start) > 12 else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if len(self.start) < _KEPT:
            self.start += data[: _KEPT - len(self.start)]
        if not self.begun.done():
            self.begun.set_result(self._loop.time())
        if self.kept is not None:
            self.kept.append(data)
        if self.ends:
            self.tail = (self.tail + data)[-_KEPT:]
            if not self.over.done() and any(end in self.tail for end in self.ends):
                self.over.set_result(self._loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        now = self._loop.time()
        for future in (self.begun, self.over):
            if not future.done():
                future.set_result(now)

    def send(self, data: bytes) -> None:
        self.transport.write(data)

    def hold(self) -> None:
        """Read nothing from now on but what `sip` takes."""
        self.transport.pause_reading()

    def sip(self, size: int) -> None:
        """Read so many bytes, if they are there."""
        assert self.wire is not None
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self.received += len(self.wire.recv(size))

    def leave(self, how: Leaving = "fin") -> None:
        """Go away at once: with an orderly end, or by a reset."""
        assert self.wire is not None
        self.left_at = self._loop.time()
        if self.transport.is_closing():
            return
        if how == "reset":
            self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        else:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)
        self.transport.abort()


@asynccontextmanager
async def company() -> AsyncGenerator[list[Caller]]:
    """Give a list for callers, who all leave at the end, whatever happens until then."""
    callers: list[Caller] = []
    try:
        yield callers
    finally:
        for caller in callers:
            caller.leave("reset")


async def connected(port: int, *, receive_buffer: int = 0) -> Caller:
    """Connect to the gateway; `receive_buffer` bounds what the system takes in beyond what is read."""
    loop = asyncio.get_running_loop()
    wire = socket.socket()
    wire.setblocking(False)  # noqa: FBT003 - the name is the subject
    if receive_buffer:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        # The loopback's packets of 64 kilobytes would open a small window once a minute.
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _PACKET)
    try:
        await loop.sock_connect(wire, ("127.0.0.1", port))
        _, caller = await loop.create_connection(Caller, sock=wire)
    except BaseException:
        wire.close()
        raise
    caller.wire = wire
    return caller


async def asking(port: int, path: str, body: bytes, *, receive_buffer: int = 0) -> Caller:
    """Connect, and send one request."""
    caller = await connected(port, receive_buffer=receive_buffer)
    caller.send(head_of(path, len(body)) + body)
    return caller


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer from its head to the end of its connection."""

    status: int
    seconds: float
    body: bytes


async def answered(port: int, path: str, body: bytes) -> Answer:
    """Ask once, and wait for the end of the connection."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    caller = await connected(port)
    caller.kept = []
    caller.send(head_of(path, len(body), "Connection: close") + body)
    ended = await caller.over
    head, _, body = b"".join(caller.kept).partition(b"\r\n\r\n")
    chunked = b"transfer-encoding: chunked" in head
    return Answer(status=caller.status, seconds=ended - started, body=_unchunked(body) if chunked else body)


def _unchunked(data: bytes) -> bytes:
    """Take the framing away; where it breaks off, what came until there is given."""
    pieces: list[bytes] = []
    while True:
        size, mark, data = data.partition(b"\r\n")
        length = int(size, 16) if mark else 0
        if length == 0:
            return b"".join(pieces)
        pieces.append(data[:length])
        data = data[length + 2 :]


async def is_healthy(port: int) -> float:
    """Ask for /health, and give the seconds that took; what was sent before has then been read."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    caller = await connected(port)
    caller.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    ended = await caller.over
    if caller.status != 200:
        raise RuntimeError(f"the gateway is not healthy: {caller.start!r}")
    return ended - started


def head_of(path: str, length: int, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def chat(model: str, *, stream: bool) -> bytes:
    """Write a request to Chat Completions or Messages, which both take it."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 100,
        "stream": stream,
    }
    return json.dumps(body).encode()
