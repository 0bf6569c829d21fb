"""What happened to a request on its way through a route."""

from typing import Literal, TypeAlias

import msgspec

Outcome: TypeAlias = Literal["answered", "joined", "failed", "cut", "outrun", "skipped"]


class RouteStep(msgspec.Struct, frozen=True):
    """One target of a route, and what came of it.

    `target` is `provider/model`. `outcome` says whether it answered, answered an equal request
    that this one `joined` (what that used is counted there), failed before anything
    of its answer was given, was cut after that, was let go since another one that had been
    asked as well was quicker (`outrun`), or was not asked at all; `reason` why.
    `seconds` is how long it was waited for.

    Example:
        >>> str(RouteStep("openai/gpt-6-luna", "failed", "throttled", 0.21))
        'openai/gpt-6-luna failed (throttled) 0.210s'

    """

    target: str
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        seconds = f" {self.seconds:.3f}s" if self.outcome != "skipped" else ""
        return f"{self.target} {self.outcome}{reason}{seconds}"
