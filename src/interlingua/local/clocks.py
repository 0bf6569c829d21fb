"""The clocks of an answer that is made here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from interlingua.errors import TimedOut
from interlingua.types import Timeouts


class Clocks:
    """Ends a wait when one of a request's clocks runs out.

    `total` runs from the start, over fetching the model too. `first_token` runs from `begin`,
    when its file is here, over loading it and waiting for others, and `idle` from what it
    said last.

    Args:
        seconds: how long the request may take; None is for as long as it takes.
        timeouts: its other clocks.

    Example:
        >>> clocks = Clocks(30.0, Timeouts(first_token=5))
        >>> async with clocks.waiting():
        ...     await model.load()

    """

    __slots__ = ("_clock", "_due", "_seconds", "_timeouts", "_until")

    def __init__(self, seconds: float | None, timeouts: Timeouts | None) -> None:
        self._timeouts = timeouts or Timeouts(connect=None, first_token=None, idle=None, total=None)
        limits = [limit for limit in (seconds, self._timeouts.total) if limit is not None]
        self._seconds = min(limits, default=0.0)
        self._due = asyncio.get_running_loop().time() + self._seconds if limits else None
        self._clock = "total", self._seconds
        self._until = self._due

    def begin(self) -> None:
        """Note that the model is here, and gets the request."""
        self._wind("first_token", self._timeouts.first_token)

    def heard(self) -> None:
        """Note that it has said something."""
        self._wind("idle", self._timeouts.idle)

    @asynccontextmanager
    async def waiting(self) -> AsyncGenerator[None]:
        """Wait for no longer than the clocks allow.

        Raises:
            TimedOut: one has run out.

        """
        limit = asyncio.timeout_at(self._until)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise TimedOut(*self._clock) from None

    def _wind(self, clock: str, seconds: float | None) -> None:
        until = None if seconds is None else asyncio.get_running_loop().time() + seconds
        if until is not None and (self._due is None or until < self._due):
            self._clock, self._until = (clock, seconds or 0.0), until
        else:
            self._clock, self._until = ("total", self._seconds), self._due
