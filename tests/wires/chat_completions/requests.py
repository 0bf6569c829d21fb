"""Neutral requests that Chat Completions can say whole, and bodies as a client writes them."""

from typing import Any

from hypothesis import strategies as st

from interlingua.types import (
    AudioPart,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    ModelRequestContext,
    OpaquePart,
    OpaqueTool,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from tests.types.messages import messages, scalars, texts, words

numbers = st.integers(-2, 2) | st.floats(-2, 2, allow_nan=False)
schemas = st.fixed_dictionaries(
    {"type": st.just("object")}, optional={"properties": st.just({"a": {"type": "string"}})}
)

text_parts = st.builds(TextPart, texts)
user_parts = st.one_of(
    text_parts,
    st.builds(ImagePart, url=words, detail=st.none() | st.just("low")),
    st.builds(AudioPart, data=words, format=words),
    st.builds(FilePart, data=st.none() | words, file_id=words, filename=st.none() | words),
    st.builds(OpaquePart, st.just("chat_completions"), st.just({"type": "video_url", "video_url": {"url": "v"}})),
)
calls = st.builds(ToolCallPart, id=words, name=words, arguments=texts, kind=st.sampled_from(["function", "custom"]))
reasoning = st.builds(ThinkingPart, text=st.text("ab", min_size=1), field=st.just("reasoning_content"))


def joined(*lists: list[Any]) -> list[Any]:
    return [part for each in lists for part in each]


assistant_parts = st.builds(
    joined,
    st.lists(reasoning, max_size=1),
    st.lists(text_parts, max_size=2),
    st.lists(st.builds(ImagePart, url=words), max_size=1),
    st.lists(st.builds(RefusalPart, texts), max_size=1),
    st.lists(st.builds(AudioPart, id=words), max_size=1),
    st.lists(calls, max_size=2),
)
results = st.builds(ToolResultPart, call_id=words, content=texts | st.lists(user_parts, max_size=2))
names = st.none() | words
neutral_messages = st.one_of(
    st.builds(ModelMessage, st.sampled_from(["system", "developer", "user"]), texts, name=names),
    st.builds(ModelMessage, st.just("user"), st.lists(user_parts, max_size=3), name=names),
    st.builds(ModelMessage, st.just("assistant"), st.none() | texts | assistant_parts, name=names),
    st.builds(ModelMessage, st.just("tool"), results.map(lambda result: [result])),
)

function_tools = st.builds(
    Tool, name=words, description=st.none() | texts, parameters=st.none() | schemas, strict=st.none() | st.booleans()
)
custom_tools = st.builds(
    Tool,
    name=words,
    description=st.none() | texts,
    kind=st.just("custom"),
    format=st.none() | st.just({"type": "text"}),
)
opaque_tools = st.builds(OpaqueTool, st.just("chat_completions"), st.just({"type": "web_search"}))
choices = st.one_of(
    st.builds(ToolChoice, mode=st.sampled_from(["auto", "none", "required"])),
    st.builds(ToolChoice, mode=st.just("tool"), names=st.tuples(words), kind=st.sampled_from(["function", "custom"])),
    st.builds(
        ToolChoice,
        mode=st.just("allowed"),
        names=st.lists(words, min_size=1, max_size=2).map(tuple),
        required=st.booleans(),
        kind=st.sampled_from(["function", "custom"]),
    ),
)
formats = st.builds(ResponseFormat, type=st.sampled_from(["text", "json_object"])) | st.builds(
    ResponseFormat,
    type=st.just("json_schema"),
    name=words,
    schema=schemas,
    description=st.none() | texts,
    strict=st.none() | st.booleans(),
)

neutral_requests = st.builds(
    ModelRequest,
    words,
    st.lists(neutral_messages, max_size=3),
    context=st.builds(ModelRequestContext, stream=st.booleans()),
    temperature=st.none() | numbers,
    max_new_tokens=st.none() | st.integers(0, 9),
    stop=st.none() | texts | st.lists(texts, max_size=2),
    stop_token_ids=st.none() | st.lists(st.integers(0, 9), max_size=2),
    echo=st.none() | st.booleans(),
    top_p=st.none() | numbers,
    top_k=st.none() | st.integers(0, 9),
    min_p=st.none() | numbers,
    frequency_penalty=st.none() | numbers,
    presence_penalty=st.none() | numbers,
    repetition_penalty=st.none() | numbers,
    seed=st.none() | st.integers(),
    n=st.none() | st.integers(0, 3),
    logprobs=st.none() | st.booleans(),
    top_logprobs=st.none() | st.integers(0, 3),
    logit_bias=st.none() | st.dictionaries(words, st.integers(-100, 100), max_size=2),
    tools=st.none() | st.lists(function_tools | custom_tools | opaque_tools, min_size=1, max_size=3),
    tool_choice=st.none() | choices,
    parallel_tool_calls=st.none() | st.booleans(),
    response_format=st.none() | formats,
    reasoning_effort=st.none() | words,
    verbosity=st.none() | words,
    modalities=st.none() | st.lists(words, max_size=2),
    audio=st.none() | st.just({"voice": "sage", "format": "mp3"}),
    user=st.none() | texts,
    metadata=st.none() | st.dictionaries(words, texts, max_size=2),
    service_tier=st.none() | words,
    extensions=st.sampled_from([dict[str, Any](), {"chat_completions": {"x_number": 7, "x_new": True}}]),
)

wire_tools: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {"name": words},
                optional={
                    "description": st.none() | texts,
                    "parameters": schemas,
                    "strict": st.none() | st.booleans(),
                    "x": scalars,
                },
            ),
        },
        optional={"cache_control": scalars},
    ),
    st.fixed_dictionaries({"type": st.just("custom"), "custom": st.fixed_dictionaries({"name": words})}),
    st.just({"type": "web_search", "x": 1}),
)
wire_choices: st.SearchStrategy[Any] = st.sampled_from(
    [
        "auto",
        "none",
        "required",
        "any",
        {"type": "function", "function": {"name": "f"}},
        {"type": "custom", "custom": {"name": "f"}},
        {"type": "function", "function": {"name": "f"}, "x": 1},
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
        },
        {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [
                    {"type": "function", "name": "f"},
                    {"type": "custom", "custom": {"name": "g"}},
                    {"type": "mcp"},
                ],
            },
        },
        {"type": "web_search"},
    ]
)
wire_formats: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}},
        {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "strict": None, "x": 1}},
        {"type": "json_schema", "json_schema": {"name": "n"}, "x": 1},
        {"type": "grammar", "grammar": "root ::= x"},
    ]
)
bodies: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"model": words, "messages": st.lists(messages, max_size=2)},
    optional={
        "stream": st.sampled_from([True]),
        "temperature": st.none() | numbers,
        "max_tokens": st.none() | st.integers(0, 9),
        "stop": st.none() | texts | st.lists(texts, max_size=2),
        "top_k": st.integers(0, 9),
        "echo": st.booleans(),
        "logit_bias": st.dictionaries(words, st.integers(-100, 100), max_size=2),
        "tools": st.lists(wire_tools, min_size=1, max_size=2),
        "tool_choice": wire_choices,
        "response_format": wire_formats,
        "reasoning_effort": st.none() | words,
        "prompt_cache_options": st.just({"mode": "explicit"}),
        "prediction": st.just({"type": "content", "content": "x"}),
        "functions": st.just([{"name": "f"}]),
        "x_new": scalars,
    },
)
