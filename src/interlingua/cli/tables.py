"""Rows for a person or JSON for a script."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TextIO

from interlingua.cli.terminal import bold


def print_json(value: Any) -> None:
    """Print a value as JSON, readable on a terminal and on one line elsewhere."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, default=str))


class Paint(Protocol):
    """Gives a text in a colour, as `terminal.red` does."""

    def __call__(self, text: str, *, stream: TextIO) -> str:
        """Paint `text` as it is wanted on `stream`."""
        ...


def print_table(
    heading: Sequence[str], rows: Sequence[Sequence[str]], *, paints: Mapping[str, Paint] | None = None
) -> None:
    """Print rows under a heading, each column as wide as its widest cell; `paints` colour the cells with that text."""
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for number, row in enumerate((heading, *rows)):
        line = "  ".join(_painted(cell, width, paints or {}) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(bold(line, stream=sys.stdout) if number == 0 else line)


def _painted(cell: str, width: int, paints: Mapping[str, Paint]) -> str:
    paint = paints.get(cell)
    return (paint(cell, stream=sys.stdout) if paint is not None else cell) + " " * (width - len(cell))
