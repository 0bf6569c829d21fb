"""Every fault, asked for through a gateway, and what must come of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from interlingua.testing.attempt import Attempt
from interlingua.testing.fault import Verdict
from interlingua.testing.inspection.asker import Asker
from interlingua.testing.inspection.selection import ONE_BY_ONE, Subject
from interlingua.testing.judgement import SOUND, Finding, Heard, judge
from interlingua.testing.wall import FaultWall

PLACE: Final = "{fault}"
"""What stands for the wall's model in the name that the gateway is asked for."""

HEALTHY: Final = "healthy"

PAUSES: Final = (1.0, 2.0)
"""Seconds until a fault that did not reach the wall is asked for again; the gateway may let the wall rest so long."""

Result: TypeAlias = Finding | Literal["not shown"]
"""A finding, or that the fault did not come about, so that nothing was found."""

FAILURES: Final[Mapping[Finding, str]] = {
    "false success": "answers that are not whole, presented as success",
    "no answer": "errors where an answer was there",
    "broken": "connections that broke, and replies that nobody can read",
    "hang": "requests without an end",
}
"""What is not as it should be, in words."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One request: what was asked, what came of it, and how often the wall was asked for it.

    Args:
        model: the wall's model.
        streamed: whether a stream was asked for.
        expected: what must come of it; None if the fault was not shown.
        result: what came of it.
        attempts: how many requests for that model reached the wall.
        wires: the APIs in which they came.
        heard: what the caller got.

    """

    model: str
    streamed: bool
    expected: Verdict | None
    result: Result
    attempts: int
    wires: Sequence[str]
    heard: Heard

    @property
    def bad(self) -> bool:
        """Whether it is not as it should be."""
        return self.result in FAILURES

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "model": self.model,
            "streamed": self.streamed,
            "expected": self.expected,
            "result": self.result,
            "attempts": self.attempts,
            "wires": list(self.wires),
            "seconds": round(self.heard.seconds, 3),
            "text": self.heard.text,
            "finish": self.heard.finish,
            "error": self.heard.error or None,
        }


class Inspection:
    """Asks a gateway for faults, and judges what came of it.

    Args:
        wall: where the gateway's requests arrive.
        asker: asks the gateway.
        model: what the gateway is asked for; `{fault}` in it is the name of the wall's model.
        fallback: whether a healthy target stands behind.
        rescue: whether the gateway also goes on with answers that broke midway.
        at_once: how many faults are asked for at the same time.

    """

    def __init__(
        self,
        wall: FaultWall,
        asker: Asker,
        *,
        model: str = f"wall/{PLACE}",
        fallback: bool = False,
        rescue: bool = False,
        at_once: int = 8,
    ) -> None:
        self._wall = wall
        self._asker = asker
        self._model = model
        self._fallback = fallback or rescue
        self._rescue = rescue
        self._at_once = at_once

    async def probe(self) -> tuple[Heard, int]:
        """Ask for the healthy model; tell also how many requests reached the wall."""
        heard = await self._asker.ask(self._model.replace(PLACE, HEALTHY), streamed=False)
        return heard, len(self._wall.attempts)

    async def run(
        self, subjects: Sequence[Subject], ways: Sequence[bool], *, shown: Callable[[Subject], None]
    ) -> list[Cell]:
        """Ask for each fault in each way (streamed: true), one way after the other.

        Those that a gateway may take for a reason to let its provider rest come last, and
        by themselves. `shown` is told of each fault that is done.
        """
        limit, alone = asyncio.Semaphore(self._at_once), asyncio.Semaphore(1)
        cells: dict[str, list[Cell]] = {}

        async def ask_for(subject: Subject) -> None:
            async with limit if subject.rank < ONE_BY_ONE else alone:
                cells[subject.model] = [
                    await self._cell(subject, streamed=streamed)
                    for streamed in ways
                    if (subject.fault.streamed if streamed else subject.fault.whole) is not None
                ]
            shown(subject)

        for rank in sorted({subject.rank for subject in subjects}):
            await asyncio.gather(*[ask_for(subject) for subject in subjects if subject.rank == rank])
        return [cell for subject in subjects for cell in cells[subject.model]]

    async def _cell(self, subject: Subject, *, streamed: bool) -> Cell:
        heard, attempts = await self._asked(subject, streamed=streamed)
        for pause in PAUSES:
            if attempts or heard.outcome == "hang":
                break
            await asyncio.sleep(pause)
            heard, attempts = await self._asked(subject, streamed=streamed)
        shown = [each for each in attempts if each.failed]
        expected = self._expected(subject, shown, streamed=streamed) if shown else None
        finding = self._judged(heard, subject, expected or ("answered" if attempts else "either"))
        return Cell(
            model=subject.model,
            streamed=streamed,
            expected=expected,
            result="not shown" if expected is None and finding in SOUND else finding,
            attempts=len(attempts),
            wires=list(dict.fromkeys(each.wire for each in attempts)),
            heard=heard,
        )

    async def _asked(self, subject: Subject, *, streamed: bool) -> tuple[Heard, list[Attempt]]:
        """Ask once; give also what reached the wall of it."""
        before = len(self._wall.attempts)
        heard = await self._asker.ask(self._model.replace(PLACE, subject.model), streamed=streamed)
        arrived = self._wall.attempts[before:]
        return heard, [each for each in arrived if each.model.rpartition("/")[2] == subject.model]

    def _expected(self, subject: Subject, shown: Sequence[Attempt], *, streamed: bool) -> Verdict:
        """Say what must come of it, by what the gateway asked of the wall; it may ask for a stream on its own."""
        ways = {each.streamed for each in shown} | {streamed}
        verdicts: set[Verdict] = {
            self._wall.expected(
                subject.model, wire=shown[0].wire, streamed=way, fallback=self._fallback, rescue=self._rescue
            )
            for way in ways
            if subject.fault.applies(wire=shown[0].wire, streamed=way)
        }
        return verdicts.pop() if len(verdicts) == 1 else "either"

    def _judged(self, heard: Heard, subject: Subject, expected: Verdict) -> Finding:
        texts = [self._wall.text_for(subject.model), *([self._wall.canonical] if self._fallback else [])]
        by_call = subject.fault.tools and not (self._fallback and not heard.calls)
        return judge(heard, expected, texts=texts, call=self._wall.tool_call if by_call else None)


def counts_of(cells: Sequence[Cell]) -> Counter[Result]:
    """Count the results."""
    return Counter(cell.result for cell in cells)
