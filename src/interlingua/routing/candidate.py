"""A deployment as one route sees it."""

import msgspec

from interlingua.routing.condition import Condition
from interlingua.routing.deployment import Deployment
from interlingua.types.timeouts import Timeouts


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

    @property
    def name(self) -> str:
        """What traces call it."""
        return self.deployment.name

    @property
    def model(self) -> str:
        """The provider's own name of the model."""
        return self.deployment.model
