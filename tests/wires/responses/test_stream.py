"""Streamed replies of the Responses API, compared with the same reply whole and with what OpenAI's client builds."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
import openai
import pytest
from openai._models import construct_type_unchecked  # pyright: ignore[reportPrivateUsage]
from openai.lib.streaming.responses._responses import ResponseStreamState  # pyright: ignore[reportPrivateUsage]
from openai.types.responses import ResponseStreamEvent

from interlingua.types import (
    Citation,
    CitationDelta,
    Event,
    Finish,
    ModelOutput,
    ModelRequest,
    OpaqueDelta,
    OutputAssembly,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.wires import responses
from tests.wires.responses.published import CALL, COMMENTARY, FUTURE, OUTPUT, REFUSED, RESPONSE, TOKENS, event, streamed


def events_of(data: bytes, *, size: int = 1 << 20) -> list[Event]:
    parser = responses.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
        if parser.failure is not None:
            raise parser.failure
    return [*events, *parser.close()]


def assembled(events: Iterable[Event]) -> ModelOutput:
    assembly = OutputAssembly()
    for each in events:
        assembly.add(each)
    return assembly.output()


def rendered(events: Iterable[Event], request: ModelRequest | None = None) -> bytes:
    renderer = responses.stream_renderer(request or ModelRequest("m", []))
    return b"".join(renderer.render(each) for each in events)


def payloads(data: bytes) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line[6:]) for line in data.split(b"\n") if line.startswith(b"data: ")]


def built_by_the_sdk(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Let OpenAI's own accumulator build the response; give that, and the texts that it had before the last event."""
    state: Any = ResponseStreamState(input_tools=openai.omit, text_format=openai.omit)
    kind: Any = ResponseStreamEvent
    texts: list[str] = []
    for fields in payloads(data):
        if fields["type"] == "response.completed":
            output = [state._output_items[place] for place in sorted(state._output_items)]
            texts = [text for item in output for text in texts_of(item.to_dict(mode="json", warnings=False))]
        state.handle_event(construct_type_unchecked(value=fields, type_=kind))
    return state._completed_response.to_dict(mode="json", warnings=False), texts


def texts_of(item: dict[str, Any]) -> list[str]:
    if item["type"] == "function_call":
        return [item["arguments"]]
    return [block["text"] for block in item.get("content") or () if block["type"] == "output_text"]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_stream_says_what_the_whole_reply_says(size: int) -> None:
    response = {**RESPONSE, "output": [*OUTPUT, FUTURE]}
    whole = responses.parse_response(msgspec.json.encode(response))

    output = assembled(events_of(b"".join(streamed(response)), size=size))

    assert output.parts == whole.parts
    told = output.choices[0].extensions.pop("responses")["message"]["events"]
    assert {each["event"]["type"] for each in told} == {"response.output_item.added"}  # of items only this wire knows
    assert output.choices == whole.choices
    assert (output.id, output.model, output.created) == (whole.id, whole.model, whole.created)
    assert output.usage == whole.usage
    assert output.extensions == whole.extensions


def test_a_stream_that_is_written_again_says_the_same() -> None:
    response = {**RESPONSE, "output": [*OUTPUT, FUTURE]}
    events = events_of(b"".join(streamed(response)))

    data = rendered(events)

    last = payloads(data)[-1]
    assert last["type"] == "response.completed"
    assert {**last["response"], "completed_at": RESPONSE["completed_at"]} == response
    assert assembled(events_of(data)).choices == assembled(events).choices


def test_every_piece_of_a_known_item_is_written_as_it_came() -> None:
    """But for padding, the names of calls, and statuses of items that only their end tells."""
    response = {**RESPONSE, "output": [*OUTPUT[:5], REFUSED]}
    given = streamed(response)

    data = rendered(events_of(b"".join(given)))

    told = [
        each for each in payloads(b"".join(given)) if each["type"] not in ("response.created", "response.in_progress")
    ]
    written = [each for each in payloads(data) if each["type"] not in ("response.created", "response.in_progress")]
    assert [each["type"] for each in written] == [each["type"] for each in told]
    for mine, theirs in zip(written[:-1], told[:-1], strict=True):
        if theirs["type"] != "response.output_item.added":
            theirs.pop("obfuscation", None)
            assert mine == {"name": mine.get("name"), **theirs} if "name" in mine else theirs


@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_a_cut_response_ends_as_one(reason: str) -> None:
    item = {**COMMENTARY, "status": "incomplete"}
    response = {**RESPONSE, "output": [item], "status": "incomplete", "incomplete_details": {"reason": reason}}
    response["completed_at"] = None

    data = rendered(events_of(b"".join(streamed(response))))

    assert payloads(data)[-1]["response"] == response
    assert payloads(data)[-1]["type"] == "response.incomplete"


def answer() -> list[Event]:
    """Give what a provider of another wire answers, with everything in it."""
    return [
        StreamStart(id="x", model="claude", created=5),
        ThinkingDelta("Hm", index=0, wire="messages"),
        ThinkingDelta(".", index=0, wire="messages", signature="c2ln"),
        TextDelta("It", index=1),
        TextDelta(" is", logprobs={"content": TOKENS[1:]}, index=1),
        CitationDelta(Citation(url="https://a.example", title="A")),
        TextDelta(" cold.", index=2),
        OpaqueDelta("messages", {"type": "server_tool_use", "id": "s"}, 0),
        ToolCallDelta(index=0, id="c1", name="weather", kind="function", arguments='{"a"'),
        ToolCallDelta(index=0, arguments=":1}"),
        ToolCallDelta(index=1, id="c2", name="patch", kind="custom", arguments="a"),
        RefusalDelta("No"),
        RefusalDelta("."),
        UsageReport(Usage(input_tokens=3, output_tokens=4)),
        Finish("stop"),
        StreamEnd(),
    ]


def test_an_answer_of_another_wire_streams_to_what_it_is_whole() -> None:
    data = rendered(answer())

    whole = msgspec.json.decode(responses.render_response(assembled(answer()), request=ModelRequest("m", [])))
    last = payloads(data)[-1]["response"]
    assert {**last, "completed_at": None} == {**whole, "completed_at": None}


@pytest.mark.newest_openai
@pytest.mark.parametrize("events", [answer(), events_of(b"".join(streamed({**RESPONSE, "output": OUTPUT[:5]})))])
def test_the_sdk_builds_the_whole_answer_of_its_pieces(events: list[Event]) -> None:
    data = rendered(events)

    built, texts = built_by_the_sdk(data)

    items = payloads(data)[-1]["response"]["output"]
    assert [_said(item) for item in built["output"]] == [_said(item) for item in items]
    assert texts == [text for item in items for text in texts_of(item)]


def _said(value: Any) -> Any:
    """Leave out what is null, since the SDK does not tell it from what is not there."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _said(each) for name, each in fields.items() if each is not None}
    return [_said(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


def test_numbers_ids_and_places_hold_together() -> None:
    told = payloads(rendered(answer()))

    assert [each["sequence_number"] for each in told] == list(range(len(told)))
    added = {each["output_index"]: each["item"]["id"] for each in told if each["type"] == "response.output_item.added"}
    done = {each["output_index"]: each["item"] for each in told if each["type"] == "response.output_item.done"}
    assert list(added) == list(range(len(added)))
    assert added == {place: item["id"] for place, item in done.items()}
    assert [done[place] for place in sorted(done)] == told[-1]["response"]["output"]
    for each in told:
        if "item_id" in each:
            assert each["item_id"] == added[each["output_index"]]


@pytest.mark.newest_openai
def test_pieces_of_calls_that_are_mixed_all_arrive() -> None:
    events: list[Event] = [
        StreamStart(id="x", model="m"),
        ToolCallDelta(index=0, id="c1", name="f", kind="function", arguments='{"a"'),
        ToolCallDelta(index=1, id="c2", name="g", kind="function", arguments='{"b"'),
        ToolCallDelta(index=0, arguments=":1}"),
        TextDelta("Wait."),
        ToolCallDelta(index=1, arguments=":2}"),
        Finish("tool_calls"),
        StreamEnd(),
    ]

    data = rendered(events)

    output = payloads(data)[-1]["response"]["output"]
    assert [item.get("arguments") for item in output] == ['{"a":1}', '{"b":2}', None]
    assert built_by_the_sdk(data)[1] == ['{"a":1}', '{"b":2}', "Wait."]


def test_a_whole_call_is_done_before_the_next_begins() -> None:
    renderer = responses.stream_renderer(ModelRequest("m", []))
    renderer.render(ToolCallDelta(index=0, id="c1", name="f", kind="function", arguments='{"a":1}'))

    data = renderer.render(ToolCallDelta(index=1, id="c2", name="g", kind="function"))

    assert [each["type"] for each in payloads(data)] == [
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.output_item.added",
    ]


def test_open_responses_words_for_reasoning_are_read() -> None:
    item: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": []}
    data = b"".join(
        [
            event("response.created", 0, response={**RESPONSE, "output": []}),
            event("response.output_item.added", 1, output_index=0, item=item),
            event("response.reasoning.delta", 2, output_index=0, item_id="rs_1", content_index=0, delta="Hm."),
            event("response.completed", 3, response=RESPONSE),
        ]
    )

    assert assembled(events_of(data)).thinking == "Hm."


def test_items_that_are_told_only_at_their_end_are_read() -> None:
    done = [event("response.output_item.done", n, output_index=n, item=item) for n, item in enumerate(OUTPUT)]
    data = b"".join(
        [event("response.created", 0, response=RESPONSE), *done, event("response.completed", 9, response=RESPONSE)]
    )

    output = assembled(events_of(data))

    assert output.text == "It is cold."
    assert output.parts == responses.parse_response(msgspec.json.encode(RESPONSE)).parts


def test_arguments_are_given_as_they_come() -> None:
    data = b"".join(streamed({**RESPONSE, "output": [CALL]}))

    pieces = [each.arguments for each in events_of(data) if isinstance(each, ToolCallDelta)]

    assert "".join(pieces) == CALL["arguments"]
    assert len([piece for piece in pieces if piece]) == len(CALL["arguments"])


def test_sound_is_read() -> None:
    data = b"".join(
        [
            event("response.created", 0, response={**RESPONSE, "output": []}),
            event("response.audio.delta", 1, delta="AAAA"),
            event("response.audio.transcript.delta", 2, delta="Hi."),
            event("response.completed", 3, response={**RESPONSE, "output": []}),
        ]
    )

    audio = assembled(events_of(data)).audio

    assert audio is not None
    assert (audio.data, audio.transcript) == ("AAAA", "Hi.")


HOSTED_EVENTS: list[dict[str, Any]] = [
    {"type": "response.output_item.added", "output_index": 0, "item": {
        "type": "code_interpreter_call", "id": "ci_1", "code": "", "container_id": "c", "outputs": None,
        "status": "in_progress"}},
    {"type": "response.code_interpreter_call.in_progress", "output_index": 0, "item_id": "ci_1"},
    {"type": "response.code_interpreter_call_code.delta", "output_index": 0, "item_id": "ci_1", "delta": "1"},
    {"type": "response.output_item.added", "output_index": 1, "item": {
        "type": "image_generation_call", "id": "ig_1", "result": None, "status": "in_progress"}},
    {"type": "response.image_generation_call.partial_image", "output_index": 1, "item_id": "ig_1",
     "partial_image_index": 0, "partial_image_b64": "AAAA"},
    {"type": "response.code_interpreter_call.interpreting", "output_index": 0, "item_id": "ci_1"},
    {"type": "response.output_item.done", "output_index": 0, "item": {
        "type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c", "outputs": [],
        "status": "completed"}},
    {"type": "response.future.event", "output_index": 1, "deep": {"a": [1]}},
    {"type": "response.output_item.done", "output_index": 1, "item": {
        "type": "image_generation_call", "id": "ig_1", "result": "BBBB", "status": "completed"}},
]  # fmt: skip


def test_what_is_told_of_hosted_tools_goes_back_as_it_came() -> None:
    output = [each["item"] for each in HOSTED_EVENTS if each["type"] == "response.output_item.done"]
    given = b"".join(
        [
            event("response.created", 0, response={**RESPONSE, "output": []}),
            *(event(number=n, kind=each["type"], **_rest(each)) for n, each in enumerate(HOSTED_EVENTS, 2)),
            event("response.completed", 11, response={**RESPONSE, "output": output}),
        ]
    )

    events = events_of(given)

    told = payloads(rendered(events))
    assert told[2:-1] == [{**each, "sequence_number": n} for n, each in enumerate(HOSTED_EVENTS, 2)]
    assert told[-1]["response"]["output"] == output
    assert (
        assembled(events).parts == responses.parse_response(msgspec.json.encode({**RESPONSE, "output": output})).parts
    )


def _rest(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "type"}
