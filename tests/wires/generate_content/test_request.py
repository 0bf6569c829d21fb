"""Requests of generateContent as published (google-genai 3.4 `types.py` and `models.py`, read 2026-11-25)."""

from typing import Any, cast

import msgspec
import pytest
from google.genai import types

from interlingua.errors import InvalidRequest
from interlingua.types import (
    FilePart,
    ModelMessage,
    ModelRequest,
    ResponseFormat,
    TextPart,
    ThinkingConfig,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import generate_content, messages

SIGNATURE = "RXBzaWxvbg=="
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}

CONVERSATION: list[dict[str, Any]] = [
    {
        "role": "user",
        "parts": [
            {"text": "Look at these."},
            {
                "inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo=", "displayName": "a.png"},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
            },
            {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AAAA", "displayName": "a.raw"}},
            {"inlineData": {"mimeType": "text/plain;charset=utf-8", "data": "SGk="}},
            {
                "fileData": {"fileUri": "https://www.youtube.com/watch?v=x"},
                "videoMetadata": {"startOffset": "1s", "endOffset": "9s", "fps": 1},
            },
            {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/o", "displayName": "o.pdf"}},
        ],
    },
    {
        "role": "model",
        "parts": [
            {"text": "Two cities.", "thought": True, "thoughtSignature": "dGhvdWdodA=="},
            {"text": "I ask.", "thoughtSignature": "dGV4dA=="},
            {
                "functionCall": {"id": "fc_1", "name": "weather", "args": {"city": "Oslo"}},
                "thoughtSignature": SIGNATURE,
            },
            {"functionCall": {"name": "weather", "args": {"city": "Rome"}}},
        ],
    },
    {
        "role": "user",
        "parts": [
            {
                "functionResponse": {
                    "id": "fc_1",
                    "name": "weather",
                    "response": {"output": "4 degrees"},
                    "parts": [
                        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo=", "displayName": "m.png"}}
                    ],
                    "scheduling": "WHEN_IDLE",
                    "willContinue": False,
                }
            },
            {"text": "One of them failed."},
            {"functionResponse": {"name": "weather", "response": {"error": {"code": 7}}}},
        ],
    },
    {
        "role": "model",
        "parts": [
            {
                "toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["x"]}},
                "thoughtSignature": "dG9vbA==",
            },
            {"toolResponse": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "response": {"n": 1}}},
            {"executableCode": {"language": "PYTHON", "code": "print(1)", "id": "c1"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n", "id": "c1"}},
            {"text": "", "thoughtSignature": "bGFzdA=="},
        ],
    },
    {"role": "user", "parts": [{"text": "Go on.", "partMetadata": {"k": 1}}, {"text": "", "partMetadata": {"k": 2}}]},
]

BODY: dict[str, Any] = {
    "contents": CONVERSATION,
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "tools": [
        {
            "functionDeclarations": [
                {"name": "weather", "description": "The weather.", "parametersJsonSchema": SCHEMA},
                {
                    "name": "clock",
                    "parameters": {
                        "type": "OBJECT",
                        "properties": {"zone": {"type": "STRING", "nullable": True}},
                        "propertyOrdering": ["zone"],
                    },
                    "behavior": "NON_BLOCKING",
                    "responseJsonSchema": {"type": "string"},
                },
            ]
        },
        {"googleSearch": {"timeRangeFilter": {"startTime": "2026-01-01T00:00:00Z"}}},
        {"urlContext": {}},
        {"codeExecution": {}},
        {"googleMaps": {"enableWidget": True}},
        {"fileSearch": {"fileSearchStoreNames": ["fileSearchStores/a"]}},
        {"computerUse": {"environment": "ENVIRONMENT_BROWSER"}},
        {"mcpServers": [{"name": "m", "streamableHttpTransport": {"url": "https://mcp.example"}}]},
    ],
    "toolConfig": {
        "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather", "clock"]},
        "retrievalConfig": {"languageCode": "no"},
        "includeServerSideToolInvocations": True,
    },
    "generationConfig": {
        "temperature": 0,
        "topP": 0.5,
        "topK": 40,
        "candidateCount": 2,
        "maxOutputTokens": 64,
        "stopSequences": ["END"],
        "seed": 0,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 3,
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}},
        "responseModalities": ["TEXT", "IMAGE"],
        "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "mediaResolution": "MEDIA_RESOLUTION_LOW",
        "thinkingConfig": {"thinkingLevel": "HIGH", "includeThoughts": True},
    },
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "cachedContent": "cachedContents/c",
    "labels": {"team": "a"},
    "serviceTier": "priority",
    "store": False,
}


def parsed(body: dict[str, Any]) -> ModelRequest:
    return generate_content.parse_request(msgspec.json.encode(body), model="gemini-3.5-pro", stream=False)


def again(body: dict[str, Any]) -> dict[str, Any]:
    return msgspec.json.decode(generate_content.render_request(parsed(body)).body)


def test_a_whole_request_goes_back_as_it_came() -> None:
    request = parsed(BODY)
    rendered = generate_content.render_request(request)

    assert msgspec.json.decode(rendered.body) == BODY
    assert (rendered.path, rendered.warnings) == ("/models/gemini-3.5-pro:generateContent", ())
    assert (request.temperature, request.top_p, request.top_k, request.n, request.seed) == (0, 0.5, 40, 2, 0)
    assert (request.max_new_tokens, request.stop, request.logprobs, request.top_logprobs) == (64, ["END"], True, 3)
    assert (request.reasoning_effort, request.modalities) == ("high", ["text", "image"])
    assert request.tool_choice == ToolChoice(mode="allowed", names=("weather", "clock"), required=True)
    assert (request.metadata, request.service_tier, request.store) == ({"team": "a"}, "priority", False)
    assert isinstance(request.response_format, ResponseFormat)
    assert request.response_format.schema == {"type": "object", "properties": {"a": {"type": "integer"}}}
    clock = (request.tools or [])[1]
    assert isinstance(clock, Tool)
    assert clock.parameters == {"type": "object", "properties": {"zone": {"type": ["string", "null"]}}}


def test_the_turns_are_parts_of_known_kinds() -> None:
    turns = parsed(BODY).messages

    assert [each.role for each in turns] == [
        *("system", "user", "assistant", "tool", "user", "tool", "assistant", "user"),
    ]
    call, second = turns[2].tool_calls
    assert (call.id, call.arguments, call.signature) == ("fc_1", '{"city":"Oslo"}', SIGNATURE)
    assert (second.id, second.signature) == ("call_1_weather", None)
    answer, failure = turns[3].parts[0], turns[5].parts[0]
    assert isinstance(answer, ToolResultPart)
    assert isinstance(failure, ToolResultPart)
    assert isinstance(answer.content, list)
    assert (answer.call_id, answer.content[0], answer.is_error) == ("fc_1", TextPart("4 degrees"), None)
    assert (failure.call_id, failure.is_error) == ("call_1_weather", True)
    video = turns[1].parts[4]
    assert isinstance(video, FilePart)
    assert video.url == "https://www.youtube.com/watch?v=x"


@pytest.mark.parametrize("turn", CONVERSATION)
def test_written_turns_are_of_googles_types(turn: dict[str, Any]) -> None:
    for content in again({"contents": [turn]})["contents"]:
        types.Content.model_validate(content)


@pytest.mark.parametrize(
    "response",
    [
        {"result": "x"},
        {"output": "x"},
        {"error": "x"},
        {"error": None},
        {"result": '{"a":1}'},
        {"a": [1]},
        {},
        {"result": 1},
    ],
)
def test_what_a_tool_answered_goes_back_as_it_came(response: dict[str, Any]) -> None:
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": [{"functionResponse": {"name": "f", "response": response}}]}]
    }

    assert again(body) == body


@pytest.mark.parametrize(
    "config",
    [
        {"thinkingBudget": -1},
        {"thinkingBudget": 512},
        {"thinkingBudget": 0},
        {"thinkingLevel": "MINIMAL"},
        {"includeThoughts": False},
        {"thinkingBudget": 512, "includeThoughts": True},
    ],
)
def test_thoughts_are_not_asked_for_by_themselves(config: dict[str, Any]) -> None:
    body: dict[str, Any] = {"contents": [], "generationConfig": {"thinkingConfig": config}}

    assert again(body) == body


def test_thinking_of_another_wire_is_shown_as_it_is_there() -> None:
    request = ModelRequest("m", [], thinking=ThinkingConfig(mode="enabled", budget_tokens=512))

    body = msgspec.json.decode(generate_content.render_request(request).body)

    assert body["generationConfig"] == {"thinkingConfig": {"thinkingBudget": 512, "includeThoughts": True}}


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({"mode": "AUTO"}, ToolChoice(mode="auto")),
        ({"mode": "NONE"}, ToolChoice(mode="none")),
        ({"mode": "ANY"}, ToolChoice(mode="required")),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice(mode="tool", names=("f",))),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, ToolChoice(mode="allowed", names=("f",))),
        ({"mode": "VALIDATED"}, None),
        ({"mode": "AUTO", "streamFunctionCallArguments": True}, None),
    ],
)
def test_every_mode_of_calling_goes_back(config: dict[str, Any], choice: ToolChoice | None) -> None:
    body: dict[str, Any] = {"contents": [], "toolConfig": {"functionCallingConfig": config}}

    assert parsed(body).tool_choice == choice
    assert again(body) == body


def test_names_in_snake_case_are_read() -> None:
    body: dict[str, Any] = {
        "model": "models/another",
        "contents": [],
        "generationConfig": {"top_p": 0.5, "thinking_config": {"include_thoughts": True}},
        "toolConfig": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["snake_case"]}},
        "service_tier": "flex",
    }

    assert again(body) == {
        "contents": [],
        "generationConfig": {"topP": 0.5, "thinkingConfig": {"includeThoughts": True}},
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["snake_case"]}},
        "serviceTier": "flex",
    }


@pytest.mark.parametrize(
    ("tier", "word", "kinds"),
    [("flex", "flex", []), ("default", "standard", ["renamed"]), ("scale", None, ["dropped"])],
)
def test_a_tier_of_another_wire_is_said_in_googles_words(tier: str, word: str | None, kinds: list[str]) -> None:
    rendered = generate_content.render_request(ModelRequest("m", [], service_tier=tier))

    assert msgspec.json.decode(rendered.body).get("serviceTier") == word
    assert [each.kind for each in rendered.warnings] == kinds


def test_what_another_wire_cannot_say_is_told() -> None:
    told = {each.feature for each in messages.render_request(parsed(BODY)).warnings}

    assert {"safetySettings", "cachedContent", "tools", "opaque"} <= told


def test_a_signature_goes_back_on_the_call_that_it_came_on() -> None:
    call = ToolCallPart(id="fc_1", name="f", arguments='{"a":1}', signature=SIGNATURE)
    other = ToolCallPart(id="fc_2", name="f", arguments="{}")
    request = ModelRequest("m", [ModelMessage("assistant", [call, other])])

    assert msgspec.json.decode(generate_content.render_request(request).body)["contents"][0]["parts"] == [
        {"functionCall": {"id": "fc_1", "name": "f", "args": {"a": 1}}, "thoughtSignature": SIGNATURE},
        {"functionCall": {"id": "fc_2", "name": "f", "args": {}}},
    ]


def test_names_in_snake_case_are_read_at_every_depth() -> None:
    call = {"id": "fc_1", "name": "f", "args": {"max_items": 1, "inline_data": 2}, "will_continue": False}
    body: dict[str, Any] = {
        "contents": [
            {"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]},
            {"role": "model", "parts": [{"function_call": call, "thought_signature": SIGNATURE}]},
            {
                "role": "user",
                "parts": [{"function_response": {"id": "fc_1", "name": "f", "response": {"a_b": 1}}}],
            },
            {"role": "model", "parts": [{"text": "Hm.", "thought": True, "thought_signature": SIGNATURE}]},
            {"role": "model", "parts": [{"executable_code": {"language": "PYTHON", "code": "1"}}]},
        ],
        "system_instruction": {"parts": {"text": "Be brief."}},
        "tools": [
            {"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]},
            {"google_search": {}},
        ],
    }
    request = parsed(body)

    assert again(body) == {
        "contents": [
            {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]},
            {
                "role": "model",
                "parts": [
                    {
                        "functionCall": {
                            "id": "fc_1",
                            "name": "f",
                            "args": {"max_items": 1, "inline_data": 2},
                            "willContinue": False,
                        },
                        "thoughtSignature": SIGNATURE,
                    }
                ],
            },
            {"role": "user", "parts": [{"functionResponse": {"id": "fc_1", "name": "f", "response": {"a_b": 1}}}]},
            {"role": "model", "parts": [{"text": "Hm.", "thought": True, "thoughtSignature": SIGNATURE}]},
            {"role": "model", "parts": [{"executableCode": {"language": "PYTHON", "code": "1"}}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "tools": [
            {"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]},
            {"googleSearch": {}},
        ],
    }
    assert request.messages[2].tool_calls[0].signature == SIGNATURE


def test_a_schema_in_googles_form_is_json_schema_elsewhere() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "max_items": {"type": "STRING", "max_length": "5", "example": "abc"},
            "list": {"type": "ARRAY", "min_items": 1, "items": {"any_of": [{"type": "NUMBER"}, {"type": "STRING"}]}},
            "none": {"nullable": True, "type": "INTEGER"},
        },
        "property_ordering": ["list", "max_items"],
    }
    body: dict[str, Any] = {
        "contents": [],
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
        "generationConfig": {"response_mime_type": "application/json", "response_schema": schema},
    }
    request = parsed(body)

    tool, form = (request.tools or [])[0], request.response_format
    assert isinstance(tool, Tool)
    assert form is not None
    assert (
        tool.parameters
        == form.schema
        == {
            "type": "object",
            "properties": {
                "max_items": {"type": "string", "maxLength": 5, "examples": ["abc"]},
                "list": {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}},
                "none": {"type": ["integer", "null"]},
            },
        }
    )
    assert again(body)["tools"] == body["tools"]


def test_a_role_of_the_systems_instruction_goes_back() -> None:
    body: dict[str, Any] = {"contents": [], "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]}}

    assert again(body) == body


def test_arguments_go_out_as_the_model_wrote_them() -> None:
    call = ToolCallPart(id="fc_1", name="f", arguments='{"a": 1.0,\r\n "b": "x\\n"}')
    rendered = generate_content.render_request(ModelRequest("m", [ModelMessage("assistant", [call])]))

    assert b'"args":{"a": 1.0,   "b": "x\\n"}' in rendered.body


@pytest.mark.parametrize(
    ("content", "param"),
    cast(
        "list[tuple[Any, str]]",
        [
            ({"role": ["user"], "parts": [{"text": "a"}]}, "contents[1].role"),
            ({"role": "system", "parts": [{"text": "a"}]}, "contents[1].role"),
            ({"role": "user", "parts": "a"}, "contents[1].parts"),
            ({"role": "user", "parts": [{"text": 7}]}, "contents[1].parts[0].text"),
            ({"role": "user", "parts": [{"text": "a"}, 7]}, "contents[1].parts[1]"),
            ({"role": "model", "parts": [{"functionCall": {}}]}, "contents[1].parts[0].functionCall"),
            (
                {"role": "model", "parts": [{"functionCall": {"name": "f", "args": 7}}]},
                "contents[1].parts[0].functionCall.args",
            ),
            (7, "contents[1]"),
        ],
    ),
)
def test_what_is_malformed_is_told_by_its_place(content: Any, param: str) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "a"}]}, content]}

    with pytest.raises(InvalidRequest) as caught:
        parsed(body)
    assert caught.value.param == param
