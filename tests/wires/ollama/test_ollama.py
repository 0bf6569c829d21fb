"""Ollama's API, both ways."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Error, InvalidRequest, ProtocolError, StreamInterrupted, Unsupported
from interlingua.types import (
    Event,
    ImagePart,
    ModelMessage,
    ModelMetadata,
    ModelRequest,
    OutputAssembly,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    ToolResultPart,
)
from interlingua.wires import ollama
from interlingua.wires.ndjson import LineSplitter
from interlingua.wires.ollama import generate, models

CALL = {"function": {"name": "w", "arguments": {"city": "Oslo"}}}
HEAD = {"model": "m", "created_at": "2026-01-01T00:00:00.123456789Z"}
END = {"done": True, "done_reason": "stop", "total_duration": 5, "prompt_eval_count": 3, "eval_count": 2}


def encoded(value: object) -> bytes:
    return msgspec.json.encode(value)


def line(**message: Any) -> bytes:
    return encoded({**HEAD, "message": {"role": "assistant", "content": "", **message}, "done": False}) + b"\n"


def last() -> bytes:
    return encoded({**HEAD, "message": {"role": "assistant", "content": ""}, **END}) + b"\n"


def test_a_request_is_read_and_written_as_it_was() -> None:
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u", "images": ["iVBORabc"]},
            {"role": "assistant", "content": "", "thinking": "t", "tool_calls": [CALL]},
            {"role": "tool", "content": "4 degrees", "tool_name": "w"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "w", "description": "d", "parameters": {"type": "object"}}}
        ],
        "format": {"type": "object"},
        "options": {"temperature": 0, "num_ctx": 4096, "num_predict": 9, "stop": ["x"], "mirostat": 1},
        "think": True,
        "stream": False,
        "keep_alive": "5m",
    }

    request = ollama.parse_request(encoded(body))

    assert msgspec.json.decode(ollama.render_request(request).body) == body
    result = request.messages[3].parts[0]
    assert isinstance(result, ToolResultPart)
    assert result.call_id == request.messages[2].tool_calls[0].id
    assert (request.context_len, request.max_new_tokens, request.temperature) == (4096, 9, 0)


def test_a_stream_is_wanted_unless_the_request_says_no() -> None:
    assert ollama.parse_request(b'{"model":"m","messages":[]}').stream
    assert ollama.read_head(b'{"model":"m","messages":[]}').stream
    assert not ollama.read_head(b'{"model":"m","stream":false}').stream
    assert b'"stream":false' in ollama.render_request(ModelRequest("m", [])).body


@pytest.mark.parametrize(
    ("request_fields", "think"),
    [
        ({"thinking": ThinkingConfig(mode="enabled")}, True),
        ({"thinking": ThinkingConfig(mode="disabled")}, False),
        ({"reasoning_effort": "high"}, "high"),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": "xhigh"}, "max"),
    ],
)
def test_thinking_is_a_switch_or_a_level(request_fields: dict[str, Any], think: object) -> None:
    written = ollama.render_request(ModelRequest("m", [], **request_fields)).body

    assert msgspec.json.decode(written)["think"] == think


def test_what_cannot_be_said_is_told() -> None:
    parts = [TextPart("look"), ImagePart(url="https://example.com/a.png")]
    request = ModelRequest("m", [ModelMessage("user", [*parts])], logit_bias={"1": 1.0})

    warned = {each.feature for each in ollama.render_request(request).warnings}

    assert warned == {"image", "logit_bias"}
    request.strict = True
    with pytest.raises(Unsupported):
        ollama.render_request(request)


def read(data: bytes, *, size: int = 1 << 20) -> list[Event]:
    parser = ollama.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
    return [*events, *parser.close()]


@pytest.mark.parametrize("size", [1, 13, 1 << 20])
def test_a_stream_says_what_the_whole_answer_says(size: int) -> None:
    data = line(thinking="hm") + line(content="Hel") + line(content="lo") + line(tool_calls=[CALL]) + last()
    message = {"role": "assistant", "content": "Hello", "thinking": "hm", "tool_calls": [CALL]}
    whole = ollama.parse_response(encoded({**HEAD, "message": message, **END}))

    assembly = OutputAssembly()
    for event in read(data, size=size):
        assembly.add(event)

    output = assembly.output()
    assert output.choices == whole.choices
    assert (output.usage, output.created, output.extensions) == (whole.usage, whole.created, whole.extensions)
    assert output.extensions == {"ollama": {"total_duration": 5}}
    assert isinstance(output.choices[0].parts[0], ThinkingPart)


def test_a_stream_without_its_last_line_is_interrupted() -> None:
    with pytest.raises(StreamInterrupted) as caught:
        read(line(content="Hel"))
    assert caught.value.partial == "Hel"


def test_an_error_in_a_stream_is_raised_after_what_came_before() -> None:
    parser = ollama.stream_parser()
    assert len(parser.feed(line(content="a") + b'{"error":"out of memory"}\n')) == 2
    with pytest.raises(Error, match="out of memory"):
        parser.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"model":1}',
        b'{"model":"m","messages":{}}',
        b'{"model":"m","messages":[1]}',
        b'{"model":"m","messages":[{"role":"x"}]}',
        b'{"model":"m","messages":[{"role":"user","content":[]}]}',
        b'{"model":"m","messages":[{"role":"user","images":[1]}]}',
        b'{"model":"m","messages":[{"role":"user","tool_calls":[{}]}]}',
        b'{"model":"m","options":1}',
        b'{"model":"m","options":{"seed":"x"}}',
        b'{"model":"m","tools":[{"function":{"name":1}}]}',
        b'{"model":"m","think":1}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_request_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        ollama.parse_request(body)
    with pytest.raises(ProtocolError):
        ollama.parse_response(body)


def test_a_prompt_is_a_conversation() -> None:
    body = {"model": "m", "system": "s", "prompt": "p", "suffix": "x", "stream": False, "options": {"seed": 1}}

    request = generate.parse_request(encoded(body))

    assert [(each.role, each.text) for each in request.messages] == [("system", "s"), ("user", "p")]
    assert msgspec.json.decode(generate.render_request(request).body) == body
    assert [each.feature for each in ollama.render_request(request).warnings] == ["suffix"]


def test_a_generation_streams_its_text() -> None:
    renderer = generate.stream_renderer(ModelRequest("m", []))
    data = b"".join(renderer.render(event) for event in read(line(thinking="hm") + line(content="Hi") + last()))

    lines = [msgspec.json.decode(each) for each in data.splitlines()]

    assert [each["response"] for each in lines] == ["", "Hi", ""]
    assert lines[0]["thinking"] == "hm"
    assert lines[-1]["done"] is True
    parser = generate.stream_parser()
    assembly = OutputAssembly()
    for event in [*parser.feed(data), *parser.close()]:
        assembly.add(event)
    assert assembly.output().text == "Hi"


def test_models_are_listed_as_its_clients_read_them() -> None:
    model = ModelMetadata(model="a/b", context_length=4096, vision=True, provider="a")

    assert msgspec.json.decode(models.render_tags([model]))["models"][0]["model"] == "a/b"
    assert msgspec.json.decode(models.render_show(model))["capabilities"] == ["completion", "vision"]
    assert msgspec.json.decode(models.render_ps([model]))["models"][0]["context_length"] == 4096
    assert "version" in msgspec.json.decode(models.render_version())


def test_a_line_has_a_bound() -> None:
    lines = LineSplitter(max_line=4)
    assert lines.feed(b"ab\n\ncd") == [b"ab"]
    with pytest.raises(ProtocolError):
        lines.feed(b"efg")
