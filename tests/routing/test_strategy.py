from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random

import pytest

from interlingua.routing.candidate import Candidate
from interlingua.routing.condition import Condition
from interlingua.routing.facts import RequestFacts, facts_of
from interlingua.routing.strategy import STRATEGIES
from interlingua.types import ImagePart, ModelMessage, ModelRequest, TextPart, Timeouts, Tool
from interlingua.types.price import Price, Rates, Tariff
from tests.routing.targets import Clock, Voice, deployment


def candidates(*weights: float) -> list[Candidate]:
    clock = Clock()
    return [
        Candidate(deployment=deployment(Voice(name), clock), place=place, timeouts=Timeouts(), weight=weight)
        for place, (name, weight) in enumerate(zip("abcdef", weights, strict=False))
    ]


def ordered(
    strategy: str,
    given: Sequence[Candidate],
    *,
    facts: RequestFacts | None = None,
    chances: Iterator[float] | None = None,
) -> str:
    drawn = chances or cycle([0.5])
    found = STRATEGIES[strategy](given, facts or RequestFacts(), lambda: next(drawn))
    return "".join(each.name[0] for each in found)


def test_in_order_they_are_asked_as_listed() -> None:
    assert ordered("order", candidates(1, 1, 1)) == "abc"


def test_by_weight_each_comes_first_as_often_as_its_weight_says() -> None:
    dice = Random(7)  # noqa: S311 - a fixed seed
    chances = iter(dice.random, None)
    firsts = [ordered("weight", candidates(3, 1), chances=chances)[0] for _ in range(4000)]
    assert 0.70 < firsts.count("a") / len(firsts) < 0.80


def test_the_least_busy_for_its_weight_is_asked_first() -> None:
    a, b, c = given = candidates(1, 1, 4)
    a.deployment.busy, b.deployment.busy, c.deployment.busy = 2, 1, 5
    assert ordered("least_busy", given) == "cba"


def test_by_latency_the_quicker_of_two_that_are_drawn_is_asked_first_and_its_load_counts() -> None:
    a, b, c = given = candidates(1, 1, 1)
    for each, seconds in ((a, 0.9), (b, 0.1), (c, 0.5)):
        each.deployment.latency.note(seconds)
    # each of three draws a number to break a tie, then two are drawn: the second and the third of the quickest
    assert ordered("latency", given, chances=iter([0.5, 0.5, 0.5, 0.4, 0.9])) == "cba"
    assert ordered("latency", given[:2]) == "ba"
    b.deployment.busy = 9
    assert ordered("latency", given[:2]) == "ab"


def test_by_cost_the_cheapest_for_the_request_is_asked_first_and_the_unknown_last() -> None:
    unknown, dear, talkative = given = candidates(1, 1, 1)
    dear.deployment.price = Price(tariffs=(Tariff(rates=Rates(input=3_000_000, output=3_000_000)),))
    talkative.deployment.price = Price(tariffs=(Tariff(rates=Rates(input=1_000_000, output=9_000_000)),))
    assert unknown.deployment.price is None
    assert ordered("cost", given, facts=RequestFacts(tokens=10_000, max_new_tokens=10)) == "cba"
    assert ordered("cost", given, facts=RequestFacts(tokens=10, max_new_tokens=500)) == "bca"


@pytest.mark.parametrize(
    ("condition", "unmet"),
    [
        (Condition(min_tokens=1100), "for prompts from 1100 tokens on"),
        (Condition(max_tokens=5), "for prompts up to 5 tokens"),
        (Condition(modality="audio"), "for requests with audio"),
        (Condition(tools=False), "for requests without tools"),
        (Condition(metadata={"tier": "gold"}), "for requests whose metadata has tier=gold"),
        (Condition(min_tokens=10, max_tokens=2000, modality="image", tools=True, metadata={"tier": "free"}), None),
    ],
)
def test_a_target_is_there_for_the_requests_that_it_names(condition: Condition, unmet: str | None) -> None:
    parts = [TextPart("What is this? " * 10), ImagePart(url="data:image/png;base64,aGk=")]
    request = ModelRequest("smart", [ModelMessage("user", [*parts])], tools=[Tool(name="look")])
    request.metadata = {"tier": "free"}

    assert condition.unmet(facts_of(request)) == unmet
