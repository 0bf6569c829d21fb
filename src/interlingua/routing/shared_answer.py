"""One answer that several callers get, each from its beginning and as quickly as it reads."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import msgspec

from interlingua.errors import Error, StreamInterrupted
from interlingua.types import TextDelta, ThinkingDelta

_Item = TypeVar("_Item")

_MOST: Final = 256 * 1024
"""Bytes of an answer that are kept for those who join late or read slowly, by a guess."""
_PATIENCE: Final = 10.0
"""Seconds for which an answer waits for those who read slowly, all such waits together."""
_EMPTY: Final = 64
"""Bytes that an item of an answer takes at least."""


class SharedAnswer(Generic[_Item]):
    """Runs in a task of its own for as long as anybody listens.

    It is read as quickly as the quickest listener reads, and a little ahead (a 32nd of `most`,
    or one item). What has been said is kept, so that others may join, until that is more than `most`: from then on
    nobody joins, and only what somebody has still to read is kept. A listener who falls
    behind by more than `most` holds the others up for `patience` at most, and is then
    told that its stream was interrupted.

    Args:
        items: the answer, which is closed when the last listener leaves.
        closed: is called when nobody may join any more.
        most: how much is kept, in bytes.
        patience: how long slow listeners are waited for, in seconds.

    """

    __slots__ = (
        "_closed", "_gone", "_items", "_joined", "_kept", "_listeners", "_most", "_patience", "_payer", "_size",
        "_stirred", "_task", "_told",
    )  # fmt: skip

    def __init__(
        self,
        items: AsyncGenerator[_Item],
        *,
        closed: Callable[[], None],
        most: int = _MOST,
        patience: float = _PATIENCE,
    ) -> None:
        self._items = items
        self._closed = closed
        self._most = most
        self._patience = patience
        self._kept: deque[tuple[_Item, int]] = deque()
        self._gone = 0
        """How many items are not kept any more."""
        self._size = 0
        """Bytes that are kept."""
        self._told = 0
        """Bytes that have been said."""
        self._listeners: list[Listener[_Item]] = []
        self._joined = 0
        self._payer: Listener[_Item] | None = None
        self._stirred = asyncio.Event()
        """Is set when a listener has read something, or has left."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._end)

    @property
    def is_shared(self) -> bool:
        """Whether more than one has listened."""
        return self._joined > 1

    def listen(self) -> "Listener[_Item]":
        """Give the answer from its beginning."""
        listener = Listener(self, joined=self._joined > 0)
        self._joined += 1
        self._listeners.append(listener)
        return listener

    def pays(self, listener: "Listener[_Item]") -> bool:
        """Tell whether the answer counts as this listener's: the first one's who is there when it ends."""
        if self._payer is None:
            self._payer = self._listeners[0]
        return self._payer is listener

    def take(self, listener: "Listener[_Item]") -> _Item | None:
        """Give a listener its next item; None where there is none yet.

        Raises:
            StopAsyncIteration: there will be none.
            Error: the answer failed.

        """
        place = listener.place - self._gone
        if place < len(self._kept):
            listener.place += 1
            item, size = self._kept[place]
            listener.read += size
            self._stir()
            return item
        if not self._task.done():
            return None
        if self._task.cancelled():
            raise StreamInterrupted("The call that this request shared was ended.")
        error = self._task.exception()
        if error is None:
            raise StopAsyncIteration
        raise _copied(error) from error

    async def leave(self, listener: "Listener[_Item]") -> None:
        """Let a listener go; with the last one the answer ends, and its connection is closed."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        if self._listeners:
            self._stir()
            return
        self._closed()
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            async with aclosing(self._items) as items:
                async for item in items:
                    self._keep(item)
                    await self._wait_for_readers()
        finally:
            self._closed()

    def _keep(self, item: _Item) -> None:
        size = _EMPTY + _size_of(item)
        self._kept.append((item, size))
        self._size += size
        self._told += size
        if self._size > self._most:
            self._closed()
            self._trim()
        for each in self._listeners:
            each.more.set()

    @property
    def _is_ahead(self) -> bool:
        """Whether even the quickest listener has much to read."""
        unread = self._told - max((each.read for each in self._listeners), default=0)
        return unread > self._most // 32

    async def _wait_for_readers(self) -> None:
        """Wait until somebody has read almost everything, and for a while until nobody is too far behind."""
        while True:
            if self._is_ahead:
                await self._stirring()
            elif self._size > self._most:
                await self._wait_for_the_slowest()
            else:
                return

    async def _wait_for_the_slowest(self) -> None:
        """Wait until somebody has read on; whoever is too far back when all waits have been too long is left behind."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._patience):
                await self._stirring()
        except TimeoutError:
            self._leave_behind()
        self._patience = max(self._patience - (loop.time() - began), 0.0)

    def _leave_behind(self) -> None:
        while not self._is_ahead and self._size > self._most:
            slowest = min(self._listeners, key=lambda each: each.place)
            self._listeners.remove(slowest)
            slowest.left_behind = True
            slowest.more.set()
            self._trim()

    async def _stirring(self) -> None:
        self._stirred.clear()
        await self._stirred.wait()

    def _stir(self) -> None:
        if self._size > self._most or self._gone:
            self._trim()
        self._stirred.set()

    def _trim(self) -> None:
        """Forget what everybody has read."""
        least = min((each.place for each in self._listeners), default=self._gone)
        while self._gone < least:
            self._size -= self._kept.popleft()[1]
            self._gone += 1

    def _end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # the listeners are told, if there are any
        for each in self._listeners:
            each.more.set()


class Listener(Generic[_Item]):
    """One who gets a shared answer, as an `async with` block and an iterator."""

    __slots__ = ("_answer", "_began", "joined", "left_behind", "more", "place", "read", "waited")

    def __init__(self, answer: SharedAnswer[_Item], *, joined: bool) -> None:
        self._answer = answer
        self._began = asyncio.get_running_loop().time()
        self.joined = joined
        """Whether the answer was under way for another one."""
        self.place = 0
        """Items that it has got."""
        self.read = 0
        """Bytes that these are."""
        self.more = asyncio.Event()
        self.left_behind = False
        self.waited: float | None = None
        """Seconds until the first item."""

    @property
    def pays(self) -> bool:
        """Whether the answer counts as this one's; to be asked at its end."""
        return self._answer.pays(self)

    @property
    def is_alone(self) -> bool:
        """Whether nobody else has got anything of the answer."""
        return not self._answer.is_shared

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Item:
        while True:
            if self.left_behind:
                raise StreamInterrupted("This reader fell too far behind the others of an answer that they shared.")
            item = self._answer.take(self)
            if item is not None:
                if self.waited is None:
                    self.waited = asyncio.get_running_loop().time() - self._began
                return item
            self.more.clear()
            await self.more.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._answer.leave(self)


def _size_of(item: object) -> int:
    """Guess how many bytes an item of an answer takes."""
    if isinstance(item, TextDelta | ThinkingDelta):
        return len(item.text)
    return len(msgspec.msgpack.encode(item)) if isinstance(item, msgspec.Struct) else 0


def _copied(error: BaseException) -> BaseException:
    """Give each caller an error of its own, since it is written to on its way."""
    if not isinstance(error, Error):
        return error
    copied = type(error).__new__(type(error), *error.args)
    copied.__dict__.update(error.__dict__)
    return copied
