"""A port on which each connection is served by a task of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeAlias

Serve: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Listener:
    """Listens while it is entered; leaving it ends every connection.

    Args:
        serve: what is done with a connection.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        limit: the bytes that a reader keeps before the sender is held back; asyncio's own number is 64 KiB.

    """

    def __init__(self, serve: Serve, *, host: str, port: int = 0, limit: int = 1 << 16) -> None:
        self._serve = serve
        self._host = host
        self._port = port
        self._limit = limit
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, self._port, limit=self._limit, backlog=4096)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    @property
    def port(self) -> int | None:
        """The port that it listens on, if it does."""
        return None if self._server is None else self._server.sockets[0].getsockname()[1]

    @property
    def open(self) -> int:
        """The connections that stand now."""
        return len(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
