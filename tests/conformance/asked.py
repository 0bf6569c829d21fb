"""What callers ask for: each feature in the words of every SDK that has words for it.


A feature carries marks, values that stand nowhere else. A mark has to arrive at the
provider, or the reply has to name the feature among its warnings, or the request is
refused by name. Anything else is a loss.
"""

# ruff: noqa: E501

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from google.genai import types

MODEL: Final = "relayed/tiny"
PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "markedplace"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Feature(msgspec.Struct, kw_only=True):
    """One thing to ask for.

    `asked` are an SDK's arguments, by the wire that it speaks. `marks` are regular
    expressions that the provider's body has to match, each; `said` is what a warning or
    a refusal calls it. `lacking` says of a provider's wire why there is nothing to find.
    """

    name: str
    asked: Mapping[str, Mapping[str, Any]]
    marks: tuple[str, ...]
    said: str
    lacking: Mapping[str, str] = {}


def b64(data: bytes) -> str:
    """Write bytes as the text that stands in JSON."""
    return base64.b64encode(data).decode()


def _said(text: str = "Hello") -> dict[str, Mapping[str, Any]]:
    """Ask a plain question with every SDK."""
    return {
        "chat_completions": {"model": MODEL, "messages": [{"role": "user", "content": text}]},
        "responses": {"model": MODEL, "input": [{"role": "user", "content": text}], "store": False},
        "messages": {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": text}]},
        "generate_content": {"model": MODEL, "contents": [types.Content(role="user", parts=[types.Part(text=text)])]},
        "ollama": {"model": MODEL, "messages": [{"role": "user", "content": text}]},
    }


def _with(**changes: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Ask the plain question with some arguments more; only of the SDKs that are named."""
    plain = _said()
    return {caller: {**plain[caller], **change} for caller, change in changes.items()}


def _content(**contents: Any) -> dict[str, Mapping[str, Any]]:
    """Ask with a user's message of these parts."""
    plain = _said()
    built: dict[str, Mapping[str, Any]] = {}
    for caller, parts in contents.items():
        if caller == "generate_content":
            built[caller] = {**plain[caller], "contents": [types.Content(role="user", parts=parts)]}
        elif caller == "ollama":
            built[caller] = {**plain[caller], "messages": [{"role": "user", **parts}]}
        else:
            field = "input" if caller == "responses" else "messages"
            built[caller] = {**plain[caller], field: [{"role": "user", "content": parts}]}
    return built


def _config(**fields: Any) -> dict[str, Any]:
    return {"config": types.GenerateContentConfig(**fields)}


def _options(**fields: Any) -> dict[str, Any]:
    return {"options": fields}


FUNCTION: Final[dict[str, Any]] = {"name": "weather", "description": "markedtool", "parameters": SCHEMA}
CHAT_TOOL: Final = {"type": "function", "function": FUNCTION}
RESPONSES_TOOL: Final = {"type": "function", **FUNCTION, "strict": False}
MESSAGES_TOOL: Final = {"name": "weather", "description": "markedtool", "input_schema": SCHEMA}
GEMINI_TOOL: Final = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name="weather", description="markedtool", parameters_json_schema=SCHEMA)
    ]
)


def _tools(**changes: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Ask with one tool declared, and some arguments more."""
    declared: dict[str, Mapping[str, Any]] = {
        "chat_completions": {"tools": [CHAT_TOOL]},
        "responses": {"tools": [RESPONSES_TOOL]},
        "messages": {"tools": [MESSAGES_TOOL]},
        "generate_content": _config(tools=[GEMINI_TOOL]),
        "ollama": {"tools": [CHAT_TOOL]},
    }
    return _with(**{caller: {**declared[caller], **change} for caller, change in changes.items()})


def _tool_turns(
    result: str = "markedrain", *, messages: Any = None, error: bool = False, gemini: Any = None, responses: Any = None
) -> dict[str, Mapping[str, Any]]:
    """Ask with a call and its result behind it."""
    chat = [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_markedcall", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_markedcall", "content": result},
    ]  # fmt: skip
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": "call_markedcall", "content": messages or result}
    contents = [
        types.Content(role="user", parts=[types.Part(text="Weather?")]),
        types.Content(role="model", parts=[types.Part(function_call=types.FunctionCall(
            id="call_markedcall", name="weather", args={"city": "Oslo"}))]),
        types.Content(role="user", parts=[gemini or types.Part(function_response=types.FunctionResponse(
            id="call_markedcall", name="weather", response={"error" if error else "output": result}))]),
    ]  # fmt: skip
    return _tools(
        chat_completions={"messages": chat},
        responses={
            "input": [
                {"role": "user", "content": "Weather?"},
                {"type": "function_call", "call_id": "call_markedcall", "name": "weather", "arguments": '{"city":"Oslo"}'},
                {"type": "function_call_output", "call_id": "call_markedcall", "output": responses or result},
            ]
        },
        messages={
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "call_markedcall", "name": "weather", "input": {"city": "Oslo"}}]},
                {"role": "user", "content": [{**block, "is_error": True} if error else block]},
            ]
        },
        generate_content={"contents": contents},
        ollama={
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"function": {"name": "weather", "arguments": {"city": "Oslo"}}}]},
                {"role": "tool", "content": result, "tool_name": "weather"},
            ]
        },
    )  # fmt: skip


def _only(asked: Mapping[str, Mapping[str, Any]], *callers: str) -> dict[str, Mapping[str, Any]]:
    return {caller: asked[caller] for caller in callers}


_DATA_URL: Final = f"data:image/png;base64,{b64(PNG)}"
_IMAGE_BLOCK: Final = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}}
_STATE: Final = "bWFya2Vkc3RhdGU="

FEATURES: Final = (
    Feature(name="text", asked=_said("markedtext"), marks=("markedtext",), said="text"),
    Feature(
        name="system",
        asked=_with(
            chat_completions={"messages": [{"role": "system", "content": "markedsystem"}, {"role": "user", "content": "Hi"}]},
            responses={"instructions": "markedsystem"},
            messages={"system": "markedsystem"},
            generate_content=_config(system_instruction="markedsystem"),
            ollama={"messages": [{"role": "system", "content": "markedsystem"}, {"role": "user", "content": "Hi"}]},
        ),
        marks=("markedsystem",),
        said="system",
    ),
    Feature(
        name="developer message",
        asked=_with(
            chat_completions={"messages": [{"role": "developer", "content": "markedrole"}, {"role": "user", "content": "Hi"}]},
            responses={"input": [{"role": "developer", "content": "markedrole"}, {"role": "user", "content": "Hi"}]},
        ),
        marks=("markedrole",),
        said="developer",
    ),
    Feature(
        name="several turns",
        asked=_with(
            **{
                caller: {"messages": [{"role": "user", "content": "markedone"}, {"role": "assistant", "content": "markedtwo"},
                                      {"role": "user", "content": "markedthree"}]}
                for caller in ("chat_completions", "messages", "ollama")
            },
            responses={"input": [{"role": "user", "content": "markedone"}, {"role": "assistant", "content": "markedtwo"},
                                 {"role": "user", "content": "markedthree"}]},
            generate_content={"contents": [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in
                                           (("user", "markedone"), ("model", "markedtwo"), ("user", "markedthree"))]},
        ),
        marks=("(?s)markedone.*markedtwo.*markedthree",),
        said="messages",
    ),
    Feature(
        name="image by address",
        asked=_content(
            chat_completions=[{"type": "image_url", "image_url": {"url": "https://a.example/markedimage.png"}}],
            responses=[{"type": "input_image", "detail": "auto", "image_url": "https://a.example/markedimage.png"}],
            messages=[{"type": "image", "source": {"type": "url", "url": "https://a.example/markedimage.png"}}],
            generate_content=[types.Part(file_data=types.FileData(
                file_uri="https://a.example/markedimage.png", mime_type="image/png"))],
        ),
        marks=("markedimage",),
        said="image",
    ),
    Feature(
        name="image bytes",
        asked=_content(
            chat_completions=[{"type": "image_url", "image_url": {"url": _DATA_URL}}],
            responses=[{"type": "input_image", "detail": "auto", "image_url": _DATA_URL}],
            messages=[_IMAGE_BLOCK],
            generate_content=[types.Part(inline_data=types.Blob(data=PNG, mime_type="image/png"))],
            ollama={"content": "Hi", "images": [PNG]},
        ),
        marks=(b64(PNG)[:40],),
        said="image",
    ),
    Feature(
        name="PDF bytes",
        asked=_content(
            chat_completions=[{"type": "file", "file": {
                "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{b64(PDF)}"}}],
            responses=[{"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{b64(PDF)}"}],
            messages=[{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PDF)}}],
            generate_content=[types.Part(inline_data=types.Blob(data=PDF, mime_type="application/pdf"))],
        ),
        marks=(b64(PDF)[:40],),
        said="file",
    ),
    Feature(
        name="PDF by address",
        asked=_content(
            responses=[{"type": "input_file", "file_url": "https://a.example/markedfile.pdf"}],
            messages=[{"type": "document", "source": {"type": "url", "url": "https://a.example/markedfile.pdf"}}],
            generate_content=[types.Part(file_data=types.FileData(
                file_uri="https://a.example/markedfile.pdf", mime_type="application/pdf"))],
        ),
        marks=("markedfile",),
        said="file",
    ),
    Feature(
        name="audio",
        asked=_content(
            chat_completions=[{"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}],
            generate_content=[types.Part(inline_data=types.Blob(data=WAV, mime_type="audio/wav"))],
        ),
        marks=(b64(WAV)[:40],),
        said="audio",
    ),
    Feature(
        name="tools",
        asked=_tools(chat_completions={}, responses={}, messages={}, generate_content={}, ollama={}),
        marks=("markedtool", "markedplace"),
        said="tools",
    ),
    Feature(
        name="forced tool",
        asked=_tools(
            chat_completions={"tool_choice": {"type": "function", "function": {"name": "weather"}}},
            responses={"tool_choice": {"type": "function", "name": "weather"}},
            messages={"tool_choice": {"type": "tool", "name": "weather"}},
            generate_content=_config(tools=[GEMINI_TOOL], tool_config=types.ToolConfig(
                function_calling_config=types.FunctionCallingConfig(
                    mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=["weather"]))),
        ),
        marks=(r"(?s)(tool_choice|toolChoice|toolConfig).*weather",),
        said="tool_choice",
    ),
    Feature(
        name="any tool",
        asked=_tools(
            chat_completions={"tool_choice": "required"},
            responses={"tool_choice": "required"},
            messages={"tool_choice": {"type": "any"}},
            generate_content=_config(tools=[GEMINI_TOOL], tool_config=types.ToolConfig(
                function_calling_config=types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.ANY))),
        ),
        marks=(r'"required"|"any"|"ANY"',),
        said="tool_choice",
    ),
    Feature(
        name="allowed tools",
        asked=_tools(
            chat_completions={"tool_choice": {"type": "allowed_tools", "allowed_tools": {
                "mode": "auto", "tools": [{"type": "function", "function": {"name": "weather"}}]}}},
            responses={"tool_choice": {"type": "allowed_tools", "mode": "auto",
                                       "tools": [{"type": "function", "name": "weather"}]}},
        ),
        marks=(r"allowed_?tools|allowedFunctionNames|allowed_tools",),
        said="tool_choice",
    ),
    Feature(
        name="one call at a time",
        asked=_tools(
            chat_completions={"parallel_tool_calls": False},
            responses={"parallel_tool_calls": False},
            messages={"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        ),
        marks=(r'"parallel_tool_calls": ?false|"disable_parallel_tool_use": ?true',),
        said="parallel_tool_calls",
    ),
    Feature(name="tool result", asked=_tool_turns(), marks=("markedrain",), said="tool_result"),
    Feature(
        name="tool result's call",
        asked=_only(_tool_turns(), "chat_completions", "responses", "messages", "generate_content"),
        marks=("(?s)markedcall.*markedcall",),
        said="id",
        lacking={"ollama": "results are matched to calls by name and order"},
    ),
    Feature(
        name="tool result with image",
        asked=_only(
            _tool_turns(
                messages=[_IMAGE_BLOCK],
                responses=[{"type": "input_image", "detail": "auto", "image_url": _DATA_URL}],
                gemini=types.Part(function_response=types.FunctionResponse(
                    id="call_markedcall", name="weather", response={"output": "seen"},
                    parts=[types.FunctionResponsePart(inline_data=types.FunctionResponseBlob(
                        mime_type="image/png", data=PNG))])),
            ),
            "responses", "messages", "generate_content",
        ),
        marks=(b64(PNG)[:40],),
        said="image|tool_result",
    ),
    Feature(
        name="failed tool",
        asked=_only(_tool_turns("markedfault", error=True), "messages", "generate_content"),
        marks=(r"markedfault", r'"is_error": ?true|"error"|"status": ?"error"'),
        said="is_error",
    ),
    Feature(
        name="JSON schema",
        asked=_with(
            chat_completions={"response_format": {"type": "json_schema", "json_schema": {
                "name": "place", "schema": SCHEMA, "strict": True}}},
            responses={"text": {"format": {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}}},
            messages={"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
            generate_content=_config(response_mime_type="application/json", response_json_schema=SCHEMA),
            ollama={"format": SCHEMA},
        ),
        marks=("markedplace",),
        said="response_format",
    ),
    Feature(
        name="any JSON",
        asked=_with(
            chat_completions={"response_format": {"type": "json_object"}},
            responses={"text": {"format": {"type": "json_object"}}},
            generate_content=_config(response_mime_type="application/json"),
            ollama={"format": "json"},
        ),
        marks=(r'"json_object"|"application/json"|"format": ?"json"',),
        said="response_format",
    ),
    Feature(
        name="stop",
        asked=_with(
            chat_completions={"stop": ["markedstop"]},
            messages={"stop_sequences": ["markedstop"]},
            generate_content=_config(stop_sequences=["markedstop"]),
            ollama=_options(stop=["markedstop"]),
        ),
        marks=("markedstop",),
        said="stop",
    ),
    Feature(
        name="temperature",
        asked=_with(
            chat_completions={"temperature": 0.375},
            responses={"temperature": 0.375},
            messages={"extra_body": {"temperature": 0.375}},
            generate_content=_config(temperature=0.375),
            ollama=_options(temperature=0.375),
        ),
        marks=("0.375",),
        said="temperature",
    ),
    Feature(
        name="temperature 0",
        asked=_with(
            chat_completions={"temperature": 0},
            responses={"temperature": 0},
            messages={"extra_body": {"temperature": 0}},
            generate_content=_config(temperature=0),
            ollama=_options(temperature=0),
        ),
        marks=(r'"temperature": ?0(\.0)?[,}]',),
        said="temperature",
    ),
    Feature(
        name="top_p",
        asked=_with(
            chat_completions={"top_p": 0.625},
            responses={"top_p": 0.625},
            messages={"extra_body": {"top_p": 0.625}},
            generate_content=_config(top_p=0.625),
            ollama=_options(top_p=0.625),
        ),
        marks=("0.625",),
        said="top_p",
    ),
    Feature(
        name="top_k",
        asked=_with(
            messages={"extra_body": {"top_k": 37}}, generate_content=_config(top_k=37), ollama=_options(top_k=37)
        ),
        marks=(r'"(top_?[kK])": ?37',),
        said="top_k",
    ),
    Feature(
        name="seed",
        asked=_with(chat_completions={"seed": 4711}, generate_content=_config(seed=4711), ollama=_options(seed=4711)),
        marks=("4711",),
        said="seed",
    ),
    Feature(
        name="penalties",
        asked=_with(
            chat_completions={"frequency_penalty": 0.125, "presence_penalty": 0.8125},
            generate_content=_config(frequency_penalty=0.125, presence_penalty=0.8125),
            ollama=_options(frequency_penalty=0.125, presence_penalty=0.8125),
        ),
        marks=("0.125", "0.8125"),
        said="_penalty",
    ),
    Feature(
        name="longest answer",
        asked=_with(
            chat_completions={"max_completion_tokens": 321},
            responses={"max_output_tokens": 321},
            messages={"max_tokens": 321},
            generate_content=_config(max_output_tokens=321),
            ollama=_options(num_predict=321),
        ),
        marks=(r"\b321\b",),
        said="max_new_tokens",
    ),
    Feature(
        name="logprobs",
        asked=_with(
            chat_completions={"logprobs": True, "top_logprobs": 3},
            responses={"top_logprobs": 3, "include": ["message.output_text.logprobs"]},
            generate_content=_config(response_logprobs=True, logprobs=3),
            ollama={"logprobs": True, "top_logprobs": 3},
        ),
        marks=(r'"(top_logprobs|logprobs)": ?3',),
        said="logprobs",
    ),
    Feature(
        name="several answers",
        asked=_with(chat_completions={"n": 2}, generate_content=_config(candidate_count=2)),
        marks=(r'"(n|candidateCount)": ?2',),
        said=r"\bn\b",
    ),
    Feature(
        name="effort",
        asked=_with(
            chat_completions={"reasoning_effort": "high"},
            responses={"reasoning": {"effort": "high"}},
            messages={"output_config": {"effort": "high"}},
            generate_content=_config(thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.HIGH)),
            ollama={"think": "high"},
        ),
        marks=(r'(?i)"(reasoning_effort|effort|thinkingLevel|thinking_level|think)": ?"high"',),
        said="reasoning_effort",
    ),
    Feature(
        name="thinking budget",
        asked=_with(
            messages={"max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2047}},
            generate_content=_config(thinking_config=types.ThinkingConfig(thinking_budget=2047)),
        ),
        marks=("2047",),
        said="thinking",
    ),
    Feature(
        name="cache breakpoint",
        asked=_content(
            chat_completions=[{"type": "text", "text": "markedlong", "prompt_cache_breakpoint": {"mode": "explicit"}}],
            messages=[{"type": "text", "text": "markedlong", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        ),
        marks=("markedlong", r'"(prompt_cache_breakpoint|cache_control|cachePoint)"'),
        said="cache",
    ),
    Feature(
        name="cache key",
        asked=_with(chat_completions={"prompt_cache_key": "markedkey"}, responses={"prompt_cache_key": "markedkey"}),
        marks=("markedkey",),
        said="prompt_cache_key",
    ),
    Feature(
        name="service tier",
        asked=_with(
            chat_completions={"service_tier": "priority"},
            responses={"service_tier": "priority"},
            messages={"service_tier": "standard_only"},
        ),
        marks=(r'"(service_?[tT]ier)"',),
        said="service_tier",
    ),
    Feature(
        name="user id",
        asked=_with(
            chat_completions={"safety_identifier": "markeduser"},
            responses={"safety_identifier": "markeduser"},
            messages={"metadata": {"user_id": "markeduser"}},
        ),
        marks=("markeduser",),
        said="user|safety_identifier|metadata",
    ),
    Feature(
        name="metadata",
        asked=_with(
            chat_completions={"metadata": {"trace": "markedtrace"}, "store": False},
            responses={"metadata": {"trace": "markedtrace"}},
        ),
        marks=("markedtrace",),
        said="metadata",
    ),
    Feature(
        name="verbosity",
        asked=_with(chat_completions={"verbosity": "low"}, responses={"text": {"verbosity": "low"}}),
        marks=(r'"verbosity": ?"low"',),
        said="verbosity",
    ),
    Feature(
        name="server's own tool",
        asked=_with(
            responses={"tools": [{"type": "web_search"}]},
            messages={"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
            generate_content=_config(tools=[types.Tool(google_search=types.GoogleSearch())]),
        ),
        marks=(r"web_search|google_?[sS]earch",),
        said="tool",
    ),
    Feature(
        name="custom tool",
        asked=_with(
            chat_completions={"tools": [{"type": "custom", "custom": {"name": "code", "description": "markedfree"}}]},
            responses={"tools": [{"type": "custom", "name": "code", "description": "markedfree"}]},
        ),
        marks=("markedfree",),
        said="custom tool",
    ),
    Feature(
        name="unknown field",
        asked=_with(
            chat_completions={"extra_body": {"markedfield": 1}},
            responses={"extra_body": {"markedfield": 1}},
            messages={"extra_body": {"markedfield": 1}},
        ),
        marks=("markedfield",),
        said="extensions of|markedfield",
    ),
    Feature(
        name="unknown block",
        asked=_content(
            chat_completions=[{"type": "text", "text": "Hi"}, {"type": "novel", "value": "markednovel"}],
            responses=[{"type": "input_text", "text": "Hi"}, {"type": "novel", "value": "markednovel"}],
            messages=[{"type": "text", "text": "Hi"}, {"type": "novel", "value": "markednovel"}],
        ),
        marks=("markednovel",),
        said="opaque|block",
    ),
)  # fmt: skip
"""Everything that is asked for."""
