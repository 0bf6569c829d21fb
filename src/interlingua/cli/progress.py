"""How far something is: a bar that grows while something large arrives, and a count of what is done."""

import shutil
import sys
import time

from interlingua.cli.terminal import is_terminal

_REDRAW_SECONDS = 0.1
_WIDTH = 30
_UNITS = ("B", "kB", "MB", "GB", "TB")


class ProgressBar:
    """Draws how far a download is: a bar on a terminal, one line at the start and the end elsewhere.

    Call it with the bytes so far and in all (None: unknown), as `ModelStore.ensure` does.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._live = is_terminal(sys.stderr)
        self._drawn = 0.0
        self._start: tuple[float, int] | None = None
        self._done = 0
        self._total: int | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Show that `done` bytes of `total` are here."""
        now = time.monotonic()
        if self._start is None:
            self._start = (now, done)
            self._begin(done, total)
        self._done, self._total = done, total
        if self._live and (now - self._drawn >= _REDRAW_SECONDS or done == total):
            self._drawn = now
            self._draw(now)

    def finish(self) -> None:
        """Leave the last state on its line."""
        if self._start is not None and self._live:
            self._draw(time.monotonic())
            print(file=sys.stderr, flush=True)

    def _begin(self, done: int, total: int | None) -> None:
        if self._live:
            return
        size = f" {readable_size(total)}" if total else ""
        resumed = f", {readable_size(done)} are here already" if done else ""
        print(f"{self._label}: fetching{size}{resumed}", file=sys.stderr, flush=True)

    def _draw(self, now: float) -> None:
        start, before = self._start or (now, 0)
        speed = (self._done - before) / (now - start) if now > start else 0.0
        line = f"{self._label}  {self._bar()}{readable_size(self._done)}"
        if self._total:
            line += f" of {readable_size(self._total)}"
        if speed:
            line += f"  {readable_size(speed)}/s"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}", end="", file=sys.stderr, flush=True)

    def _bar(self) -> str:
        if not self._total:
            return ""
        share = min(1.0, self._done / self._total)
        filled = int(share * _WIDTH)
        return f"{'█' * filled}{'░' * (_WIDTH - filled)} {share:4.0%}  "


class CountLine:
    """Says on a terminal how many of so many things are done, on one line that goes away; elsewhere nothing."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._done = 0

    def add(self, name: str) -> None:
        """Show that one more is done, which has this name."""
        self._done += 1
        self._write(f"{self._label}  {self._done} of {self._total}  {name}")

    def finish(self) -> None:
        """Leave an empty line to what is printed next."""
        self._write("")

    @staticmethod
    def _write(line: str) -> None:
        if is_terminal(sys.stderr):
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]}\033[K", end="", file=sys.stderr, flush=True)


def readable_size(size: float) -> str:
    """Give bytes as a person reads them, by thousands.

    Example:
        >>> readable_size(98_000_000)
        '98 MB'

    """
    rank = 0
    while size >= 1000 and rank < len(_UNITS) - 1:
        size /= 1000
        rank += 1
    return f"{size:.0f} {_UNITS[rank]}" if size >= 10 or rank == 0 else f"{size:.1f} {_UNITS[rank]}"
