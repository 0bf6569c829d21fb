"""One request on its way through a route: whom it asks next, how long it waits, and when it gives up."""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, Protocol, Self

import msgspec

from interlingua.errors import Error, NoTarget
from interlingua.routing.candidate import Candidate
from interlingua.routing.chance import Chance
from interlingua.routing.facts import RequestFacts
from interlingua.routing.hedge import Hedge
from interlingua.routing.retry import Sleep, backoff
from interlingua.routing.retry_budget import RetryBudget
from interlingua.routing.verdict import Verdict, reason_of, verdict_on
from interlingua.types import Adaptation
from interlingua.types.route import RouteStep
from interlingua.types.timeouts import Timeouts

_READ_EACH_SECOND: Final = 5000
"""Tokens of a prompt that a provider reads in a second at least, before it can say anything."""
_PROBED: Final = 0.05
"""Seconds to wait at least for a target that another request looks after just now."""


class Policy(Protocol):
    """As much of a route's settings as a journey needs."""

    @property
    def retries(self) -> int:
        """How often one target may be asked again."""
        ...

    @property
    def retry_delay(self) -> float:
        """Seconds before the first repeat."""
        ...

    @property
    def stays(self) -> bool:
        """Whether a target that failed in passing is asked again before the next one is."""
        ...

    @property
    def patience(self) -> float:
        """The longest wait for such a repeat, in seconds."""
        ...

    @property
    def max_retry_after(self) -> float:
        """The longest wait that a provider may ask for, in seconds."""
        ...


class Journey:
    """Gives one chance after the other until one succeeds or nothing is left.

    The targets are asked in their order. One that failed in passing is asked again, out of
    the common `budget`: soon, where the order is a preference and the wait is short, or else
    after all others. What was tried and left out stands in `trace`.

    Args:
        route: its name, for errors.
        candidates: who may be asked, in their order.
        facts: what is known of the request.
        policy: repeats and waits.
        budget: shared by all requests.
        seconds: for all attempts together.
        home: the target that answered the conversation before.
        note: is told who answered which conversation.
        streamed: whether the answer is a stream, of which something should be there soon.
        rescues: whether an attempt that was cut after its first content may be gone on with.
        now, sleep, chance: the clock, how to wait, and a random number from 0 to 1.

    Example:
        >>> async for chance in journey:
        ...     with chance:
        ...         output = await chance.candidate.deployment.provider.generate(chance.fitted(request))

    Raises:
        Error: what the last attempt failed with.
        NoTarget: nobody could be asked.

    """

    __slots__ = (
        "_budget", "_chance", "_error", "_failed", "_left", "_note", "_policy", "_refused", "_rescues", "_seconds",
        "_stay", "_streamed", "_tries", "_until", "_window", "cut", "done", "facts", "home", "now", "route", "sleep",
        "trace",
    )  # fmt: skip

    def __init__(
        self,
        route: str,
        candidates: Sequence[Candidate],
        facts: RequestFacts,
        *,
        policy: Policy,
        budget: RetryBudget,
        seconds: float,
        streamed: bool = False,
        rescues: bool = False,
        home: str | None = None,
        note: Callable[[Hashable, str], None] | None = None,
        now: Callable[[], float],
        sleep: Sleep,
        chance: Callable[[], float],
    ) -> None:
        self.route = route
        self.facts = facts
        self.trace: list[RouteStep] = []
        self.now = now
        self._left = list(candidates)
        self._failed: list[_Waiting] = []
        self._tries: dict[tuple[int, str], int] = {}
        self._stay: _Waiting | None = None
        self._refused: list[Candidate] = []
        self._policy = policy
        self._budget = budget
        self._seconds = seconds
        self._until = now() + seconds
        self.sleep = sleep
        self._chance = chance
        self.done = False
        """Whether nobody else is asked."""
        self._error: Error | None = None
        self._rescues = rescues
        self._streamed = streamed
        self.home = home
        self._note = note
        self.cut = False
        """Whether the caller has got the beginning of an answer that was cut."""
        self._window: int | None = None  # of the model that the prompt was too long for

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chance:
        if self.done:
            raise StopAsyncIteration
        while True:
            candidate, wait = self._next()
            if wait is None:
                break
            if wait > 0:
                await self.sleep(wait)
            if candidate.deployment.closed_for is None:
                break
            self._refused.append(candidate)  # others were quicker, or it failed meanwhile
        clocks = self._clocks_of(candidate)
        if not self.trace and clocks.total is not None and clocks.total <= self._seconds:
            return Chance(self, candidate, clocks)  # it begins with the journey, and ends in time
        left = self._until - self.now()
        if left <= 0:
            raise self._final()
        return Chance(self, candidate, clocks.within(left))

    def beside(self, hedge: Hedge) -> Chance | None:
        """Give an attempt to run beside one that is silent: with the next target, where there is one and it may be.

        What only one provider can read is not asked of another for being slow.
        """
        left = self._until - self.now()
        if left <= 0 or self.facts.state:
            return None
        for candidate in self._left:
            may = self._unfit(candidate) is None and candidate.deployment.closed_for is None
            if may and hedge.affords(candidate, self.facts):
                if not hedge.take():
                    return None
                self._left.remove(candidate)
                return Chance(self, candidate, self._clocks_of(candidate).within(left))
        return None

    def outran(self, chance: Chance, seconds: float) -> None:
        """Note that an attempt was let go, since another one was quicker."""
        self.trace.append(RouteStep(chance.candidate.name, "outrun", "", seconds))

    def answered(self, chance: Chance, seconds: float) -> None:
        """Note that an attempt succeeded."""
        self.done = True
        self.trace.append(RouteStep(chance.candidate.name, "answered", "", seconds))
        self.note(self.facts.conversation, chance)

    def note(self, conversation: Hashable, chance: Chance) -> None:
        """Remember that a conversation is at an attempt's target."""
        if self._note is not None and conversation is not None:
            self._note(conversation, chance.candidate.name)

    def failed(self, chance: Chance, error: Error, seconds: float) -> bool:
        """Note that an attempt failed; tell whether the journey goes on."""
        verdict = verdict_on(error)
        candidate = chance.candidate
        self._remember(candidate, error, verdict)
        self.trace.append(RouteStep(candidate.name, "cut" if chance.committed else "failed", reason_of(error), seconds))
        if not self.cut:  # of a cut answer, the cut itself is what the caller is told
            self._error = error
        if chance.committed:
            self.cut = True
            self.done = not (self._rescues and chance.rescuable)
        elif verdict.elsewhere == "none" and not self.cut:
            self.done = True
        if self.done:
            error.route = tuple(self.trace)
            return False
        if verdict.elsewhere == "larger":
            self._window = max(self._window or 0, candidate.deployment.window or 0)
        if verdict.again and (error.retryable or verdict.fault == "target"):
            self._ask_again(candidate, error, verdict)
        return True

    def moves(self, chance: Chance) -> Adaptation | None:
        """Say that a conversation leaves the target that it was at, where that loses something."""
        if self.home is None or self.home == chance.candidate.name:
            return None
        lost = "its cache and its state stay there" if self.facts.state else "its cache stays there"
        return Adaptation("dropped" if self.facts.state else "moved", "affinity", f"from {self.home}; {lost}")

    def declined(self, chance: Chance, reason: str, seconds: float) -> None:
        """Note that an attempt could not go on with what the caller has got; that is no failure of its target's."""
        self.trace.append(RouteStep(chance.candidate.name, "failed", reason, seconds))

    def trace_with(self, chance: Chance) -> tuple[RouteStep, ...]:
        """Give the trace as it stands when an attempt has begun to answer."""
        return (*self.trace, RouteStep(chance.candidate.name, "answered", "", chance.waited))

    def _next(self) -> tuple[Candidate, float | None]:
        """Choose whom to ask, and after what wait, None for one that may be asked now; raise if that is nobody."""
        stay, self._stay = self._stay, None
        if stay is not None and self._budget.take():
            self._failed.remove(stay)
            return stay.candidate, max(stay.at - self.now(), 0.0)
        while self._left:
            candidate = self._left.pop(0)
            reason = self._unfit(candidate)
            if reason is None:
                reason = candidate.deployment.closed_for
                if reason is None:
                    return candidate, None
                self._refused.append(candidate)
            self.trace.append(RouteStep(candidate.name, "skipped", reason))
        return self._again()

    def _clocks_of(self, candidate: Candidate) -> Timeouts:
        """Give the clocks of an attempt: a stream waits less long for its first content while another may answer."""
        own = candidate.timeouts
        if not self._streamed or candidate.hurry is None:
            return own
        for other in self._left:
            if candidate.is_replaced_by(other) and self._unfit(other) is None:
                seconds = candidate.hurry + self.facts.tokens / _READ_EACH_SECOND
                return msgspec.structs.replace(own, first_token=min(own.first_token or seconds, seconds))
        return own

    def _unfit(self, candidate: Candidate) -> str | None:
        for condition in candidate.conditions:
            reason = condition.unmet(self.facts)
            if reason is not None:
                return reason
        if self._window is not None:
            window = candidate.deployment.window
            if window is not None and window <= self._window:
                return "no larger window"
        return None

    def _again(self) -> tuple[Candidate, float]:
        """Choose whom to wait for: who failed in passing, or rests for a short while."""
        now = self.now()
        waiting = [
            (max(each.at, each.candidate.deployment.opens_at) - now, each)
            for each in self._failed
            if self._unfit(each.candidate) is None
        ]
        waiting += [(max(each.deployment.opens_at - now, _PROBED), _Waiting(each)) for each in self._refused]
        fitting = [each for each in waiting if each[0] <= self._policy.max_retry_after and now + each[0] < self._until]
        if not fitting:
            raise self._final()
        wait, chosen = min(fitting, key=lambda each: each[0])
        if chosen in self._failed:
            if not self._budget.take():
                raise self._final()
            self._failed.remove(chosen)
        else:
            self._refused.remove(chosen.candidate)
        return chosen.candidate, max(wait, 0.0)

    def _ask_again(self, candidate: Candidate, error: Error, verdict: Verdict) -> None:
        """Note that a target may be asked once more, and when: next, where the order of the targets is a preference."""
        who = (candidate.place, candidate.name)
        tries = self._tries[who] = self._tries.get(who, 0) + 1
        if tries > self._policy.retries:
            return
        delay = backoff(tries, base=self._policy.retry_delay, chance=self._chance)
        wait = max(delay, verdict.rest) if error.retry_after is None else max(error.retry_after, 0.0)
        waiting = _Waiting(candidate, self.now() + wait)
        self._failed.append(waiting)
        if self._policy.stays and wait <= self._policy.patience:
            self._stay = waiting

    def _remember(self, candidate: Candidate, error: Error, verdict: Verdict) -> None:
        deployment = candidate.deployment
        if verdict.fault == "target":
            deployment.breaker.failed()
        else:
            deployment.breaker.left()
        seconds = verdict.rest if error.retry_after is None else max(error.retry_after, 0.0)
        if seconds > 0:
            rest = deployment.key if verdict.fault == "key" else deployment.rest
            rest.take(seconds, reason_of(error))

    def _final(self) -> Error:
        self.done = True
        if self._error is not None:
            self._error.route = tuple(self.trace)
            return self._error
        waits = [each.deployment.opens_at - self.now() for each in self._refused]
        told = "; ".join(f"{step.target}: {step.reason}" for step in self.trace) or "it has no targets"
        error = NoTarget(f"no target of {self.route!r} can be asked: {told}.", model=self.route)
        error.route = tuple(self.trace)
        error.retryable = bool(waits)
        error.retry_after = max(min(waits), 0.0) if waits else None
        return error


class _Waiting:
    """A target that may be asked from a moment on."""

    __slots__ = ("at", "candidate")

    def __init__(self, candidate: Candidate, at: float = 0.0) -> None:
        self.candidate = candidate
        self.at = at
