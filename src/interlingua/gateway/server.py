"""Our own HTTP/1.1 server: asyncio, llhttp, and one clock for all connections.

It serves plain HTTP; put a proxy in front of it for TLS. `gateway.asgi` is the same
application for those who would rather run another server.
"""

import asyncio
import contextlib
import logging
import os
import socket
import time
from email.utils import formatdate

from interlingua.errors import InvalidConfig
from interlingua.gateway.connection import Application, Connection
from interlingua.gateway.identity import RequestIds
from interlingua.gateway.settings import ServerSettings

logger = logging.getLogger(__name__)

SEND_BUFFER = 256 * 1024
"""Bytes that the kernel may hold for a caller that does not read; without a bound it takes four megabytes."""
BACKLOG = 2048


class HTTPServer:
    """Listens, and looks after its connections.

    Example:
        >>> server = HTTPServer(application, ServerSettings(port=0))
        >>> await server.start()
        >>> server.url
        'http://127.0.0.1:40123'
        >>> await server.stop()

    """

    def __init__(self, application: Application, settings: ServerSettings) -> None:
        self.application = application
        self.settings = settings
        self.draining = False
        self.port = settings.port
        self.date_line = _date_line()
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._leftover: set[asyncio.Task[None]] = set()
        self._quiet: asyncio.Event = asyncio.Event()
        self._quiet.set()
        self._ticker: asyncio.TimerHandle | None = None
        self._tick = min(1.0, *(seconds / 2 for seconds in _clocks(settings)))
        self.ids = RequestIds()
        self.now = time.monotonic

    @property
    def url(self) -> str:
        """The address to call, without a path."""
        host = self.settings.host
        if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
            host = "127.0.0.1"
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            InvalidConfig: the address is in use or is not this machine's; the message has the remedy.

        """
        loop = asyncio.get_running_loop()
        settings = self.settings
        try:
            sockets = await _listening_sockets(settings)
        except OSError as error:
            raise InvalidConfig(_why_not(error, settings), param="port") from error
        self.port = int(sockets[0].getsockname()[1])
        self.now = loop.time
        self._server = await loop.create_server(lambda: Connection(self), sock=sockets[0], backlog=BACKLOG)
        self._ticker = loop.call_later(self._tick, self._look_around)

    async def stop(self, *, within: float | None = None, telling: float = 2.0) -> int:
        """Take no more requests, let those that run end, and close.

        What still runs after `within` seconds (`drain_seconds` where it is not given) is
        interrupted, and its callers have `telling` seconds to be told; the number of
        those is given back.
        """
        seconds = self.settings.drain_seconds if within is None else within
        self.draining = True
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.drain_idle()
        interrupted = 0
        if not await self._is_quiet(within=seconds):
            self.application.interrupting = True
            interrupted = len(self._connections)
            for connection in tuple(self._connections):
                connection.interrupt()
            if not await self._is_quiet(within=telling):
                for connection in tuple(self._connections):
                    connection.abort()
                await self._is_quiet(within=1.0)
        if self._ticker is not None:
            self._ticker.cancel()
        if self._server is not None:
            await self._server.wait_closed()
        return interrupted

    def add(self, connection: Connection) -> bool:
        """Take a connection in; False when there are too many."""
        self._connections.add(connection)
        self._quiet.clear()
        return len(self._connections) <= self.settings.max_connections

    def remove(self, connection: Connection) -> None:
        """Let a connection go."""
        self._connections.discard(connection)
        self._settle()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold the task of a connection that is gone until it has tidied up."""
        self._leftover.add(task)
        task.add_done_callback(self._let_go)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._leftover.discard(task)
        self._settle()

    def _settle(self) -> None:
        if not self._connections and not self._leftover:
            self._quiet.set()

    async def _is_quiet(self, *, within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), within)
        return self._quiet.is_set()

    def _look_around(self) -> None:
        """Let every connection look at its clock."""
        self.date_line = _date_line()
        now = self.now()
        for connection in tuple(self._connections):
            connection.check(now)
        self._ticker = asyncio.get_running_loop().call_later(self._tick, self._look_around)


def _clocks(settings: ServerSettings) -> tuple[float, ...]:
    return (settings.header_timeout, settings.body_timeout, settings.idle_timeout, settings.write_timeout)


def _date_line() -> bytes:
    """Give the last header line of every answer, and the line that ends the head."""
    return f"date: {formatdate(usegmt=True)}\r\n\r\n".encode()


async def _listening_sockets(settings: ServerSettings) -> list[socket.socket]:
    """Bind the address, before the loop listens on it."""
    found = await asyncio.get_running_loop().getaddrinfo(
        settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.share_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        listener.bind(address)
        listener.setblocking(False)  # noqa: FBT003 - the name is the subject
    except OSError:
        listener.close()
        raise
    return [listener]


def _why_not(error: OSError, settings: ServerSettings) -> str:
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, PermissionError):
        return f"Port {settings.port} needs more rights than this process has; take one above 1023."
    if isinstance(error, socket.gaierror):
        return f"The host {settings.host!r} is not known here; listen on 127.0.0.1 or on an address of this machine."
    if "in use" in str(error).lower():
        return (
            f"{where} is in use already; stop what listens there, or choose another port (--port 0 takes a free one)."
        )
    return f"{where} cannot be listened on: {error.strerror or error}."
