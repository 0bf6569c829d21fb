"""Each field that a caller's wire has and the provider's has not is told by its name, whatever it stands on."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Unsupported
from interlingua.types import (
    Choice,
    Citation,
    ImagePart,
    ModelOutput,
    ModelRequest,
    OpaquePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from interlingua.wires import generate_content, messages, ollama, responses
from interlingua.wires.ollama import generate
from interlingua.wires.table import WIRES

GENERATE_CONTENT: dict[str, Any] = {
    "contents": [
        {
            "role": "user",
            "parts": [
                {
                    "inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="},
                    "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
                    "thoughtSignature": "c2ln",
                },
                {"text": "Look.", "partMetadata": {"k": 1}},
            ],
        },
        {
            "role": "model",
            "parts": [{"functionCall": {"id": "f1", "name": "f", "args": {}}, "partMetadata": {"k": 2}}],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "f1", "name": "f", "response": {"result": "x"}, "scheduling": "SILENT"}}
            ],
        },
    ],
    "tools": [
        {
            "functionDeclarations": [
                {"name": "f", "behavior": "NON_BLOCKING", "response": {"type": "STRING"}},
                {"name": "g", "responseJsonSchema": {"type": "string"}},
            ]
        }
    ],
}
RESPONSES: dict[str, Any] = {
    "model": "m",
    "input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi", "later": 1}]},
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "c1",
            "name": "f",
            "arguments": "{}",
            "namespace": "n",
            "caller": {"type": "program"},
            "async": True,
        },
        {"type": "function_call_output", "call_id": "c1", "output": "x", "caller": {"type": "direct"}},
    ],
    "reasoning": {"effort": "low", "context": "all"},
    "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "defer_loading": True}],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "later": 1}},
}
MESSAGES: dict[str, Any] = {
    "model": "m",
    "max_tokens": 64,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hi", "later": 1}]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}, "caller": {"type": "direct"}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x", "later": 1}]},
    ],
    "tool_choice": {"type": "auto", "later": 1},
    "tools": [{"name": "f", "input_schema": {"type": "object"}, "input_examples": [{}]}],
}
SAID = {
    "generate_content": (
        generate_content.parse_request(msgspec.json.encode(GENERATE_CONTENT), model="m", stream=False),
        {
            *("image.mediaResolution", "image.thoughtSignature", "text.partMetadata", "tool_call.partMetadata"),
            *("tool_result.functionResponse", "tools.behavior", "tools.response", "tools.responseJsonSchema"),
        },
    ),
    "responses": (
        responses.parse_request(msgspec.json.encode(RESPONSES)),
        {
            *("text.later", "tool_call.namespace", "tool_call.caller", "tool_call.async", "tool_result.caller"),
            *("tools.defer_loading", "thinking.context", "response_format.later"),
        },
    ),
    "messages": (
        messages.parse_request(msgspec.json.encode(MESSAGES)),
        {"text.later", "tool_call.caller", "tool_result.later", "tool_choice.later", "tools.input_examples"},
    ),
}
PAIRS = [(front, behind) for front in SAID for behind in WIRES if behind != front]


def asked(front: str) -> tuple[ModelRequest, set[str]]:
    request, fields = SAID[front]
    return request.copy(), set(fields)


@pytest.mark.parametrize(("front", "behind"), PAIRS)
def test_what_is_left_behind_is_told_by_its_name(front: str, behind: str) -> None:
    request, fields = asked(front)

    told = {each.feature: each.kind for each in WIRES[behind].render_request(request, stream=False).warnings}

    assert fields - told.keys() == set()
    assert {told[field] for field in fields} == {"dropped"}


@pytest.mark.parametrize(("front", "behind"), PAIRS)
def test_a_strict_request_is_refused_for_it(front: str, behind: str) -> None:
    request, _ = asked(front)
    request.strict = True

    with pytest.raises(Unsupported):
        WIRES[behind].render_request(request, stream=False)


@pytest.mark.parametrize("front", SAID)
def test_nothing_is_told_where_the_wire_is_the_same(front: str) -> None:
    request, _ = asked(front)

    assert WIRES[front].render_request(request, stream=False).warnings == ()


def answered() -> ModelOutput:
    choice = Choice(
        parts=[
            ThinkingPart(text="Hm.", signature="c2ln", wire="messages"),
            OpaquePart("messages", {"type": "server_tool_use"}),
            TextPart("One.", {"responses": {"later": 1}}, [Citation(url="https://example.com")]),
            ImagePart(url="https://example.com/a.png"),
            ToolCallPart(id="c1", name="f", arguments="{}", extensions={"messages": {"caller": {"type": "direct"}}}),
        ],
        finish_reason="stop",
        extensions={"chat_completions": {"later": 1}},
    )
    return ModelOutput(choices=[choice, Choice(index=1, parts=[TextPart("Two.")], finish_reason="stop")])


def test_what_an_answer_cannot_show_is_told() -> None:
    seen: dict[str, set[str]] = {}
    for name, wire in (("generate_content", generate_content), ("ollama", ollama), ("generate", generate)):
        output = answered()
        wire.render_response(output)
        seen[name] = {each.feature for each in output.warnings}

    assert seen["generate_content"] == {"text.later", "tool_call.caller", "choice.later"}
    assert seen["ollama"] == {
        *("thinking", "opaque", "citations", "text.later", "image", "tool_call.caller", "choices", "choice.later"),
    }
    assert seen["generate"] == seen["ollama"] | {"tool_calls"}
