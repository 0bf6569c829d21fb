"""Streamed replies of Messages, held against the SDK's own accumulator and the same reply whole (anthropic 2.12)."""

from typing import Any

import httpx2
import msgspec
import pytest
from anthropic.lib.streaming._beta_messages import accumulate_event as accumulate_beta
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import Message
from anthropic.types.beta import BetaMessage

from interlingua.errors import ProviderError, StreamInterrupted, Throttled
from interlingua.types import (
    CitationDelta,
    Event,
    Finish,
    ImagePart,
    ModelOutput,
    ModelRequest,
    OutputAssembly,
    PartDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.wires import converse, messages
from tests.wires.converse import replies

FOUND: dict[str, Any] = {
    "type": "web_search_result",
    "url": "https://example.org/oslo",
    "title": "Oslo",
    "page_age": None,
    "encrypted_content": "EqgfCioIARgBIiQ=",
}
CITED: dict[str, Any] = {
    "type": "web_search_result_location",
    "url": "https://example.org/oslo",
    "title": "Oslo",
    "cited_text": "It is cold.",
    "encrypted_index": "Eo8BCioIAhgBIiQ=",
}
CONTAINER: dict[str, Any] = {"id": "container_1", "expires_at": "2026-11-25T09:00:00Z", "skills": None}
EDITS: dict[str, Any] = {
    "applied_edits": [{"type": "clear_tool_uses_20250919", "cleared_input_tokens": 900, "cleared_tool_uses": 3}]
}
WHOLE: dict[str, Any] = {
    "id": "msg_01",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-8",
    "content": [
        {"type": "thinking", "thinking": "Let me look.", "signature": "EuYBCkQ="},
        {"type": "redacted_thinking", "data": "EmwKAhgBEgy3"},
        {
            "type": "server_tool_use",
            "id": "srvtoolu_1",
            "name": "web_search",
            "input": {"query": "Oslo weather"},
            "caller": {"type": "direct"},
        },
        {
            "type": "web_search_tool_result",
            "tool_use_id": "srvtoolu_1",
            "content": [FOUND],
            "caller": {"type": "direct"},
        },
        {"type": "text", "text": "It is cold.", "citations": [CITED]},
        {"type": "tool_use", "id": "toolu_1", "name": "w", "input": {"a": 1}, "caller": {"type": "direct"}},
        {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "container": CONTAINER,
    "usage": {
        "input_tokens": 10,
        "cache_creation_input_tokens": 5,
        "cache_read_input_tokens": 7,
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
        "output_tokens": 40,
        "output_tokens_details": {"thinking_tokens": 4},
        "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
        "service_tier": "standard",
    },
}


def begun(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def grown(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def ended(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


START: dict[str, Any] = {
    "type": "message_start",
    "message": {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-8",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 10,
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 7,
            "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
            "output_tokens": 1,
            "service_tier": "standard",
        },
    },
}
ENDING: dict[str, Any] = {
    "type": "message_delta",
    "delta": {"stop_reason": "tool_use", "stop_sequence": None, "container": CONTAINER},
    "usage": {
        "output_tokens": 40,
        "output_tokens_details": {"thinking_tokens": 4},
        "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
    },
}
STOP: dict[str, Any] = {"type": "message_stop"}
EVENTS: list[dict[str, Any]] = [
    START,
    {"type": "ping"},
    begun(0, {"type": "thinking", "thinking": "", "signature": ""}),
    grown(0, "thinking_delta", thinking="Let me "),
    grown(0, "thinking_delta", thinking="look."),
    grown(0, "signature_delta", signature="EuYBCkQ="),
    ended(0),
    begun(1, {"type": "redacted_thinking", "data": "EmwKAhgBEgy3"}),
    ended(1),
    begun(
        2,
        {
            "type": "server_tool_use",
            "id": "srvtoolu_1",
            "name": "web_search",
            "input": {},
            "caller": {"type": "direct"},
        },
    ),
    grown(2, "input_json_delta", partial_json=""),
    grown(2, "input_json_delta", partial_json='{"query": "Oslo'),
    grown(2, "input_json_delta", partial_json=' weather"}'),
    ended(2),
    begun(3, WHOLE["content"][3]),
    ended(3),
    begun(4, {"type": "text", "text": "", "citations": []}),
    grown(4, "citations_delta", citation=CITED),
    grown(4, "text_delta", text="It is "),
    grown(4, "text_delta", text="cold."),
    ended(4),
    begun(
        5,
        {"type": "tool_use", "id": "toolu_1", "name": "w", "input": {}, "caller": {"type": "direct"}},
    ),
    grown(5, "input_json_delta", partial_json=""),
    grown(5, "input_json_delta", partial_json='{"a": '),
    grown(5, "input_json_delta", partial_json="1}"),
    ended(5),
    begun(6, {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}}),
    ended(6),
    ENDING,
    STOP,
]


def sent(events: list[dict[str, Any]]) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (each["type"].encode(), msgspec.json.encode(each)) for each in events)


def read(data: bytes, *, size: int = 1 << 20) -> list[Event]:
    parser = messages.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
        if parser.failure is not None:
            raise parser.failure
    return [*events, *parser.close()]


def assembled(events: list[Event]) -> ModelOutput:
    assembly = OutputAssembly()
    for event in events:
        assembly.add(event)
    return assembly.output()


def written(events: list[Event]) -> list[dict[str, Any]]:
    renderer = messages.stream_renderer(ModelRequest("m", []))
    data = b"".join(renderer.render(event) for event in events)
    return [msgspec.json.decode(each.partition(b"\ndata: ")[2]) for each in data.split(b"\n\n") if each]


def built(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Give what the SDK makes of a stream."""
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for event in events:
        if event["type"] != "ping":
            snapshot = accumulate_event(event=event, current_snapshot=snapshot, json_bufs=buffers)  # pyright: ignore[reportArgumentType] - the SDK reads it from JSON too
    return Message.model_validate(snapshot.model_dump(mode="json", warnings=False)).model_dump(mode="json")


def built_beta(events: list[dict[str, Any]]) -> dict[str, Any]:
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for event in events:
        if event["type"] != "ping":
            snapshot = accumulate_beta(
                event=event,  # pyright: ignore[reportArgumentType]
                current_snapshot=snapshot,
                json_bufs=buffers,
                request_headers=httpx2.Headers(),
            )
    return BetaMessage.model_validate(snapshot.model_dump(mode="json", warnings=False)).model_dump(mode="json")


def test_a_stream_is_these_events() -> None:
    own = {"messages": {"caller": {"type": "direct"}}}
    events = read(sent(EVENTS))

    assert [event for event in events if not isinstance(event, UsageReport)][:4] == [
        StreamStart(id="msg_01", model="claude-opus-4-8"),
        ThinkingDelta("", index=0, wire="messages"),
        ThinkingDelta("Let me ", index=0, wire="messages"),
        ThinkingDelta("look.", index=0, wire="messages"),
    ]
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["", "It is ", "cold."]
    assert [event.citation.url for event in events if isinstance(event, CitationDelta)] == ["https://example.org/oslo"]
    assert [event for event in events if isinstance(event, ToolCallDelta)] == [
        ToolCallDelta(index=0, id="toolu_1", name="w", kind="function", extensions=own),
        ToolCallDelta(index=0, arguments='{"a": '),
        ToolCallDelta(index=0, arguments="1}"),
        ToolCallDelta(index=1, id="toolu_2", name="now", kind="function"),
        ToolCallDelta(index=1, arguments="{}"),
    ]
    assert events[-2:] == [Finish("tool_calls", 0, "tool_use"), StreamEnd()]
    assert [event.usage for event in events if isinstance(event, UsageReport)][-1] == Usage(
        input_tokens=10,
        cache_read_tokens=7,
        cache_write_tokens=2,
        cache_write_long_tokens=3,
        output_tokens=36,
        reasoning_tokens=4,
        extensions={
            "messages": {
                "service_tier": "standard",
                "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
            }
        },
    )


@pytest.mark.parametrize("size", [1, 17, 1 << 20])
def test_a_stream_says_what_the_whole_reply_says(size: int) -> None:
    whole = messages.parse_response(msgspec.json.encode(WHOLE))
    streamed = assembled(read(sent(EVENTS), size=size))

    for call in (*whole.tool_calls, *streamed.tool_calls):
        call.arguments = call.arguments.replace(" ", "")  # an object has no spaces of its own
    assert streamed.choices == whole.choices
    assert (streamed.id, streamed.model, streamed.usage) == (whole.id, whole.model, whole.usage)
    assert streamed.extensions == whole.extensions == {"messages": {"container": CONTAINER}}


def test_the_sdk_builds_the_same_message_of_what_is_written() -> None:
    again = written(read(sent(EVENTS)))

    theirs, ours = built(EVENTS), built(again)
    for usage in (theirs["usage"], ours["usage"]):  # its accumulator takes these from the beginning only
        del usage["service_tier"], usage["cache_creation"]
    assert ours == theirs
    assert [event["type"] for event in again] == [
        "message_start",
        *["content_block_start", "content_block_delta", "content_block_delta", "content_block_delta"],
        *["content_block_stop", "content_block_start", "content_block_stop"],
        *["content_block_start", "content_block_stop", "content_block_start", "content_block_stop"],
        *["content_block_start", *["content_block_delta"] * 3, "content_block_stop"],
        *["content_block_start", *["content_block_delta"] * 2, "content_block_stop"],
        *["content_block_start", "content_block_delta", "content_block_stop"],
        *["message_delta", "message_stop"],
    ]


def test_a_whole_reply_is_written_as_it_came() -> None:
    output = messages.parse_response(msgspec.json.encode(WHOLE))
    assert msgspec.json.decode(messages.render_response(output)) == WHOLE | {
        "content": [
            {**block, "citations": block.get("citations")} if block["type"] == "text" else block
            for block in WHOLE["content"]
        ]
    }


def test_what_a_stream_tells_beside_its_end_goes_back() -> None:
    transformed = [{"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "model_binding_mismatch"}]
    ending = {**ENDING, "context_management": EDITS, "input_transformations": transformed}
    measured = {**STOP, "amazon-bedrock-invocationMetrics": {"inputTokenCount": 10}}
    given = [*EVENTS[:-2], ending, measured]

    again = written(read(sent(given)))

    assert again[-2]["context_management"] == EDITS
    assert again[-2]["input_transformations"] == transformed
    assert again[-2]["delta"] == {"stop_details": None, **ENDING["delta"]}
    assert again[-2]["amazon-bedrock-invocationMetrics"] == {"inputTokenCount": 10}
    assert built_beta(again)["context_management"] == EDITS
    assert assembled(read(sent(given))).extensions["messages"]["context_management"] == EDITS


def test_a_new_field_of_the_end_stays_where_it_was() -> None:
    ending = {**ENDING, "beside": 1, "delta": {**ENDING["delta"], "within": 2}}

    again = written(read(sent([*EVENTS[:-2], ending, STOP])))

    assert (again[-2]["beside"], again[-2]["delta"]["within"]) == (1, 2)


def test_an_event_that_is_not_known_goes_back_as_it_came() -> None:
    first: dict[str, Any] = {"type": "new_event", "index": 9, "deep": [1, None]}
    second: dict[str, Any] = {"type": "other_event", "value": {"a": "b"}}
    given = [START, begun(0, {"type": "text", "text": ""}), grown(0, "text_delta", text="a"), first, second]
    events = read(sent([*given, ended(0), ENDING, STOP]))

    assert written(events)[3:5] == [{**first, "index": 0}, second]
    assert assembled(events).choices[0].extensions == {
        "messages": {"message": {"events": [{"event": first}, {"event": second}]}}
    }
    whole = msgspec.json.decode(messages.render_response(assembled(events)))
    assert "message" not in whole


def test_a_delta_that_is_not_known_goes_back_into_its_block() -> None:
    given = [
        START,
        begun(0, {"type": "text", "text": "", "citations": None}),
        grown(0, "new_delta", value="first"),
        grown(0, "text_delta", text="a"),
        grown(0, "new_delta", value="second"),
        ended(0),
        begun(1, {"type": "thinking", "thinking": "", "signature": ""}),
        grown(1, "thinking_mark", value=1),
        ended(1),
        begun(2, {"type": "tool_use", "id": "t", "name": "w", "input": {}}),
        grown(2, "tool_mark", value=1),
        grown(2, "input_json_delta", partial_json="{}"),
        ended(2),
        {**ENDING, "delta": {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None}},
        STOP,
    ]
    assert written(read(sent(given)))[1:-2] == given[1:-2]


def test_a_block_that_is_not_known_grows_by_its_own_deltas() -> None:
    first = {"type": "compaction", "content": None, "encrypted_content": None}
    given = [
        START,
        begun(0, first),
        grown(0, "compaction_delta", content="They spoke of Oslo.", encrypted_content="ZW5j"),
        ended(0),
        begun(1, {"type": "later_block", "words": "a", "count": 1}),
        grown(1, "later_delta", words="b", count=2),
        ended(1),
        {**ENDING, "delta": {"stop_reason": "compaction", "stop_sequence": None}},
        STOP,
    ]

    again = written(read(sent(given)))

    assert again[1]["content_block"] == {
        "type": "compaction",
        "content": "They spoke of Oslo.",
        "encrypted_content": "ZW5j",
    }
    assert again[3]["content_block"] == {"type": "later_block", "words": "ab", "count": 2}
    known = [*given[:4], *given[-2:]]
    assert built_beta(written(read(sent(known))))["content"] == built_beta(known)["content"]
    assert again[-2]["delta"]["stop_reason"] == "compaction"


def test_an_error_in_a_stream_is_raised_after_what_came_before() -> None:
    failure = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    parser = messages.stream_parser()

    events = parser.feed(sent([START, begun(0, {"type": "text", "text": "a"}), failure]))

    assert [type(event) for event in events] == [StreamStart, UsageReport, TextDelta]
    with pytest.raises(ProviderError, match="Overloaded"):
        parser.feed(b"")


def test_a_limit_in_a_stream_is_a_limit() -> None:
    failure = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    with pytest.raises(Throttled, match="slow down"):
        read(sent([failure]))


def test_an_error_without_a_type_is_an_error() -> None:
    with pytest.raises(ProviderError, match="busy"):
        read(sent([START]) + b'data: {"error":{"message":"busy","type":"server_error","code":502}}\n\n')


def test_an_event_without_a_type_goes_back_as_it_came() -> None:
    renderer = messages.stream_renderer(ModelRequest("m", []))
    parser = messages.stream_parser()
    events = parser.feed(sent([START]) + b'data: {"new":[1.5]}\n\n')

    assert b"".join(map(renderer.render, events)).endswith(b'\n\ndata: {"new":[1.5]}\n\n')


def test_a_cut_stream_is_never_a_success() -> None:
    for count in range(len(EVENTS) - 2):
        with pytest.raises(StreamInterrupted):
            read(sent(EVENTS[:count]))


def test_bedrocks_answer_is_the_same_to_the_sdk_whole_and_streamed() -> None:
    parser = converse.stream_parser()
    events = [*parser.feed(b"".join(replies.STREAM)), *parser.close()]
    image = PartDelta(ImagePart(url="data:image/png;base64,iVBORw0KGgo="))
    events.remove(image)  # a block that answers of this wire have not
    streamed = built(written([StreamStart(id="msg_1", model="m"), *events[1:]]))

    output = converse.parse_response(msgspec.json.encode(replies.WHOLE))
    output.id, output.model = "msg_1", "m"
    rendered = msgspec.json.decode(messages.render_response(output))
    shown = [block for block in rendered["content"] if block["type"] != "image"]
    whole = Message.model_validate({**rendered, "content": shown}).model_dump(mode="json")

    def brought_back(content: list[dict[str, Any]]) -> ModelRequest:
        turns = [{"role": "assistant", "content": content}]
        return messages.parse_request(msgspec.json.encode({"model": "m", "max_tokens": 9, "messages": turns}))

    assert [block["type"] for block in streamed["content"]] == [block["type"] for block in whole["content"]]
    assert brought_back(streamed["content"]) == brought_back(whole["content"])  # what is sealed is opened
    assert (streamed["stop_reason"], streamed["usage"]["output_tokens"]) == ("tool_use", 20)
    assert [str(each) for each in output.warnings] == ["emulated image: as a block that answers of this wire have not"]
