"""Figures of a measurement, and how they are shown."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, Protocol, Self, TypeVar

import msgspec

KIB: Final = 1024
MIB: Final = 1024 * KIB


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, over many times; in seconds."""

    count: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Self:
        """Order the times; of none at all everything is 0."""
        ordered = sorted(seconds)
        if not ordered:
            return cls(count=0, p50=0.0, p99=0.0, longest=0.0)
        last = len(ordered) - 1
        return cls(
            count=len(ordered),
            p50=ordered[last // 2],
            p99=ordered[min(last, len(ordered) * 99 // 100)],
            longest=ordered[-1],
        )

    @property
    def cells(self) -> tuple[str, str, str]:
        """The three times as a table shows them."""
        return milliseconds(self.p50), milliseconds(self.p99), milliseconds(self.longest)


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What was aimed at, what was found, and whether that is good enough.

    An aim that is not `required` is shown, met or not, and fails nothing: it tells where there is work to do.
    """

    name: str
    found: str
    aim: str
    met: bool
    required: bool = True

    @property
    def failed(self) -> bool:
        """Whether it had to be met and is not."""
        return self.required and not self.met


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def kibibytes(size: float) -> str:
    return f"{size / KIB:.1f} KiB"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Write a table of Markdown."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def judged(aims: Iterable[Aim]) -> list[str]:
    """Write a table of what was aimed at."""
    rows = [
        (aim.name, aim.found, aim.aim, "met" if aim.met else "NOT MET" if aim.required else "not met yet")
        for aim in aims
    ]
    return table(("aim", "found", "aimed at", ""), rows)


class Progress:
    """Says on a terminal how far something is, in one line that is written over; elsewhere nothing."""

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._done = 0
        self._shown = sys.stderr.isatty()

    def add(self, count: int = 1, note: str = "") -> None:
        self._done += count
        if self._shown:
            sys.stderr.write(f"\r\033[K{self._name}: {self._done} of {self._total} {note}")
            sys.stderr.flush()

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


class Figures(Protocol):
    """What a measurement gives."""

    @property
    def aims(self) -> Sequence[Aim]:
        """What it was made for."""
        ...


_Figures = TypeVar("_Figures", bound=Figures)


def reported(
    measuring: Coroutine[Any, Any, _Figures], shown: Callable[[_Figures], Iterable[str]], *, judging: bool = True
) -> int:
    """Measure and print; the exit code tells whether every aim is met, unless nothing is judged."""
    try:
        figures = asyncio.run(measuring)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was found.\n")
        return 130
    sys.stdout.write("\n".join(shown(figures)) + "\n")
    return 1 if judging and any(aim.failed for aim in figures.aims) else 0
