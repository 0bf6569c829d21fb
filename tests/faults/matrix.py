"""`python -m tests.faults.matrix`: every fault from every door, streamed and whole, with 20 seeds.

Official SDKs ask the gateway, which is a process of its own, and the library asks the same
routes here; both reach the wall, which shows the faults. Each answer must be the whole text,
or an error that the SDK raises as one of its API's, whichever can be.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import msgspec

from interlingua.testing import FAULTS, FaultWall, NoSuchFault
from interlingua.testing.fault import Fault
from interlingua.testing.inspection.inspection import FAILURES
from interlingua.testing.inspection.selection import select
from interlingua.testing.judgement import SOUND, Finding, Heard, judge
from tests.faults.askers import Asker, askers, heard_within, overlook_open_generators
from tests.faults.caller import is_healthy
from tests.faults.figures import Aim, Progress, judged, reported, table
from tests.faults.process import client_of, gateway_process
from tests.faults.trials import DOORS, Door, Trial, config_of, trials_of

SEEDS: Final = 20
CLOCK: Final = 2.5
"""Seconds of silence after which an attempt is given up."""
SECOND: Final = 0.05
"""How long the second of a fault lasts that counts seconds."""
_AT_ONCE: Final = 40
_HEAVY: Final = ("f13-slices", "f15-split", "f16-", "f17-bomb")
"""Faults that come in very many pieces, or very large: few at a time, so that the machine's haste fires no clock."""
_HEAVY_AT_ONCE: Final = 8
_LATE: Final = 3.0
"""Seconds over the longest time of a request after which its answer is called a hang."""


class Cell(msgspec.Struct, frozen=True):
    """What came of a trial."""

    trial: Trial
    finding: Finding
    heard: Heard

    @property
    def sound(self) -> bool:
        """Whether that is as it should be."""
        return self.finding in SOUND

    def __str__(self) -> str:
        return f"{self.finding}: {self.trial}: {self.heard.error or self.heard.text[-60:]!r}"


class MatrixFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All cells, and how the gateway was after each fault."""

    seeds: int
    cells: Sequence[Cell]
    unwell: Sequence[str]
    """The faults after which the gateway was not well."""

    @property
    def aims(self) -> Sequence[Aim]:
        """What was aimed at."""
        found = Counter(cell.finding for cell in self.cells)
        return (
            [
                Aim(
                    name="cells that are not as they should be",
                    found=f"{bad} of {len(self.cells)}",
                    aim="0",
                    met=bad == 0,
                )
                for bad in [sum(not cell.sound for cell in self.cells)]
            ]
            + [Aim(name=name, found=str(found[kind]), aim="0", met=found[kind] == 0) for kind, name in FAILURES.items()]
            + [
                Aim(
                    name="faults after which the gateway was not well",
                    found=str(len(self.unwell)),
                    aim="0",
                    met=not self.unwell,
                )
            ]
        )


async def run(faults: Iterable[Fault], seeds: Sequence[int], progress: Progress) -> MatrixFigures:
    """Show one fault after the other, each to a fresh gateway."""
    overlook_open_generators()
    cells: list[Cell] = []
    unwell: list[str] = []
    for fault in faults:
        async with FaultWall(second=SECOND) as wall:
            found, well = await looked(list(trials_of(fault, wall, seeds)), wall)
        cells += found
        unwell += [] if well else [fault.id]
        progress.add(note=fault.id)
    progress.end()
    return MatrixFigures(seeds=len(seeds), cells=cells, unwell=unwell)


async def looked(trials: Sequence[Trial], wall: FaultWall, *, clock: float = CLOCK) -> tuple[list[Cell], bool]:
    """Make these trials with one gateway, many at a time; tell also whether it is well afterwards.

    `clock` is the seconds of silence after which an attempt is given up.
    """
    config = config_of(trials, wall, clock)
    heavy = any(trial.fault.startswith(_HEAVY) for trial in trials)
    limit = asyncio.Semaphore(_HEAVY_AT_ONCE if heavy else _AT_ONCE)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(gateway_process(config))
        client = await stack.enter_async_context(client_of(config))
        asking = await stack.enter_async_context(askers(f"http://127.0.0.1:{gateway.port}", client))
        longest = 4 * clock + _LATE
        cells = await asyncio.gather(*[_tried(trial, asking, wall, limit, longest) for trial in trials])
        try:
            await asyncio.wait_for(is_healthy(gateway.port), 5.0)
            healthy = await heard_within(5.0, asking["chat_completions"]("healthy_messages/healthy", streamed=True))
        except (TimeoutError, RuntimeError, OSError):
            return cells, False
        return cells, healthy.text == wall.canonical


async def _tried(
    trial: Trial, asking: Mapping[Door, Asker], wall: FaultWall, limit: asyncio.Semaphore, longest: float
) -> Cell:
    async with limit:
        heard = await heard_within(longest, asking[trial.door](trial.name, streamed=trial.streamed))
    call = wall.tool_call if FAULTS[trial.fault].tools else None
    texts = [wall.text_for(trial.model), *([wall.canonical] if trial.fallback else [])]
    return Cell(trial, judge(heard, trial.expected(wall), texts=texts, call=call), heard)


def shown(figures: MatrixFigures) -> Iterable[str]:
    """Write the tables."""
    yield from table(("fault", "what the provider does", *DOORS), rows_of(figures.cells))
    yield ""
    for cell in [cell for cell in figures.cells if not cell.sound][:60]:
        yield f"    {cell}"
    yield from [f"    not well after {name}" for name in figures.unwell]
    yield ""
    yield from judged(figures.aims)


def rows_of(cells: Sequence[Cell]) -> Iterable[Sequence[str]]:
    """Give a row for each fault: how many were answered and how many were told an error, from each door."""
    for fault in dict.fromkeys(cell.trial.fault for cell in cells):
        yield (
            fault,
            FAULTS[fault].does,
            *[
                _summed([cell for cell in cells if (cell.trial.fault, cell.trial.door) == (fault, door)])
                for door in DOORS
            ],
        )


def _summed(cells: Sequence[Cell]) -> str:
    found = Counter(cell.finding for cell in cells)
    bad = [f"**{found[kind]} {kind}**" for kind in FAILURES if found[kind]]
    return " ".join([f"{found['answered']} / {found['error']}", *bad])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit code tells whether every cell is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.matrix", description=__doc__)
    parser.add_argument("faults", nargs="*", help="beginnings of the ids of faults; default: all")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help=f"seeds for each cell; default: {SEEDS}")
    given = parser.parse_args(arguments)
    try:
        faults = [subject.fault for subject in select(given.faults)]
    except NoSuchFault as error:
        parser.error(str(error))
    return reported(run(faults, range(given.seeds), Progress("faults", len(faults))), shown)


if __name__ == "__main__":
    sys.exit(main())
