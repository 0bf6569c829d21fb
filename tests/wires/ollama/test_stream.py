"""Streams of Ollama as its client reads them, read and written again (ollama 0.6.3 `_types.py`, read 2026-11-25)."""

from typing import Any

import msgspec
import ollama as sdk
import pytest

from interlingua.errors import ProtocolError, StreamInterrupted
from interlingua.types import (
    Event,
    Finish,
    FinishReason,
    ModelRequest,
    OutputAssembly,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from interlingua.wires import ollama
from interlingua.wires.ollama import generate

HEAD = {"model": "qwen3", "created_at": "2026-11-25T00:00:00Z"}
TIMES = {
    "total_duration": 5,
    "load_duration": 1,
    "prompt_eval_count": 3,
    "prompt_eval_duration": 2,
    "eval_count": 2,
    "eval_duration": 2,
}
LOGPROBS = [{"token": "One", "logprob": -0.1, "bytes": [79], "top_logprobs": [{"token": "One", "logprob": -0.1}]}]
FIRST = {"id": "call_1", "function": {"index": 0, "name": "weather", "arguments": {"city": "Oslo"}}}
SECOND = {"function": {"index": 1, "name": "weather", "arguments": {"city": "Rome", "days": [1, 2.0]}}}


def said(done: str | None = None, **message: Any) -> dict[str, Any]:
    line = {**HEAD, "message": {"role": "assistant", "content": "", **message}}
    return {**line, "done": False} if done is None else {**line, "done": True, "done_reason": done, **TIMES}


def sent(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in lines)


def events_of(data: bytes, *, size: int = 1 << 20, wire: Any = ollama) -> list[Event]:
    parser = wire.stream_parser()
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += parser.feed(data[start : start + size])
    return [*events, *parser.close()]


def written(events: list[Event], wire: Any = ollama) -> list[dict[str, Any]]:
    renderer = wire.stream_renderer(ModelRequest("m", []))
    data: bytes = b"".join(renderer.render(event) for event in events)
    return [msgspec.json.decode(line) for line in data.splitlines()]


THINKING = [said(thinking="Hm"), said(thinking="."), said(content="One"), said(content=" two"), said("stop")]
TOOLS = [said(thinking="Hm."), said(content="I ask."), said(tool_calls=[FIRST, SECOND]), said("stop")]
PROBABLE = [{**said(content="One"), "logprobs": LOGPROBS}, said("stop")]


@pytest.mark.parametrize("lines", [THINKING, TOOLS, PROBABLE, [said("length")]])
@pytest.mark.parametrize("size", [1, 17, 1 << 20])
def test_a_stream_goes_back_as_it_came(lines: list[dict[str, Any]], size: int) -> None:
    back = written(events_of(sent(lines), size=size))

    assert back == lines
    for each in back:
        sdk.ChatResponse.model_validate(each)


@pytest.mark.parametrize("wire", [ollama, generate])
def test_what_readers_take_for_a_line_end_is_escaped(wire: Any) -> None:
    odd = "a\u2028b\u2029c\u0085d é \\u2028"
    renderer = wire.stream_renderer(ModelRequest("m\u2028", []))
    events: list[Event] = [
        StreamStart(model="m\u2028"),
        ThinkingDelta(odd),
        TextDelta(odd),
        TextDelta(odd, logprobs={"content": [{"token": odd}]}),
        Finish("stop"),
        StreamEnd(),
    ]

    lines = [renderer.render(event) for event in events]
    told = b"".join(lines) + renderer.render_error(ProtocolError(odd))

    assert [len(line.decode().splitlines()) for line in lines] == [0, 1, 1, 1, 0, 1]
    assert [event.text for event in events_of(b"".join(lines), wire=wire) if type(event) is TextDelta] == [odd] * 2
    assert msgspec.json.decode(told.decode().splitlines()[-1])["error"] == odd
    assert "é".encode() in told


def test_a_drawn_image_goes_back_as_it_came() -> None:  # which the client's own types do not take
    lines = [said(images=["iVBORw0KGgo="]), said("stop")]

    assert written(events_of(sent(lines))) == lines


@pytest.mark.parametrize(
    ("word", "reason"), [("stop", "stop"), ("length", "length"), ("load", "other"), ("unload", "other")]
)
def test_why_a_stream_ended_is_kept(word: str, reason: FinishReason) -> None:
    events = events_of(sent([said(word)]))

    assert Finish(reason, 0, word) in events
    assert written(events)[-1]["done_reason"] == word


def test_calls_in_lines_of_their_own_are_calls_of_one_answer() -> None:
    lines = [said(tool_calls=[FIRST]), said(tool_calls=[SECOND]), said("stop")]
    assembly = OutputAssembly()
    for event in events_of(sent(lines)):
        assembly.add(event)
    output = assembly.output()

    first, second = output.tool_calls
    assert (first.id, first.parsed_arguments()) == ("call_1", {"city": "Oslo"})
    assert second.parsed_arguments() == {"city": "Rome", "days": [1, 2.0]}
    assert output.finish_reason == "tool_calls"
    assert output.usage == Usage(input_tokens=3, output_tokens=2)


def test_a_call_of_several_lines_is_one_line() -> None:
    call = ToolCallDelta(index=0, id="call_1", name="f", arguments='{\n  "a": "x\\ny",\r\n  "b": 1\n}', kind="function")

    lines = written([StreamStart(model="m"), call, Finish("tool_calls"), StreamEnd()])

    assert lines[0]["message"]["tool_calls"][0]["function"] == {"name": "f", "arguments": {"a": "x\ny", "b": 1}}
    assert [each["done"] for each in lines] == [False, True]


def test_generated_lines_go_back_as_they_came() -> None:
    lines = [
        {**HEAD, "response": "", "thinking": "Hm.", "done": False},
        {**HEAD, "response": "One", "done": False},
        {**HEAD, "response": "", "done": True, "done_reason": "stop", "context": [1, 2], **TIMES},
    ]
    back = written(events_of(sent(lines), size=9, wire=generate), generate)

    assert back == lines
    for each in back:
        sdk.GenerateResponse.model_validate(each)


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_stream_without_its_last_line_was_cut(cut: int) -> None:
    with pytest.raises(StreamInterrupted) as caught:
        events_of(sent([said(content="Hel"), said(content="lo")][:cut]))

    assert caught.value.partial == ("", "Hel", "Hello")[cut]
