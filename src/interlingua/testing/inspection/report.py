"""What an inspection found, as a table, in a few words, and as JSON."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from interlingua.cli.tables import print_table
from interlingua.cli.terminal import green, red, yellow
from interlingua.testing.inspection.inspection import FAILURES, Cell, counts_of
from interlingua.testing.inspection.selection import Subject

_NOTHING: Final = "-"
_LEAKED: Final = "requests that followed a redirect to another origin"
_SHOWN: Final = 60

_LONGER: Final = "give the gateway shorter timeouts, or the answers more time with --longest"
_RESTING: Final = (
    "the gateway did not ask the wall: it may let a provider rest that has failed; ask for those with --only"
)
_OTHERWISE: Final = "the API that the gateway speaks with the wall does not have the fault, or its turn was over"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all requests.

    Args:
        cells: the requests.
        left_out: the faults that were not asked for, since they are not at the wall's address.
        leaked: how many requests came to another origin, to which the wall had redirected them.
        ways: how was asked (streamed: true).

    """

    cells: Sequence[Cell]
    left_out: Sequence[Subject]
    leaked: int
    ways: Sequence[bool]

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.leaked and not any(cell.bad for cell in self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it for a script."""
        counts = counts_of(self.cells)
        return {
            "sound": self.sound,
            "counts": {name: counts[name] for name in ("answered", "error", *FAILURES, "not shown")},
            "leaked": self.leaked,
            "results": [cell.to_dict() for cell in self.cells],
            "left_out": [subject.model for subject in self.left_out],
        }

    def print(self) -> None:
        """Print the table, what is not as it should be, and the summary."""
        paints = {"answered": green, "error": green, "not shown": yellow} | dict.fromkeys(FAILURES, red)
        names = [name for way, name in ((True, "STREAMED"), (False, "WHOLE")) if way in self.ways]
        rows = [_row(group, self.ways) for group in _grouped(self.cells)]
        print_table(["FAULT", *names, "ATTEMPTS", "SECONDS"], rows, paints=paints)
        print()
        bad = [cell for cell in self.cells if cell.bad]
        for cell in bad:
            print(f"{red(cell.result, stream=sys.stdout)}: {_told(cell)}")
        if bad:
            print()
        for line in self._summary():
            print(line)

    def _summary(self) -> Iterator[str]:
        counts = counts_of(self.cells)
        good = f"{counts['answered'] + counts['error']} of {len(self.cells)} requests ended as they should"
        yield f"{good}: {counts['answered']} answered, {counts['error']} with an error."
        kinds = {words: counts[name] for name, words in FAILURES.items()} | {_LEAKED: self.leaked}
        for words, count in kinds.items():
            yield (red if count else green)(f"{count} {words}", stream=sys.stdout)
        if counts["hang"]:
            yield f"→ {_LONGER}."
        hidden = [cell for cell in self.cells if cell.result == "not shown"]
        for reason, some in (
            (_RESTING, [cell for cell in hidden if not cell.attempts]),
            (_OTHERWISE, [cell for cell in hidden if cell.attempts]),
        ):
            if some:
                words = f"{len(some)} where the fault was not shown"
                yield f"{yellow(words, stream=sys.stdout)}: {reason}."
        if self.left_out:
            names = ", ".join(subject.model for subject in self.left_out)
            yield f"Left out, since they have addresses of their own, at which no connection comes about: {names}."


def _grouped(cells: Sequence[Cell]) -> list[list[Cell]]:
    return [[cell for cell in cells if cell.model == model] for model in dict.fromkeys(cell.model for cell in cells)]


def _row(cells: Sequence[Cell], ways: Sequence[bool]) -> tuple[str, ...]:
    by_way = {cell.streamed: cell for cell in cells}
    found = [by_way[way].result if way in by_way else _NOTHING for way in ways]
    attempts = " + ".join(str(cell.attempts) for cell in cells)
    return (cells[0].model, *found, attempts, " + ".join(f"{cell.heard.seconds:.2f}" for cell in cells))


def _told(cell: Cell) -> str:
    """Say in a line what was got and what was to be."""
    heard = cell.heard
    got = heard.error.rstrip(".") or f"it ended ({heard.finish or 'no reason told'})"
    if heard.outcome == "answered" or heard.text:
        got += f", with the text {heard.text[-_SHOWN:]!r}"
    wanted = {"answered": "the whole answer", "error": "an error", "either": "the whole answer or an error"}
    way = "streamed" if cell.streamed else "whole"
    return f"{cell.model}, {way}: {got}. It should be {wanted[cell.expected or 'answered']}."
