"""Calling asynchronous code from code that is not.

The one bridge between the two: an event loop in a thread of its own. It works in a
script, in a notebook, and inside a running event loop, since it never uses the
caller's.
"""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, TypeVar

from interlingua.errors import InvalidConfig

_Result = TypeVar("_Result")


class Portal:
    """An event loop in a background thread, started at the first call.

    Example:
        >>> portal = Portal()
        >>> portal.call(asyncio.sleep(0, "done"))
        'done'
        >>> portal.close()

    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def call(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine to its end and give its result; an interrupt (Ctrl-C) cancels it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            with contextlib.suppress(concurrent.futures.CancelledError, concurrent.futures.TimeoutError):
                future.exception(timeout=1)
            raise

    def iterate(self, stream: AsyncGenerator[_Result]) -> Generator[_Result]:
        """Iterate over an asynchronous generator; leaving the loop early closes it."""
        try:
            while True:
                try:
                    item = self.call(anext(stream))  # pyright: ignore[reportArgumentType]
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self.call(stream.aclose())  # pyright: ignore[reportArgumentType]

    def close(self) -> None:
        """Stop the loop and its thread; safe to call twice."""
        with self._lock:
            self._closed = True
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise InvalidConfig("this client is closed; make a new one.")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="interlingua-portal", daemon=True)
                self._thread.start()
            return self._loop
