"""Requests of Messages, held against the SDK's own types (anthropic 2.12)."""

import base64
from typing import Any

import msgspec
import pytest

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import (
    CacheBreakpoint,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    OpaqueTool,
    ResponseFormat,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import messages
from tests.wires.messages.anthropic_types import check

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
CACHE = {"type": "ephemeral", "ttl": "1h"}
BODY: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 4096,
    "system": [
        {"type": "text", "text": "Be brief.", "cache_control": CACHE},
        {"type": "text", "text": "You are in Oslo."},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look.", "cache_control": {"type": "ephemeral"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aW1n"}},
                {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
                {"type": "image", "source": {"type": "file", "file_id": "file_1"}, "cache_control": CACHE},
                {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
                    "title": "report.pdf",
                    "context": "Of this year.",
                    "citations": {"enabled": True},
                },
                {"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}},
                {"type": "document", "source": {"type": "file", "file_id": "file_2"}},
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Wörter"},
                    "title": "Notes",
                    "citations": {"enabled": True},
                    "cache_control": CACHE,
                },
                {
                    "type": "document",
                    "source": {
                        "type": "content",
                        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                    },
                    "title": "Pieces",
                },
                {"type": "document", "source": {"type": "content", "content": "whole"}},
                {
                    "type": "search_result",
                    "source": "https://example.org",
                    "title": "Oslo",
                    "content": [{"type": "text", "text": "It is cold."}],
                    "citations": {"enabled": True},
                },
                {"type": "container_upload", "file_id": "file_3"},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "EuYBCkQ="},
                {"type": "redacted_thinking", "data": "EmwKAhgBEgy3"},
                {
                    "type": "server_tool_use",
                    "id": "srvtoolu_1",
                    "name": "web_search",
                    "input": {"query": "Oslo"},
                    "caller": {"type": "direct"},
                },
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "srvtoolu_1",
                    "content": [
                        {
                            "type": "web_search_result",
                            "url": "https://example.org",
                            "title": "Oslo",
                            "encrypted_content": "RW5j",
                            "page_age": None,
                        }
                    ],
                },
                {
                    "type": "text",
                    "text": "It is cold.",
                    "citations": [
                        {
                            "type": "web_search_result_location",
                            "url": "https://example.org",
                            "title": "Oslo",
                            "cited_text": "It is cold.",
                            "encrypted_index": "SW5k",
                        }
                    ],
                },
                {"type": "tool_use", "id": "toolu_1", "name": "w", "input": {"a": 1}, "caller": {"type": "direct"}},
                {"type": "tool_use", "id": "toolu_2", "name": "w", "input": {"a": [1.5, None, "é"]}},
                {"type": "tool_use", "id": "toolu_3", "name": "w", "input": {}, "cache_control": CACHE},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "4 degrees"},
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_2",
                    "content": [
                        {"type": "text", "text": "none"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aW1n"}},
                        {"type": "tool_reference", "tool_name": "now"},
                    ],
                    "is_error": True,
                },
                {"type": "tool_result", "tool_use_id": "toolu_3", "is_error": False, "cache_control": CACHE},
            ],
        },
        {"role": "system", "content": "Answer in English."},
        {"role": "user", "content": "And tomorrow?"},
    ],
    "tools": [
        {
            "name": "w",
            "description": "Weather",
            "input_schema": SCHEMA,
            "strict": True,
            "cache_control": CACHE,
            "defer_loading": False,
            "allowed_callers": ["direct"],
            "input_examples": [{"a": 1}],
            "eager_input_streaming": True,
        },
        {"name": "now", "input_schema": {"type": "object"}, "type": "custom"},
        {"type": "web_search_20260318", "name": "web_search", "max_uses": 3},
    ],
    "tool_choice": {"type": "tool", "name": "w", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
    "output_config": {"effort": "xhigh", "format": {"type": "json_schema", "schema": SCHEMA}},
    "temperature": 0,
    "top_p": 0.5,
    "top_k": 3,
    "stop_sequences": ["END"],
    "stream": True,
    "service_tier": "standard_only",
    "metadata": {"user_id": "u-1"},
    "cache_control": {"type": "ephemeral"},
    "container": "container_1",
    "inference_geo": "eu",
    "speed": "fast",
    "diagnostics": {"previous_message_id": "msg_0"},
}


def parsed(body: dict[str, Any]) -> ModelRequest:
    return messages.parse_request(msgspec.json.encode(body))


def again(body: dict[str, Any]) -> dict[str, Any]:
    """Give what a request is after the neutral language."""
    rendered = messages.render_request(parsed(body))
    assert rendered.warnings == ()
    return msgspec.json.decode(rendered.body)


def asked(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], **fields}


def written(request: ModelRequest) -> tuple[dict[str, Any], list[str]]:
    request.max_new_tokens = request.max_new_tokens or 9
    rendered = messages.render_request(request)
    body = msgspec.json.decode(rendered.body)
    check("request", body)
    return body, [str(each) for each in rendered.warnings]


def test_every_field_is_read_and_written_as_it_was() -> None:
    check("request", BODY)
    assert again(BODY) == BODY


def test_a_request_is_these_neutral_values() -> None:
    request = parsed(BODY)

    system, user, answer, results, aside, last = request.messages
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "tool", "system", "user"]
    assert system.content == [
        TextPart("Be brief.", cache=CacheBreakpoint(ttl="1h")),
        TextPart("You are in Oslo."),
    ]
    assert user.parts[:7] == [
        TextPart("Look.", cache=CacheBreakpoint()),
        ImagePart(url="data:image/png;base64,aW1n"),
        ImagePart(url="https://example.org/a.png"),
        ImagePart(file_id="file_1", cache=CacheBreakpoint(ttl="1h")),
        FilePart(
            data="data:application/pdf;base64,JVBERi0=",
            filename="report.pdf",
            extensions={"messages": {"context": "Of this year.", "citations": {"enabled": True}}},
        ),
        FilePart(url="https://example.org/a.pdf"),
        FilePart(file_id="file_2"),
    ]
    notes, pieces, whole = user.parts[7:10]
    assert isinstance(notes, FilePart)
    assert isinstance(pieces, FilePart)
    assert isinstance(whole, FilePart)
    assert [base64.b64decode((each.data or "").partition(",")[2]).decode() for each in (notes, pieces, whole)] == [
        "Wörter",
        "a\n\nb",
        "whole",
    ]
    assert [part.data["type"] for part in user.parts if isinstance(part, OpaquePart)] == [
        "search_result",
        "container_upload",
    ]
    assert answer.parts[0] == ThinkingPart(text="Hm.", signature="EuYBCkQ=", wire="messages")
    assert answer.parts[1] == ThinkingPart(encrypted="EmwKAhgBEgy3", wire="messages")
    assert answer.parts[5] == ToolCallPart(
        id="toolu_1", name="w", arguments='{"a":1}', extensions={"messages": {"caller": {"type": "direct"}}}
    )
    assert results.parts[0] == ToolResultPart(call_id="toolu_1", content="4 degrees")
    assert results.parts[2] == ToolResultPart(call_id="toolu_3", is_error=False, cache=CacheBreakpoint(ttl="1h"))
    assert (aside.content, last.content) == ("Answer in English.", "And tomorrow?")
    assert request.tools == [
        Tool(
            name="w",
            description="Weather",
            parameters=SCHEMA,
            strict=True,
            cache=CacheBreakpoint(ttl="1h"),
            extensions={
                "messages": {
                    "defer_loading": False,
                    "allowed_callers": ["direct"],
                    "input_examples": [{"a": 1}],
                    "eager_input_streaming": True,
                }
            },
        ),
        Tool(name="now", parameters={"type": "object"}, extensions={"messages": {"type": "custom"}}),
        OpaqueTool("messages", {"type": "web_search_20260318", "name": "web_search", "max_uses": 3}),
    ]
    assert request.tool_choice == ToolChoice(mode="tool", names=("w",))
    assert request.thinking == ThinkingConfig(mode="enabled", budget_tokens=2048, summary="auto")
    assert request.response_format == ResponseFormat(type="json_schema", schema=SCHEMA)
    assert (request.max_new_tokens, request.temperature, request.top_p, request.top_k) == (4096, 0, 0.5, 3)
    assert (request.stop, request.user, request.service_tier) == (["END"], "u-1", "default")
    assert (request.stream, request.parallel_tool_calls, request.reasoning_effort) == (True, False, "xhigh")
    assert request.cache == CacheBreakpoint()
    assert set(request.extensions["messages"]) == {"container", "inference_geo", "speed", "diagnostics"}


def test_a_beta_request_is_read_and_written_as_it_was() -> None:
    reference = {"type": "tool_reference", "name": "w"}
    body = asked(
        messages=[
            {
                "role": "system",
                "content": [{"type": "tool_addition", "tool": reference}, {"type": "text", "text": "From now on."}],
            },
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "compaction", "content": "They met.", "encrypted_content": "ZW5j", "signature": "c2ln"},
                    {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "e", "server_name": "s", "input": {}},
                    {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": "ok", "is_error": False},
                    {"type": "text", "text": "Hello."},
                ],
            },
            {"role": "system", "output_config": {"effort": "low"}, "clear_at": "next_user_message"},
            {"role": "system", "content": [{"type": "tool_removal", "tool": reference}], "clear_at": "never"},
            {"role": "user", "content": "and?"},
        ],
        tools=[{"name": "w", "input_schema": SCHEMA}],
        context_management={"edits": [{"type": "clear_tool_uses_20250919", "keep": {"type": "tool_uses", "value": 3}}]},
        mcp_servers=[{"type": "url", "name": "s", "url": "https://example.org/mcp", "authorization_token": "x"}],
        thinking={"type": "adaptive", "display": "updates"},
        output_config={"effort": "max", "task_budget": {"type": "tokens", "total": 20000}},
        fallbacks=[{"model": "claude-haiku-4-5"}],
    )
    check("beta request", body)
    assert again(body) == body


def test_a_first_system_turn_stays_a_turn() -> None:
    body = asked(
        system="s", messages=[{"role": "system", "content": "t"}, {"role": "user", "content": "hi"}], stream=False
    )
    assert again(body) == {key: value for key, value in body.items() if key != "stream"}


@pytest.mark.parametrize(
    "body",
    [
        asked(thinking={"type": "between_tools"}),
        asked(thinking={"type": "later", "x": 1}),
        asked(tool_choice={"type": "later", "x": 1}),
        asked(output_config={"format": {"type": "grammar", "grammar": "x"}, "effort": "low"}),
        asked(service_tier="auto", metadata={"user_id": "u", "x": 1}),
        asked(cache_control={"type": "ephemeral", "ttl": "5m", "x": 1}),
        asked(messages=[{"role": "user", "content": "hi", "x_new": {"deep": [1, None]}}]),
        asked(messages=[{"role": "user", "content": [{"type": "text", "text": "a", "x": 1}, {"type": "new", "y": 2}]}]),
        asked(
            messages=[
                {
                    "role": "user",
                    "content": [{"type": "document", "source": {"type": "new", "z": 1}, "title": "t"}],
                }
            ]
        ),
        asked(
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png", "x": 1}},
                        {"type": "document", "source": {"type": "file", "file_id": "f", "x": 1}},
                        {
                            "type": "document",
                            "source": {"type": "text", "media_type": "text/plain", "data": "a", "x": 1},
                        },
                    ],
                }
            ]
        ),
    ],
)
def test_what_is_not_known_goes_back_as_it_came(body: dict[str, Any]) -> None:
    assert again(body) == body


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text"}],
        [{"type": "image", "source": {}}],
        [{"type": "image", "source": {"type": "url"}}],
        [{"type": "document", "source": "x"}],
        [{"type": "tool_use", "id": "t"}],
        [{"type": "tool_result"}],
        [{"type": "thinking"}],
        [{}],
        [1],
        None,
    ],
)
def test_a_malformed_block_is_named(content: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(asked(messages=[{"role": "user", "content": content}]))
    assert (caught.value.param or "").startswith("messages[0].content")


def test_files_of_text_are_sent_as_text() -> None:
    def source(kind: str) -> tuple[dict[str, Any], list[str]]:
        part = FilePart(data=f"data:{kind};base64,d29yZHM=", filename="t")
        body, told = written(ModelRequest("m", [ModelMessage("user", [part])]))
        return body["messages"][0]["content"][0]["source"], told

    said = {"type": "text", "media_type": "text/plain", "data": "words"}
    assert source("text/plain") == (said, [])
    assert source("text/csv") == (said, ["renamed file: text/csv to text/plain"])
    assert source("application/pdf")[0] == {"type": "base64", "media_type": "application/pdf", "data": "d29yZHM="}


def test_fields_that_only_another_wire_knows_are_told_by_name() -> None:
    foreign = {"chat_completions": {"x": 1, "id": "harmless"}}
    request = ModelRequest(
        "m",
        [
            ModelMessage("system", "s", extensions=foreign),
            ModelMessage("user", [TextPart("a", foreign)], extensions=foreign),
        ],
        tools=[Tool(name="w", extensions=foreign)],
        tool_choice=ToolChoice(extensions=foreign),
        thinking=ThinkingConfig(mode="adaptive", summary="concise", extensions=foreign),
        response_format=ResponseFormat(
            type="json_schema", schema=SCHEMA, description="d", strict=False, extensions=foreign
        ),
        extensions={"chat_completions": {"prediction": {"type": "content"}, "stream_options": {"include_usage": True}}},
    )
    _, told = written(request)
    assert told == [
        "dropped message.x: a field of chat_completions",
        "dropped text.x: a field of chat_completions",
        "dropped tools.x: a field of chat_completions",
        "dropped tool_choice.x: a field of chat_completions",
        "renamed thinking.summary: concise to summarized",
        "dropped thinking.x: a field of chat_completions",
        "dropped response_format.description: a schema has no description beside it",
        "dropped response_format.strict: the schema is always enforced",
        "dropped response_format.x: a field of chat_completions",
        "dropped prediction: a field of chat_completions (content)",
    ]


def test_a_request_of_which_nothing_can_be_said_is_refused() -> None:
    block = OpaquePart("generate_content", {"executableCode": {}})
    with pytest.raises(Unsupported, match="executableCode"):
        messages.render_request(ModelRequest("m", [ModelMessage("user", [block])]))


def test_a_turn_that_cannot_be_said_is_told_of() -> None:
    block = OpaquePart("generate_content", {"executableCode": {}})
    body, told = written(ModelRequest("m", [ModelMessage("user", "a"), ModelMessage("user", [block])]))
    assert body["messages"] == [{"role": "user", "content": "a"}]
    assert told == [
        "dropped opaque: state of generate_content: executableCode",
        "dropped message: nothing of a turn of the user's can be said",
    ]


def test_the_question_for_tokens_is_of_the_same_fields() -> None:
    body = msgspec.json.decode(messages.render_count_request(parsed(BODY)).body)
    check("count", body)
    kept = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control")
    assert body == {name: BODY[name] for name in kept}
    assert messages.parse_count(b'{"input_tokens":7}') == 7
    assert messages.render_count(7) == b'{"input_tokens":7}'


@pytest.mark.parametrize(
    ("tier", "said", "told"),
    [
        ("auto", "auto", []),
        ("default", "standard_only", []),
        ("priority", "auto", ["renamed service_tier: priority to auto"]),
        ("standard", "standard_only", ["renamed service_tier: standard to standard_only"]),
        ("flex", None, ["dropped service_tier: flex is no tier of this wire"]),
    ],
)
def test_a_tier_is_said_in_this_wires_words(tier: str, said: str | None, told: list[str]) -> None:
    body, warnings = written(ModelRequest("m", [ModelMessage("user", "hi")], service_tier=tier))
    assert (body.get("service_tier"), warnings) == (said, told)


@pytest.mark.parametrize(
    ("user", "identifier", "said", "told"),
    [
        (None, "hash", "hash", ["renamed safety_identifier: to metadata.user_id"]),
        ("u", None, "u", []),
        ("u", "hash", "u", ["dropped safety_identifier: the user's id says who it is"]),
    ],
)
def test_who_asks_is_said_once(user: str | None, identifier: str | None, said: str, told: list[str]) -> None:
    request = ModelRequest("m", [ModelMessage("user", "hi")], user=user, safety_identifier=identifier)
    body, warnings = written(request)
    assert (body["metadata"], warnings) == ({"user_id": said}, told)


@pytest.mark.parametrize(
    "request_",
    [
        ModelRequest("m", [ModelMessage("user", "hi")], seed=1),
        ModelRequest("m", [ModelMessage("user", "hi")], service_tier="flex"),
        ModelRequest("m", [ModelMessage("user", "hi", extensions={"responses": {"x": 1}})]),
        ModelRequest("m", [ModelMessage("user", "hi")], tools=[Tool(name="w", extensions={"responses": {"x": 1}})]),
        ModelRequest("m", [ModelMessage("user", "hi")], extensions={"responses": {"truncation": "auto"}}),
        ModelRequest("m", [ModelMessage("user", [TextPart("a"), OpaquePart("responses", {"type": "x"})])]),
    ],
)
def test_a_strict_request_is_refused_where_something_is_lost(request_: ModelRequest) -> None:
    assert [each.kind for each in messages.render_request(request_).warnings if each.kind != "emulated"] == ["dropped"]
    request_.strict = True
    with pytest.raises(Unsupported):
        messages.render_request(request_)
