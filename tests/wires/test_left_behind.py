"""Each field that a caller's wire has and the provider's has not is told by its name, whatever it stands on."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Unsupported
from interlingua.types import ModelRequest
from interlingua.wires import generate_content, messages, responses
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
