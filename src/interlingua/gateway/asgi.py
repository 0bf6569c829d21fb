"""The gateway as an ASGI application, for embedding it or for running another server in front of it.

    app = asgi_app(Gateway(ServerSettings(), Client()))

The limits of the body are kept here; those of heads, connections and clocks are the
other server's business, as is how a stop signal is handled.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

from interlingua.errors import Error
from interlingua.gateway.app import Gateway
from interlingua.gateway.exchange import Headers, Request
from interlingua.gateway.identity import RequestIds
from interlingua.gateway.refusals import LARGE_BODY, Refusal

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


class ASGIExchange:
    """An exchange over ASGI (see `Exchange`): what is written leaves with the next `drain()`."""

    def __init__(self, request: Request, send: Send, id: str) -> None:  # noqa: A002 - the contract's name
        self.request = request
        self.id = id
        self.status = 0
        self.sent = 0
        self.ended = False
        self.model: str | None = None
        self.route: Sequence[object] = ()
        self.in_band: Callable[[Error], bytes] | None = None
        self.aborted = False
        self._send = send
        self._sending = asyncio.Lock()
        self._waiting: list[Message] = []

    @property
    def congested(self) -> bool:
        """Whether anything waits to be sent: ASGI sends only where it can wait."""
        return bool(self._waiting)

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        self.start(status, [*headers, (b"content-length", b"%d" % len(body))])
        self.write(b"" if self.request.method == "HEAD" else body)
        self.end()

    def start(self, status: int, headers: Headers) -> None:
        """Begin an answer in pieces."""
        self.status = status
        named = [*headers, (b"x-interlingua-request-id", self.id.encode())]
        self._waiting.append({"type": "http.response.start", "status": status, "headers": named})

    def write(self, data: bytes) -> None:
        """Send a piece."""
        self.sent += len(data)
        self._waiting.append({"type": "http.response.body", "body": data, "more_body": True})

    async def drain(self) -> None:
        """Hand over what was written."""
        async with self._sending:
            waiting, self._waiting = self._waiting, []
            for message in waiting:
                await self._send(message)

    def end(self, *, close: bool = False) -> None:
        """Finish the answer; the connection is the server's business."""
        del close
        if not self.ended:
            self.ended = True
            self._waiting.append({"type": "http.response.body", "body": b"", "more_body": False})

    def abort(self) -> None:
        """Leave the answer unfinished, which makes the server cut the connection."""
        self.ended = self.aborted = True


def asgi_app(gateway: Gateway) -> Application:
    """Give the gateway as an ASGI application; its lifespan closes the resolver."""
    ids = RequestIds()

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(gateway, receive, send)
        elif scope["type"] == "http":
            await _serve(gateway, ids, scope, receive, send)
        else:
            raise ValueError(f"the gateway does not serve {scope['type']!r}")

    return application


async def _serve(gateway: Gateway, ids: RequestIds, scope: Message, receive: Receive, send: Send) -> None:
    request = _read_scope(scope)
    exchange = ASGIExchange(request, send, ids.next())
    refusal = gateway.admit(request)
    if refusal is None:
        refusal = await _read_body(gateway, request, receive)
    if refusal is not None:
        gateway.refused(exchange, refusal)
        await exchange.drain()
        return
    handling = asyncio.ensure_future(gateway.handle(exchange))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((handling, leaving), return_when=asyncio.FIRST_COMPLETED)
        if handling.done():
            handling.result()
            await exchange.drain()
    finally:
        for task in (handling, leaving):
            task.cancel()
        await asyncio.gather(handling, leaving, return_exceptions=True)
    if exchange.aborted:
        raise ConnectionAbortedError("the answer could not be finished")


async def _read_body(gateway: Gateway, request: Request, receive: Receive) -> Refusal | None:
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError("the caller left before its request was whole")
        size += len(message.get("body", b""))
        if size > gateway.settings.max_body_bytes:
            return LARGE_BODY
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    request.body = b"".join(pieces)
    return None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _lifespan(gateway: Gateway, receive: Receive, send: Send) -> None:
    await receive()
    await gateway.open()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    gateway.stopping = True
    await gateway.settle(within=gateway.settings.drain_seconds)
    await gateway.aclose()
    await send({"type": "lifespan.shutdown.complete"})


def _read_scope(scope: Message) -> Request:
    raw = scope.get("raw_path") or scope["path"].encode()
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    client = scope.get("client") or ("",)
    return Request(
        scope["method"],
        raw.decode("latin-1"),
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        client=client[0],
    )
