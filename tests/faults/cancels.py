"""`python -m tests.faults.cancels`: callers that leave, in every phase of a request, and what stays behind.

Every caller leaves at a known moment, half of them with an orderly end and half by a
reset, through a name that is passed on, one that is translated, and a route. Where the
provider has the request, the time is until the provider sees its connection close; where
it has not (in backoff and in the queue), until the gateway says that the request is over.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from interlingua.gateway.app import CLIENT_GONE
from tests.faults.caller import Caller, answered, asking, chat, company, is_healthy
from tests.faults.figures import MIB, Aim, Progress, Spread, judged, milliseconds, reported, table
from tests.faults.process import Counts, RunningGateway, gateway_process
from tests.faults.upstream import Asked, Upstream

COUNT: Final = 10_000
"""Callers that leave."""
WAVE: Final = 24
"""Callers that are there at a time, and leave one after the other without a pause."""

AIM_SECONDS: Final = 0.05
_PLACES: Final = 64
_PATIENCE: Final = 10.0
_BACKOFF: Final = 0.7
"""Seconds after which a wait that went on would have asked the provider again."""
_SHARED: Final = "busy-shared"
"""The model of all routes that wait."""
_FILLING: Final = 0.3
"""Seconds in which everything between the provider and a caller that reads nothing is full."""
_CHAT: Final = "/v1/chat/completions"
_MESSAGES: Final = "/v1/messages"


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """When a caller leaves: `models` are what the provider does until then, one after the other."""

    name: str
    models: Sequence[str]
    stream: bool | None
    """Whether streams are asked for; None: both in turn."""
    waits: bool = False
    """Whether the provider has nothing to do when the caller leaves."""


BEFORE_HEAD: Final = Phase(name="before the provider's head", models=("silent",), stream=True)
BEFORE_CONTENT: Final = Phase(name="before the first content", models=("opening",), stream=True)
MIDWAY: Final = Phase(name="in the middle of a stream", models=("midway",), stream=True)
UNREAD: Final = Phase(name="having long stopped to read", models=("endless",), stream=True)
UNSTREAMED: Final = Phase(name="waiting for a whole answer", models=("silent", "half"), stream=False)
IN_BACKOFF: Final = Phase(name="while the gateway waits to ask again", models=("busy",), stream=None, waits=True)
IN_QUEUE: Final = Phase(name="in the queue for a place", models=("whole",), stream=None, waits=True)
PHASES: Final = (BEFORE_HEAD, BEFORE_CONTENT, MIDWAY, UNREAD, UNSTREAMED, IN_BACKOFF, IN_QUEUE)
SHARES: Final = dict(zip(PHASES, (0.2, 0.2, 0.18, 0.02, 0.2, 0.1, 0.1), strict=True))


class PhaseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One phase: how soon the work was over, how often it never was, and how often the provider was asked after it."""

    name: str
    seconds: Spread
    never: int
    asked_afterwards: int
    rss: int
    """The gateway's memory after it, in bytes."""


class CancelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All phases, and what the gateway holds before and after them."""

    phases: list[PhaseFigures]
    before: Counts
    after: Counts
    kept_before: int
    """Connections to the provider, all of them idle."""
    kept_after: int
    running_after: int
    """Requests that the provider works on, though everybody is gone."""
    served: int
    """Requests that were answered afterwards, of `asked`."""
    asked: int
    served_in: Spread

    @property
    def count(self) -> int:
        """The callers that left."""
        return sum(phase.seconds.count + phase.never for phase in self.phases)

    @property
    def left_open(self) -> int:
        """Files and sockets that were not given back, the idle connections to the provider aside."""
        return (self.after.files - self.kept_after) - (self.before.files - self.kept_before)

    @property
    def aims(self) -> list[Aim]:
        """What was aimed at."""
        slowest = max(phase.seconds.p99 for phase in self.phases)
        never = sum(phase.never for phase in self.phases)
        afterwards = sum(phase.asked_afterwards for phase in self.phases)
        return [
            Aim(
                name="from leaving to the provider's close, p99 of the slowest phase",
                found=milliseconds(slowest),
                aim=f"< {milliseconds(AIM_SECONDS)}",
                met=slowest < AIM_SECONDS,
            ),
            Aim(name="never noticed", found=str(never), aim="0", met=never == 0),
            Aim(name="provider asked after the caller left", found=str(afterwards), aim="0", met=afterwards == 0),
            Aim(
                name="requests that go on at the provider",
                found=str(self.running_after),
                aim="0",
                met=self.running_after == 0,
            ),
            Aim(name="files and sockets left open", found=str(self.left_open), aim="0", met=self.left_open <= 0),
            Aim(
                name="answered afterwards",
                found=f"{self.served} of {self.asked}",
                aim="all",
                met=self.served == self.asked,
            ),
        ]


def config(upstream: Upstream) -> str:
    """Write the gateway's config: a provider with few places, and a route for each caller of a wave."""
    routes = [
        f"[routes.{model}-route-{number}]\n"
        f'targets = ["upstream/{_SHARED if model == "busy" else f"{model}-route-{number}"}"]\n'
        for phase in PHASES
        for model in phase.models
        for number in range(WAVE)
    ]
    return "\n".join(
        [
            f"[client]\nmax_concurrency = {_PLACES}\n",
            f'[providers.upstream]\nbase_url = "{upstream.base_url}"\napi_key = "key-0123456789"\n',
            *dict.fromkeys(routes),
        ]
    )


async def measured(
    gateway: RunningGateway, upstream: Upstream, count: int, progress: Progress, *, phases: Sequence[Phase] = PHASES
) -> CancelFigures:
    """Let `count` callers leave, after one wave of each phase that is not counted.

    With less than all `phases` there are so many fewer callers.
    """
    async with company() as present:
        storm = _Storm(gateway, upstream, present)
        for phase in phases:
            await storm.phase(phase, WAVE, progress)
        before, kept_before = await storm.settled(None)
        found = [await storm.phase(phase, round(count * SHARES[phase]), progress) for phase in phases]
    after, kept_after = await storm.settled(before.files - kept_before)
    running_after = upstream.busy
    answers = await asyncio.gather(
        *(
            answered(gateway.port, _CHAT, chat(f"upstream/whole-{number}", stream=False))
            for number in range(2 * _PLACES)
        )
    )
    progress.end()
    return CancelFigures(
        phases=found,
        before=before,
        after=after,
        kept_before=kept_before,
        kept_after=kept_after,
        running_after=running_after,
        served=sum(1 for answer in answers if answer.status == 200),
        asked=len(answers),
        served_in=Spread.of(answer.seconds for answer in answers),
    )


class _Storm:
    """Lets callers come and go."""

    def __init__(self, gateway: RunningGateway, upstream: Upstream, present: list[Caller]) -> None:
        self._present = present
        self._gateway = gateway
        self._upstream = upstream
        self._number = 0
        self._seconds: list[float] = []
        self._never = 0

    async def phase(self, phase: Phase, count: int, progress: Progress) -> PhaseFigures:
        """Let `count` callers leave in one phase."""
        self._seconds, self._never = [], 0
        afterwards = 0
        places = [await self._hold(number) for number in range(_PLACES)] if phase is IN_QUEUE else []
        for done in range(0, count, WAVE):
            size = min(WAVE, count - done)
            leavers = [await self._come(phase, place) for place in range(size)]
            for leaver in leavers:
                if not leaver.resting:
                    await self._in_place(phase, leaver)
            await is_healthy(self._gateway.port)
            if phase is UNREAD:
                await asyncio.sleep(_FILLING)
            asked = self._upstream.asked
            for number, leaver in enumerate(leavers):
                leaver.caller.leave("reset" if number % 2 else "fin")
            for leaver in leavers:
                await self._gone(phase, leaver)
            if phase is IN_BACKOFF:
                await asyncio.sleep(_BACKOFF)
            afterwards += self._upstream.asked - asked
            progress.add(size, phase.name)
        asked = self._upstream.asked
        for place in places:
            place.caller.leave()
            await asyncio.wait_for(place.asked.closed, _PATIENCE)
        self._present.clear()
        afterwards += self._upstream.asked - asked
        return PhaseFigures(
            name=phase.name,
            seconds=Spread.of(self._seconds),
            never=self._never,
            asked_afterwards=afterwards,
            rss=self._gateway.counts().rss,
        )

    async def settled(self, files: int | None) -> tuple[Counts, int]:
        """Wait until the gateway holds no more than `files` and the idle connections, but not for long; count them."""
        counts, kept = self._gateway.counts(), self._upstream.open
        for _ in range(50):
            if self._upstream.busy == 0 and (files is None or counts.files - kept <= files):
                break
            await asyncio.sleep(0.02)
            counts, kept = self._gateway.counts(), self._upstream.open
        return counts, kept

    async def _hold(self, number: int) -> "_Leaver":
        """Take a place of the provider's, and stay."""
        leaver = await self._asking(f"upstream/midway-held-{number}", _CHAT, stream=True)
        leaver.asked = await asyncio.wait_for(self._upstream.arrived(leaver.model), _PATIENCE)
        await asyncio.wait_for(leaver.caller.begun, _PATIENCE)
        return leaver

    async def _come(self, phase: Phase, place: int) -> "_Leaver":
        """Ask as one of three kinds of callers."""
        self._number += 1
        model = phase.models[self._number // 3 % len(phase.models)]
        stream = phase.stream if phase.stream is not None else self._number % 2 == 0
        way = self._number % 3
        name = f"{model}-route-{place}" if way == 2 else f"upstream/{model}-{self._number}"
        leaver = await self._asking(name, _MESSAGES if way == 1 else _CHAT, stream=stream)
        if phase is IN_BACKOFF and way == 2:
            # Repeats come out of a budget, which callers who all leave would soon have spent. So the first of a wave
            # is refused, and the others wait with it for the time that the provider has asked for.
            leaver.resting = True
            if place < 3:
                await asyncio.wait_for(self._upstream.arrived(_SHARED), _PATIENCE)
                await is_healthy(self._gateway.port)
        return leaver

    async def _asking(self, name: str, path: str, *, stream: bool) -> "_Leaver":
        self._gateway.log.forget(name)
        ended = self._gateway.log.ended(name)
        self._present.append(caller := await asking(self._gateway.port, path, chat(name, stream=stream)))
        return _Leaver(name, caller, ended)

    async def _in_place(self, phase: Phase, leaver: "_Leaver") -> None:
        """Wait until the request is where its caller leaves it."""
        if phase is not IN_QUEUE:
            leaver.asked = await asyncio.wait_for(self._upstream.arrived(leaver.model), _PATIENCE)
        if phase in (MIDWAY, UNREAD):
            await asyncio.wait_for(leaver.caller.begun, _PATIENCE)
        if phase is UNREAD:
            leaver.caller.hold()

    async def _gone(self, phase: Phase, leaver: "_Leaver") -> None:
        """Wait until the work for a caller is over."""
        try:
            if phase.waits:
                status, ended = await asyncio.wait_for(leaver.ended, _PATIENCE)
                if status != CLIENT_GONE:  # answered before its caller left
                    return
            else:
                ended = await asyncio.wait_for(asyncio.shield(leaver.asked.closed), _PATIENCE)
        except TimeoutError:
            self._never += 1
        else:
            self._seconds.append(ended - leaver.caller.left_at)
        self._gateway.log.forget(leaver.name)


class _Leaver:
    """A caller, and what became of its request."""

    asked: Asked

    def __init__(self, name: str, caller: Caller, ended: "asyncio.Future[tuple[int, float]]") -> None:
        self.name = name
        self.model = name.removeprefix("upstream/")
        self.caller = caller
        self.ended = ended
        self.resting = False
        """Whether it waits for somebody else's failure."""


def shown(figures: CancelFigures) -> list[str]:
    """Write the figures as tables."""
    rows = [
        (
            phase.name,
            phase.seconds.count,
            *phase.seconds.cells,
            phase.never,
            phase.asked_afterwards,
            f"{phase.rss / MIB:.1f} MiB",
        )
        for phase in figures.phases
    ]
    before, after = figures.before, figures.after
    held: list[tuple[str, object, object]] = [
        ("resident memory", f"{before.rss / MIB:.1f} MiB", f"{after.rss / MIB:.1f} MiB"),
        ("open files", before.files, after.files),
        ("sockets", before.sockets, after.sockets),
        ("idle connections to the provider", figures.kept_before, figures.kept_after),
    ]
    if before.tasks is not None:
        held.append(("tasks", before.tasks, after.tasks))
    head = ("the caller leaves", "times", "p50", "p99", "longest", "never noticed", "asked afterwards", "memory then")
    return [
        *table(head, rows),
        "",
        *table(("the gateway holds", "before", "after"), held),
        "",
        *judged(figures.aims),
    ]


async def run(count: int, progress: Callable[[int], Progress]) -> CancelFigures:
    """Measure a gateway that is a process of its own."""
    async with Upstream() as upstream, gateway_process(config(upstream)) as gateway:
        return await measured(gateway, upstream, count, progress(count + WAVE * len(PHASES)))


def main() -> int:
    """Measure and print; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cancels", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many callers leave ({COUNT})")
    given = parser.parse_args()
    return reported(run(given.count, lambda total: Progress("callers that left", total)), shown)


if __name__ == "__main__":
    sys.exit(main())
