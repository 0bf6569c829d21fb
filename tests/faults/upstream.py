"""A provider for thousands of streams at a time: small, and exact about who closed what and when.

The model's name says what it does with a request:

    silent…   nothing, until the caller leaves
    opening…  the head and an event without content, then nothing
    midway…   one piece of content, then nothing
    half…     the head and half of a whole answer, then nothing
    endless…  content without end, as fast as it is taken
    busy…     a 429 that asks for half a second
    paced…    answers with `PIECES`, which take `PACE` seconds each, streamed or whole
    …         answers, streamed or whole
"""

import asyncio
import json
import socket
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, cast

Down: TypeAlias = Literal["refused", "503", "cut", "silent"]

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_SEND_BUFFER: Final = 64 * 1024
PIECES: Final = ("One", " two", " three", " four", " five")
PACE: Final = 0.01
_FILLING: Final = "x" * 8000


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_OPENING: Final = _chunk(_event({"role": "assistant", "content": ""}))
_CONTENT: Final = _chunk(_event({"content": "Hello"}))
_MUCH: Final = _chunk(_event({"content": _FILLING}))
_END: Final = _chunk(_event({}, "stop")) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
_PACED: Final = [_chunk(_event({"content": piece})) for piece in PIECES]
_BUSY: Final = b'{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}'
_DOWN: Final = b'{"error":{"message":"the server is on fire","type":"server_error","code":null}}'


def _answer(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    return json.dumps(answer).encode()


_WHOLE: Final = _answer("Hello")
_WHOLE_PACED: Final = _answer("".join(PIECES))


def _whole(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", "content-type: application/json", *headers, f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Asked:
    """A request that has come in. `closed` is the loop's time at which its connection closed; `taken` the bytes that
    were given to the system to send."""

    __slots__ = ("at", "closed", "connection", "model", "streamed", "taken")

    def __init__(self, model: str, connection: "_Connection", *, streamed: bool, at: float) -> None:
        self.model = model
        self.streamed = streamed
        self.at = at
        self.connection = connection
        self.closed: asyncio.Future[float] = connection.closed
        self.taken = 0


class Upstream:
    """Listens on the loopback; while it is `down` it fails as that says: it refuses
    connections, answers 503, cuts each request off, or is silent.

    `asked` counts the requests, `open` the connections, and `latest` has the last request
    for each model.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.open = 0
        self.latest: dict[str, Asked] = {}
        self.down: Down | None = None
        self.running: set[_Connection] = set()
        self.times: list[float] = []
        """When requests came, by the loop's clock."""
        self._server: asyncio.Server | None = None
        self._arrivals: dict[str, asyncio.Future[Asked]] = {}
        self._port = 0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=listener, backlog=4096)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.running):
            connection.cut()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def busy(self) -> int:
        """The requests that are being answered now."""
        return sum(1 for connection in self.running if connection.exchange is not None)

    async def arrived(self, model: str) -> Asked:
        """Wait until a model has been asked for; each arrival is given once."""
        future = self._arrivals.setdefault(model, asyncio.get_running_loop().create_future())
        asked = await future
        self._arrivals.pop(model, None)
        return asked

    def came(self, asked: Asked) -> None:
        """Note a request."""
        self.asked += 1
        self.times.append(asked.at)
        self.latest[asked.model] = asked
        future = self._arrivals.setdefault(asked.model, asyncio.get_running_loop().create_future())
        if future.done():
            self._arrivals[asked.model] = future = asyncio.get_running_loop().create_future()
        future.set_result(asked)

    def fail(self, how: Down) -> None:
        """Be down from now on; what runs is cut, and where it refuses, what rests too."""
        self.down = how
        if how == "refused" and self._server is not None:
            self._server.close()
        for connection in tuple(self.running):
            if how == "refused" or connection.exchange is not None:
                connection.cut()

    async def recover(self) -> None:
        """Answer again."""
        was, self.down = self.down, None
        if was == "refused":
            await self._listen()


class _Connection(asyncio.Protocol):
    __slots__ = ("_buffer", "_loop", "_timer", "_transport", "closed", "exchange", "upstream")

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.exchange: Asked | None = None
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[float] = self._loop.create_future()
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        self.upstream.open += 1
        self.upstream.running.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(self._loop.time())
        if self._timer is not None:
            self._timer.cancel()
        self.exchange = None
        self.upstream.open -= 1
        self.upstream.running.discard(self)

    def eof_received(self) -> bool:
        if not self.closed.done():
            self.closed.set_result(self._loop.time())
        return False

    def cut(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        fields: dict[str, Any] = json.loads(rest[:length] or b"{}")
        self.exchange = Asked(
            str(fields.get("model", "")), self, streamed=fields.get("stream") is True, at=self._loop.time()
        )
        self.upstream.came(self.exchange)
        self._answer()

    def resume_writing(self) -> None:
        if self.exchange is not None and self.exchange.model.startswith("endless"):
            self._loop.call_soon(self._pour)  # within this call asyncio takes a failing write for two ends

    def _answer(self) -> None:
        exchange, transport = self.exchange, self.transport
        if exchange is None:
            return
        model = exchange.model
        if self.upstream.down is not None:
            self._fail(self.upstream.down)
        elif model.startswith("silent"):
            pass
        elif model.startswith("opening"):
            transport.write(_HEAD + _OPENING)
        elif model.startswith("midway"):
            transport.write(_HEAD + _OPENING + _CONTENT)
        elif model.startswith("half"):
            transport.write(_whole(200, _WHOLE)[: -len(_WHOLE) // 2])
        elif model.startswith("endless"):
            transport.write(_HEAD + _OPENING)
            self._pour()
        elif model.startswith("busy"):
            self._finish(_whole(429, _BUSY, "retry-after-ms: 500"))
        elif model.startswith("paced"):
            self._pace(exchange, 0)
        elif exchange.streamed:
            self._finish(_HEAD + _OPENING + _CONTENT + _END)
        else:
            self._finish(_whole(200, _WHOLE))

    def _pace(self, exchange: Asked, number: int) -> None:
        """Send the next piece, a while after the one before."""
        if self.exchange is not exchange:
            return
        if exchange.streamed:
            self.transport.write((b"" if number else _HEAD + _OPENING) + _PACED[number])
        if number + 1 < len(PIECES):
            self._timer = self._loop.call_later(PACE, self._pace, exchange, number + 1)
        else:
            self._finish(_END if exchange.streamed else _whole(200, _WHOLE_PACED))

    def _fail(self, how: Down) -> None:
        if how == "503":
            self._finish(_whole(503, _DOWN))
        elif how == "cut":
            self.cut()
        # "silent" does nothing

    def _finish(self, answer: bytes) -> None:
        self.exchange = None
        self.transport.write(answer)

    def _pour(self) -> None:
        """Send for as long as the system takes it; `resume_writing` goes on."""
        exchange = self.exchange
        while exchange is not None and not self.transport.is_closing():
            self.transport.write(_MUCH)
            exchange.taken += len(_MUCH) - self.transport.get_write_buffer_size()
            if self.transport.get_write_buffer_size():
                exchange.taken += self.transport.get_write_buffer_size()
                return
