"""What can be set for a route, each setting declared once."""

from typing import Any, Final

import msgspec

from interlingua.errors import InvalidConfig
from interlingua.routing.condition import Condition
from interlingua.routing.strategy import STRATEGIES
from interlingua.types.setting import declared, setting
from interlingua.types.timeouts import Timeouts

HURRY: Final = 12.0
"""Seconds that a stream waits for its first content while another target is left; a long prompt has longer."""


class RouteTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of a route's targets: a model as `provider/model`, a name of your own, or another route.

    `weight` is its share where targets are drawn or compared; `when` says for which requests
    it is there.
    """

    model: str
    weight: float = 1.0
    when: Condition | None = None


@declared
class RouteSettings:
    """A table `[routes.NAME]` of a config file.

    Example:
        >>> RouteSettings(targets=["anthropic/claude-sonnet-5-5", {"model": "openai/gpt-6.2-sol"}]).targets[1].model
        'openai/gpt-6.2-sol'

    Raises:
        InvalidConfig: there is no target, or a value does not fit.

    """

    targets: list[Any] = setting(
        "Who may answer: models as `provider/model`, or tables with `model`, `weight` and `when`.", default=[]
    )
    strategy: str = setting(
        "In which order they are asked: as listed, drawn by weight, or the least busy, quickest or cheapest first.",
        default="order",
        choices=tuple(STRATEGIES),
    )
    timeout: float | None = setting(
        "Longest time for a request, all attempts together; else the client's.", default=None, minimum=0, unit="seconds"
    )
    attempt_timeout: float | None = setting(
        "Longest time for one attempt; else the provider's.", default=None, minimum=0, unit="seconds"
    )
    connect_timeout: float | None = setting(
        "Longest time for an attempt to connect; else the provider's.", default=None, minimum=0, unit="seconds"
    )
    first_token_timeout: float | None = setting(
        "Longest time until an attempt's first content; else the provider's, and no more than 12 seconds for a stream"
        " that another target is left for, unless the model is known to think first.",
        default=None,
        minimum=0,
        unit="seconds",
    )
    idle_timeout: float | None = setting(
        "Longest time between two pieces of content; else the provider's.", default=None, minimum=0, unit="seconds"
    )
    retries: int = setting(
        "How often a target that failed in passing may be asked again: before the next one where they are asked as"
        " listed, after all others where not.",
        default=1,
        minimum=0,
        maximum=10,
    )
    retry_delay: float = setting(
        "Wait before the first repeat; each further one waits twice as long.", default=0.25, minimum=0, unit="seconds"
    )
    patience: float = setting(
        "Longest wait for a repeat while others could be asked instead.", default=3.0, minimum=0, unit="seconds"
    )
    max_retry_after: float = setting(
        "Longest wait that a provider may ask for; a longer one counts as a refusal.",
        default=30.0,
        minimum=0,
        unit="seconds",
    )
    breaker_failures: int = setting(
        "Failures in a row after which a target is left alone.", default=5, minimum=1, maximum=1000
    )
    breaker_cooldown: float = setting(
        "Time after which a request may look whether it is back.", default=5.0, minimum=0.01, unit="seconds"
    )
    affinity: bool = setting(
        "Whether a conversation goes on at the target, and with the key, that answered it before.", default=True
    )
    rescue: str = setting(
        "What becomes of a stream that is cut: an error in it (off), another target that says the same again and goes"
        " on (restart), one that goes on from there (continue), or nothing is sent before the answer is whole (hold).",
        default="off",
        choices=("off", "restart", "continue", "hold"),
    )

    hedge_after: float | None = setting(
        "Time without a first content after which the next target is asked as well, and the quicker one answers;"
        " else one is asked at a time.",
        default=None,
        minimum=0,
        unit="seconds",
    )
    hedge_share: float = setting(
        "The share of requests for which that may be done.", default=0.05, minimum=0, maximum=1
    )
    hedge_max_cost: int | None = setting(
        "The most that the second answer may cost, by a guess; a target whose price is not known is then not asked.",
        default=None,
        minimum=0,
        unit="micro-dollars",
    )

    coalesce: bool = setting(
        "Whether a request joins an equal one of the same caller that is under way, and gets the same answer.",
        default=False,
    )

    def __post_init__(self) -> None:
        """Read the targets."""
        if not self.targets:
            raise InvalidConfig('targets: a route needs one, such as targets = ["openai/gpt-6-luna"].', param="targets")
        self.targets = [_read_target(each, position) for position, each in enumerate(self.targets, 1)]

    @property
    def stays(self) -> bool:
        """Whether the order of the targets is a preference, so that the first one is worth a second try."""
        return self.strategy == "order"

    def hurry(self, *, thinks: bool) -> float | None:
        """Give how long a stream waits for its first content while another target is left; None is no clock of its own.

        A model that thinks first may be silent for minutes, and well.
        """
        return HURRY if self.first_token_timeout is None and not thinks else None

    def clocks(self, own: Timeouts) -> Timeouts:
        """Give the clocks of an attempt: the route's, and the provider's `own` where it says nothing."""
        return Timeouts(
            connect=own.connect if self.connect_timeout is None else self.connect_timeout,
            first_token=own.first_token if self.first_token_timeout is None else self.first_token_timeout,
            idle=own.idle if self.idle_timeout is None else self.idle_timeout,
            total=own.total if self.attempt_timeout is None else self.attempt_timeout,
        )


def _read_target(given: Any, position: int) -> RouteTarget:
    fields = {"model": given} if isinstance(given, str) else given
    try:
        target = msgspec.convert(fields, RouteTarget)
    except msgspec.ValidationError as error:
        raise InvalidConfig(f"targets: number {position} is none: {error}.", param="targets") from None
    if not target.model or not target.weight > 0:
        raise InvalidConfig(f"targets: number {position} needs a model, and a weight above 0.", param="targets")
    return target
