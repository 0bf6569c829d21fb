"""Whether a failed call is made again, and after what wait."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, TypeVar

import msgspec

from interlingua.errors import Error, TimedOut

Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_Answer = TypeVar("_Answer")


LONGEST_DELAY: Final = 8.0
"""Seconds that a wait before a repeat grows to."""
JITTER: Final = 0.25
"""The share of such a wait that is random."""


def backoff(
    tries: int, *, base: float, longest: float = LONGEST_DELAY, jitter: float = JITTER, chance: Callable[[], float]
) -> float:
    """Give the seconds to wait after so many tries: `base`, and twice as long each time, less a random part.

    Example:
        >>> backoff(3, base=0.5, chance=lambda: 0.0)
        2.0

    """
    return min(base * 2.0 ** (tries - 1), longest) * (1.0 - jitter * chance())


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Decides, and does nothing else.

    `attempts` counts all tries, so that 1 switches retries off. The wait before try
    n + 1 is `base_delay` · 2ⁿ⁻¹ seconds, at most `max_delay`, less a random part of up
    to `jitter` of it. A provider that says how long to wait (Retry-After) is believed;
    if that is longer than `max_retry_after` seconds, the call is not made again, since
    a shorter wait would be refused and a longer one is the caller's to decide.

    A provider that stayed silent until a clock ran out is not asked twice: it may be
    working on the answer still, and would be paid twice for it.

    Example:
        >>> RetryPolicy(jitter=0).delay(1, Throttled("slow down"))
        0.5

    """

    attempts: int = 3
    base_delay: float = 0.5
    max_delay: float = LONGEST_DELAY
    jitter: float = JITTER
    max_retry_after: float = 30.0

    def delay(self, attempt: int, error: Error, *, chance: Callable[[], float] = random.random) -> float | None:
        """Give the seconds to wait after try number `attempt` failed, or None to give up.

        Args:
            attempt: the number of the try that failed, from 1.
            error: what it failed with.
            chance: gives a number from 0 to 1, for the jitter.

        """
        if attempt >= self.attempts or not error.retryable:
            return None
        if isinstance(error, TimedOut) and error.clock != "connect":
            return None
        if error.retry_after is not None:
            return max(error.retry_after, 0.0) if error.retry_after <= self.max_retry_after else None
        return backoff(attempt, base=self.base_delay, longest=self.max_delay, jitter=self.jitter, chance=chance)


async def retrying(
    call: Callable[[], Awaitable[_Answer]],
    *,
    policy: RetryPolicy,
    sleep: Sleep = asyncio.sleep,
    chance: Callable[[], float] = random.random,
) -> _Answer:
    """Make a call, again if the policy says so; the last error is raised as it came.

    Cancelling it cancels the call or the wait that is going on.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except Error as error:
            wait = policy.delay(attempt, error, chance=chance)
            if wait is None:
                raise
        await sleep(wait)
        attempt += 1
