"""A connection that passes every byte between a caller and the gateway, and keeps what the gateway sent."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

_WARNINGS: Final = re.compile(rb"\r\nx-interlingua-warnings: ([^\r]*)\r\n", re.IGNORECASE)


class Recorder:
    """What the gateway sent since `forget` was called last."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._sent = bytearray()
        self._connections: dict[asyncio.Task[None] | None, set[asyncio.Task[None]]] = {}
        self.url = ""

    def forget(self) -> None:
        """Begin anew."""
        self._sent.clear()

    @property
    def warnings(self) -> str:
        """Every warning that stood in a reply's header."""
        return ", ".join(found.decode() for found in _WARNINGS.findall(bytes(self._sent)))

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass a connection's bytes both ways until either side ends it."""
        there, onward = await asyncio.open_connection("127.0.0.1", self._upstream)
        ways = {asyncio.ensure_future(self._pass(reader, onward)), asyncio.ensure_future(self._keep(there, writer))}
        this = asyncio.current_task()
        self._connections[this] = ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, onward):
            end.close()
            with suppress(ConnectionError):
                await end.wait_closed()
        del self._connections[this]

    async def leave(self) -> None:
        """End every connection."""
        connections = dict(self._connections)
        for ways in connections.values():
            for way in ways:
                way.cancel()
        await asyncio.gather(*(each for each in connections if each is not None))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                self._sent += data
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def recorded(port: int) -> AsyncGenerator[Recorder]:
    """Listen in front of the gateway at `port`."""
    recorder = Recorder(port)
    server = await asyncio.start_server(recorder.accept, "127.0.0.1", 0)
    recorder.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield recorder
    finally:
        server.close()
        await recorder.leave()
        await server.wait_closed()
