"""What goes to the screen, and how it looks there."""

import os
import sys
from typing import TextIO

_DIM, _BOLD, _RED, _YELLOW, _GREEN = "2", "1", "31", "33", "32"

# Escape sequences in an answer could move the cursor, retitle the window or forge output.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person is at the other end of `stream`."""
    return stream is not None and not stream.closed and stream.isatty()


def is_coloured(stream: TextIO) -> bool:
    """Tell whether colours are wanted: on a terminal that can, unless NO_COLOR is set (no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def dim(text: str, *, stream: TextIO) -> str:
    """Give `text` in a weak colour."""
    return _painted(text, _DIM, stream)


def bold(text: str, *, stream: TextIO) -> str:
    """Give `text` in strong letters."""
    return _painted(text, _BOLD, stream)


def red(text: str, *, stream: TextIO) -> str:
    """Give `text` in the colour of failures."""
    return _painted(text, _RED, stream)


def yellow(text: str, *, stream: TextIO) -> str:
    """Give `text` in the colour of warnings."""
    return _painted(text, _YELLOW, stream)


def green(text: str, *, stream: TextIO) -> str:
    """Give `text` in the colour of what is well."""
    return _painted(text, _GREEN, stream)


def note(text: str) -> None:
    """Say something beside the output: dim, on stderr, and only to a person."""
    if is_terminal(sys.stderr):
        print(dim(text, stream=sys.stderr), file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """Say on stderr what is wrong without being a failure."""
    print(f"{yellow('warning:', stream=sys.stderr)} {text}", file=sys.stderr, flush=True)


def shown(text: str, *, stream: TextIO) -> str:
    """Give a model's text as it may be printed: without control characters on a terminal, untouched elsewhere."""
    return text.translate(_CONTROLS) if is_terminal(stream) else text


def _painted(text: str, colour: str, stream: TextIO) -> str:
    return f"\033[{colour}m{text}\033[0m" if is_coloured(stream) else text
