"""One model at one provider with one key: the smallest thing that can be asked, and what is remembered of it."""

from collections.abc import Callable
from time import monotonic

from interlingua.providers.contract import Provider
from interlingua.routing.breaker import Breaker
from interlingua.routing.latency import PeakLatency
from interlingua.routing.rest import Rest
from interlingua.types import ModelRequest
from interlingua.types.price import Price
from interlingua.types.timeouts import Timeouts


class Deployment:
    """Who can be asked, and how it has been doing.

    Several routes that name one model share its deployment, and all deployments of one key
    share its `key`. Not for several threads at once.

    Args:
        name: what traces and logs call it, as `provider/model`.
        provider: who answers; it makes one attempt a call.
        model: the provider's own name of the model.
        key: the state of the provider's key.
        defaults: what an alias sets beside the model.
        timeouts: the provider's own clocks.
        window: the model's window in tokens, where it is known.
        price: what the model costs, where it is known.
        prefills: whether the model goes on with a beginning of an answer that the request ends in.
        thinks: whether the model is known to think before it answers, which may be long and may not be told.
        breaker: keeps requests away while it fails.

    """

    __slots__ = (
        "breaker", "busy", "defaults", "key", "latency", "model", "name", "prefills", "price", "provider", "rest",
        "thinks", "timeouts", "window",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        provider: Provider,
        model: str,
        *,
        key: Rest | None = None,
        defaults: ModelRequest | None = None,
        timeouts: Timeouts | None = None,
        window: int | None = None,
        price: Price | None = None,
        prefills: bool = False,
        thinks: bool = False,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = name
        self.provider = provider
        self.model = model
        self.key = key or Rest(clock=clock)
        self.defaults = defaults
        self.timeouts = timeouts or Timeouts()
        self.window = window
        self.price = price
        self.prefills = prefills
        self.thinks = thinks
        self.breaker = breaker or Breaker(clock=clock)
        self.rest = Rest(clock=clock)
        self.latency = PeakLatency(clock=clock)
        self.busy = 0
        """Calls that run now."""

    def __repr__(self) -> str:
        return f"Deployment({self.name!r}, {self.breaker.state})"

    @property
    def closed_for(self) -> str | None:
        """Why it may not be asked now; None if it may."""
        if self.key.until and (reason := self.key.reason) is not None:
            return reason
        if self.rest.until and (reason := self.rest.reason) is not None:
            return reason
        return None if self.breaker.allows else f"breaker {self.breaker.state}"

    @property
    def opens_at(self) -> float:
        """When it may be asked again, by its clock; 0 is now."""
        return max(self.key.until, self.rest.until, self.breaker.until or 0.0)
