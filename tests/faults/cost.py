"""`python -m tests.faults.cost`: what a route costs over asking its target by name, in the gateway's CPU time."""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import msgspec

from tests.faults.caller import chat
from tests.faults.figures import Aim, Progress, judged, reported, table
from tests.faults.process import GatewayProcess, gateway_process
from tests.faults.upstream import Upstream
from tests.gateway.raw import Caller, calling, post

ROUNDS: Final = 40
REQUESTS: Final = 240
"""Requests of a round, of each kind."""
MOST: Final = 15.0
"""CPU µs that a route may add to a request."""
_AT_ONCE: Final = 8
_NAMES: Final = {
    "the target by its name": "first/tiny",
    "a route of one target": "alone",
    "a route of two targets": "two",
}
_WAYS: Final = {"whole": False, "streamed": True}


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """CPU µs of a request, the median of all rounds, by what is asked and how."""

    name: str
    way: str
    microseconds: float


class CostFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What requests cost."""

    rows: Sequence[Cost]

    def added(self, row: Cost) -> float:
        """Give what it costs over asking the target by its name."""
        direct = next(iter(_NAMES))
        return (
            row.microseconds
            - next(each for each in self.rows if (each.name, each.way) == (direct, row.way)).microseconds
        )

    @property
    def aims(self) -> Sequence[Aim]:
        """What was aimed at."""
        ways = {way: max(self.added(row) for row in self.rows if row.way == way) for way in _WAYS}
        return [
            Aim(
                name=f"CPU that a route adds to a request, {way}, most",
                found=f"{added:.1f} µs",
                aim=f"≤ {MOST:g} µs",
                met=added <= MOST,
                required=False,
            )
            for way, added in ways.items()
        ]


async def run(rounds: int, progress: Progress) -> CostFigures:
    """Ask in turns, so that what else the machine does falls on all kinds alike."""
    spent: dict[tuple[str, str], list[float]] = {(name, way): [] for name in _NAMES for way in _WAYS}
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(Upstream())
        gateway = await stack.enter_async_context(gateway_process(config(upstream)))
        callers = [await stack.enter_async_context(calling(gateway.port)) for _ in range(_AT_ONCE)]
        for number in range(rounds + 1):
            for (name, way), found in spent.items():
                before = _cpu(gateway)
                await _ask(callers, chat(_NAMES[name], stream=_WAYS[way]))
                if number:  # the first round warms up
                    found.append((_cpu(gateway) - before) / REQUESTS)
            progress.add()
    progress.end()
    return CostFigures(
        rows=[Cost(name=name, way=way, microseconds=statistics.median(found)) for (name, way), found in spent.items()]
    )


def config(upstream: Upstream) -> str:
    """Write the config: two providers that are one, and two routes."""
    provider = f'base_url = "{upstream.base_url}"\napi_key = "key-0123456789"\n'
    return (
        f"[providers.first]\n{provider}[providers.second]\n{provider}"
        '[routes.alone]\ntargets = ["first/tiny"]\n[routes.two]\ntargets = ["first/tiny", "second/tiny"]\n'
    )


async def _ask(callers: Sequence[Caller], body: bytes) -> None:
    async def one_after_the_other(caller: Caller) -> None:
        for _ in range(REQUESTS // len(callers)):
            await caller.send(post("/v1/chat/completions", body))
            answer = await caller.answer()
            assert answer.status == 200, answer.body

    await asyncio.gather(*map(one_after_the_other, callers))


def _cpu(gateway: GatewayProcess) -> float:
    """Give the CPU time of all its threads until now, in µs."""
    threads = Path(f"/proc/{gateway.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1000


def shown(figures: CostFigures) -> Iterable[str]:
    """Write the tables."""
    rows = [(row.name, row.way, f"{row.microseconds:.1f}", f"{figures.added(row):+.1f}") for row in figures.rows]
    yield from table(("asked for", "", "CPU µs a request", "over the name"), rows)
    yield ""
    yield from judged(figures.aims)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cost", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help=f"rounds of {REQUESTS} requests of each kind ({ROUNDS})"
    )
    given = parser.parse_args(arguments)
    return reported(run(given.rounds, Progress("rounds", given.rounds + 1)), shown)


if __name__ == "__main__":
    sys.exit(main())
