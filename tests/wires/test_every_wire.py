"""What holds for every wire that callers speak, and between any two of them."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from interlingua.errors import Error, InvalidRequest, ProtocolError, StreamInterrupted
from interlingua.types import (
    Citation,
    CitationDelta,
    Event,
    Finish,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OutputAssembly,
    StreamEnd,
    StreamStart,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    Tool,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
    Usage,
    UsageReport,
)
from interlingua.wires.contract import RelayedWire
from interlingua.wires.table import WIRES

NAMES = [name for name, wire in WIRES.items() if hasattr(wire, "read_head")]
STATEFUL = [name for name in NAMES if name not in ("chat_completions", "ollama")]
"""Wires whose providers give opaque state of their own."""

HOLDERS = [name for name in NAMES if name != "ollama"]
"""Wires with a place for another's state."""


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def wire_of(name: str) -> RelayedWire:
    return cast("RelayedWire", WIRES[name])


def conversation() -> ModelRequest:
    return ModelRequest(
        "m",
        [
            ModelMessage("system", "Be brief."),
            ModelMessage("user", "What is the weather in Oslo?"),
            ModelMessage(
                "assistant", [TextPart("Let me see."), ToolCallPart(id="call_1", name="w", arguments='{"a":1}')]
            ),
            ModelMessage.tool_result("call_1", "4 degrees"),
            ModelMessage("assistant", "It is cold."),
            ModelMessage("user", "Thanks. And tomorrow?"),
        ],
        tools=[
            Tool(
                name="w", description="Weather", parameters={"type": "object", "properties": {"a": {"type": "integer"}}}
            )
        ],
        tool_choice=ToolChoice(mode="auto"),
        temperature=0,
        max_new_tokens=64,
        stop=["END"],
    )


def answer() -> list[Event]:
    return [
        StreamStart(id="id_1", model="m"),
        TextDelta("Hel"),
        TextDelta("lo é 😀\u2028"),
        ToolCallDelta(index=0, id="call_1", name="w", arguments='{"a"', kind="function"),
        ToolCallDelta(index=0, arguments=":1}"),
        ToolCallDelta(index=1, id="call_2", name="w", arguments='{"a":2}', kind="function"),
        UsageReport(Usage(input_tokens=5, output_tokens=7)),
        Finish("tool_calls"),
        StreamEnd(),
    ]


def streamed(name: str, events: list[Event]) -> bytes:
    request = ModelRequest("m", [], extensions={"chat_completions": {"stream_options": {"include_usage": True}}})
    renderer = wire_of(name).stream_renderer(request)
    return b"".join(renderer.render(event) for event in events)


def parsed(name: str, data: bytes, *, size: int) -> list[Event]:
    parser = wire_of(name).stream_parser()
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


@pytest.mark.parametrize("name", NAMES)
def test_a_request_that_was_read_is_written_as_it_was(name: str) -> None:
    wire = wire_of(name)
    body = wire.render_request(conversation(), stream=False).body

    again = wire.render_request(wire.parse_request(body, model="m", stream=False), stream=False)

    assert msgspec.json.decode(again.body) == msgspec.json.decode(body)
    assert again.warnings == ()


@pytest.mark.parametrize("name", NAMES)
def test_unknown_fields_of_a_request_go_back_as_they_came(name: str) -> None:
    wire = wire_of(name)
    body = msgspec.json.decode(wire.render_request(conversation(), stream=False).body)
    body["x_future"] = {"deep": [1, None, "é"]}

    request = wire.parse_request(msgspec.json.encode(body), model="m", stream=False)

    assert msgspec.json.decode(wire.render_request(request, stream=False).body)["x_future"] == body["x_future"]


@pytest.mark.parametrize("behind", NAMES)
@pytest.mark.parametrize("front", NAMES)
def test_a_conversation_says_the_same_in_every_wire(front: str, behind: str) -> None:
    body = wire_of(front).render_request(conversation(), stream=False).body
    request = wire_of(front).parse_request(body, model="m", stream=False)

    written = wire_of(behind).render_request(request, stream=False).body

    read = wire_of(behind).parse_request(written, model="m", stream=False)
    assert [message.text for message in read.messages] == [message.text for message in conversation().messages]
    assert [call.parsed_arguments() for message in read.messages for call in message.tool_calls] == [{"a": 1}]
    assert (read.temperature, read.max_new_tokens) == (0, 64)
    assert [tool.name for tool in read.tools or () if isinstance(tool, Tool)] == ["w"]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", NAMES)
def test_a_stream_reads_the_same_however_it_was_cut(name: str, size: int) -> None:
    data = streamed(name, answer())

    output = assembled(parsed(name, data, size=size))

    assert output.text == "Hello é 😀\u2028"
    assert [call.parsed_arguments() for call in output.tool_calls] == [{"a": 1}, {"a": 2}]
    assert output.finish_reason == "tool_calls"
    assert output.usage is not None
    assert (output.usage.prompt_tokens, output.usage.completion_tokens) == (5, 7)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_answer_says_what_its_stream_says(name: str) -> None:
    wire = wire_of(name)
    output = assembled(answer())

    whole = wire.parse_response(wire.render_response(output, request=ModelRequest("m", [])))

    stream = assembled(parsed(name, streamed(name, answer()), size=1 << 20))
    assert whole.text == stream.text == output.text
    assert [call.name for call in whole.tool_calls] == [call.name for call in stream.tool_calls] == ["w", "w"]
    assert whole.finish_reason == stream.finish_reason == "tool_calls"
    assert whole.usage is not None
    assert stream.usage is not None
    assert whole.usage.total_tokens == stream.usage.total_tokens == 12


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_is_cut_anywhere_is_never_a_success(name: str) -> None:
    data = streamed(name, answer())
    whole = parsed(name, data, size=1 << 20)

    for end in range(len(data) - 1):
        try:
            events = parsed(name, data[:end], size=1 << 20)
        except (StreamInterrupted, ProtocolError):
            continue
        assert assembled(events).parts == assembled(whole).parts


@pytest.mark.parametrize("name", NAMES)
def test_the_watch_knows_a_whole_stream_from_a_cut_one(name: str) -> None:
    data = streamed(name, answer())
    whole, cut = wire_of(name).stream_watch(), wire_of(name).stream_watch()

    whole.feed(data)
    cut.feed(data[: len(data) // 2])

    assert whole.finished
    assert whole.error is None
    assert not cut.finished


@pytest.mark.parametrize("name", NAMES)
def test_an_error_in_a_stream_is_raised_by_its_reader(name: str) -> None:
    renderer = wire_of(name).stream_renderer(ModelRequest("m", []))
    data = renderer.render(StreamStart(id="a", model="m")) + renderer.render(TextDelta("Hi"))
    data += renderer.render_error(StreamInterrupted("the provider broke off"))

    with pytest.raises(Error, match="the provider broke off"):
        parsed(name, data, size=1 << 20)


@pytest.mark.parametrize("name", NAMES)
def test_an_error_is_read_as_it_was_written(name: str) -> None:
    wire = wire_of(name)
    error = InvalidRequest("temperature must be a number.", param="temperature")

    read = wire.parse_error(400, {}, wire.render_error(error))

    assert "temperature must be a number." in read.message
    assert read.status == 400


@pytest.mark.parametrize("behind", STATEFUL)
@pytest.mark.parametrize("front", HOLDERS)
@pytest.mark.parametrize("how", ["whole", "streamed"])
def test_a_providers_state_comes_back_to_it_through_every_door(front: str, behind: str, how: str) -> None:
    thinking = ThinkingPart(text="I think.", signature="c2lnbmF0dXJl", wire=behind)
    if behind == "responses":
        thinking = ThinkingPart(
            text="I think.",
            encrypted="ZW5j",
            wire=behind,
            extensions={"responses": {"id": "rs_1", "summary": [{"type": "summary_text", "text": "I think."}]}},
        )
    events: list[Event] = [
        StreamStart(id="x", model="m"),
        ThinkingDelta("I th", index=0, wire=behind),
        ThinkingDelta(
            "ink.",
            index=0,
            wire=behind,
            signature=thinking.signature,
            encrypted=thinking.encrypted,
            extensions=thinking.extensions,
        ),
        TextDelta("Hello", index=1),
        Finish("stop"),
        StreamEnd(),
    ]
    wire = wire_of(front)
    if how == "whole":
        output = ModelOutput(choices=assembled(events).choices, id="x", model="m")
        shown = wire.render_response(output, request=ModelRequest("m", []))
    else:
        shown = streamed(front, events)

    history = HISTORIES[front](wire, shown, how)
    request = wire.parse_request(history, model="m", stream=False)
    written = wire_of(behind).render_request(request, stream=False)

    back = wire_of(behind).parse_request(written.body, model="m", stream=False)
    found = [part for message in back.messages for part in message.parts if isinstance(part, ThinkingPart)]
    assert "".join(part.text for part in found) == thinking.text
    assert [part.signature for part in found if part.signature] == [each for each in [thinking.signature] if each]
    assert [part.encrypted for part in found if part.encrypted] == [each for each in [thinking.encrypted] if each]
    assert [warning for warning in written.warnings if warning.feature == "thinking"] == []


@pytest.mark.parametrize("behind", NAMES)
@pytest.mark.parametrize("owner", STATEFUL)
def test_state_does_not_go_to_another_provider_and_that_is_said(owner: str, behind: str) -> None:
    if owner == behind:
        pytest.skip("its own")
    part = ThinkingPart(text="secret thought", signature="c2lnbmF0dXJl", wire=owner)
    request = ModelRequest("m", [ModelMessage("user", "Hi"), ModelMessage("assistant", [part, TextPart("Hello")])])

    written = wire_of(behind).render_request(request, stream=False)

    assert b"c2lnbmF0dXJl" not in written.body
    assert "thinking" in [warning.feature for warning in written.warnings]


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"model": "m", "messages": [',
    "list": b"[]",
    "number": b"7",
    "deep": b'{"model":"m","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not utf-8": b'{"model":"m","messages":"\xff\xfe"}',
    "wrong types": b'{"model":"m","messages":{"a":1},"contents":7,"input":{"a":true},"prompt":[],"max_tokens":100}',
    "messages of nothing": b'{"model":"m","messages":[null,1,"x",[]],"contents":[null],"input":[null],"max_tokens":1}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", NAMES)
def test_hostile_requests_are_refused_and_nothing_else(name: str, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        wire_of(name).parse_request(body, model="m", stream=False)


@pytest.mark.parametrize("body", [*HOSTILE.values(), b"<html>no</html>"], ids=[*HOSTILE.keys(), "page"])
@pytest.mark.parametrize("name", NAMES)
def test_hostile_replies_are_refused_and_nothing_else(name: str, body: bytes) -> None:
    with pytest.raises(Error):
        wire_of(name).parse_response(body)
    with pytest.raises(Error):
        parsed(name, b"data: " + body.replace(b"\n", b"") + b"\n\n", size=1 << 20)


def chat_history(wire: RelayedWire, shown: bytes, how: str) -> bytes:
    """Let OpenAI's client keep the message as it does: fields of a stream are added up."""
    if how == "whole":
        message = msgspec.json.decode(shown)["choices"][0]["message"]
    else:
        message: dict[str, Any] = {"role": "assistant"}
        for chunk in _payloads(shown):
            for name, value in chunk["choices"][0]["delta"].items() if chunk.get("choices") else ():
                if isinstance(value, str) and name != "role":
                    message[name] = message.get(name, "") + value
                elif isinstance(value, list):
                    message.setdefault(name, []).extend(value)
    messages = [{"role": "user", "content": "Hi"}, message, {"role": "user", "content": "Go on."}]
    return msgspec.json.encode({"model": "m", "messages": messages})


def messages_history(wire: RelayedWire, shown: bytes, how: str) -> bytes:
    if how == "whole":
        content = msgspec.json.decode(shown)["content"]
    else:
        content: list[Any] = []
        for event in _payloads(shown):
            if event["type"] == "content_block_start":
                content.append(event["content_block"])
            elif event["type"] == "content_block_delta":
                for name, value in event["delta"].items():
                    if name != "type":
                        content[-1][name] = content[-1].get(name, "") + value
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": content}]
    messages.append({"role": "user", "content": "Go on."})
    return msgspec.json.encode({"model": "m", "max_tokens": 9, "messages": messages})


def gemini_history(wire: RelayedWire, shown: bytes, how: str) -> bytes:
    replies = [msgspec.json.decode(shown)] if how == "whole" else _payloads(shown)
    parts = [part for reply in replies for part in reply["candidates"][0]["content"]["parts"] if part != {"text": ""}]
    contents = [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": parts}]
    contents.append({"role": "user", "parts": [{"text": "Go on."}]})
    return msgspec.json.encode({"contents": contents})


def responses_history(wire: RelayedWire, shown: bytes, how: str) -> bytes:
    if how == "whole":
        output = msgspec.json.decode(shown)["output"]
    else:
        output = [event["item"] for event in _payloads(shown) if event["type"] == "response.output_item.done"]
    user = {"role": "user", "content": "Hi"}
    return msgspec.json.encode({"model": "m", "input": [user, *output, {"role": "user", "content": "Go on."}]})


HISTORIES: dict[str, Callable[[RelayedWire, bytes, str], bytes]] = {
    "chat_completions": chat_history,
    "messages": messages_history,
    "generate_content": gemini_history,
    "responses": responses_history,
}
"""How the official clients bring an answer back, for each wire."""


def _payloads(shown: bytes) -> list[Any]:
    lines = [line[6:] for line in shown.decode().split("\n") if line.startswith("data: ")]
    return [msgspec.json.decode(line) for line in lines if line != "[DONE]"]


def test_a_citation_reaches_every_wire_that_has_a_word_for_it() -> None:
    source = Citation(url="https://example.org/", title="Example", start_index=0, end_index=5)
    events: list[Event] = [
        StreamStart(id="x", model="m"),
        TextDelta("Hello"),
        CitationDelta(source),
        Finish("stop"),
        StreamEnd(),
    ]

    for name in HOLDERS:
        assert b"https://example.org/" in streamed(name, events), name
        output = ModelOutput(choices=assembled(events).choices)
        assert b"https://example.org/" in wire_of(name).render_response(output, request=ModelRequest("m", [])), name
