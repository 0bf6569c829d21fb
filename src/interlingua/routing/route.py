"""A name with targets, and what its requests have in common."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

from interlingua.routing.affinity import Affinity
from interlingua.routing.candidate import Candidate
from interlingua.routing.coalescing import Coalescing
from interlingua.routing.facts import RequestFacts
from interlingua.routing.hedge import Hedge
from interlingua.routing.journey import Journey
from interlingua.routing.retry import Sleep
from interlingua.routing.retry_budget import RetryBudget
from interlingua.routing.settings import RouteSettings
from interlingua.routing.strategy import STRATEGIES, Strategy


class Route:
    """Chooses between targets, request by request.

    Args:
        name: what requests call it.
        candidates: who may be asked, as listed.
        settings: how.
        seconds: for one request, where the settings and the request itself do not say it.
        budget: of repeats; shared by the routes of a process.
        now, sleep, chance: the clock, how to wait, and a random number from 0 to 1.

    """

    __slots__ = (
        "_affinity",
        "_budget",
        "_chance",
        "_now",
        "_seconds",
        "_sleep",
        "_strategy",
        "candidates",
        "coalescing",
        "hedge",
        "measures",
        "name",
        "settings",
    )

    def __init__(
        self,
        name: str,
        candidates: Sequence[Candidate],
        settings: RouteSettings,
        *,
        seconds: float = 600.0,
        budget: RetryBudget | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        self.settings = settings
        self._seconds = seconds if settings.timeout is None else settings.timeout
        self._strategy: Strategy = STRATEGIES[settings.strategy]
        self._affinity = Affinity(clock=now) if settings.affinity and len(self.candidates) > 1 else None
        self._budget = budget or RetryBudget()
        self.measures = settings.strategy == "cost" or any(each.conditions for each in self.candidates)
        """Whether it has to know a request's length, parts or tools to choose."""
        self.hedge = _hedge(settings)
        """When a second target is asked beside the first; None: never."""
        self.coalescing = Coalescing() if settings.coalesce else None
        """The requests that are under way; None: each is asked by itself."""
        self._now = now
        self._sleep = sleep
        self._chance = chance

    @property
    def remembers(self) -> bool:
        """Whether conversations go on where they were."""
        return self._affinity is not None

    def speaks_neutrally(self, *, streamed: bool) -> bool:
        """Tell whether answers are compared, shared or gone on with, so that they have to be in the neutral language.

        All others may be asked for in a caller's own bytes, target by target.
        """
        shared = self.coalescing is not None
        return shared or self.hedge is not None or (streamed and self.settings.rescue != "off")

    def __repr__(self) -> str:
        return f"Route({self.name!r}, {', '.join(each.name for each in self.candidates)})"

    def journey(
        self, facts: RequestFacts, *, timeout: float | None = None, streamed: bool = False, rescues: bool = False
    ) -> Journey:
        """Begin one request; `timeout` is its own longest time, in seconds; `streamed`, `rescues`: see `Journey`."""
        self._budget.pay()
        if self.hedge is not None:
            self.hedge.pay()
        candidates = self._strategy(self.candidates, facts, self._chance)
        home = self._affinity.find(facts.conversation) if self._affinity is not None and facts.goes_on else None
        if home is not None:
            candidates.sort(key=lambda each: each.name != home)
            del candidates[1 if facts.bound else len(candidates) :]
        return Journey(
            self.name,
            candidates,
            facts,
            home=home,
            note=self._affinity.note if self._affinity is not None else None,
            policy=self.settings,
            budget=self._budget,
            seconds=self._seconds if timeout is None else min(timeout, self._seconds),
            streamed=streamed,
            rescues=rescues,
            now=self._now,
            sleep=self._sleep,
            chance=self._chance,
        )


def _hedge(settings: RouteSettings) -> Hedge | None:
    if settings.hedge_after is None:
        return None
    return Hedge(after=settings.hedge_after, share=settings.hedge_share, max_cost=settings.hedge_max_cost)
