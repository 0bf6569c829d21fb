"""The long proofs: whether failures become answers or clean errors, and in what time.

Each part prints its tables; with --write they stand in docs/reliability.md afterwards, if all is as it should be.
"""

# ruff: noqa: T201

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from interlingua.testing import FAULTS
from tests.faults import bench, cancels, cost, crowd, cuts, failover, flap, matrix
from tests.faults.figures import Figures, Progress
from tests.faults.page import PAGE, rewritten
from tests.faults.trials import WIRES


class Part(NamedTuple):
    """One of the proofs: what it does, how it is measured, and how its figures are shown."""

    does: str
    measure: Callable[[], Coroutine[Any, Any, Figures]]
    shown: Callable[[Any], Iterable[str]]


PARTS: Final[Mapping[str, Part]] = {
    "matrix": Part(
        "every fault from every door, streamed and whole, with 20 seeds (7 minutes)",
        lambda: matrix.run(FAULTS.values(), range(matrix.SEEDS), Progress("faults", len(FAULTS))),
        matrix.shown,
    ),
    "cuts": Part(
        "a stream of every wire, cut after each of its bytes (20 minutes)",
        lambda: cuts.run(WIRES, 1, Progress("places", len(WIRES) * cuts.SIZE)),
        cuts.shown,
    ),
    "bench": Part(
        "the sixteen scenarios of Failover Bench (2 minutes)",
        lambda: bench.measured([(name, via) for name in bench.USUAL for via in bench.VIAS[:3]]),
        bench.shown,
    ),
    "failover": Part(
        "how soon another target is asked after a clock has run out (2 minutes)",
        lambda: failover.run(failover.TIMES, Progress("requests", failover.total(failover.TIMES))),
        failover.shown,
    ),
    "cost": Part(
        "what a route costs over its target's name (1 minute)",
        lambda: cost.run(cost.ROUNDS, Progress("rounds", cost.ROUNDS + 1)),
        cost.shown,
    ),
    "flap": Part(
        "a first target that comes and goes under load (1 minute)",
        lambda: flap.run(flap.Clocks(), flap.RATE, Progress("requests", int(flap.Clocks().total * flap.RATE))),
        flap.shown,
    ),
    "cancels": Part(
        "10,000 callers who leave (3 minutes)",
        lambda: cancels.run(cancels.COUNT, lambda total: Progress("callers that left", total)),
        cancels.shown,
    ),
    "crowd": Part(
        "5,000 idle streams, 200 slow readers, 500 slow writers (3 minutes)",
        lambda: crowd.run(crowd.Sizes(), Progress("callers", crowd.Sizes().total)),
        crowd.shown,
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named; the exit code tells whether all is as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parts:\n" + "\n".join(f"  {name:9} {part.does}" for name, part in PARTS.items()),
    )
    parser.add_argument("parts", nargs="*", metavar="part", help="default: all of them")
    parser.add_argument("--write", action="store_true", help="write what was found into docs/reliability.md")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    failed: list[str] = []
    for name in given.parts or PARTS:
        print(f"# {name}: {PARTS[name].does}", flush=True)
        try:
            figures = asyncio.run(PARTS[name].measure())
        except KeyboardInterrupt:
            print("Interrupted; of this part nothing was found.", file=sys.stderr)
            return 130
        lines = list(PARTS[name].shown(figures))
        print("\n".join([*lines, ""]), flush=True)
        if any(aim.failed for aim in figures.aims):
            failed.append(name)
        elif given.write:
            PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), name, lines), encoding="utf-8")
    if failed:
        print(f"Not as it should be: {', '.join(failed)}. The page keeps what it had of them.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
