"""How many calls may run at once."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from interlingua.errors import ConcurrencyExceeded, InvalidConfig


class ConcurrencyLimit:
    """Lets `limit` calls run and `queue` more wait, first come, first served.

    One limit may be shared by several event loops and threads. A caller that is
    cancelled while it waits leaves the queue; one that was let in at that very moment
    gives its place to the next.

    Args:
        limit: calls at once.
        queue: calls that may wait; None is no bound, and 0 lets nobody wait.

    Example:
        >>> limit = ConcurrencyLimit(8, queue=100)
        >>> async with limit.slot():
        ...     await provider.generate(request)

    """

    def __init__(self, limit: int, *, queue: int | None = None) -> None:
        if limit < 1 or (queue is not None and queue < 0):
            raise InvalidConfig("a concurrency limit is at least 1, and its queue at least 0.", param="limit")
        self.limit = limit
        self.queue = queue
        self._lock = threading.Lock()
        self._running = 0
        self._waiters: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()

    @property
    def running(self) -> int:
        """Calls that run now."""
        return self._running

    @property
    def waiting(self) -> int:
        """Calls that wait now."""
        return len(self._waiters)

    async def acquire(self) -> None:
        """Take a place, waiting for it if need be; give it back with `release`.

        Raises:
            ConcurrencyExceeded: too many wait already.

        """
        with self._lock:
            if self._running < self.limit and not self._waiters:
                self._running += 1
                return
            if self.queue is not None and len(self._waiters) >= self.queue:
                raise ConcurrencyExceeded(
                    f"{self._running} calls are running and {len(self._waiters)} are waiting; "
                    "retry later, or raise the limit or the queue."
                )
            loop = asyncio.get_running_loop()
            waiter = (loop, loop.create_future())
            self._waiters.append(waiter)
        try:
            await waiter[1]
        except asyncio.CancelledError:
            self._leave(waiter)
            raise

    def occupy(self) -> None:
        """Take a place without waiting, one more than there are if need be; give it back with `release`.

        It is for what runs already, such as a reply that is read on after the call it was of has ended.
        """
        with self._lock:
            self._running += 1

    def release(self) -> None:
        """Give a place back; whoever waits longest gets it."""
        with self._lock:
            while self._waiters and self._running <= self.limit:
                loop, future = self._waiters.popleft()
                if _wake(loop, future):
                    return
            self._running -= 1

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Hold a place for as long as the block runs."""
        await self.acquire()
        try:
            yield
        finally:
            self.release()

    def _leave(self, waiter: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]) -> None:
        with self._lock:
            waited = waiter in self._waiters
            if waited:
                self._waiters.remove(waiter)
        if not waited:
            self.release()


def _wake(loop: asyncio.AbstractEventLoop, future: "asyncio.Future[None]") -> bool:
    """Let a waiter in; False if its loop is gone and nobody waits there any more."""
    try:
        loop.call_soon_threadsafe(_let_in, future)
    except RuntimeError:
        return False
    return True


def _let_in(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
