"""Bedrock's Converse, the provider's side."""

import zlib
from typing import Any

import msgspec
import pytest

from interlingua.errors import Error, ProtocolError, ServerFault, StreamInterrupted, Throttled, Unsupported
from interlingua.types import (
    CacheBreakpoint,
    Event,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OutputAssembly,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
)
from interlingua.wires import converse
from interlingua.wires.aws_event_stream import EventStreamParser, render_message

CLAUDE = "anthropic.claude-sonnet-5"
USAGE = {
    "inputTokens": 3,
    "outputTokens": 2,
    "totalTokens": 12,
    "cacheReadInputTokens": 4,
    "cacheWriteInputTokens": 3,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 2}],
}


def frame(kind: str, **fields: Any) -> bytes:
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return render_message(headers, msgspec.json.encode(fields))


def stream() -> bytes:
    return b"".join(
        [
            frame("messageStart", role="assistant", p="abc"),
            frame("contentBlockDelta", contentBlockIndex=0, delta={"reasoningContent": {"text": "hm"}}),
            frame("contentBlockDelta", contentBlockIndex=0, delta={"reasoningContent": {"signature": "sig"}}),
            frame("contentBlockStop", contentBlockIndex=0),
            frame("contentBlockDelta", contentBlockIndex=1, delta={"text": "Hel"}, p="abcd"),
            frame("contentBlockDelta", contentBlockIndex=1, delta={"text": "lo"}),
            frame("contentBlockStop", contentBlockIndex=1),
            frame("contentBlockStart", contentBlockIndex=2, start={"toolUse": {"toolUseId": "t1", "name": "w"}}),
            frame("contentBlockDelta", contentBlockIndex=2, delta={"toolUse": {"input": '{"a"'}}),
            frame("contentBlockDelta", contentBlockIndex=2, delta={"toolUse": {"input": ":1}"}}),
            frame("contentBlockStop", contentBlockIndex=2),
            frame("messageStop", stopReason="tool_use"),
            frame("metadata", usage=USAGE, metrics={"latencyMs": 7}),
        ]
    )


def read(data: bytes, *, size: int = 1 << 20) -> list[Event]:
    parser = converse.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
    return [*events, *parser.close()]


@pytest.mark.parametrize("size", [1, 13, 1 << 20])
def test_a_stream_says_what_the_whole_answer_says(size: int) -> None:
    content = [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}},
        {"text": "Hello"},
        {"toolUse": {"toolUseId": "t1", "name": "w", "input": {"a": 1}}},
    ]
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use",
        "usage": USAGE,
        "metrics": {"latencyMs": 7},
    }
    whole = converse.parse_response(msgspec.json.encode(body))
    assembly = OutputAssembly()
    for event in read(stream(), size=size):
        assembly.add(event)

    output = assembly.output()

    assert output.choices == whole.choices
    assert (output.usage, output.extensions) == (whole.usage, whole.extensions)
    assert output.usage is not None
    assert (output.usage.prompt_tokens, output.usage.cache_write_long_tokens) == (10, 2)
    assert output.finish_reason == "tool_calls"


def test_a_request_is_written_as_the_service_wants_it() -> None:
    request = ModelRequest(
        f"arn:aws:bedrock:eu-central-1:1:inference-profile/{CLAUDE}",
        [
            ModelMessage("system", [TextPart("s", cache=CacheBreakpoint(ttl="1h"))]),
            ModelMessage("user", [TextPart("u"), ImagePart(url="data:image/png;base64,aW1n")]),
            ModelMessage(
                "assistant",
                [
                    ThinkingPart(text="hm", signature="sig", wire="converse"),
                    ToolCallPart(id="t1", name="w", arguments='{"a": 1}'),
                ],
            ),
            ModelMessage.tool_result("t1", "4 degrees", is_error=True),
            ModelMessage("user", "and?"),
        ],
        tools=[Tool(name="w", description="d", parameters={"type": "object"})],
        tool_choice=ToolChoice(mode="required"),
        thinking=ThinkingConfig(mode="enabled", budget_tokens=1024),
        max_new_tokens=9,
        temperature=0,
    )

    written = converse.render_request(request, stream=True)

    assert written.path == (
        "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Fanthropic.claude-sonnet-5/converse-stream"
    )
    assert written.warnings == ()
    assert msgspec.json.decode(written.body) == {
        "system": [{"text": "s"}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
        "messages": [
            {"role": "user", "content": [{"text": "u"}, {"image": {"format": "png", "source": {"bytes": "aW1n"}}}]},
            {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}},
                    {"toolUse": {"toolUseId": "t1", "name": "w", "input": {"a": 1}}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"text": "4 degrees"}], "status": "error"}},
                    {"text": "and?"},
                ],
            },
        ],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "w", "description": "d", "inputSchema": {"json": {"type": "object"}}}}],
            "toolChoice": {"any": {}},
        },
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    }


def test_what_cannot_be_said_is_told() -> None:
    request = ModelRequest("amazon.nova", [ModelMessage("user", "u")], seed=1, top_k=3)
    assert {each.feature for each in converse.render_request(request).warnings} == {"seed", "top_k"}
    request.strict = True
    with pytest.raises(Unsupported):
        converse.render_request(request)


def test_an_exception_in_a_stream_is_its_own_error() -> None:
    headers = {":message-type": "exception", ":exception-type": "throttlingException"}
    with pytest.raises(Throttled, match="slow down"):
        read(render_message(headers, b'{"message":"slow down"}'))


def test_an_error_without_a_payload_has_its_words_in_headers() -> None:
    headers = {":message-type": "error", ":error-code": "InternalServerException", ":error-message": "sorry"}
    with pytest.raises(ServerFault, match="sorry"):
        read(render_message(headers, b""))


def test_an_error_reply_says_its_kind_in_a_header_or_the_body() -> None:
    by_header = converse.parse_error(400, {"X-Amzn-ErrorType": "ThrottlingException:http://x"}, b'{"message":"m"}')
    by_body = converse.parse_error(429, {}, b'{"__type":"com.amazon#ThrottlingException","message":"m"}')
    assert isinstance(by_header, Throttled)
    assert isinstance(by_body, Throttled)
    assert (by_body.code, by_body.message, by_header.status) == ("ThrottlingException", "m", 400)


def test_a_cut_stream_is_never_a_success() -> None:
    data = stream()
    end = data.rfind(b"tool_use") - 60
    with pytest.raises(StreamInterrupted) as caught:
        read(data[:end])
    assert caught.value.partial == "Hello"


def test_messages_are_those_of_botocore() -> None:
    botocore: Any = pytest.importorskip("botocore.eventstream")
    buffer = botocore.EventStreamBuffer()
    buffer.add_data(stream())
    theirs = [(message.headers, message.payload) for message in buffer]

    ours = [(message.headers, message.payload) for message in EventStreamParser().feed(stream())]

    assert ours == theirs


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_flipped_bit_is_noticed(place: int) -> None:
    data = bytearray(frame("messageStart", role="assistant"))
    data[place] ^= 1
    with pytest.raises(ProtocolError):
        EventStreamParser().feed(bytes(data))


def test_lengths_have_a_bound() -> None:
    prelude = (1 << 30).to_bytes(4, "big") + bytes(4)
    with pytest.raises(ProtocolError):
        EventStreamParser().feed(prelude + zlib.crc32(prelude).to_bytes(4, "big"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"output":{"message":{"content":[1]}}}', b"[" * 99999])
def test_a_reply_that_is_none_is_told(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        converse.parse_response(body)


def test_an_error_in_the_place_of_an_answer_is_raised() -> None:
    with pytest.raises(Error, match="no"):
        converse.parse_response(b'{"message":"no"}')
