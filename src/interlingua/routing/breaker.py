"""Whether a target that failed is asked again, and when."""

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

_WINDOW: Final = 20
_FEWEST: Final = 10


class Breaker:
    """Keeps requests away from a target that fails, and lets one of them look whether it is back.

    It opens after `failures` failures in a row, or when half of the last 20 calls failed.
    After `cooldown` seconds one request may pass (half open): if it succeeds the breaker
    closes, if it fails the wait is doubled, up to `longest` seconds, three times the
    cooldown unless given. A tenth of each wait is random, so that several gateways do not
    come back at once.

    Example:
        >>> breaker = Breaker(failures=1, cooldown=5.0)
        >>> breaker.failed()
        >>> breaker.state, breaker.enter()
        ('open', False)

    """

    __slots__ = (
        "_chance",
        "_clock",
        "_cooldown",
        "_failures",
        "_last",
        "_longest",
        "_now",
        "_probing",
        "_row",
        "until",
    )

    def __init__(
        self,
        *,
        failures: int = 5,
        cooldown: float = 5.0,
        longest: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._failures = failures
        self._cooldown = self._now = cooldown
        self._longest = cooldown * 3 if longest is None else longest
        self._clock = clock
        self._chance = chance
        self._row = 0
        self._last: deque[bool] = deque(maxlen=_WINDOW)
        self._probing = False
        self.until: float | None = None
        """When it lets a request look again; None while it is closed."""

    @property
    def state(self) -> Literal["closed", "open", "half open"]:
        """Closed lets everything pass, open nothing, and half open one request."""
        if self.until is None:
            return "closed"
        return "open" if self._clock() < self.until else "half open"

    @property
    def allows(self) -> bool:
        """Whether `enter` would let a request pass now."""
        return self.until is None or (not self._probing and self._clock() >= self.until)

    def enter(self) -> bool:
        """Let a request pass if it may; each that did is followed by `succeeded`, `failed` or `left`."""
        if self.until is None:
            return True
        if not self.allows:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """Note an answer."""
        self._row = 0
        if self.until is None:
            if self._last:
                self._last.append(True)
            return
        if self._probing:
            self.until = None
            self._probing = False
            self._now = self._cooldown
            self._last.clear()

    def failed(self) -> None:
        """Note a failure that is the target's."""
        if self.until is not None:
            if self._probing:
                self._probing = False
                self._now = min(self._now * 2, self._longest)
                self._open()
            return
        self._row += 1
        self._last.append(False)
        often = len(self._last) >= _FEWEST and self._last.count(False) * 2 >= len(self._last)
        if self._row >= self._failures or often:
            self._open()

    def left(self) -> None:
        """Note that a request ended without telling anything of the target: its caller went away."""
        self._probing = False

    def _open(self) -> None:
        self._row = 0
        self._last.clear()
        self.until = self._clock() + self._now * (1 - 0.1 * self._chance())
