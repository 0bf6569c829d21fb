"""Whole requests and replies, held against what the newest SDK publishes (openai 3.54, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from openai import omit
from openai._models import construct_type
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParams, CompletionCreateParamsStreaming

from interlingua.types import (
    Choice,
    Event,
    Finish,
    FinishReason,
    ImagePart,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OutputAssembly,
    ResponseFormat,
    StreamEnd,
    StreamStart,
    TextDelta,
    TextPart,
    ThinkingConfig,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import chat_completions, generate_content, responses
from interlingua.wires.chat_completions import parse_request, parse_response, render_request, render_response
from interlingua.wires.dialect import Dialect
from tests.published import adapter_of

BREAKPOINT = {"mode": "explicit", "ttl": "12h"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": 'start: "x"'}}
MESSAGES: list[dict[str, Any]] = [
    {
        "role": "developer",
        "content": [{"type": "text", "text": "D", "prompt_cache_breakpoint": BREAKPOINT}],
        "name": "b",
    },
    {"role": "system", "content": "S", "name": "s"},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {
                "type": "image_url",
                "image_url": {"url": "https://e.org/a.png", "detail": "original"},
                "prompt_cache_breakpoint": BREAKPOINT,
            },
            {
                "type": "input_audio",
                "input_audio": {"data": "UklG", "format": "wav"},
                "prompt_cache_breakpoint": BREAKPOINT,
            },
            {
                "type": "file",
                "file": {"file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"},
                "prompt_cache_breakpoint": BREAKPOINT,
            },
            {"type": "file", "file": {"file_id": "file-1"}},
        ],
        "name": "ann",
    },
    {
        "role": "assistant",
        "content": "Let me.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
            {"id": "c2", "type": "custom", "custom": {"name": "p", "input": "free\ttext"}},
        ],
        "name": "bot",
        "audio": {"id": "audio_1"},
        "refusal": None,
    },
    {
        "role": "tool",
        "tool_call_id": "c1",
        "content": [{"type": "text", "text": "ok", "prompt_cache_breakpoint": BREAKPOINT}],
    },
    {"role": "tool", "tool_call_id": "c2", "content": "done"},
    {"role": "assistant", "content": None, "function_call": {"name": "old", "arguments": "{}"}},
    {"role": "function", "content": "7", "name": "old"},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "x", "prompt_cache_breakpoint": BREAKPOINT},
            {"type": "refusal", "refusal": "no"},
        ],
    },
    {"role": "assistant", "content": None, "refusal": "I will not."},
    {"role": "user", "content": "Go on"},
]
REQUEST: dict[str, Any] = {
    "model": "gpt-6.2-sol",
    "messages": MESSAGES,
    "audio": {"format": "mp3", "voice": {"id": "voice_1"}},
    "frequency_penalty": 0,
    "function_call": {"name": "old"},
    "functions": [{"name": "old", "description": "d", "parameters": SCHEMA}],
    "logit_bias": {"5": -100},
    "logprobs": True,
    "max_completion_tokens": 0,
    "metadata": {"k": "v"},
    "modalities": ["text", "audio"],
    "moderation": {"model": "omni", "policy": {"input": {"mode": "score"}, "output": {"mode": "block"}}},
    "n": 2,
    "parallel_tool_calls": False,
    "prediction": {"type": "content", "content": [{"type": "text", "text": "p"}]},
    "presence_penalty": 0.5,
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prompt_cache_retention": "24h",
    "reasoning_effort": "xhigh",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": SCHEMA, "strict": True, "description": "d"},
    },
    "safety_identifier": "s",
    "seed": 0,
    "service_tier": "fast",
    "stop": ["a"],
    "store": True,
    "stream": True,
    "stream_options": {"include_usage": True, "include_obfuscation": False},
    "temperature": 0,
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "p"}}],
        },
    },
    "tools": [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}},
        {"type": "custom", "custom": {"name": "p", "description": "d", "format": GRAMMAR}},
        {"type": "custom", "custom": {"name": "q", "format": {"type": "text"}}},
    ],
    "top_logprobs": 3,
    "top_p": 1,
    "user": "u",
    "verbosity": "low",
    "web_search_options": {
        "search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": {"city": "Oslo"}},
    },
}
OPENAI = Dialect(max_tokens_field="max_completion_tokens", cache_field="prompt_cache_breakpoint")


def check_request(body: dict[str, Any]) -> None:
    adapter_of(CompletionCreateParams, forbid=True).validate_python(body)


@pytest.mark.newest_openai
def test_every_field_of_a_request_goes_back_as_it_came() -> None:
    check_request(REQUEST)
    assert {*REQUEST, "max_tokens"} == set(published_fields())

    written = render_request(parse_request(msgspec.json.encode(REQUEST)), dialect=OPENAI)

    assert msgspec.json.decode(written.body) == REQUEST
    assert written.warnings == ()


def published_fields() -> set[str]:
    return set(CompletionCreateParamsStreaming.__annotations__) | {"stream"}


def test_what_other_wires_ask_for_is_what_openai_takes() -> None:
    image = ImagePart(url="data:image/png;base64,iVBO")
    request = ModelRequest(
        "gpt-6.2-sol",
        [
            ModelMessage("system", [TextPart("S")]),
            ModelMessage("user", [TextPart("Hi"), image]),
            ModelMessage("system", "Later."),
            ModelMessage("assistant", [ToolCallPart(id="1", name="f"), ToolCallPart(id="2", name="f")]),
            ModelMessage("tool", [ToolResultPart(call_id="1", content=[image], is_error=True)]),
            ModelMessage("tool", [ToolResultPart(call_id="2", content=[TextPart("ok"), image])]),
            ModelMessage("user", "And?"),
        ],
        max_new_tokens=9,
        tools=[
            Tool(name="f", parameters=SCHEMA),
            Tool(name="p", kind="custom", format={"type": "grammar", "syntax": "lark", "definition": "start: X"}),
        ],
        tool_choice=ToolChoice(mode="tool", names=("f",)),
        response_format=ResponseFormat(type="json_schema", schema=SCHEMA),
        thinking=ThinkingConfig(mode="enabled", budget_tokens=2000),
    )

    written = render_request(request, dialect=OPENAI)

    body = msgspec.json.decode(written.body)
    check_request(body)
    assert [message["role"] for message in body["messages"]][3:] == ["assistant", "tool", "tool", "user", "user"]
    first, second, beside = body["messages"][4:7]
    assert first["content"] == "The answer follows as a message of the user's."
    assert second["content"] == "ok" or second["content"] == [{"type": "text", "text": "ok"}]
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
    assert beside["content"] == [
        {"type": "text", "text": "From the tool's answer to 1:"},
        picture,
        {"type": "text", "text": "From the tool's answer to 2:"},
        picture,
    ]
    assert body["tools"][1]["custom"]["format"] == {
        "type": "grammar",
        "grammar": {"syntax": "lark", "definition": "start: X"},
    }
    assert [(each.kind, each.feature) for each in written.warnings] == [
        ("emulated", "tool_result"),
        ("dropped", "tool_result.is_error"),
        ("emulated", "thinking"),
    ]


def test_a_tools_message_keeps_its_images_where_the_provider_takes_them() -> None:
    result = ToolResultPart(call_id="1", content=[ImagePart(url="https://e.org/a.png")])
    request = ModelRequest("m", [ModelMessage("tool", [result])])

    written = render_request(request, dialect=Dialect(tool_media=True))

    (message,) = msgspec.json.decode(written.body)["messages"]
    assert message["content"][0]["type"] == "image_url"
    assert written.warnings == ()


@pytest.mark.parametrize(("front", "behind"), [(chat_completions, responses), (responses, chat_completions)])
def test_a_grammar_has_the_form_of_each_of_openais_apis(front: Any, behind: Any) -> None:
    flat = {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'}
    tools = {
        chat_completions: {"type": "custom", "custom": {"name": "p", "format": GRAMMAR}},
        responses: {"type": "custom", "name": "p", "format": flat},
    }
    said = {"messages": [], "input": []} | {"model": "m", "tools": [tools[front]]}

    written = behind.render_request(front.parse_request(msgspec.json.encode(said)))

    assert msgspec.json.decode(written.body)["tools"] == [tools[behind]]


MODERATED = {
    "type": "moderation_results",
    "model": "omni",
    "results": [
        {
            "type": "moderation_result",
            "model": "omni",
            "flagged": False,
            "categories": {"violence": False},
            "category_scores": {"violence": 0.01},
            "category_applied_input_types": {"violence": ["text"]},
        }
    ],
}
TOKEN: dict[str, Any] = {"token": "He", "bytes": [72, 101], "logprob": -0.1, "top_logprobs": []}
REPLY: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_764_000_000,
    "model": "gpt-6.2-sol-2026-11-17",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Hello",
                "refusal": "But no.",
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {"url": "https://e.org", "title": "E", "start_index": 0, "end_index": 5},
                    }
                ],
                "audio": {"id": "audio_1", "data": "UklG", "expires_at": 1_764_003_600, "transcript": "Hello"},
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                    {"id": "c2", "type": "custom", "custom": {"name": "p", "input": "free\ttext"}},
                ],
            },
            "logprobs": {"content": [TOKEN], "refusal": [{**TOKEN, "token": "But", "bytes": None}]},
            "finish_reason": "tool_calls",
        },
        {
            "index": 1,
            "message": {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "function_call": {"name": "old", "arguments": "{}"},
            },
            "logprobs": None,
            "finish_reason": "function_call",
        },
    ],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {
            "cached_tokens": 40,
            "cache_write_tokens": 10,
            "audio_tokens": 5,
            "image_tokens": 15,
            "text_tokens": 30,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 20,
            "audio_tokens": 5,
            "text_tokens": 15,
            "image_tokens": 0,
            "accepted_prediction_tokens": 7,
            "rejected_prediction_tokens": 3,
        },
    },
    "metadata": {"k": "v"},
    "moderation": {"input": MODERATED, "output": {"type": "error", "code": "late", "message": "Too late."}},
    "service_tier": "fast",
    "system_fingerprint": "fp_1",
}


@pytest.mark.newest_openai
def test_every_field_of_a_reply_goes_back_as_it_came() -> None:
    ChatCompletion.model_validate(REPLY)
    assert set(REPLY) == set(ChatCompletion.model_fields)

    written = msgspec.json.decode(render_response(parse_response(msgspec.json.encode(REPLY))))

    assert written == REPLY
    ChatCompletion.model_validate(written)


def chunks_of(reply: dict[str, Any]) -> bytes:
    """Write a reply as the stream that OpenAI would send, with padding."""
    head = {key: reply[key] for key in ("id", "created", "model", "service_tier", "system_fingerprint")}
    head |= {"object": "chat.completion.chunk", "obfuscation": "xY1"}
    deltas: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    for choice in reply["choices"]:
        index, message = choice["index"], choice["message"]
        logprobs: dict[str, Any] = choice["logprobs"] or {}
        deltas.append((index, {"role": "assistant", "content": "", "refusal": None}, {}))
        if message["content"]:
            deltas.append((index, {"content": "Hel"}, {"logprobs": {"content": logprobs["content"], "refusal": None}}))
            deltas.append((index, {"content": "lo"}, {}))
        if message["refusal"]:
            deltas.append((index, {"refusal": "But "}, {}))
            deltas.append((index, {"refusal": "no."}, {"logprobs": {"content": None, "refusal": logprobs["refusal"]}}))
        if "annotations" in message:
            numbered = [{"index": number, **each} for number, each in enumerate(message["annotations"])]
            deltas.append((index, {"annotations": numbered}, {}))
        if "audio" in message:
            audio = message["audio"]
            deltas.append((index, {"audio": {"id": audio["id"], "transcript": "Hel"}}, {}))
            deltas.append((index, {"audio": {"data": "UklG", "transcript": "lo"}}, {}))
            deltas.append((index, {"audio": {"expires_at": audio["expires_at"]}}, {}))
        for number, call in enumerate(message.get("tool_calls", ())):
            kind = call["type"]
            field = "arguments" if kind == "function" else "input"
            inner = call[kind]
            begun = {"index": number, "id": call["id"], "type": kind, kind: {"name": inner["name"], field: ""}}
            deltas.append((index, {"tool_calls": [begun]}, {}))
            pieces = (inner[field][:3], inner[field][3:])
            deltas += [(index, {"tool_calls": [{"index": number, kind: {field: piece}}]}, {}) for piece in pieces]
        if "function_call" in message:
            deltas.append((index, {"function_call": {"name": "old", "arguments": ""}}, {}))
            deltas.append((index, {"function_call": {"arguments": "{}"}}, {}))
        deltas.append((index, {}, {"finish_reason": choice["finish_reason"]}))
    entries: list[dict[str, Any]] = [
        {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None, "logprobs": None, **more}]}
        for index, delta, more in deltas
    ]
    entries.append({**head, "choices": [], "moderation": reply["moderation"], "metadata": reply["metadata"]})
    entries.append({**head, "choices": [], "usage": reply["usage"]})
    return b"".join(b"data: %b\n\n" % msgspec.json.encode(entry) for entry in entries) + b"data: [DONE]\n\n"


def accumulated(data: bytes) -> dict[str, Any]:
    """Let the SDK read a stream and add it up."""
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState(input_tools=omit, response_format=omit)
    for line in data.decode().split("\n\n"):
        if line and line != "data: [DONE]":
            chunk = msgspec.json.decode(line.removeprefix("data: "))
            made: Any = construct_type(value=chunk, type_=ChatCompletionChunk)  # as its client does
            state.handle_chunk(made)
    return state.current_completion_snapshot.model_dump(exclude_unset=True, mode="json")


def restreamed(data: bytes) -> bytes:
    parser = chat_completions.stream_parser()
    request = parse_request(b'{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}')
    renderer = chat_completions.stream_renderer(request)
    events = [*parser.feed(data), *parser.close()]
    return b"".join(renderer.render(event) for event in events)


def test_every_field_of_a_stream_goes_back_as_it_came() -> None:
    original = chunks_of(REPLY)

    again = accumulated(restreamed(original))

    expected = accumulated(original)
    for name in ("choices", "usage", "moderation", "service_tier", "system_fingerprint", "id", "model", "created"):
        assert again.get(name) == expected.get(name), name


def test_a_stream_says_what_the_whole_reply_says() -> None:
    streamed = chat_completions.stream_parser()
    assembly = OutputAssembly()
    for event in [*streamed.feed(chunks_of(REPLY)), *streamed.close()]:
        assembly.add(event)

    output = assembly.output()

    whole = parse_response(msgspec.json.encode(REPLY))
    assert msgspec.to_builtins(output.choices[0].parts) == msgspec.to_builtins(whole.choices[0].parts)
    assert output.choices[0].logprobs == whole.choices[0].logprobs
    assert msgspec.to_builtins(output.choices[1]) == msgspec.to_builtins(whole.choices[1])
    assert output.usage == whole.usage
    assert output.extensions == whole.extensions


SHARED: dict[str, Any] = {
    "moderation": REQUEST["moderation"],
    "prompt_cache_options": REQUEST["prompt_cache_options"],
    "prompt_cache_retention": "24h",
}


def test_what_openais_two_apis_have_alike_passes_between_them() -> None:
    asked = {"model": "m", **SHARED}
    chat = parse_request(msgspec.json.encode(asked | {"messages": []}))
    items = responses.parse_request(msgspec.json.encode(asked | {"input": []}))

    bridged, back = responses.render_request(chat), render_request(items, dialect=OPENAI)

    for written in (bridged, back):
        assert msgspec.json.decode(written.body).items() >= SHARED.items()
        assert written.warnings == ()


def test_those_who_only_imitate_openai_are_not_sent_what_they_would_refuse() -> None:
    items = responses.parse_request(msgspec.json.encode({"model": "m", "input": [], **SHARED}))

    written = render_request(items, dialect=Dialect())

    assert msgspec.json.decode(written.body) == {"model": "m", "messages": []}
    assert [warning.feature for warning in written.warnings] == list(SHARED)


@pytest.mark.parametrize(
    ("reason", "raw", "shown"),
    [
        ("length", "model_context_window_exceeded", {"native_finish_reason": "model_context_window_exceeded"}),
        ("content_filter", "SAFETY", {"native_finish_reason": "SAFETY"}),
        ("stop", "stop", {}),
        ("stop", None, {}),
    ],
)
def test_another_apis_word_for_the_end_stands_beside_openais(
    reason: FinishReason, raw: str | None, shown: dict[str, Any]
) -> None:
    output = ModelOutput(choices=[Choice(parts=[TextPart("Hi")], finish_reason=reason, raw_finish_reason=raw)])
    request = parse_request(b'{"model":"m","messages":[]}')
    events: list[Event] = [StreamStart(), TextDelta("Hi"), Finish(reason, 0, raw), StreamEnd()]

    (whole,) = msgspec.json.decode(render_response(output))["choices"]
    renderer = chat_completions.stream_renderer(request)
    *_, last, _ = b"".join(map(renderer.render, events)).split(b"\n\n")[:-1]
    (streamed,) = msgspec.json.decode(last.removeprefix(b"data: "))["choices"]

    for choice in (whole, streamed):
        assert choice["finish_reason"] == reason
        assert {name: value for name, value in choice.items() if name == "native_finish_reason"} == shown


def test_what_a_reply_cannot_say_is_told() -> None:
    choice = Choice(parts=[TextPart("Hi")], extensions={"messages": {"stop_details": {"type": "refusal"}}})
    output = ModelOutput(choices=[choice])

    render_response(output)

    assert [str(each) for each in output.warnings] == ["dropped choice.stop_details: a field of messages (refusal)"]


def test_how_gemini_writes_its_turns_is_no_loss() -> None:
    body: dict[str, Any] = {
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
            {
                "role": "user",
                "parts": [
                    {"functionResponse": {"id": "f-1", "name": "f", "response": {"output": "7"}}},
                    {"text": "And now?"},
                ],
            },
        ]
    }

    written = render_request(generate_content.parse_request(msgspec.json.encode(body), model="m"))

    assert [message["role"] for message in msgspec.json.decode(written.body)["messages"]] == [
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert written.warnings == ()
