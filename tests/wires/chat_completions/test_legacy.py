"""Functions as they were called before tools, asked of every provider."""

from typing import Any

import msgspec
import pytest
from openai.types.chat import ChatCompletion

from interlingua.types import (
    Choice,
    Event,
    Finish,
    ModelOutput,
    ModelRequest,
    StreamEnd,
    StreamStart,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
)
from interlingua.wires import generate_content, messages, responses
from interlingua.wires.chat_completions import parse_request, render_request, render_response, stream_renderer
from tests.wires.chat_completions.test_golden import accumulated

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
ASKED: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
        {"role": "function", "name": "weather", "content": "rain"},
        {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": '{"city": "Rome"}'}},
        {"role": "function", "name": "weather", "content": "sun"},
    ],
    "functions": [{"name": "weather", "description": "d", "parameters": SCHEMA}],
    "function_call": {"name": "weather"},
    "max_tokens": 9,
}


def read(body: dict[str, Any] = ASKED) -> ModelRequest:
    return parse_request(msgspec.json.encode(body))


@pytest.mark.parametrize("choice", [{"name": "weather"}, "auto", "none", {"name": "weather", "x": 1}, 7], ids=str)
def test_they_go_back_as_they_came(choice: Any) -> None:
    body = ASKED | {"function_call": choice}

    written = render_request(read(body))

    assert msgspec.json.decode(written.body) == body
    assert written.warnings == ()


@pytest.mark.parametrize("functions", [[], [7], [{"name": 7}], [{"description": "d"}], [{"name": "f", "x": 1}], "f"])
def test_what_is_no_function_stays_as_it_is(functions: Any) -> None:
    body: dict[str, Any] = {"model": "m", "messages": [], "functions": functions}

    assert msgspec.json.decode(render_request(read(body)).body) == body


def test_an_answer_without_a_call_stays_a_message() -> None:
    body = {"model": "m", "messages": [{"role": "function", "name": "f", "content": "7"}]}

    assert msgspec.json.decode(render_request(read(body)).body) == body


def test_anthropic_is_asked_for_tools_and_finds_each_result() -> None:
    written = messages.render_request(read())

    body = msgspec.json.decode(written.body)
    assert body["tools"] == [{"name": "weather", "description": "d", "input_schema": SCHEMA}]
    assert body["tool_choice"] == {"type": "tool", "name": "weather"}
    blocks = [block for turn in body["messages"][1:] for block in turn["content"]]
    assert [block.get("id") or block["tool_use_id"] for block in blocks] == [
        "call_function_1",
        "call_function_1",
        "call_function_2",
        "call_function_2",
    ]
    assert [block["content"] for block in blocks if block["type"] == "tool_result"] == ["rain", "sun"]
    assert written.warnings == ()


def test_openai_is_asked_for_items_and_gemini_for_parts() -> None:
    items = msgspec.json.decode(responses.render_request(read()).body)["input"]
    contents = msgspec.json.decode(generate_content.render_request(read()).body)["contents"]

    assert [item.get("call_id") for item in items[1:]] == ["call_function_1"] * 2 + ["call_function_2"] * 2
    parts = [part for content in contents for part in content["parts"]]
    answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
    assert [(answer["name"], answer["response"]) for answer in answers] == [
        ("weather", {"result": "rain"}),
        ("weather", {"result": "sun"}),
    ]


CALLS = [ToolCallPart(id="toolu_1", name="weather", arguments='{"city":"Oslo"}')]


def test_a_whole_answer_calls_a_function() -> None:
    output = ModelOutput(
        choices=[Choice(parts=[TextPart("Hm."), *CALLS], finish_reason="tool_calls")], id="1", model="m"
    )

    completion = ChatCompletion.model_validate_json(render_response(output, request=read()))

    (answered,) = completion.choices
    call = answered.message.function_call
    assert call is not None
    assert (call.name, call.arguments) == ("weather", '{"city":"Oslo"}')
    assert answered.message.tool_calls is None
    assert (answered.message.content, answered.finish_reason) == ("Hm.", "function_call")
    assert CALLS[0].extensions == {}


def test_a_streamed_answer_calls_a_function() -> None:
    renderer = stream_renderer(read())
    events: list[Event] = [
        StreamStart(id="1", model="m"),
        ToolCallDelta(index=0, id="toolu_1", name="weather"),
        ToolCallDelta(index=0, arguments='{"city":'),
        ToolCallDelta(index=0, arguments='"Oslo"}'),
        Finish("tool_calls", 0, "tool_use"),
        StreamEnd(),
    ]

    (choice,) = accumulated(b"".join(map(renderer.render, events)))["choices"]

    assert choice["message"]["function_call"] == {"name": "weather", "arguments": '{"city":"Oslo"}'}
    assert not choice["message"].get("tool_calls")
    assert choice["finish_reason"] == "function_call"


def test_whoever_asks_for_tools_is_answered_with_tools() -> None:
    request = read({"model": "m", "messages": [], "tools": [{"type": "function", "function": {"name": "weather"}}]})
    output = ModelOutput(choices=[Choice(parts=[*CALLS], finish_reason="tool_calls")])

    completion = msgspec.json.decode(render_response(output, request=request))

    assert completion["choices"][0]["message"]["tool_calls"][0]["id"] == "toolu_1"
    assert completion["choices"][0]["finish_reason"] == "tool_calls"
