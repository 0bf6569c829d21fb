"""A second target beside one that is silent: who answers, what becomes of the other, and how often it may be."""

import asyncio
from typing import Any

import pytest

from interlingua.errors import BadRequest, Error, Overloaded, StreamInterrupted
from interlingua.routing.breaker import Breaker
from interlingua.routing.routed import RoutedProvider
from interlingua.types import (
    Event,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingPart,
    ToolCallDelta,
)
from interlingua.types.price import Price, Rates, Tariff
from tests.routing.targets import REQUEST, Clock, Voice, a_moment, deployment, route_of

pytestmark = pytest.mark.anyio

SILENCE = [None]
DOWN = Overloaded("down", status=503)
CALL = ToolCallDelta(index=0, id="c", name="f", arguments="{}")


def hedged(*targets: Any, clock: Clock | None = None, **settings: Any) -> RoutedProvider:
    """Give a route that asks a second target as soon as the first has nothing to say at once."""
    given: dict[str, Any] = {"hedge_after": 2.0, "hedge_share": 1.0, "retries": 0, **settings}
    return RoutedProvider(route_of(*targets, clock=clock or Clock(), **given))


async def events_of(routed: RoutedProvider, request: ModelRequest = REQUEST) -> list[Event]:
    return [event async for event in routed.stream(request)]


def told(route: Any) -> list[str]:
    return [f"{step.target} {step.outcome}" for step in route]


def text_in(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_a_silent_stream_is_outrun_by_the_next_target() -> None:
    first, second, clock = Voice("a", SILENCE), Voice("b"), Clock()

    events = await events_of(hedged(first, second, clock=clock))

    assert text_in(events) == "One two three."
    start, end = events[0], events[-1]
    assert isinstance(start, StreamStart)
    assert isinstance(end, StreamEnd)
    assert start.id == "b"
    assert told(start.route) == told(end.route) == ["a/tiny outrun", "b/tiny answered"]
    assert start.route[0].seconds == 2.0
    assert (first.running, second.running) == (0, 0)


async def test_a_silent_answer_is_outrun_too() -> None:
    first, second = Voice("a", SILENCE), Voice("b")

    output = await hedged(first, second).generate(REQUEST)

    assert (output.text, output.provider) == ("One two three.", "b")
    assert told(output.route) == ["a/tiny outrun", "b/tiny answered"]
    assert first.running == 0


async def test_who_speaks_in_time_is_asked_alone() -> None:
    first, second = Voice("a"), Voice("b")
    routed = hedged(first, second)

    events = await events_of(routed)
    output = await routed.generate(REQUEST)

    assert text_in(events) == output.text == "One two three."
    assert second.requests == []


async def test_nothing_is_asked_twice_unless_it_is_set() -> None:
    silence = asyncio.Event()
    first, second = Voice("a", [silence, "One"]), Voice("b")
    asked = asyncio.create_task(events_of(RoutedProvider(route_of(first, second, clock=Clock()))))
    await a_moment()
    silence.set()

    assert text_in(await asked) == "One"
    assert second.requests == []


async def test_the_first_one_may_still_win_and_the_second_is_let_go() -> None:
    silence = asyncio.Event()
    first, second = Voice("a", [silence, "One"]), Voice("b", SILENCE)
    asked = asyncio.create_task(events_of(hedged(first, second)))
    await a_moment()
    both = (first.running, second.running)
    silence.set()

    events = await asked

    end = events[-1]
    assert isinstance(end, StreamEnd)
    assert told(end.route) == ["b/tiny outrun", "a/tiny answered"]
    assert (text_in(events), both, second.running) == ("One", (1, 1), 0)


async def test_the_other_one_is_closed_before_the_answer_is_read() -> None:
    first, second = Voice("a", SILENCE), Voice("b")
    events = hedged(first, second).stream(REQUEST)
    await anext(events)
    await a_moment()

    assert (first.running, second.running) == (0, 1)
    await events.aclose()


async def test_a_call_of_a_tool_is_a_first_content() -> None:
    first, second = Voice("a", SILENCE), Voice("b", [CALL])

    events = await events_of(hedged(first, second))

    assert CALL in events


async def test_being_outrun_is_no_failure_and_frees_the_place() -> None:
    clock = Clock()
    first, second = Voice("a", *[SILENCE] * 9), Voice("b")
    slow = deployment(first, clock, breaker=Breaker(failures=1, clock=clock))
    routed = hedged(slow, deployment(second, clock), clock=clock, affinity=False)

    for _ in range(3):
        await routed.generate(REQUEST)

    assert (slow.breaker.state, slow.busy, slow.closed_for) == ("closed", 0, None)
    assert len(first.requests) == 3


async def test_who_is_outrun_when_it_looks_whether_it_is_back_may_look_again() -> None:
    clock = Clock()
    first, second = Voice("a", SILENCE), Voice("b")
    target = deployment(first, clock)
    target.breaker.until = clock.now

    await hedged(target, second, clock=clock).generate(REQUEST)

    assert (target.breaker.state, target.breaker.allows) == ("half open", True)


async def test_who_is_outrun_counts_as_slow() -> None:
    clock = Clock()
    slow = deployment(Voice("a", SILENCE), clock)

    await hedged(slow, Voice("b"), clock=clock).generate(REQUEST)

    assert slow.latency.seconds == 2.0


@pytest.mark.parametrize("error", [DOWN, BadRequest("no", status=400)], ids=lambda error: type(error).__name__)
async def test_a_failure_of_one_is_no_end_while_the_other_runs(error: Error) -> None:
    silence = asyncio.Event()
    first, second = Voice("a", [silence, "One"]), Voice("b", [error])
    asked = asyncio.create_task(hedged(first, second).generate(REQUEST))
    await a_moment()
    silence.set()

    output = await asked

    assert output.text == "One"
    assert told(output.route) == ["b/tiny failed", "a/tiny answered"]


async def test_where_both_fail_the_next_one_is_asked() -> None:
    silence = asyncio.Event()
    first, second, third = Voice("a", [silence, DOWN]), Voice("b", [silence, DOWN]), Voice("c")
    asked = asyncio.create_task(hedged(first, second, third).generate(REQUEST))
    await a_moment()
    silence.set()

    output = await asked

    assert told(output.route) == ["a/tiny failed", "b/tiny failed", "c/tiny answered"]


async def test_where_both_fail_for_good_the_caller_is_told_of_both() -> None:
    silence = asyncio.Event()
    first, second, third = Voice("a", [silence, DOWN]), Voice("b", [BadRequest("no", status=400)]), Voice("c")
    asked = asyncio.create_task(events_of(hedged(first, second, third)))
    await a_moment()
    silence.set()

    with pytest.raises(BadRequest) as caught:
        await asked

    assert told(caught.value.route) == ["b/tiny failed", "a/tiny failed"]
    assert third.requests == []


async def test_never_more_than_two_are_asked_at_once() -> None:
    silence = asyncio.Event()
    voices = [Voice(name, [silence, "One"]) for name in "abcd"]
    asked = asyncio.create_task(hedged(*voices).generate(REQUEST))
    await a_moment()
    silence.set()
    await asked

    assert [len(each.requests) for each in voices] == [1, 1, 0, 0]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_no_more_than_a_share_of_the_requests_is_asked_twice(streamed: bool) -> None:
    silence = asyncio.Event()
    first, second = Voice("a", *[[silence, "One"]] * 32), Voice("b")
    routed = hedged(first, second, hedge_share=0.25)

    async def ask() -> ModelOutput | list[Event]:
        return await events_of(routed) if streamed else await routed.generate(REQUEST)

    asked = [asyncio.create_task(ask()) for _ in range(32)]
    await a_moment()
    silence.set()
    await asyncio.gather(*asked)

    assert len(second.requests) == 32 * 0.25 + 1


def priced(voice: Voice, clock: Clock, rate: int | None) -> Any:
    price = Price(tariffs=(Tariff(rates=Rates(input=rate, output=rate)),)) if rate is not None else None
    return deployment(voice, clock, price=price)


@pytest.mark.parametrize(
    ("most", "who"), [(None, "b"), (10_000, "d"), (200, "d"), (100, None)], ids=["no bound", "10000", "200", "100"]
)
async def test_a_second_answer_that_is_too_dear_or_of_unknown_price_is_not_asked_for(
    most: int | None, who: str | None
) -> None:
    clock, silence = Clock(), asyncio.Event()
    first = Voice("a", [silence, "One"])
    unknown, dear, cheap = Voice("b"), Voice("c"), Voice("d")
    targets = [priced(unknown, clock, None), priced(dear, clock, 100_000_000), priced(cheap, clock, 400_000)]
    asked = asyncio.create_task(hedged(first, *targets, clock=clock, hedge_max_cost=most).generate(REQUEST))
    await a_moment()
    silence.set()
    await asked

    assert [each.name for each in (unknown, dear, cheap) if each.requests] == ([who] if who else [])


async def test_a_target_that_rests_or_is_not_for_the_request_is_passed_over() -> None:
    clock = Clock()
    first, second, third = Voice("a", SILENCE), Voice("b"), Voice("c")
    resting = deployment(second, clock)
    resting.rest.take(60.0, "throttled 429")

    output = await hedged(first, resting, third, clock=clock).generate(REQUEST)

    assert told(output.route) == ["a/tiny outrun", "c/tiny answered"]
    assert second.requests == []


async def test_the_second_attempt_has_the_time_that_is_left() -> None:
    first, second = Voice("a", SILENCE), Voice("b")

    await hedged(first, second, timeout=5.0).generate(REQUEST)

    assert second.requests[0].timeouts is not None
    assert second.requests[0].timeouts.total == 3.0


async def test_a_conversation_stays_with_whom_has_answered_it_and_with_whom_it_brings_state_of() -> None:
    silence = asyncio.Event()
    first, second = Voice("a", SILENCE, SILENCE, [silence, "One"]), Voice("b")
    routed = hedged(first, second)
    turns = [ModelMessage.user("Hello"), ModelMessage.assistant("Hi."), ModelMessage.user("And then?")]
    sealed = ModelMessage("assistant", [ThinkingPart(text="Hm.", signature="s")])

    await routed.generate(REQUEST)
    there = await routed.generate(ModelRequest("smart", turns))
    bound = asyncio.create_task(routed.generate(ModelRequest("smart", [ModelMessage.user("Other"), sealed])))
    await a_moment()
    asked = len(second.requests)
    first_left = first.running
    silence.set()
    bound.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bound

    assert told(there.route) == ["b/tiny answered"]
    assert (asked, first_left) == (2, 1)


async def test_a_winner_that_is_cut_is_gone_on_with() -> None:
    first, second, third = Voice("a", SILENCE), Voice("b", ["One", "two", StreamInterrupted("cut")]), Voice("c")

    events = await events_of(hedged(first, second, third, rescue="restart"))

    assert text_in(events) == "One two three."
    end = events[-1]
    assert isinstance(end, StreamEnd)
    assert told(end.route) == ["a/tiny outrun", "b/tiny cut", "c/tiny answered"]


async def test_what_goes_on_with_a_cut_answer_is_asked_for_alone() -> None:
    silence = asyncio.Event()
    first, second = Voice("a", ["One", StreamInterrupted("cut")]), Voice("b", [silence, "One", "two"])
    third = Voice("c")
    asked = asyncio.create_task(events_of(hedged(first, second, third, rescue="restart")))
    await a_moment()
    silence.set()

    assert text_in(await asked) == "One two"
    assert third.requests == []


async def test_what_the_other_one_began_to_say_is_no_part_of_the_answer() -> None:
    silence = asyncio.Event()
    cut = StreamInterrupted("cut")
    first = Voice("a", [silence, "Uno", "dos"])
    second, third = Voice("b", [silence, "One", cut]), Voice("c", text="Uno dos tres.")
    asked = asyncio.create_task(events_of(hedged(first, second, third, rescue="restart")))
    await a_moment()
    silence.set()

    assert text_in(await asked) == "Uno dos"
    assert second.running == 0


@pytest.mark.parametrize("rescue", ["off", "hold"])
async def test_a_caller_who_leaves_ends_both(rescue: str) -> None:
    clock = Clock()
    first, second = Voice("a", SILENCE), Voice("b", SILENCE)
    targets = [deployment(first, clock), deployment(second, clock)]
    routed = hedged(*targets, clock=clock, rescue=rescue)
    before = asyncio.all_tasks()
    asked = asyncio.create_task(events_of(routed))
    await a_moment()
    asked.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asked

    assert (first.running, second.running) == (0, 0)
    assert [(each.busy, each.breaker.state) for each in targets] == [(0, "closed")] * 2
    assert asyncio.all_tasks() == before


async def test_no_task_is_left_after_an_answer_a_failure_or_a_reader_who_stops() -> None:
    before = asyncio.all_tasks()
    routed = hedged(Voice("a", SILENCE, SILENCE, [DOWN]), Voice("b", ["One"], ["One"], [DOWN]), affinity=False)
    await routed.generate(REQUEST)
    events = routed.stream(REQUEST)
    await anext(events)
    await events.aclose()
    with pytest.raises(Error):
        await routed.generate(REQUEST)

    assert asyncio.all_tasks() == before


async def test_no_task_is_left_where_nothing_had_to_be_waited_for() -> None:
    class Standing(Clock):
        async def sleep(self, seconds: float) -> None:
            del seconds
            await asyncio.Event().wait()

    before = asyncio.all_tasks()
    await hedged(Voice("a"), Voice("b"), clock=Standing()).generate(REQUEST)

    assert asyncio.all_tasks() == before


async def test_the_winner_is_read_no_faster_than_its_reader_reads() -> None:
    first, second = Voice("a", SILENCE), Voice("b", ["word"] * 1000)
    events = hedged(first, second).stream(REQUEST)
    for _ in range(3):
        await anext(events)
    await a_moment()

    assert second.given <= 4
    await events.aclose()
