"""Streams of Converse, held against the same reply whole and against botocore's own reader (botocore 1.44)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import ServerFault, StreamInterrupted, Throttled
from interlingua.types import (
    CitationDelta,
    Event,
    Finish,
    ImagePart,
    ModelOutput,
    OpaqueDelta,
    OpaquePart,
    OutputAssembly,
    PartDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.wires import converse
from interlingua.wires.aws_event_stream import render_message
from tests.wires.converse import bedrock
from tests.wires.converse.replies import END, SERVERS, START, STREAM, WHOLE, begun, ended, event, grown


def read(data: list[bytes], *, size: int = 1 << 20) -> list[Event]:
    parser = converse.stream_parser()
    joined = b"".join(data)
    events: list[Event] = []
    for start in range(0, len(joined), size):
        events += parser.feed(joined[start : start + size])
        if parser.failure is not None:
            raise parser.failure
    return [*events, *parser.close()]


def assembled(events: list[Event]) -> ModelOutput:
    assembly = OutputAssembly()
    for each in events:
        assembly.add(each)
    return assembly.output()


@pytest.mark.parametrize("size", [1, 17, 1 << 20])
def test_a_stream_says_what_the_whole_reply_says(size: int) -> None:
    whole = converse.parse_response(msgspec.json.encode(WHOLE))
    streamed = assembled(read(STREAM, size=size))

    for call in streamed.tool_calls:
        call.arguments = call.arguments.replace(" ", "")  # an object has no spaces of its own
    assert streamed.choices == whole.choices
    assert (streamed.usage, streamed.extensions) == (whole.usage, whole.extensions)


def test_a_stream_is_these_events() -> None:
    events = read(STREAM)

    assert events[:5] == [
        StreamStart(),
        ThinkingDelta("Let me ", index=0, wire="converse"),
        ThinkingDelta("look.", index=0, wire="converse"),
        ThinkingDelta(signature="c2ln", index=0, wire="converse"),
        ThinkingDelta(encrypted="cmVkYWN0ZWQ=", index=1, wire="converse"),
    ]
    assert events[5:7] == [PartDelta(OpaquePart("converse", block)) for block in SERVERS]
    assert [each.text for each in events if isinstance(each, TextDelta)] == ["Hel", "lo.", "", "It is ", "cold."]
    assert [each.citation.title for each in events if isinstance(each, CitationDelta)] == ["Notes", "Oslo"]
    assert PartDelta(ImagePart(url="data:image/png;base64,iVBORw0KGgo=")) in events
    assert [each for each in events if isinstance(each, ToolCallDelta)] == [
        ToolCallDelta(index=0, id="tooluse_1", name="w", kind="function"),
        ToolCallDelta(index=0, arguments='{"a": '),
        ToolCallDelta(index=0, arguments="1}"),
        ToolCallDelta(index=1, id="tooluse_2", name="now", kind="function"),
        ToolCallDelta(index=1, arguments="{}"),
    ]
    assert [type(each) for each in events[-5:]] == [OpaqueDelta, Finish, OpaqueDelta, UsageReport, StreamEnd]


def test_botocore_reads_the_same_messages() -> None:
    theirs = bedrock.events(b"".join(STREAM))

    pieces = [each["contentBlockDelta"]["delta"] for each in theirs if "contentBlockDelta" in each]
    redacted = [piece["reasoningContent"] for piece in pieces if "redactedContent" in piece.get("reasoningContent", {})]
    texts = [piece["text"] for piece in pieces if "text" in piece]
    assert b"".join(piece["redactedContent"] for piece in redacted) == b"redacted"
    assert "".join(texts) == assembled(read(STREAM)).text
    assert theirs[-1]["metadata"]["usage"] == WHOLE["usage"]
    assert len(theirs) == len(STREAM)


def test_an_event_that_is_not_known_is_kept() -> None:
    first, second = {"novelEvent": {"contentBlockIndex": 0, "a": 1}}, {"novelEvent": {"b": [2]}}
    given = [START, event("novelEvent", **first["novelEvent"]), grown(0, text="a"), ended(0)]
    choice = assembled(read([*given, event("novelEvent", **second["novelEvent"]), *END])).choices[0]
    assert choice.text == "a"
    assert choice.extensions == {"converse": {"message": {"events": [{"event": first}, {"event": second}]}}}


def test_new_members_of_the_last_events_are_kept() -> None:
    stop = event("messageStop", stopReason="end_turn", novel=1, p="abc")
    metadata = event("metadata", usage=WHOLE["usage"], metrics={"latencyMs": 1}, later={"x": 2}, p="a")
    output = assembled(read([START, grown(0, text="a"), ended(0), stop, metadata]))
    assert output.extensions == {"converse": {"novel": 1, "metrics": {"latencyMs": 1}, "later": {"x": 2}}}


@pytest.mark.parametrize(
    ("pieces", "block"),
    [
        (
            [begun(0, novel={"a": "x"}), grown(0, novel={"a": "y", "b": [1]}), ended(0)],
            {"novel": {"a": "xy", "b": [1]}},
        ),
        ([grown(0, novel={"a": "x"}), grown(0, novel={"a": "y"}), ended(0)], {"novel": {"a": "xy"}}),
        ([begun(0, novel={"a": "x"})], {"novel": {"a": "x"}}),
        (
            [begun(0, image={"format": "png"}), grown(0, image={"error": {"message": "no"}}), ended(0)],
            {"image": {"format": "png", "error": {"message": "no"}}},
        ),
        (
            [grown(0, reasoningContent={"novel": "x"}), ended(0)],
            {"reasoningContent": {"novel": "x"}},
        ),
        (
            [begun(0, toolUse={"toolUseId": "s", "name": "n", "type": "server_tool_use"}), ended(0)],
            {"toolUse": {"toolUseId": "s", "name": "n", "type": "server_tool_use", "input": {}}},
        ),
    ],
)
def test_a_block_in_pieces_is_the_block_whole(pieces: list[bytes], block: dict[str, Any]) -> None:
    stop = event("messageStop", stopReason="end_turn")
    body = {"output": {"message": {"role": "assistant", "content": [block]}}, "stopReason": "end_turn"}
    whole = converse.parse_response(msgspec.json.encode(body))
    assert assembled(read([START, *pieces, stop, END[1]])).choices[0].parts == whole.choices[0].parts
    assert whole.choices[0].parts == [OpaquePart("converse", block)]


def test_the_models_own_words_are_told_of_its_failure() -> None:
    headers = {":message-type": "exception", ":exception-type": "modelStreamErrorException"}
    body = {"message": "The model failed.", "originalStatusCode": 500, "originalMessage": "out of memory"}
    with pytest.raises(ServerFault, match=r"The model failed\. \(out of memory\)"):
        read([START, render_message(headers, msgspec.json.encode(body))])


def test_a_failure_comes_after_what_was_said() -> None:
    headers = {":message-type": "exception", ":exception-type": "throttlingException"}
    parser = converse.stream_parser()
    given = [START, grown(0, text="a"), render_message(headers, b'{"message":"slow down"}')]
    assert [type(each) for each in parser.feed(b"".join(given))] == [StreamStart, TextDelta]
    with pytest.raises(Throttled, match="slow down"):
        parser.feed(b"")


def test_a_cut_stream_is_never_a_success() -> None:
    for count in range(len(STREAM) - 2):
        with pytest.raises(StreamInterrupted):
            read(STREAM[:count])


def test_a_stream_without_its_measures_has_ended_all_the_same() -> None:
    assert read(STREAM[:-1])[-1] == StreamEnd(marked=False)
