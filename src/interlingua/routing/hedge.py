"""When a second target is asked while the first one is silent, and how often that may be."""

from interlingua.routing.candidate import Candidate
from interlingua.routing.facts import RequestFacts
from interlingua.routing.retry_budget import RetryBudget


class Hedge:
    """What a route may do against slow answers, and what it may cost.

    A second target is asked for a share of the requests, and once more at the start; what
    slow times may use of it is saved up in quick ones, up to ten (Dean and Barroso, "The
    Tail at Scale", 2013: a wait as long as 95 of 100 requests take adds a twentieth of load).

    Args:
        after: seconds without a first content.
        share: of the requests.
        max_cost: the most that the second answer may cost, by a guess, in micro-dollars; None is no bound.

    Example:
        >>> hedge = Hedge(after=2.0, share=0.05)
        >>> hedge.take(), hedge.take()
        (True, False)

    """

    __slots__ = ("_budget", "_max_cost", "after")

    def __init__(self, *, after: float, share: float, max_cost: int | None = None) -> None:
        self.after = after
        self._budget = RetryBudget(share=share, free=1.0 if share else 0.0)
        self._max_cost = max_cost

    def pay(self) -> None:
        """Note a request."""
        self._budget.pay()

    def take(self) -> bool:
        """Ask one target more, if that may be."""
        return self._budget.take()

    def affords(self, candidate: Candidate, facts: RequestFacts) -> bool:
        """Tell whether a target is cheap enough; one whose price is not known is not, where there is a bound."""
        if self._max_cost is None:
            return True
        cost = candidate.cost(facts)
        return cost is not None and cost <= self._max_cost
