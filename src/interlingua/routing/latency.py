"""How quickly a target has begun to answer lately."""

import math
import time
from collections.abc import Callable


class PeakLatency:
    """The peak-sensitive moving average of the time to the first content, in seconds.

    It rises at once and falls with a half-life of about `decay` · 0.7 seconds, so that one
    slow answer is felt immediately and forgotten slowly (Finagle's peak EWMA,
    https://twitter.github.io/finagle/docs, read 2026-11-25). 0 is "not known yet".

    Example:
        >>> latency = PeakLatency()
        >>> latency.note(0.4)
        >>> latency.seconds
        0.4

    """

    __slots__ = ("_clock", "_decay", "_noted", "seconds")

    def __init__(self, *, decay: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._decay = decay
        self._clock = clock
        self._noted = 0.0
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """Take one more measurement."""
        now = self._clock()
        if seconds >= self.seconds:
            self.seconds = seconds
        else:
            share = math.exp(-(now - self._noted) / self._decay)
            self.seconds = self.seconds * share + seconds * (1 - share)
        self._noted = now
