"""Streams as they are written: our parser reads the same events again, and the official SDK takes them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ContextTooLong, InvalidConfig, Overloaded
from interlingua.types import (
    AudioDelta,
    Event,
    Finish,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaqueDelta,
    OutputAssembly,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.wires.chat_completions import stream_parser, stream_renderer
from tests.types.messages import words

WITH_USAGE = ModelRequest(
    "m",
    [ModelMessage("user", "Hi")],
    extensions={"chat_completions": {"stream_options": {"include_usage": True}}},
)

pieces = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
choices = st.integers(0, 2)
signature = {"chat_completions": {"reasoning_details": [{"type": "reasoning.text", "signature": "s", "index": 0}]}}


def unknown_field(value: str) -> dict[str, Any]:
    return {"message": {"x_new": value}}


def unknown_block(value: str) -> dict[str, Any]:
    return {"type": "x_block", "x": value}


deltas: st.SearchStrategy[Event] = st.one_of(
    st.builds(TextDelta, pieces, choices),
    st.builds(TextDelta, pieces, choices, st.just({"content": [{"token": "a", "logprob": -1}]})),
    st.builds(ThinkingDelta, pieces, choices, st.sampled_from(["reasoning_content", "reasoning"])),
    st.just(
        ThinkingDelta("", 0, "reasoning_details", "s", None, signature, 0, "chat_completions"),
    ),
    st.builds(RefusalDelta, pieces, choices),
    st.builds(AudioDelta, choice=choices, id=words, data=words, transcript=words, expires_at=st.integers(1, 9)),
    st.builds(PartDelta, st.builds(ImagePart, url=words), choices),
    st.builds(OpaqueDelta, st.just("chat_completions"), words.map(unknown_field), choices),
    st.builds(OpaqueDelta, st.just("chat_completions"), words.map(unknown_block), choices),
)


@st.composite
def tool_calls(draw: st.DrawFn) -> list[Event]:
    """Draw the pieces of some tool calls of the first choice."""
    events: list[Event] = []
    for index in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["function", "custom"]))
        first, *rest = draw(st.lists(pieces, min_size=1, max_size=3))
        events.append(ToolCallDelta(index=index, id=f"call_{index}", name=draw(words), arguments=first, kind=kind))
        events += [ToolCallDelta(index=index, arguments=text) for text in rest] if kind == "function" else []
    return events


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """Draw the events of a whole answer."""
    extensions = draw(st.sampled_from([dict[str, Any](), {"chat_completions": {"service_tier": "flex"}}]))
    start = StreamStart(id=draw(words), model=draw(words), created=draw(st.integers(1, 9)), extensions=extensions)
    body = [*draw(st.lists(deltas, max_size=6)), *draw(tool_calls())]
    used = sorted({getattr(event, "choice", 0) for event in body} | {0})
    ends = [
        Finish("stop", choice, "stop") if draw(st.booleans()) else Finish("length", choice, "length") for choice in used
    ]
    counts = st.builds(Usage, input_tokens=st.integers(0, 9), reasoning_tokens=st.integers(0, 9))
    usage = draw(st.lists(counts, max_size=1))
    return [start, *body, *ends, *map(UsageReport, usage), StreamEnd()]


def written(events: Sequence[Event], request: ModelRequest = WITH_USAGE) -> bytes:
    renderer = stream_renderer(request)
    return b"".join(renderer.render(event) for event in events)


@settings(max_examples=200, deadline=None)
@given(answers())
def test_reading_what_was_written_gives_the_events_back(events: list[Event]) -> None:
    parser = stream_parser()

    read = [*parser.feed(written(events)), *parser.close()]

    assert read == events


@settings(max_examples=50, deadline=None)
@given(answers())
def test_the_official_sdk_takes_every_chunk(events: list[Event]) -> None:
    chat = pytest.importorskip("openai.types.chat")

    for line in written(events).split(b"\n\n")[:-2]:
        if b'"custom"' in line or b'"x_block"' in line or b'"token"' in line:
            continue  # its types are narrower here, and it reads these all the same
        chunk = chat.ChatCompletionChunk.model_validate_json(line.removeprefix(b"data: "))
        assert chunk.object == "chat.completion.chunk"


def chunks_of(data: bytes) -> list[Any]:
    lines = [line.removeprefix(b"data: ") for line in data.split(b"\n\n") if line]
    return [line.decode() if line == b"[DONE]" else msgspec.json.decode(line) for line in lines]


def test_a_stream_as_openai_writes_it() -> None:
    events = [StreamStart(id="c", model="m", created=5), TextDelta("Hi"), Finish("stop"), StreamEnd()]

    head = {"id": "c", "object": "chat.completion.chunk", "created": 5, "model": "m"}
    empty = {"index": 0, "logprobs": None, "finish_reason": None}
    assert chunks_of(written(events, ModelRequest("m", []))) == [
        {**head, "choices": [{**empty, "delta": {"role": "assistant", "content": "", "refusal": None}}]},
        {**head, "choices": [{**empty, "delta": {"content": "Hi"}}]},
        {**head, "choices": [{**empty, "delta": {}, "finish_reason": "stop"}]},
        "[DONE]",
    ]


def test_usage_is_told_only_to_those_who_asked() -> None:
    events = [StreamStart(), TextDelta("Hi"), Finish("stop"), UsageReport(Usage(output_tokens=1)), StreamEnd()]

    asked = chunks_of(written(events))
    not_asked = chunks_of(written(events, ModelRequest("m", [])))

    assert asked[-2]["choices"] == []
    assert asked[-2]["usage"]["completion_tokens"] == 1
    assert [chunk["usage"] for chunk in asked[:-2]] == [None, None, None]
    assert all("usage" not in chunk for chunk in not_asked[:-1])


def test_a_stream_that_was_cut_gets_no_end_mark() -> None:
    renderer = stream_renderer(WITH_USAGE)

    data = renderer.render(StreamStart()) + renderer.render(TextDelta("Hi")) + renderer.render_error(Overloaded("busy"))

    assert b"[DONE]" not in data
    assert data.endswith(
        b'data: {"error":{"message":"busy","type":"overloaded_error","param":null,"code":"overloaded"}}\n\n'
    )


def test_reasoning_of_another_wire_is_told_with_its_signature() -> None:
    events = [
        StreamStart(),
        ThinkingDelta("so", 0, "thinking"),
        ThinkingDelta("", 0, "thinking", signature="s"),
        TextDelta("4"),
        OpaqueDelta("messages", {"type": "server_tool_use"}, 0),
        Finish("stop", 0, "end_turn"),
        StreamEnd(),
    ]
    parser = stream_parser()
    assembly = OutputAssembly()

    for event in parser.feed(written(events)):
        assembly.add(event)

    output = assembly.output()
    assert (output.thinking, output.text, output.finish_reason) == ("so", "4", "stop")
    assert "s" in [part.signature for part in output.parts if isinstance(part, ThinkingPart)]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ContextTooLong("long"), "invalid_request_error", "context_length_exceeded"),
        (InvalidConfig("bad"), "server_error", "invalid_config"),
    ],
)
def test_a_failure_is_an_event_of_its_own(error: Any, kind: str, code: str) -> None:
    [chunk] = chunks_of(stream_renderer(WITH_USAGE).render_error(error))

    assert (chunk["error"]["type"], chunk["error"]["code"]) == (kind, code)
