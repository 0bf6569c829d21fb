"""A terminal with the command line in it, for tests that type and read."""

import codecs
import os
import select
import subprocess
import sys
import termios
from types import TracebackType
from typing import Self

_LONGEST_WAIT = 30.0
_PATIENCE = 5.0

# The process must own its terminal, for Ctrl-C to reach it.
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "interlingua.cli", *sys.argv[1:]])
"""


class Screen:
    """Runs `interlingua` on a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self.text = ""
        self._unread = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def __enter__(self) -> Self:
        self._ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (40, 200))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *self._words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def type(self, text: str) -> None:
        """Press the keys of `text`."""
        os.write(self._ours, text.encode())

    def read_until(self, mark: str) -> str:
        """Read until `mark` has appeared since the last call, and give what was read, the mark included."""
        while mark not in self._unread:
            assert self._receive(), f"the program ended before {mark!r}; the screen says:\n{self.text}"
        read, _, self._unread = self._unread.partition(mark)
        return read + mark

    def read_rest(self) -> str:
        """Read until the program ends, and give all that the screen has shown."""
        while self._receive():
            pass
        self.process.wait(_LONGEST_WAIT)
        return self.text

    def interrupt_prompt(self, mark: str) -> None:
        """Press Ctrl-C at the prompt until `mark` appears.

        Python's `input` looks for signals, then waits for a key; a signal between the two
        is seen with the next one only. A person presses again, and so does this.
        """
        while mark not in self._unread:
            self.type("\x03")
            while mark not in self._unread and select.select([self._ours], [], [], _PATIENCE)[0]:
                assert self._receive(), f"the program ended before {mark!r}; the screen says:\n{self.text}"
        self.read_until(mark)

    def _receive(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], _LONGEST_WAIT)
        assert ready, f"nothing more appeared; the screen says:\n{self.text}"
        try:
            piece = self._decoder.decode(os.read(self._ours, 1 << 16))
        except OSError:  # how Linux says that nobody has the other end any more
            return False
        self.text += piece
        self._unread += piece
        return True
