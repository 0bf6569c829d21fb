"""Reading what a person types: history, editing, and several lines in one prompt."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

from interlingua.cli.terminal import is_terminal

try:
    import readline
except ImportError:  # Windows has none; its console edits lines by itself
    readline = None

_LONGEST_HISTORY = 2000


class LineEditor:
    """Reads prompts; a backslash at the end of a line goes on with the next one.

    With `history`, what was typed is kept in that file, readable by its owner alone, and
    found again by the next conversation.
    """

    def __init__(self, *, history: Path | None) -> None:
        self._history = history if readline is not None else None

    def __enter__(self) -> Self:
        if readline is not None and self._history is not None:
            # A file that cannot be read, or is not history, is no reason not to talk.
            with contextlib.suppress(OSError):
                readline.read_history_file(self._history)
            readline.set_history_length(_LONGEST_HISTORY)
        return self

    def __exit__(self, *_: object) -> None:
        if readline is not None and self._history is not None:
            with contextlib.suppress(OSError):
                self._history.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._history.touch(mode=0o600)
                readline.write_history_file(self._history)

    def read(self) -> str:
        """Give the next prompt.

        Raises:
            EOFError: there is no more (Ctrl-D).
            KeyboardInterrupt: the line was thrown away (Ctrl-C).

        """
        lines = [_read_line("> ")]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(_read_line("… "))
        return "\n".join(lines)


def history_path() -> Path:
    """Give the file that this system keeps a user's history of interlingua in."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return folder / "interlingua" / "history"


def _read_line(prompt: str) -> str:
    if is_terminal(sys.stdout):
        return input(prompt)
    print(prompt, end="", file=sys.stderr, flush=True)
    return input()
