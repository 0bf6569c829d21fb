"""Rows for a person or JSON for a script."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from interlingua.cli.terminal import bold


def print_json(value: Any) -> None:
    """Print a value as JSON, readable on a terminal and on one line elsewhere."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, default=str))


def print_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a heading, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for number, row in enumerate((heading, *rows)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(bold(line, stream=sys.stdout) if number == 0 else line)
