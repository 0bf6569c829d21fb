"""The sixteen scenarios and what each asks of an answer, after what Failover Bench publishes (methodology 0.1)."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import msgspec

from tests.faults.bench_wall import REFUSED_BEGINNING, TEXT, Sight, Timing

Grade: TypeAlias = Literal["pass", "partial", "safe", "fail"]
Outcome: TypeAlias = Literal["answered", "error", "hang"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How long everything takes.

    Args:
        name: `full` are the published waits; `fast` ones are for every day, and are not to be quoted.
        timing: the wall's waits.
        pace: what limits in seconds, and the clocks of routes, are multiplied with, where the scenario waits.
        hurry: how many seconds an answer may take whose provider is late with it; more than it would, less than it is.
        flap_pace: the same for the scenario whose provider is down for a while.
        requests: how many of these the caller sends then, and `every` so many seconds.
        every: seconds between two of them.

    """

    name: str
    timing: Timing
    pace: float
    hurry: float
    flap_pace: float
    requests: int
    every: float


FULL: Final = Profile(name="full", timing=Timing(), pace=1.0, hurry=15.0, flap_pace=1.0, requests=20, every=4.0)
FAST: Final = Profile(
    name="fast",
    timing=Timing(slow_first_token=5.0, stall=7.5, no_response=30.0, down=6.0, between_words=0.003),
    pace=0.25,
    hurry=4.5,
    flap_pace=0.1,
    requests=20,
    every=0.4,
)
PROFILES: Final = {profile.name: profile for profile in (FULL, FAST)}


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller got for one request; `at` is when it was sent, in seconds since the scenario began."""

    outcome: Outcome
    text: str = ""
    model: str = ""
    usage: bool = False
    error: str = ""
    at: float = 0.0
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether it is the whole text and nothing else."""
        return self.outcome == "answered" and " ".join(self.text.split()) == TEXT


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that a verdict is made of.

    `primary` are the attempts on the model with the fault, `fallback` those on the other one; `has_fallback` is False
    for a caller that has no other; `alive` says whether a healthy model was answered afterwards.
    """

    heard: Sequence[Heard]
    primary: Sequence[Sight]
    fallback: Sequence[Sight] = ()
    has_fallback: bool = True
    alive: bool = True
    profile: Profile = FULL

    @property
    def seconds(self) -> float:
        """How long the longest answer took."""
        return max(each.seconds for each in self.heard)

    @property
    def last(self) -> Heard:
        """The last answer."""
        return self.heard[-1]

    def within(self, seconds: float) -> int:
        """Count the attempts on the primary in the first seconds."""
        return sum(each.at <= seconds for each in self.primary)

    @property
    def outcome(self) -> Outcome:
        """The worst that the caller got."""
        found = {each.outcome for each in self.heard}
        return "hang" if "hang" in found else "error" if "error" in found else "answered"

    @property
    def complete(self) -> bool:
        """Whether all answers are whole."""
        return all(each.complete for each in self.heard)

    @property
    def back_after(self) -> float | None:
        """Seconds until a primary that was down for a while answered again."""
        down = self.profile.timing.down
        return next((each.at - down for each in self.primary if each.at >= down and each.action == "answered"), None)


class Check(msgspec.Struct, frozen=True):
    """A question about the evidence; None says that it does not apply."""

    asks: str
    holds: Callable[[Evidence], bool | None]
    required: bool = True


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario; `longest` is how many seconds a caller waits at most."""

    id: str
    fault: str
    does: str
    longest: float
    checks: tuple[Check, ...] = ()
    fallback: str = "fb-ok"
    wants: Outcome = "answered"

    @property
    def primary(self) -> str:
        """The name of the model with the fault."""
        return f"fb-{self.id}-{self.fault}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a scenario ended; `missed` are the checks that do not hold."""

    scenario: str
    does: str
    grade: Grade
    seconds: float
    attempts: int
    saw: str
    missed: tuple[str, ...] = ()


def graded(scenario: Scenario, evidence: Evidence) -> Verdict:
    """Judge a scenario, in the order of the published rules."""
    missed = [check for check in scenario.checks if check.holds(evidence) is False]
    return Verdict(
        scenario=scenario.id.upper(),
        does=scenario.does,
        grade=_grade(scenario, evidence, missed),
        seconds=evidence.seconds,
        attempts=len(evidence.primary),
        saw=_seen(evidence),
        missed=tuple(check.asks for check in missed),
    )


def _grade(scenario: Scenario, evidence: Evidence, missed: Sequence[Check]) -> Grade:
    outcome, advised = evidence.outcome, any(not check.required for check in missed)
    truncated = any(each.outcome == "answered" and not each.complete for each in evidence.heard)
    if outcome == "hang" or (truncated and scenario.wants == "answered"):
        return "fail"
    if any(check.required for check in missed):
        return "fail"
    if outcome != scenario.wants:
        return "safe" if outcome == "error" else "partial"
    return "partial" if advised else "pass"


def _seen(evidence: Evidence) -> str:
    if len(evidence.heard) > 1:
        answered = sum(each.complete for each in evidence.heard)
        back = evidence.back_after
        end = "never back" if back is None else f"back after {back:.1f} s"
        return f"{answered} of {len(evidence.heard)} answered, {end}"
    last = evidence.last
    if last.outcome != "answered":
        return f"error: {last.error}" if last.outcome == "error" else "nothing ends it"
    text = "the whole answer" if last.complete else f"{len(last.text.split())} words as if they were all"
    return f"{text}, of {last.model or 'no model'}" + ("" if last.usage else ", without usage")


def _answered_while_down(evidence: Evidence) -> bool | None:
    sent = [each for each in evidence.heard if each.at < evidence.profile.timing.down]
    return all(each.complete for each in sent) and bool(sent) if evidence.has_fallback else None


def _back(evidence: Evidence) -> bool | None:
    back = evidence.back_after
    return (back is not None and back <= 30.0 * evidence.profile.flap_pace) if evidence.has_fallback else None


def _smaller_each_time(evidence: Evidence) -> bool:
    sizes = [each.prompt_tokens for each in evidence.primary]
    return all(later < earlier for earlier, later in pairwise(sizes))


def _no_hidden_refusal(evidence: Evidence) -> bool:
    return evidence.outcome != "error" or all(each.action != REFUSED_BEGINNING for each in evidence.fallback)


def _ends_within(seconds: float) -> Check:
    return Check(f"ends within {seconds:g} s", lambda evidence: evidence.seconds <= seconds * evidence.profile.pace)


def _at_most(attempts: int, *, required: bool = True) -> Check:
    return Check(
        f"asks the primary {attempts} times at most", lambda evidence: len(evidence.primary) <= attempts, required
    )


_TWICE: Final = Check("asks the primary again", lambda evidence: len(evidence.primary) >= 2, required=False)
_USAGE: Final = Check("tells the usage", lambda evidence: evidence.last.usage, required=False)
_ALIVE: Final = Check("answers a healthy model afterwards", lambda evidence: evidence.alive)


SCENARIOS: Final = (
    Scenario(
        id="s01",
        fault="429-retry-after",
        does="429 once, Retry-After: 2",
        longest=20,
        checks=(
            _TWICE,
            Check(
                "waits as long as it is asked to",
                lambda evidence: (
                    len(evidence.primary) >= 2
                    and evidence.primary[1].at - evidence.primary[0].at >= evidence.profile.timing.retry_after - 0.2
                ),
                required=False,
            ),
            Check("does not hammer", lambda evidence: evidence.within(1.5) <= 2),
        ),
    ),
    Scenario(
        id="s02",
        fault="429-persistent",
        does="429 always",
        longest=40,
        checks=(Check("does not hammer", lambda evidence: evidence.within(3.0) <= 4), _at_most(6)),
    ),
    Scenario(id="s03", fault="500-then-200", does="500 once", longest=20, checks=(_TWICE,)),
    Scenario(id="s04", fault="503-persistent", does="503 always", longest=40, checks=(_at_most(6),)),
    Scenario(id="s05", fault="reset", does="connection reset before the answer, once", longest=20),
    Scenario(
        id="s06",
        fault="no-response",
        does="no byte for 120 s",
        longest=130,
        checks=(_ends_within(100), _at_most(1, required=False)),
    ),
    Scenario(
        id="s07",
        fault="slow-ttft",
        does="headers, then nothing for 20 s",
        longest=60,
        checks=(
            Check(
                "answers within 15 s",
                lambda evidence: evidence.seconds <= evidence.profile.hurry if evidence.has_fallback else None,
                required=False,
            ),
        ),
    ),
    Scenario(id="s08", fault="stream-cut", does="cut after 40 of 60 words", longest=40),
    Scenario(
        id="s09",
        fault="stream-stall",
        does="silence of 30 s after 20 words, then cut",
        longest=70,
        checks=(_ends_within(45), _ALIVE),
    ),
    Scenario(
        id="s10", fault="malformed-chunk", does="an event that is no JSON, after 10 words", longest=30, checks=(_ALIVE,)
    ),
    Scenario(
        id="s11",
        fault="no-done",
        does="no [DONE] at the end",
        longest=30,
        checks=(Check("ends within 8 s", lambda evidence: evidence.seconds <= 8), _USAGE),
    ),
    Scenario(
        id="s12",
        fault="context-length",
        does="the prompt is too long",
        longest=20,
        checks=(Check("does not send the same again", _smaller_each_time), _at_most(2)),
    ),
    Scenario(
        id="s13",
        fault="content-filter",
        does="the prompt is against a policy",
        longest=20,
        wants="error",
        checks=(Check("asks the primary once", lambda evidence: len(evidence.primary) == 1),),
    ),
    Scenario(
        id="s14",
        fault="stream-cut",
        does="cut, and a fallback that goes on from no beginning",
        longest=40,
        fallback="fb-ok-noprefill",
        checks=(Check("hides no refused beginning", _no_hidden_refusal),),
    ),
    Scenario(
        id="s15",
        fault="flap",
        does="503 for 60 s, then healthy; 20 requests in 76 s",
        longest=30,
        checks=(
            Check("answers whatever is sent while it is down", _answered_while_down),
            Check("is back on the primary within 30 s", _back),
        ),
    ),
    Scenario(
        id="s16",
        fault="503-persistent",
        does="503 always: is the answer its author's?",
        longest=40,
        checks=(
            Check(
                "names the model that answered",
                lambda evidence: evidence.last.model.rpartition("/")[2] == "fb-ok" if evidence.has_fallback else None,
            ),
            Check(_USAGE.asks, lambda evidence: evidence.last.usage if evidence.has_fallback else None, required=False),
            _at_most(6),
        ),
    ),
)
