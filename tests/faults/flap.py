"""`python -m tests.faults.flap`: a first target that comes and goes under a steady load, with a second one behind it.

Each time it goes it fails in another way: it refuses connections, answers 503, cuts every
request off, or is silent; streams that run are cut. An answer counts if it is whole, word
for word.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tests.faults.caller import Answer, answered, chat
from tests.faults.figures import Aim, Progress, Spread, judged, reported, table
from tests.faults.process import gateway_process
from tests.faults.upstream import PIECES, Down, Upstream

AIM_ATTEMPTS: Final = 1.2
RATE: Final = 50
"""Requests a second."""
KINDS: Final[tuple[Down, ...]] = ("503", "refused", "cut", "silent")
_TEXT: Final = "".join(PIECES)
_CHAT: Final = "/v1/chat/completions"
_MESSAGES: Final = "/v1/messages"


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """How long everything lasts, in seconds."""

    up: float = 10.0
    down: float = 5.0
    turns: int = 4
    first_token: float = 2.0
    cooldown: float = 5.0

    @property
    def longest_cooldown(self) -> float:
        """The longest wait of a breaker."""
        return 3 * self.cooldown

    @property
    def total(self) -> float:
        """The whole run."""
        return self.turns * (self.up + self.down)


FAST: Final = Clocks(up=0.4, down=0.3, turns=4, first_token=0.6, cooldown=0.05)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Once down and up again."""

    kind: str
    attempts: int
    """How often the first target was asked while it was down; who is refused a connection cannot count."""
    back_after: float | None
    """Seconds from its recovery until it was asked again; None: it was not, before it went the next time."""


class FlapFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the requests, and how much was asked of the targets for it."""

    clocks: Clocks
    rate: int
    requests: int
    answered: int
    failures: dict[str, int]
    first_attempts: int
    second_attempts: int
    turns: list[Turn]
    seconds_up: Spread
    seconds_down: Spread

    @property
    def first_each(self) -> float:
        """Attempts on the first target, for each request."""
        return self.first_attempts / max(1, self.requests)

    @property
    def attempts_each(self) -> float:
        """All attempts, for each request."""
        return (self.first_attempts + self.second_attempts) / max(1, self.requests)

    @property
    def aims(self) -> list[Aim]:
        """What was aimed at."""
        backs = [turn.back_after for turn in self.turns]
        slowest = max((back for back in backs if back is not None), default=0.0)
        share = self.answered / max(1, self.requests)
        return [
            Aim(name="answered whole", found=f"{share:.2%}", aim="100%", met=self.answered == self.requests),
            Aim(
                name="attempts on the first target, for each request",
                found=f"{self.first_each:.3f}",
                aim=f"≤ {AIM_ATTEMPTS}",
                met=self.first_each <= AIM_ATTEMPTS,
            ),
            Aim(
                name="all attempts, for each request",
                found=f"{self.attempts_each:.3f}",
                aim=f"≤ {AIM_ATTEMPTS}",
                met=self.attempts_each <= AIM_ATTEMPTS,
            ),
            Aim(
                name="from recovery until it is asked again, longest",
                found=f"{slowest:.1f} s" if None not in backs else "never",
                aim=f"≤ {self.clocks.longest_cooldown:g} s",
                met=None not in backs and slowest <= self.clocks.longest_cooldown,
            ),
        ]


def config(first: Upstream, second: Upstream, clocks: Clocks) -> str:
    """Write the gateway's config; beside the clocks the route has its defaults."""
    return "\n".join(
        [
            f'[providers.first]\nbase_url = "{first.base_url}"\napi_key = "key-0123456789"\n',
            f'[providers.second]\nbase_url = "{second.base_url}"\napi_key = "key-0123456789"\n',
            '[routes.smart]\ntargets = ["first/paced", "second/paced"]\nrescue = "restart"',
            f"first_token_timeout = {clocks.first_token}\nbreaker_cooldown = {clocks.cooldown}",
        ]
    )


async def run(clocks: Clocks, rate: int, progress: Progress) -> FlapFigures:
    """Ask `rate` times a second for as long as the first target comes and goes."""
    async with (
        Upstream() as first,
        Upstream() as second,
        gateway_process(config(first, second, clocks)) as gateway,
    ):
        load = _Load(gateway.port, rate)
        asking = asyncio.ensure_future(load.ask(clocks.total, progress))
        downs = await _flap(first, clocks)
        await asking
        answers = await load.answers()
        progress.end()
    starts = [(start, end) for _, start, end in downs]
    in_down = [seconds for at, seconds in answers.times if any(start <= at < end for start, end in starts)]
    in_up = [seconds for at, seconds in answers.times if not any(start <= at < end for start, end in starts)]
    return FlapFigures(
        clocks=clocks,
        rate=rate,
        requests=answers.requests,
        answered=answers.requests - sum(answers.failures.values()),
        failures=dict(answers.failures),
        first_attempts=first.asked,
        second_attempts=second.asked,
        turns=_turns(downs, first.times),
        seconds_up=Spread.of(in_up),
        seconds_down=Spread.of(in_down),
    )


class _Answers:
    def __init__(self) -> None:
        self.requests = 0
        self.failures: Counter[str] = Counter()
        self.times: list[tuple[float, float]] = []


class _Load:
    """Asks at a steady rate, whatever becomes of it; in turn streamed and whole, in two APIs."""

    def __init__(self, port: int, rate: int) -> None:
        self._port = port
        self._rate = rate
        self._running: list[asyncio.Task[None]] = []
        self._found = _Answers()

    async def ask(self, seconds: float, progress: Progress) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number in range(int(seconds * self._rate)):
            await asyncio.sleep(max(0.0, started + number / self._rate - loop.time()))
            self._running.append(asyncio.ensure_future(self._once(number)))
            progress.add(1, f"requests, {sum(self._found.failures.values())} failed")

    async def answers(self) -> _Answers:
        await asyncio.wait_for(asyncio.gather(*self._running), 60)
        return self._found

    async def _once(self, number: int) -> None:
        stream, path = number % 2 == 0, _MESSAGES if number // 2 % 2 else _CHAT
        at = asyncio.get_running_loop().time()
        answer = await answered(self._port, path, chat("smart", stream=stream))
        self._found.requests += 1
        self._found.times.append((at, answer.seconds))
        failure = _failure(answer, path, stream=stream)
        if failure is not None:
            self._found.failures[f"{path} {'streamed' if stream else 'whole'}: {failure}"] += 1


async def _flap(first: Upstream, clocks: Clocks) -> list[tuple[Down, float, float]]:
    """Let the first target come and go, and give when it was down."""
    loop = asyncio.get_running_loop()
    downs: list[tuple[Down, float, float]] = []
    for turn in range(clocks.turns):
        await asyncio.sleep(clocks.up / 4)
        kind = KINDS[turn % len(KINDS)]
        start = loop.time()
        first.fail(kind)
        await asyncio.sleep(clocks.down)
        end = loop.time()
        await first.recover()
        downs.append((kind, start, end))
        await asyncio.sleep(clocks.up * 3 / 4)
    return downs


def _turns(downs: Sequence[tuple[Down, float, float]], times: Sequence[float]) -> list[Turn]:
    """Hold the times at which the first target was asked against the times when it was down."""
    turns: list[Turn] = []
    for number, (kind, start, end) in enumerate(downs):
        until = downs[number + 1][1] if number + 1 < len(downs) else float("inf")
        back = next((at - end for at in times if end <= at < until), None)
        turns.append(Turn(kind=kind, attempts=sum(1 for at in times if start <= at < end), back_after=back))
    return turns


def _failure(answer: Answer, path: str, *, stream: bool) -> str | None:
    """Say what is wrong with an answer, if anything is."""
    if answer.status != 200:
        return f"{answer.status} {answer.body[:200].decode()}"
    text, ended = (_streamed if stream else _whole)(answer.body, path)
    if not ended:
        return f"no end: {answer.body[-200:].decode()}"
    return None if text == _TEXT else f"another text: {text!r}"


def _whole(body: bytes, path: str) -> tuple[str, bool]:
    fields: dict[str, Any] = json.loads(body)
    if path == _CHAT:
        return fields["choices"][0]["message"]["content"], True
    return "".join(block["text"] for block in fields["content"]), True


def _streamed(body: bytes, path: str) -> tuple[str, bool]:
    events = [line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: ")]
    decoded: list[dict[str, Any]] = [json.loads(event) for event in events if event != b"[DONE]"]
    if path == _CHAT:
        deltas = [choice["delta"].get("content") or "" for event in decoded for choice in event.get("choices", ())]
        return "".join(deltas), events[-1:] == [b"[DONE]"]
    texts = [event["delta"].get("text", "") for event in decoded if event["type"] == "content_block_delta"]
    return "".join(texts), bool(decoded) and decoded[-1]["type"] == "message_stop"


def shown(figures: FlapFigures) -> list[str]:
    """Write the figures as tables."""
    turns = [
        (
            turn.kind,
            "unseen" if turn.kind == "refused" else turn.attempts,
            "never" if turn.back_after is None else f"{turn.back_after:.2f} s",
        )
        for turn in figures.turns
    ]
    times = [
        ("while it is up", figures.seconds_up.count, *figures.seconds_up.cells),
        ("while it is down", figures.seconds_down.count, *figures.seconds_down.cells),
    ]
    return [
        f"{figures.requests} requests in {figures.clocks.total:g} s, {figures.answered} answered whole.",
        *(f"- {count} times {failure}" for failure, count in figures.failures.items()),
        "",
        *table(("the first target is down", "asked meanwhile", "asked again after its recovery"), turns),
        "",
        *table(("requests", "", "p50", "p99", "longest"), times),
        "",
        *judged(figures.aims),
    ]


def main() -> int:
    """Measure and print; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.flap", description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE, help=f"requests a second ({RATE})")
    parser.add_argument(
        "--fast", action="store_true", help="with short clocks, 3 s, whose figures are shown and not judged"
    )
    given = parser.parse_args()
    clocks = FAST if given.fast else Clocks()
    progress = Progress("requests", int(clocks.total * given.rate))
    return reported(run(clocks, given.rate, progress), shown, judging=not given.fast)


if __name__ == "__main__":
    sys.exit(main())
