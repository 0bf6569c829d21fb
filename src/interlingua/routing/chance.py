"""One attempt of a request: it holds its place at the target, and tells the journey how it went."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from interlingua.errors import Error
from interlingua.routing.candidate import Candidate
from interlingua.routing.rescue import Declined
from interlingua.types import ModelRequest
from interlingua.types.merging import merged_request
from interlingua.types.timeouts import Timeouts

if TYPE_CHECKING:
    from interlingua.routing.journey import Journey


class Chance:
    """One attempt, as a `with` block around it.

    A failure before `commit` is taken in, so that the journey may go on; one after it, and
    one that nobody else could do better, passes on to the caller.
    """

    __slots__ = (
        "_journey", "_running", "_started", "candidate", "committed", "outrun", "rescuable", "timeouts", "waited",
    )  # fmt: skip

    def __init__(self, journey: "Journey", candidate: Candidate, timeouts: Timeouts) -> None:
        self._journey = journey
        self._started = 0.0
        self._running = False
        self.candidate = candidate
        self.timeouts = timeouts
        self.committed = False
        self.rescuable = False
        """Whether another attempt can go on from what this one has told."""
        self.waited = 0.0
        """Seconds until its first content."""
        self.outrun = False
        """Whether another attempt at the same request was quicker."""

    def fitted(self, request: ModelRequest) -> ModelRequest:
        """Give the request as this target is asked it: with its name of the model, its defaults and its clocks."""
        deployment = self.candidate.deployment
        if deployment.defaults is not None:
            request = merged_request(request, deployment.defaults)
        return msgspec.structs.replace(request, model=deployment.model, timeouts=self.timeouts, timeout=None)

    def commit(self) -> None:
        """Note that the first of the answer is there, and goes to the caller now."""
        if not self.committed:
            self.committed = True
            self.waited = self._journey.now() - self._started
            self.candidate.deployment.latency.note(self.waited)

    def let_go(self) -> None:
        """Note that another attempt at the same request was quicker, which is no failure of this one's target."""
        if not self._running:
            return
        self.outrun = True
        seconds, latency = self._journey.now() - self._started, self.candidate.deployment.latency
        if seconds > latency.seconds:  # it takes as long at least
            latency.note(seconds)
        self._journey.outran(self, seconds)

    def __enter__(self) -> Self:
        deployment = self.candidate.deployment
        deployment.breaker.enter()
        deployment.busy += 1
        self._running = True
        self._started = self._journey.now()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        deployment = self.candidate.deployment
        deployment.busy -= 1
        self._running = False
        if self.outrun:
            deployment.breaker.left()
            return isinstance(error, Error)
        seconds = self._journey.now() - self._started
        if error is None:
            self.commit()
            deployment.breaker.succeeded()
            self._journey.answered(self, seconds)
            return False
        if isinstance(error, Declined):
            deployment.breaker.left()
            self._journey.declined(self, str(error), seconds)
            return True
        if not isinstance(error, Error):
            deployment.breaker.left()
            return False
        return self._journey.failed(self, error, seconds)
