from typing import Any

import pytest

from interlingua.errors import (
    BadRequest,
    ContentBlocked,
    ContextTooLong,
    Error,
    NoTarget,
    NotFound,
    Overloaded,
    ProtocolError,
    QuotaExhausted,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
    Unauthorized,
)
from interlingua.routing.routed import RoutedProvider
from interlingua.types import ModelMessage, ModelRequest, StreamEnd, StreamStart, TextDelta, ToolCallDelta
from tests.routing.targets import REQUEST, Clock, Voice, deployment, route_of

pytestmark = pytest.mark.anyio

CUT = StreamInterrupted("cut")
DOWN = Overloaded("down", status=503)


async def text_of(routed: RoutedProvider) -> str:
    return "".join([event.text async for event in routed.stream(REQUEST) if isinstance(event, TextDelta)])


async def test_the_first_target_answers_while_it_can() -> None:
    first, second, clock = Voice("a"), Voice("b"), Clock()

    output = await RoutedProvider(route_of(first, second, clock=clock)).generate(REQUEST)

    assert (output.text, output.provider) == ("One two three.", "a")
    assert [str(step) for step in output.route] == ["a/tiny answered 0.000s"]
    assert second.requests == []


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    "error",
    [DOWN, ServerFault("500", status=500), ProtocolError("a page"), CUT, Throttled("slow down", status=429)],
    ids=lambda error: type(error).__name__,
)
async def test_what_fails_in_passing_is_repeated_once_and_then_asked_of_the_next(error: Error, streamed: bool) -> None:
    first, second, clock = Voice("a", [error], [error]), Voice("b"), Clock()
    routed = RoutedProvider(route_of(first, second, clock=clock))

    text = await text_of(routed) if streamed else (await routed.generate(REQUEST)).text

    assert text == "One two three."
    assert (len(first.requests), len(second.requests)) == (2, 1)
    assert clock.waits == [1.0 if isinstance(error, Throttled) else 0.25]


@pytest.mark.parametrize(
    "error",
    [
        TimedOut("first_token", 5.0),
        TimedOut("idle", 5.0),
        NotFound("no such model", status=404),
        Unauthorized("bad key", status=401),
        QuotaExhausted("no money", status=429),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_who_stays_silent_or_refuses_is_not_asked_twice(error: Error) -> None:
    first, second, clock = Voice("a", [error]), Voice("b"), Clock()

    output = await RoutedProvider(route_of(first, second, clock=clock)).generate(REQUEST)

    assert output.provider == "b"
    assert len(first.requests) == 1
    assert clock.waits == []


@pytest.mark.parametrize(
    "error", [BadRequest("no", status=400), ContentBlocked("no", status=400)], ids=lambda error: type(error).__name__
)
async def test_a_fault_of_the_callers_is_told_at_once(error: Error) -> None:
    first, second, clock = Voice("a", [error]), Voice("b"), Clock()

    with pytest.raises(type(error)):
        await RoutedProvider(route_of(first, second, clock=clock)).generate(REQUEST)

    assert second.requests == []


async def test_a_prompt_that_is_too_long_goes_to_larger_windows_only() -> None:
    clock = Clock()
    first, same, larger = Voice("a", [ContextTooLong("too long", status=400)]), Voice("b"), Voice("c")
    targets = [deployment(voice, clock, window=size) for voice, size in ((first, 8), (same, 8), (larger, 128))]

    output = await RoutedProvider(route_of(*targets, clock=clock)).generate(REQUEST)

    assert output.provider == "c"
    assert [step.reason for step in output.route] == ["context_too_long 400", "no larger window", ""]


async def test_a_short_wait_that_a_provider_asks_for_is_kept_and_a_long_one_passed_to_the_next() -> None:
    clock = Clock()
    short, long = Throttled("wait", status=429, retry_after=2.0), Throttled("wait", status=429, retry_after=20.0)
    first, second = Voice("a", [short], [long]), Voice("b")

    output = await RoutedProvider(route_of(first, second, clock=clock)).generate(REQUEST)

    assert output.provider == "b"
    assert clock.waits == [2.0]


async def test_a_wait_longer_than_the_longest_is_a_refusal() -> None:
    clock = Clock()
    only = Voice("a", [Throttled("wait", status=429, retry_after=31.0)])

    with pytest.raises(Throttled):
        await RoutedProvider(route_of(only, clock=clock)).generate(REQUEST)

    assert clock.waits == []


async def test_waits_end_with_the_time_of_the_request() -> None:
    clock = Clock()
    only = Voice("a", [Throttled("wait", status=429, retry_after=5.0)])

    with pytest.raises(Throttled):
        await RoutedProvider(route_of(only, clock=clock, timeout=4.0)).generate(REQUEST)

    assert (clock.waits, len(only.requests)) == ([], 1)


async def test_each_attempt_has_the_time_that_is_left() -> None:
    clock = Clock()
    first, second = Voice("a", [DOWN], [DOWN]), Voice("b")
    route = route_of(first, second, clock=clock, timeout=4.0, first_token_timeout=1.0, attempt_timeout=3.9)

    await RoutedProvider(route).generate(REQUEST)

    asked = second.requests[0].timeouts
    assert asked is not None
    assert (asked.first_token, asked.total) == (1.0, 3.75)


async def first_tokens(*targets: Voice, request: ModelRequest = REQUEST, **settings: Any) -> list[int]:
    """Give how many seconds each target may take to say something, where only the last one answers."""
    clock = Clock()
    for each in targets[:-1]:
        each.script.append([TimedOut("first_token", 12.0)])
    async for _ in RoutedProvider(route_of(*targets, clock=clock, **settings)).stream(request):
        pass
    asked = [each.requests[0].timeouts for each in targets]
    return [round(clocks.first_token or 0.0) for clocks in asked if clocks is not None]


async def test_a_stream_waits_less_for_its_first_content_while_another_target_is_left() -> None:
    assert await first_tokens(Voice("a"), Voice("b"), Voice("c")) == [12, 12, 120]
    assert await first_tokens(Voice("a")) == [120]
    assert await first_tokens(Voice("a"), Voice("a")) == [120, 120]  # the same model, with another key
    assert await first_tokens(Voice("a"), Voice("b"), first_token_timeout=30.0) == [30, 30]


async def test_a_long_prompt_has_longer_until_the_first_content() -> None:
    long = ModelRequest.build_request("smart", "word " * 40_000)

    assert await first_tokens(Voice("a"), Voice("b"), request=long) == [22, 120]


async def test_a_model_that_thinks_first_and_an_answer_that_is_not_streamed_have_the_usual_time() -> None:
    clock = Clock()
    thinker, first, second = Voice("t"), Voice("a"), Voice("b")

    route = route_of(deployment(thinker, clock, thinks=True), second, clock=clock)
    async for _ in RoutedProvider(route).stream(REQUEST):
        pass
    await RoutedProvider(route_of(first, second, clock=clock)).generate(REQUEST)

    for voice in (thinker, first):
        assert voice.requests[0].timeouts is not None
        assert voice.requests[0].timeouts.first_token == 120.0


async def test_a_target_that_fails_again_and_again_is_left_alone_and_comes_back() -> None:
    clock = Clock()
    first, second = Voice("a", *[[DOWN]] * 4), Voice("b")
    routed = RoutedProvider(route_of(first, second, clock=clock, breaker_failures=2, breaker_cooldown=5.0))

    answered = [(await routed.generate(REQUEST)).provider for _ in range(4)]
    asked = len(first.requests)
    clock.now += 5.0
    probed = (await routed.generate(REQUEST)).provider
    asked_then = len(first.requests)
    first.script.clear()
    clock.now += 10.0
    back = [(await routed.generate(REQUEST)).provider for _ in range(2)]

    assert (answered, asked) == (["b"] * 4, 2)
    assert (probed, asked_then) == ("b", 3)
    assert back == ["a", "a"]


async def test_one_request_at_a_time_looks_whether_a_target_is_back() -> None:
    clock = Clock()
    first, second = Voice("a", [DOWN]), Voice("b")
    target = deployment(first, clock)
    target.breaker.until = clock.now
    routed = RoutedProvider(route_of(target, second, clock=clock, retries=0))
    probe = routed.stream(REQUEST)
    first.script.insert(0, ["One"])
    await anext(probe)

    meanwhile = await routed.generate(REQUEST)
    await probe.aclose()

    assert meanwhile.provider == "b"
    assert [step.reason for step in meanwhile.route] == ["breaker half open", ""]


async def test_a_refused_key_rests_for_all_models_that_use_it() -> None:
    clock = Clock()
    voice, other = Voice("a", [Unauthorized("bad key", status=401)]), Voice("b")
    small, large = deployment(voice, clock), deployment(voice, clock)
    large.key = small.key
    routed = RoutedProvider(route_of(small, large, other, clock=clock))

    output = await routed.generate(REQUEST)

    assert output.provider == "b"
    assert [step.reason for step in output.route] == ["unauthorized 401", "unauthorized 401", ""]


async def test_repeats_come_out_of_a_common_budget() -> None:
    clock = Clock()
    only = Voice("a", *[[CUT]] * 100)
    route = route_of(only, clock=clock, breaker_failures=1000)
    only_breaker = route.candidates[0].deployment.breaker
    routed = RoutedProvider(route)

    for _ in range(40):
        only_breaker.until = None
        with pytest.raises(StreamInterrupted):
            await routed.generate(REQUEST)

    assert len(only.requests) <= 40 + 10 + 40 * 0.2


async def test_nobody_to_ask_is_an_error_that_names_everybody() -> None:
    clock = Clock()
    target = deployment(Voice("a"), clock)
    target.rest.take(60.0, "throttled 429")

    with pytest.raises(NoTarget) as caught:
        await RoutedProvider(route_of(target, clock=clock)).generate(REQUEST)

    assert "a/tiny: throttled 429" in caught.value.message
    assert (caught.value.retryable, caught.value.retry_after) == (True, 60.0)


async def test_a_stream_that_is_cut_is_an_error_unless_rescue_is_on() -> None:
    clock = Clock()
    first, second = Voice("a", ["One", CUT]), Voice("b")
    events = RoutedProvider(route_of(first, second, clock=clock)).stream(REQUEST)
    given = [await anext(events), await anext(events)]

    with pytest.raises(StreamInterrupted):
        await anext(events)

    assert [type(event) for event in given] == [StreamStart, TextDelta]
    assert second.requests == []


@pytest.mark.parametrize("rescue", ["restart", "continue", "hold"])
@pytest.mark.parametrize("cut", [CUT, TimedOut("idle", 1.0), ProtocolError("an event is not JSON")])
async def test_a_rescued_stream_has_the_whole_text_once(rescue: str, cut: Error) -> None:
    clock = Clock()
    first, second = Voice("a", ["One", "two", cut]), Voice("b")
    route = route_of(first, second, clock=clock, rescue=rescue, retries=0)

    events = [event async for event in RoutedProvider(route).stream(REQUEST)]

    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "One two three."
    assert [type(event) for event in events].count(StreamStart) == 1
    assert isinstance(events[-1], StreamEnd)
    assert [step.outcome for step in events[-1].route] == ["cut" if rescue != "hold" else "failed", "answered"]


async def test_where_a_target_takes_a_prefill_it_goes_on_from_there() -> None:
    clock = Clock()
    first, second = Voice("a", ["One", "two", CUT]), Voice("b", [" three."])
    route = route_of(first, deployment(second, clock, prefills=True), clock=clock, rescue="continue", retries=0)

    assert await text_of(RoutedProvider(route)) == "One two three."
    assert second.requests[0].messages[-1].content == "One two"


async def test_an_answer_that_differs_is_not_spliced() -> None:
    clock = Clock()
    first, second, third = Voice("a", ["One", "two", CUT]), Voice("b", text="Uno dos tres."), Voice("c")
    route = route_of(first, second, third, clock=clock, rescue="restart", retries=0)

    assert await text_of(RoutedProvider(route)) == "One two three."

    alone = route_of(Voice("a", ["One", "two", CUT]), second, clock=clock, rescue="restart", retries=0)
    with pytest.raises(StreamInterrupted):
        await text_of(RoutedProvider(alone))


async def test_a_caller_who_leaves_frees_the_place_and_blames_nobody() -> None:
    clock = Clock()
    target = deployment(Voice("a"), clock)
    events = RoutedProvider(route_of(target, clock=clock)).stream(REQUEST)
    await anext(events)
    busy = target.busy

    await events.aclose()

    assert (busy, target.busy) == (1, 0)
    assert target.breaker.state == "closed"


async def test_a_conversation_goes_on_where_it_was_and_says_so_when_it_cannot() -> None:
    clock = Clock()
    first, second = Voice("a", [CUT]), Voice("b")
    routed = RoutedProvider(route_of(first, second, clock=clock, retries=0))
    turns = [ModelMessage.user("Hello"), ModelMessage.assistant("One two three."), ModelMessage.user("And then?")]
    goes_on = ModelRequest("smart", turns)
    begun = await routed.generate(REQUEST)

    there = await routed.generate(goes_on)
    second.script.append([Overloaded("down", status=503)])
    moved = await routed.generate(goes_on)

    assert (begun.provider, there.provider, moved.provider) == ("b", "b", "a")
    assert there.warnings == []
    assert [str(each) for each in moved.warnings] == ["moved affinity: from b/tiny; its cache stays there"]


async def test_new_conversations_that_begin_alike_are_shared_out() -> None:
    clock = Clock()
    first, second = Voice("a", [CUT]), Voice("b")
    routed = RoutedProvider(route_of(first, second, clock=clock, retries=0))

    assert [(await routed.generate(REQUEST)).provider for _ in range(2)] == ["b", "a"]


async def test_a_call_of_a_tool_that_has_begun_is_never_gone_on_with() -> None:
    clock = Clock()
    first, second = Voice("a", ["One", ToolCallDelta(index=0, id="c", name="f", arguments='{"a"'), CUT]), Voice("b")

    with pytest.raises(StreamInterrupted):
        await text_of(RoutedProvider(route_of(first, second, clock=clock, rescue="restart", retries=0)))

    assert second.requests == []


async def test_after_a_cut_a_target_that_refuses_is_passed_over() -> None:
    clock = Clock()
    first, second, third = Voice("a", ["One", CUT]), Voice("b", [BadRequest("no", status=400)]), Voice("c")

    text = await text_of(RoutedProvider(route_of(first, second, third, clock=clock, rescue="restart", retries=0)))

    assert text == "One two three."


async def test_a_failure_tells_whom_the_route_has_asked() -> None:
    clock = Clock()
    refusing = Voice("b", [BadRequest("no", status=400)])

    with pytest.raises(BadRequest) as caught:
        await RoutedProvider(route_of(Voice("a", [CUT]), refusing, clock=clock, retries=0)).generate(REQUEST)

    told = [str(step) for step in caught.value.route]
    assert told == ["a/tiny failed (stream_interrupted) 0.000s", "b/tiny failed (bad_request 400) 0.000s"]


async def test_a_target_that_rests_is_no_reason_to_hurry() -> None:
    clock = Clock()
    first, second = Voice("a"), Voice("b")
    resting = deployment(second, clock)
    resting.rest.take(60.0, "throttled 429")

    async for _ in RoutedProvider(route_of(first, resting, clock=clock)).stream(REQUEST):
        pass

    assert first.requests[0].timeouts is not None
    assert first.requests[0].timeouts.first_token == 120.0
