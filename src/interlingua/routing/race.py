"""Asking a second target while the first one is silent: the first content wins, and the other one is let go."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from interlingua.errors import Error
from interlingua.routing.chance import Chance
from interlingua.routing.hedge import Hedge
from interlingua.routing.journey import Journey

_Item = TypeVar("_Item")


class Race(Generic[_Item]):
    """An attempt, and a second one beside it once it has been silent for long, as an `async with` block.

    In the block `chance` is the attempt that said something first, and `events` what it
    says; they are none where each has failed in a way that others may do better. The other
    attempt is closed at that moment. From then on the events are read as the caller reads
    them: nothing of an answer is kept but its first event.

    Args:
        journey: the request.
        chance: the first attempt.
        ask: begins an attempt; what it raises is the caller's to know.
        hedge: when to ask a second one; None: never.

    Raises:
        Error: on entering, when each attempt has failed, and nobody else could do better.

    """

    __slots__ = ("_alone", "_ask", "_hedge", "_journey", "_runners", "_timer", "chance", "events")

    events: AsyncIterator[_Item]

    def __init__(
        self, journey: Journey, chance: Chance, ask: Callable[[Chance], AsyncGenerator[_Item]], hedge: Hedge | None
    ) -> None:
        self._journey = journey
        self._ask = ask
        self._hedge = hedge if not journey.cut else None
        self._runners: list[_Runner[_Item]] = []
        self._alone: AsyncGenerator[_Item] | None = None
        self._timer: asyncio.Future[object] | None = None
        self.chance = chance

    async def __aenter__(self) -> Self:
        if self._hedge is None:
            self.events = self._alone = self._ask(self.chance)
            return self
        try:
            winner = await self._run(self._hedge)
        except BaseException:
            await self._close()
            raise
        self.chance, self.events = winner.chance, winner
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alone is not None:
            await self._alone.aclose()
        else:
            await self._close()

    async def _run(self, hedge: Hedge) -> "_Runner[_Item]":
        """Give the attempt that says something first; one that is over where none does."""
        silent = [self._start(self.chance)]
        self._timer = timer = asyncio.ensure_future(self._journey.sleep(hedge.after))
        alone = True
        fatal: Error | None = None
        while silent:
            waited = [*(each.task for each in silent), *([timer] if alone else [])]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for runner in [each for each in silent if each.task.done()]:
                silent.remove(runner)
                error = runner.task.exception()
                if error is None and runner.task.result():
                    for other in silent:
                        other.chance.let_go()
                        other.leave()
                    return runner
                if error is not None and not isinstance(error, Error):
                    raise error
                fatal = fatal or error
            if alone and timer.done():
                alone = False
                second = self._journey.beside(hedge) if silent else None
                if second is not None:
                    silent.append(self._start(second))
        if fatal is None:
            return self._runners[0]
        fatal.route = tuple(self._journey.trace)
        raise fatal

    def _start(self, chance: Chance) -> "_Runner[_Item]":
        runner = _Runner(chance, self._ask(chance))
        self._runners.append(runner)
        return runner

    async def _close(self) -> None:
        """End whatever runs still, and wait until it has."""
        ending: list[asyncio.Future[Any]] = [each.leave() for each in self._runners]
        if self._timer is not None:
            self._timer.cancel()
            ending.append(self._timer)
        await asyncio.wait(ending)
        for each in ending:
            if not each.cancelled():
                each.result()


class _Runner(Generic[_Item]):
    """An attempt that is in a race: a task until its first event is there, and an iterator from then on."""

    __slots__ = ("_events", "_first", "_leaving", "chance", "task")

    def __init__(self, chance: Chance, events: AsyncGenerator[_Item]) -> None:
        self.chance = chance
        self._events = events
        self._first: list[_Item] = []
        self._leaving: asyncio.Task[None] | None = None
        self.task = asyncio.create_task(self._begin())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Item:
        return self._first.pop() if self._first else await anext(self._events)

    def leave(self) -> "asyncio.Task[None]":
        """Close it now; it is closed when what this gives is done."""
        if self._leaving is None:
            self.task.cancel()
            self._leaving = asyncio.create_task(self._end())
        return self._leaving

    async def _begin(self) -> bool:
        """Wait for its first event; tell whether there is one."""
        async for item in self._events:
            self._first.append(item)
            return True
        return False

    async def _end(self) -> None:
        if not self.task.done():
            await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.exception()  # it is told already, or does not matter any more
        await self._events.aclose()
