"""Kept connections: one pool for each running loop, one lane in it for each origin."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Callable

import msgspec

from interlingua.errors import ConnectFailed
from interlingua.transport.connection import Connection
from interlingua.transport.dial import dial
from interlingua.transport.head import HeadRenderer
from interlingua.transport.proxy import Proxy
from interlingua.transport.url import Origin


class PoolLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections an origin may have, how many of them may lie idle, and for how long (seconds)."""

    max_connections: int | None
    max_idle: int
    idle_expiry: float


class Lane:
    """The connections to one origin, by one way (directly or through one proxy).

    The connection that came back last is taken first, so the others grow old and are
    closed. With `max_connections` reached, callers wait in line; what they are handed is
    either a connection or (None) the place to open one.
    """

    __slots__ = ("_closed", "_empty", "_idle", "_limits", "_loop", "_open", "_places", "_tls", "_waiting", "head",
                 "origin", "proxy")  # fmt: skip

    def __init__(
        self,
        origin: Origin,
        proxy: Proxy | None,
        *,
        loop: asyncio.AbstractEventLoop,
        limits: PoolLimits,
        tls: Callable[[], ssl.SSLContext],
    ) -> None:
        self.origin = origin
        self.proxy = proxy
        self.head = HeadRenderer(origin, proxy)
        self._loop = loop
        self._limits = limits
        self._tls = tls
        self._closed = False
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._places = 0
        """Connections that are open or being opened."""
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._empty: asyncio.Future[None] | None = None

    @property
    def open_count(self) -> int:
        """Connections that are open or being opened."""
        return self._places

    @property
    def idle_count(self) -> int:
        """Connections that wait for a request."""
        return len(self._idle)

    def take(self) -> Connection | None:
        """Give an idle connection at once, or None."""
        idle = self._idle
        if not idle:
            return None
        connection = idle.pop()
        if connection.idle_since + self._limits.idle_expiry > self._loop.time():
            return connection
        # Those below it are older still.
        idle.append(connection)
        self._close_idle()
        return None

    async def open(self) -> Connection:
        """Give a new connection, or one that came back while this caller stood in line.

        Raises:
            ConnectFailed: no connection could be made.

        """
        limit = self._limits.max_connections
        if limit is not None and self._places >= limit:
            connection = await self._stand_in_line()
            if connection is not None:
                return connection
        else:
            self._places += 1
        try:
            needs_tls = "https" in (self.origin.scheme, self.proxy and self.proxy.origin.scheme)
            connection = await dial(self.origin, self.proxy, tls=self._tls() if needs_tls else None)
        except BaseException:
            self._give_up_place()
            raise
        return self._adopt(connection)

    async def open_fresh(self) -> Connection:
        """Give a connection that has never been used, closing idle ones to make room for it."""
        self._close_idle()
        while True:
            connection = await self.open()
            if connection.is_fresh:
                return connection
            connection.abort()

    def _adopt(self, connection: Connection) -> Connection:
        if connection.closed or self._closed:
            connection.abort()
            self._give_up_place()
            raise ConnectFailed(f"The connection to {self.origin} was closed as soon as it was open.")
        self._open.add(connection)
        connection.adopt(self)
        return connection

    async def _stand_in_line(self) -> Connection | None:
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.cancelled() and waiter.exception() is None:
                # What was handed over in the same moment goes to the next in line.
                self._pass_on(waiter.result())
            raise

    def _pass_on(self, connection: Connection | None) -> None:
        if connection is None:
            self._give_up_place()
        elif connection.closed:
            return
        else:
            self.release(connection)

    def release(self, connection: Connection) -> None:
        """Take back a connection whose exchange ended cleanly."""
        waiting = self._waiting
        while waiting:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        idle = self._idle
        if self._closed or len(idle) >= self._limits.max_idle:
            connection.abort()
            return
        idle.append(connection)
        if idle[0].idle_since + self._limits.idle_expiry < connection.idle_since:
            idle.pop(0).abort()

    def discard(self, connection: Connection) -> None:
        """Forget a connection that has been closed."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._give_up_place()
        if not self._open and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    def _give_up_place(self) -> None:
        waiting = self._waiting
        while waiting:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._places -= 1

    def _close_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.abort()

    def close(self) -> None:
        """Close every connection, in use or not, and send those who stand in line away; nothing is waited for."""
        self._closed = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(
                    ConnectFailed("The transport was closed while the request waited for a connection.")
                )
        self._waiting.clear()
        for connection in list(self._open):
            connection.give_up()

    def shut_down(self) -> None:
        """End the connections of a loop that is closed already: nothing can be scheduled in it any more."""
        self._closed = True
        for connection in self._open:
            connection.shut_down()
        self._open.clear()
        self._idle.clear()

    async def wait_closed(self) -> None:
        """Wait until the sockets are closed."""
        if self._open:
            self._empty = self._loop.create_future()
            await self._empty


class Pool:
    """The lanes of one event loop; it closes itself when the loop shuts its asynchronous generators down.

    `asyncio.run` and its like do that before they close the loop, so a transport that is used
    from several short loops leaves no socket behind in any of them.
    """

    __slots__ = ("_guard", "_limits", "_tls", "closed", "lanes", "loop")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, limits: PoolLimits, tls: Callable[[], ssl.SSLContext]
    ) -> None:
        self.loop = loop
        self.closed = False
        self.lanes: dict[Origin, Lane] = {}
        self._limits = limits
        self._tls = tls
        self._guard: AsyncGenerator[None] | None = None

    def add_lane(self, origin: Origin, proxy: Proxy | None) -> Lane:
        """Make the lane for `origin`."""
        lane = self.lanes[origin] = Lane(origin, proxy, loop=self.loop, limits=self._limits, tls=self._tls)
        return lane

    async def watch_loop(self) -> None:
        """Be closed with the loop; call it once, in that loop."""
        self._guard = self._wait_for_loop_end()
        await anext(self._guard)

    async def _wait_for_loop_end(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await self._close_lanes()

    async def aclose(self) -> None:
        """Close every connection and wait until they are; call it in the pool's own loop."""
        if self._guard is not None:
            await self._guard.aclose()
        await self._close_lanes()

    async def _close_lanes(self) -> None:
        self.close()
        for lane in self.lanes.values():
            await lane.wait_closed()

    def close(self) -> None:
        """Close every connection without waiting; call it in the pool's own loop."""
        self.closed = True
        for lane in self.lanes.values():
            lane.close()

    def abandon(self) -> None:
        """Close from outside the pool's loop: by that loop while it lives, at the socket when it is gone."""
        self.closed = True
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.close)
            return
        for lane in self.lanes.values():
            lane.shut_down()
