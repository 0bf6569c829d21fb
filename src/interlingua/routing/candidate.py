"""A deployment as one route sees it."""

from typing import Final

import msgspec

from interlingua.routing.condition import Condition
from interlingua.routing.deployment import Deployment
from interlingua.routing.facts import RequestFacts
from interlingua.types import Usage
from interlingua.types.timeouts import Timeouts

_ANSWER_TOKENS: Final = 500
"""How long an answer is taken to be, unless the request bounds it to less."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Who a route may ask, where it stands in the route, and what it is there for."""

    deployment: Deployment
    place: int
    timeouts: Timeouts
    """The clocks of an attempt: the route's, and the provider's where the route says nothing."""
    hurry: float | None = None
    """Seconds that a stream waits for its first content while another target is left; None is no other clock."""
    weight: float = 1.0
    conditions: tuple[Condition, ...] = ()
    several_keys: bool = False
    """Whether others have the same place with another key."""

    def is_replaced_by(self, other: "Candidate") -> bool:
        """Tell whether another one may speak while this one is silent, who is not the same model with another key."""
        mine, theirs = self.deployment, other.deployment
        return theirs.closed_for is None and (theirs.model, theirs.provider.name) != (mine.model, mine.provider.name)

    def cost(self, facts: RequestFacts) -> int | None:
        """Guess what an answer costs here, in micro-dollars; None where the price is not known."""
        price = self.deployment.price
        if price is None:
            return None
        answer = _ANSWER_TOKENS if facts.max_new_tokens is None else min(facts.max_new_tokens, _ANSWER_TOKENS)
        return price.cost(Usage(input_tokens=facts.tokens, output_tokens=answer))

    @property
    def name(self) -> str:
        """What traces call it."""
        return self.deployment.name

    @property
    def model(self) -> str:
        """The provider's own name of the model."""
        return self.deployment.model
