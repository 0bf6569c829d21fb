"""`python -m tests.faults.failover`: how soon another target is asked after a clock has run out.

The time is taken at the wall, from the caller's request to the second target's, and the clock
is taken off: what is left is the gateway's own work, or the library's.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec

from interlingua.testing import FaultWall
from tests.faults.caller import answered, chat
from tests.faults.figures import Aim, Progress, Spread, judged, milliseconds, reported, table
from tests.faults.process import client_of, gateway_process

TIMES: Final = 100
CLOCK: Final = 0.4
"""Seconds that each of the clocks has."""
LATEST: Final = 0.05
"""Seconds within which the second target must be asked."""
_AT_ONCE: Final = 3
_FAULTS: Final = {
    "connect": "f01-black-hole",
    "first token, after the headers": "f03-headers-then-silence",
    "first token, no headers": "f04-silence",
    "idle, in a stream that is rescued": "f08-stall",
    "attempt, a byte now and then": "f05-drip",
}
_SETTINGS: Final = {"f01-black-hole": "connect_timeout", "f08-stall": "idle_timeout", "f05-drip": "attempt_timeout"}
_WAYS: Final = ("gateway", "library")


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """How late the second target was asked, by clock and by way; `lost` counts answers that were not whole."""

    clock: str
    way: str
    seconds: Spread
    lost: int


class FailoverFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was found for each clock."""

    rows: Sequence[Late]

    @property
    def aims(self) -> Sequence[Aim]:
        """What was aimed at."""
        slowest = max((row.seconds.p99 for row in self.rows), default=0.0)
        lost = sum(row.lost for row in self.rows)
        return (
            Aim(
                name="the second target is asked after its clock, p99 of the slowest",
                found=milliseconds(slowest),
                aim=f"≤ {milliseconds(LATEST)}",
                met=slowest <= LATEST,
            ),
            Aim(name="answers that were not whole", found=str(lost), aim="0", met=lost == 0),
        )


def total(times: int) -> int:
    """Give the number of requests."""
    return times * len(_FAULTS) * len(_WAYS)


def config(wall: FaultWall, times: int) -> str:
    """Write the config: for each clock, which alone is short, so many routes, whose first targets nobody knows yet."""
    parts = [f'[providers.second]\nbase_url = "{wall.base_url}"\napi_key = "key-0123456789"\n']
    for fault in _FAULTS.values():
        setting = _SETTINGS.get(fault, "first_token_timeout")
        parts.append(f'[providers."{fault}"]\nbase_url = "{wall.base_url_for(fault)}"\napi_key = "key-0123456789"\n')
        parts += [
            f'[routes."{fault}.{number}"]\ntargets = ["{fault}/{number}/{fault}", "second/healthy"]\n'
            f'{setting} = {CLOCK}\nrescue = "restart"\nretries = 0\n'
            for number in range(times)
        ]
    return "\n".join(parts)


async def run(times: int, progress: Progress) -> FailoverFigures:
    """Ask so many times for each clock, in each way."""
    rows: list[Late] = []
    async with FaultWall(second=0.02) as wall:
        written = config(wall, times * len(_WAYS))
        async with gateway_process(written) as gateway, client_of(written) as client:

            async def ask_gateway(model: str) -> bool:
                answer = await answered(gateway.port, "/v1/chat/completions", chat(model, stream=True))
                return answer.status == 200 and answer.body.endswith(b"data: [DONE]\n\n")

            async def ask_library(model: str) -> bool:
                pieces = [piece.delta async for piece in client.generate_stream(model, "Hello")]
                return "".join(pieces) == wall.canonical

            ways = dict(zip(_WAYS, (ask_gateway, ask_library), strict=True))
            for ask in ways.values():
                await ask("second/healthy")  # so that nothing is loaded while it is measured
            for clock, fault in _FAULTS.items():
                names = iter(range(times * len(_WAYS)))
                for way, ask in ways.items():
                    models = [f"{fault}.{next(names)}" for _ in range(times)]
                    seconds, lost = await _measured(ask, models, wall, progress)
                    rows.append(Late(clock=clock, way=way, seconds=Spread.of(seconds), lost=lost))
    progress.end()
    return FailoverFigures(rows=rows)


async def _measured(
    ask: Callable[[str], Awaitable[bool]], models: Sequence[str], wall: FaultWall, progress: Progress
) -> tuple[list[float], int]:
    """Ask these models, some at a time; give how late the second target was asked, and how many answers are cut."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    lost = 0
    for first in range(0, len(models), _AT_ONCE):
        asked = models[first : first + _AT_ONCE]
        seen = len(wall.attempts)
        started = loop.time()
        lost += (await asyncio.gather(*[ask(model) for model in asked])).count(False)
        late += [each.request.began - started - CLOCK for each in wall.attempts[seen:] if each.model == "healthy"]
        progress.add(len(asked))
    return late, lost


def shown(figures: FailoverFigures) -> Iterable[str]:
    """Write the tables."""
    rows = [(row.clock, row.way, row.seconds.count, *row.seconds.cells) for row in figures.rows]
    yield from table(("clock", "asked by", "times", "p50", "p99", "longest"), rows)
    yield ""
    yield from judged(figures.aims)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.failover", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help=f"requests for each clock and way ({TIMES})")
    given = parser.parse_args(arguments)
    return reported(run(given.times, Progress("requests", total(given.times))), shown)


if __name__ == "__main__":
    sys.exit(main())
