"""A small application behind the server, so that the server can be tested without the gateway's core."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from interlingua.gateway.exchange import Exchange, Request
from interlingua.gateway.refusals import Refusal
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings

TEXT = ((b"content-type", b"text/plain"),)


class Echo:
    """Tells what it was asked; `/wait` waits for its caller to leave, `/flood` writes without end."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()
        self.written = 0
        self.interrupting = False

    def admit(self, request: Request) -> Refusal | None:
        del request

    async def handle(self, exchange: Exchange) -> None:
        self.seen.append(exchange.request)
        self.started.set()
        try:
            await self._answer(exchange)
        except asyncio.CancelledError:
            self.cancelled.set()
            if exchange.status == 0:
                exchange.answer(503, TEXT, b"interrupted")
            raise

    def refused(self, exchange: Exchange, refusal: Refusal) -> None:
        exchange.answer(refusal.status, ((b"content-type", b"application/json"), *refusal.headers), refusal.body())

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.path == "/wait":
            await asyncio.get_running_loop().create_future()
        elif request.path == "/pieces":
            exchange.start(200, TEXT)
            for piece in (b"one", b"", b"two", b"three"):
                exchange.write(piece)
            exchange.end()
        elif request.path == "/open":
            exchange.start(200, TEXT)
            exchange.write(b"begun")
            await asyncio.get_running_loop().create_future()
        elif request.path == "/flood":
            exchange.start(200, TEXT)
            while True:
                exchange.write(bytes(16_384))
                self.written += 16_384
                await exchange.drain()
                await asyncio.sleep(0)
        else:
            fields = (request.method, request.path, request.query, len(request.body))
            exchange.answer(200, TEXT, msgspec.json.encode(fields))


@asynccontextmanager
async def serving(echo: Echo, **settings: Any) -> AsyncGenerator[HTTPServer]:
    """Run a server on a free port."""
    server = HTTPServer(echo, ServerSettings(port=0, **settings))
    await server.start()
    try:
        yield server
    finally:
        await server.stop(within=0)
