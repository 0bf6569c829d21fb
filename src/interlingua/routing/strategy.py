"""In which order the targets of a route are asked."""

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from interlingua.routing.candidate import Candidate
from interlingua.routing.facts import RequestFacts

Strategy: TypeAlias = Callable[[Sequence[Candidate], RequestFacts, Callable[[], float]], list[Candidate]]


def in_order(candidates: Sequence[Candidate], facts: RequestFacts, chance: Callable[[], float]) -> list[Candidate]:
    """Ask them as they are listed; keys of one target take turns, the least busy one first."""
    del facts
    for each in candidates:
        if each.several_keys:
            break
    else:
        return list(candidates)
    return sorted(candidates, key=lambda each: (each.place, each.deployment.busy, chance()))


def by_weight(candidates: Sequence[Candidate], facts: RequestFacts, chance: Callable[[], float]) -> list[Candidate]:
    """Draw them by their weights (Efraimidis and Spirakis 2006: the largest of random ** (1 / weight))."""
    del facts
    return sorted(candidates, key=lambda each: -math.log(max(chance(), 1e-300)) / max(each.weight, 1e-9))


def least_busy(candidates: Sequence[Candidate], facts: RequestFacts, chance: Callable[[], float]) -> list[Candidate]:
    """Ask whoever has the fewest calls running, measured by its weight."""
    del facts
    return sorted(candidates, key=lambda each: ((each.deployment.busy + 1) / max(each.weight, 1e-9), chance()))


def by_latency(candidates: Sequence[Candidate], facts: RequestFacts, chance: Callable[[], float]) -> list[Candidate]:
    """Draw two and ask the quicker one, its running calls counted in; the rest follows, quickest first."""
    del facts
    ranked = sorted(
        candidates, key=lambda each: (each.deployment.latency.seconds * (each.deployment.busy + 1), chance())
    )
    if len(ranked) <= 2:
        return ranked
    first = min(int(chance() * len(ranked)), int(chance() * len(ranked)))
    return [ranked[first], *ranked[:first], *ranked[first + 1 :]]


def by_cost(candidates: Sequence[Candidate], facts: RequestFacts, chance: Callable[[], float]) -> list[Candidate]:
    """Ask the cheapest for this request first; those whose price is not known come last, as they are listed."""
    del chance

    def cost(candidate: Candidate) -> tuple[bool, int, int]:
        cost = candidate.cost(facts)
        return cost is None, cost or 0, candidate.place

    return sorted(candidates, key=cost)


STRATEGIES: Final[dict[str, Strategy]] = {
    "order": in_order,
    "weight": by_weight,
    "least_busy": least_busy,
    "latency": by_latency,
    "cost": by_cost,
}
