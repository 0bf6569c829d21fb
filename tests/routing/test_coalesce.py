"""Equal requests that run at the same time: who shares an answer, who does not, and what becomes of those who leave."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from interlingua.errors import Error, Overloaded, StreamInterrupted, TimedOut
from interlingua.routing.coalescing import identity_of
from interlingua.routing.routed import RoutedProvider
from interlingua.routing.shared_answer import Listener, SharedAnswer
from interlingua.types import Event, ModelOutput, ModelRequest, PartDelta, StreamEnd, StreamStart, TextDelta, TextPart
from tests.routing.targets import REQUEST, Clock, Voice, a_moment, deployment, route_of

pytestmark = pytest.mark.anyio

DOWN = Overloaded("down", status=503)


def sharing(*targets: Any, clock: Clock | None = None, **settings: Any) -> RoutedProvider:
    given: dict[str, Any] = {"coalesce": True, "retries": 0, **settings}
    return RoutedProvider(route_of(*targets, clock=clock or Clock(), **given))


async def events_of(routed: RoutedProvider, request: ModelRequest = REQUEST) -> list[Event]:
    return [event async for event in routed.stream(request)]


def text_in(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def told(route: Any) -> list[str]:
    return [f"{step.target} {step.outcome}" for step in route]


def ways(events: list[Event]) -> list[list[str]]:
    return [told(event.route) for event in events if isinstance(event, StreamStart | StreamEnd)]


async def test_equal_streams_are_one_call_and_say_so() -> None:
    voice = Voice("a")
    routed = sharing(voice)

    first, second, third = await asyncio.gather(*[events_of(routed) for _ in range(3)])

    assert len(voice.requests) == 1
    assert text_in(first) == text_in(second) == text_in(third) == "One two three."
    assert [len(each) for each in (first, second, third)] == [6, 6, 6]
    assert ways(first) == [["a/tiny answered"], ["a/tiny answered"]]
    assert ways(second) == ways(third) == [["a/tiny joined"], ["a/tiny joined"]]


async def test_equal_answers_are_one_call_and_each_caller_has_its_own() -> None:
    voice = Voice("a")
    routed = sharing(voice)

    first, second = await asyncio.gather(routed.generate(REQUEST), routed.generate(REQUEST))
    first.choices[0].parts.clear()
    first.warnings.append("mine")  # type: ignore[arg-type]

    assert len(voice.requests) == 1
    assert (second.text, second.warnings) == ("One two three.", [])
    assert (told(first.route), told(second.route)) == (["a/tiny answered"], ["a/tiny joined"])


async def test_each_is_asked_by_itself_unless_it_is_set() -> None:
    voice = Voice("a")
    routed = sharing(voice, coalesce=False)

    await asyncio.gather(*[routed.generate(REQUEST) for _ in range(3)])

    assert len(voice.requests) == 3


async def test_streams_and_whole_answers_do_not_join_each_other() -> None:
    voice = Voice("a")
    routed = sharing(voice)

    await asyncio.gather(routed.generate(REQUEST), events_of(routed))

    assert len(voice.requests) == 2


async def test_what_is_over_is_not_joined() -> None:
    voice = Voice("a")
    routed = sharing(voice)

    outputs = [await routed.generate(REQUEST) for _ in range(2)]
    streams = [await events_of(routed) for _ in range(2)]

    assert len(voice.requests) == 4
    assert [told(each.route) for each in outputs] == [["a/tiny answered"]] * 2
    assert [ways(each)[1] for each in streams] == [["a/tiny answered"]] * 2


async def test_what_is_over_is_not_joined_though_somebody_reads_it_still() -> None:
    voice = Voice("a")
    routed = sharing(voice)
    slow = routed.stream(REQUEST)
    begun = await anext(slow)

    again = await events_of(routed)

    assert ways(again) == [["a/tiny answered"]] * 2
    assert len(voice.requests) == 2
    assert ways([begun, *[event async for event in slow]]) == [["a/tiny answered"]] * 2


@pytest.mark.parametrize("ticks", range(6))
async def test_what_its_last_caller_is_just_leaving_is_not_joined(ticks: int) -> None:
    going_on = asyncio.Event()
    voice = Voice("a", *[[going_on, "One"]] * 2)
    routed = sharing(voice)
    leaving = asyncio.create_task(routed.generate(REQUEST))
    await a_moment()
    leaving.cancel()
    for _ in range(ticks):
        await asyncio.sleep(0)
    coming = asyncio.create_task(routed.generate(REQUEST))
    await a_moment()
    going_on.set()

    assert (await coming).text == "One"


def asked_by(caller: str | None, **options: Any) -> ModelRequest:
    return ModelRequest.build_request("smart", "Hello", {"caller": caller}, **options)


@pytest.mark.parametrize(
    "other",
    [
        asked_by("bob"),
        asked_by(None),
        asked_by("ann", temperature=0.5),
        asked_by("ann", temperature=1),
        asked_by("ann", user="u"),
        asked_by("ann", extra_body={"x": 1}),
        asked_by("ann", extra_headers={"x": "1"}),
        asked_by("ann", strict=True),
        asked_by("ann", timeout=5.0),
        asked_by("ann", metadata={"team": "b"}),
        ModelRequest.build_request("smart", "Hullo", {"caller": "ann"}),
        ModelRequest.build_request("smart", "Hello", {"caller": "ann", "user_name": "u"}),
    ],
    ids=[
        "caller",
        "no caller",
        "temperature",
        "another temperature",
        "user",
        "body",
        "headers",
        "strict",
        "timeout",
        "metadata",
        "messages",
        "context",
    ],
)
async def test_what_differs_in_anything_or_is_of_another_caller_is_not_shared(other: ModelRequest) -> None:
    voice = Voice("a")
    routed = sharing(voice)

    outputs = await asyncio.gather(routed.generate(asked_by("ann")), routed.generate(other))

    assert len(voice.requests) == 2
    assert [told(each.route) for each in outputs] == [["a/tiny answered"]] * 2


def test_names_of_traces_make_no_difference_and_what_cannot_be_written_is_equal_to_nothing() -> None:
    plain = asked_by("ann")
    traced = ModelRequest.build_request(
        "smart", "Hello", {"caller": "ann", "request_id": "r", "span_id": "s"}, span_id="s"
    )

    assert identity_of(plain) == identity_of(traced) is not None
    assert identity_of(asked_by("ann", extra_body={"x": object()})) is None


async def test_who_joins_late_gets_it_from_the_beginning() -> None:
    going_on = asyncio.Event()
    voice = Voice("a", ["One", "two", going_on, "three."])
    routed = sharing(voice)
    early = asyncio.create_task(events_of(routed))
    await a_moment()
    late = asyncio.create_task(events_of(routed))
    await a_moment()
    going_on.set()

    assert text_in(await early) == text_in(await late) == "One two three."
    assert len(voice.requests) == 1


async def test_who_leaves_does_not_end_it_for_the_others_and_the_last_one_does() -> None:
    clock = Clock()
    voice = Voice("a", ["One", None])
    target = deployment(voice, clock)
    routed = sharing(target, clock=clock)
    before = asyncio.all_tasks()
    asked = [asyncio.create_task(events_of(routed)) for _ in range(3)]
    await a_moment()
    running: list[int] = []

    for each in asked:
        each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await each
        running.append(voice.running)

    assert (len(voice.requests), running) == (1, [1, 1, 0])
    assert (target.busy, target.breaker.state) == (0, "closed")
    assert asyncio.all_tasks() == before


async def test_a_whole_answer_goes_on_without_who_began_it_and_counts_as_the_next_ones() -> None:
    going_on = asyncio.Event()
    voice = Voice("a", [going_on, "One"])
    routed = sharing(voice)
    first, second, third = [asyncio.create_task(routed.generate(REQUEST)) for _ in range(3)]
    await a_moment()
    first.cancel()
    await a_moment()
    going_on.set()

    outputs = await asyncio.gather(second, third)

    assert [each.text for each in outputs] == ["One", "One"]
    assert [told(each.route) for each in outputs] == [["a/tiny answered"], ["a/tiny joined"]]
    assert len(voice.requests) == 1


async def test_a_stream_counts_as_the_next_ones_when_who_began_it_has_left() -> None:
    going_on = asyncio.Event()
    routed = sharing(Voice("a", ["One", going_on, "two"]))
    first, second, third = [asyncio.create_task(events_of(routed)) for _ in range(3)]
    await a_moment()
    first.cancel()
    await a_moment()
    going_on.set()

    assert [ways(each)[1] for each in await asyncio.gather(second, third)] == [["a/tiny answered"], ["a/tiny joined"]]


async def test_after_the_last_one_has_left_the_next_one_asks_anew() -> None:
    voice = Voice("a", [None])
    routed = sharing(voice)
    asked = asyncio.create_task(routed.generate(REQUEST))
    await a_moment()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    again = await routed.generate(REQUEST)

    assert (again.text, told(again.route)) == ("One two three.", ["a/tiny answered"])


@pytest.mark.parametrize("error", [DOWN, TimedOut("idle", 1.0, provider="a")], ids=lambda error: type(error).__name__)
async def test_a_failure_goes_to_everybody_each_its_own(error: Error) -> None:
    voice = Voice("a", [error])
    routed = sharing(voice)

    async def failure() -> Error:
        with pytest.raises(type(error)) as caught:
            await routed.generate(REQUEST)
        return caught.value

    first, second = await asyncio.gather(failure(), failure())

    assert first is not second
    assert first.to_dict() == second.to_dict() == error.to_dict()
    assert told(first.route) == ["a/tiny failed"]
    assert len(voice.requests) == 1


async def test_a_stream_that_is_cut_is_cut_for_everybody_after_what_there_was() -> None:
    routed = sharing(Voice("a", ["One", "two", StreamInterrupted("cut")]))
    heard: list[str] = []

    async def listen() -> None:
        async for event in routed.stream(REQUEST):
            heard.extend([event.text] if isinstance(event, TextDelta) else [])

    failures = await asyncio.gather(listen(), listen(), return_exceptions=True)

    assert [type(each) for each in failures] == [StreamInterrupted] * 2
    assert sorted(heard) == [" two", " two", "One", "One"]


async def test_what_one_caller_makes_of_a_part_is_nothing_to_the_others() -> None:
    going_on = asyncio.Event()
    routed = sharing(Voice("a", [PartDelta(TextPart("a page")), going_on, "One"]))
    early = asyncio.create_task(events_of(routed))
    stream = routed.stream(REQUEST)
    part = next_part(await anext(stream), await anext(stream))
    part.text = "mine"
    going_on.set()
    late = await events_of(routed)

    for events in (await early, late):
        assert next_part(*events[:2]).text == "a page"
    await stream.aclose()


def next_part(*events: Event) -> TextPart:
    return next(each.part for each in events if isinstance(each, PartDelta) and isinstance(each.part, TextPart))


async def test_it_is_read_no_faster_than_the_quickest_reads() -> None:
    voice = Voice("a", ["word"] * 1000)
    routed = sharing(voice)
    quick, slow = routed.stream(REQUEST), routed.stream(REQUEST)
    await anext(slow)
    for _ in range(10):
        await anext(quick)
    await a_moment()

    assert voice.given < 200  # 8 KiB ahead
    assert isinstance(await anext(slow), TextDelta)
    for each in (quick, slow):
        await each.aclose()


async def test_nobody_joins_an_answer_that_is_too_long_to_be_kept() -> None:
    going_on = asyncio.Event()
    voice = Voice("a", ["x" * 300_000, going_on, "end"])
    routed = sharing(voice)
    early = asyncio.create_task(events_of(routed))
    await a_moment()
    late = await events_of(routed)
    going_on.set()

    assert text_in(late) == "One two three."
    assert text_in(await early).endswith(" end")
    assert len(voice.requests) == 2


def share_of(*pieces: str, patience: float = 10.0) -> SharedAnswer[Event]:
    """Share an answer of which a thousand bytes are kept."""

    async def items() -> AsyncGenerator[Event]:
        for piece in pieces:
            yield TextDelta(piece)

    return SharedAnswer(items(), closed=lambda: None, most=1000, patience=patience)


async def lengths(listener: Listener[Event]) -> list[int]:
    async with listener:
        return [len(event.text) async for event in listener if isinstance(event, TextDelta)]


async def test_who_falls_behind_is_waited_for_until_it_has_read() -> None:
    answer = share_of(*["x" * 400] * 6)
    quick, slow = answer.listen(), answer.listen()
    reading = asyncio.create_task(lengths(quick))
    await a_moment()
    waited = quick.place
    kept = await lengths(slow)

    assert waited == 3
    assert kept == await reading == [400] * 6


async def test_who_is_too_slow_for_the_others_is_left_behind() -> None:
    answer = share_of(*["x" * 400] * 6, patience=0.0)
    quick, slow = answer.listen(), answer.listen()

    heard = await lengths(quick)

    assert heard == [400] * 6
    with pytest.raises(StreamInterrupted, match="behind"):
        await lengths(slow)


async def test_who_is_slow_alone_has_all_the_time() -> None:
    answer = share_of(*["x" * 4000] * 3, patience=0.0)
    quick, slow = answer.listen(), answer.listen()
    async with quick:
        await anext(quick)

    assert await lengths(slow) == [4000] * 3


async def test_a_hedged_route_is_shared_as_a_whole() -> None:
    first, second = Voice("a", [None]), Voice("b")
    routed = sharing(first, second, hedge_after=1.0, hedge_share=1.0)

    outputs: list[ModelOutput] = await asyncio.gather(*[routed.generate(REQUEST) for _ in range(2)])

    assert [told(each.route) for each in outputs] == [
        ["a/tiny outrun", "b/tiny answered"],
        ["a/tiny outrun", "b/tiny joined"],
    ]
    assert (len(first.requests), len(second.requests)) == (1, 1)
