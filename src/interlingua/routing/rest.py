"""A time for which somebody is not asked, and why."""

import time
from collections.abc import Callable


class Rest:
    """Leaves a key or a target alone for a while: because it was refused, is out of money, or asked for it.

    Example:
        >>> rest = Rest()
        >>> rest.take(30.0, "throttled")
        >>> rest.reason
        'throttled'

    """

    __slots__ = ("_clock", "_reason", "until")

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reason = ""
        self.until = 0.0

    def take(self, seconds: float, reason: str) -> None:
        """Rest for `seconds`, or longer if that was so already."""
        until = self._clock() + seconds
        if until > self.until:
            self.until, self._reason = until, reason

    @property
    def reason(self) -> str | None:
        """Why it rests; None while it does not."""
        return self._reason if self.until and self.until > self._clock() else None
