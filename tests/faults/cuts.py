"""`python -m tests.faults.cuts`: a stream of 4 kB in every wire, cut after each of its bytes, with and without rescue.

At every place the connection is closed once, and once the body ends as if it were whole.
The official SDK of the wire asks through the gateway (of Converse, which callers do not
speak, OpenAI's), and the library asks in its own process.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from interlingua.testing import FaultWall
from interlingua.testing.canon import PIECES
from interlingua.testing.inspection.inspection import FAILURES
from tests.faults.askers import overlook_open_generators
from tests.faults.figures import Aim, Progress, judged, reported, table
from tests.faults.matrix import Cell, looked
from tests.faults.trials import WIRES, Arrangement, Door, Trial

SIZE: Final = 4096
"""Bytes that a stream has at least."""
FAULTS: Final = ("f07-cut-at-byte", "f07-end-at-byte")
ARRANGEMENTS: Final[tuple[Arrangement, ...]] = ("alone", "restart")
_DOORS: Final[dict[str, Door]] = {
    "chat_completions": "chat_completions",
    "responses": "responses",
    "messages": "messages",
    "generate_content": "generate_content",
    "ollama": "ollama",
    "converse": "chat_completions",
}
"""Who asks, by the wire of the stream."""
CLOCK: Final = 10.0
"""Seconds of silence after which an attempt is given up; no stream here is silent, so it is to run out for none."""
_TOGETHER: Final = 100
"""Offsets that one gateway has to do with."""


class WireCuts(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the cuts of one wire's stream."""

    wire: str
    size: int
    cells: Sequence[Cell]
    well: bool


class CutFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all cuts."""

    wires: Sequence[WireCuts]

    @property
    def cells(self) -> Sequence[Cell]:
        """All of them."""
        return [cell for wire in self.wires for cell in wire.cells]

    @property
    def aims(self) -> Sequence[Aim]:
        """What was aimed at."""
        found = Counter(cell.finding for cell in self.cells)
        unwell = sum(not wire.well for wire in self.wires)
        return [
            *[Aim(name=name, found=str(found[kind]), aim="0", met=found[kind] == 0) for kind, name in FAILURES.items()],
            Aim(name="wires after which the gateway was not well", found=str(unwell), aim="0", met=unwell == 0),
        ]


async def run(wires: Sequence[str], step: int, progress: Progress) -> CutFigures:
    """Cut the streams of these wires after every byte; with a `step`, after every so many."""
    overlook_open_generators()
    found: list[WireCuts] = []
    for wire in wires:
        async with FaultWall(pieces=await pieces_of(wire)) as wall:
            size = wall.size(wire, "bytes")
            cells: list[Cell] = []
            well = True
            places = range(0, size + 1, step)
            for offsets in [places[first : first + _TOGETHER] for first in range(0, len(places), _TOGETHER)]:
                more, fine = await looked(list(trials_at(wire, offsets)), wall, clock=CLOCK)
                cells += more
                well = well and fine
                progress.add(len(offsets), wire)
            found.append(WireCuts(wire=wire, size=size, cells=cells, well=well))
    progress.end()
    return CutFigures(wires=found)


async def pieces_of(wire: str) -> Sequence[str]:
    """Give as many pieces as make a stream of that wire long enough."""
    for count in range(1, len(PIECES) + 1):
        async with FaultWall(pieces=PIECES[:count]) as wall:
            if wall.size(wire, "bytes") >= SIZE:
                return PIECES[:count]
    return PIECES


def trials_at(wire: str, offsets: Iterable[int]) -> Iterator[Trial]:
    """Cut after so many bytes, in each way."""
    for offset in offsets:
        for fault in FAULTS:
            for arrangement in ARRANGEMENTS:
                for door in (_DOORS[wire], "library"):
                    yield Trial(
                        name=f"{fault}-{offset}.{arrangement}.{door}",
                        fault=fault,
                        model=f"{fault}-{offset}",
                        door=door,
                        wire=wire,
                        streamed=True,
                        arrangement=arrangement,
                        seed=0,
                    )


def shown(figures: CutFigures) -> Iterable[str]:
    """Write the tables."""
    yield from table(("wire", "bytes", "asked by", "rescue", "answered", "error", "others"), rows_of(figures))
    yield ""
    yield from [f"    {cell}" for cell in [cell for cell in figures.cells if not cell.sound][:60]]
    yield ""
    yield from judged(figures.aims)


def rows_of(figures: CutFigures) -> Iterable[Sequence[object]]:
    """Give a row for each wire, caller and kind of rescue."""
    for wire in figures.wires:
        for door in (_DOORS[wire.wire], "library"):
            for arrangement in ARRANGEMENTS:
                asked = (door, arrangement)
                found = Counter(c.finding for c in wire.cells if (c.trial.door, c.trial.arrangement) == asked)
                others = [f"**{found[kind]} {kind}**" for kind in FAILURES if found[kind]]
                rescue = "restart" if arrangement == "restart" else "off"
                by = "the library" if door == "library" else f"the gateway ({door})"
                yield wire.wire, wire.size, by, rescue, found["answered"], found["error"], " ".join(others) or 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit code tells whether every answer is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cuts", description=__doc__)
    parser.add_argument("wires", nargs="*", help="wires; default: all", default=list(WIRES))
    parser.add_argument("--step", type=int, default=1, metavar="N", help="cut after every N bytes; default: 1")
    given = parser.parse_args(arguments)
    progress = Progress("places", len(given.wires) * SIZE // given.step)
    return reported(run(given.wires, given.step, progress), shown)


if __name__ == "__main__":
    sys.exit(main())
