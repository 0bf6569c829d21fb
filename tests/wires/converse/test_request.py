"""Requests to Converse, held against the service's own model (botocore 1.44 `bedrock-runtime`)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Unsupported
from interlingua.types import (
    AudioPart,
    CacheBreakpoint,
    FilePart,
    ImagePart,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    Part,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ThinkingConfig,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from interlingua.wires import converse, messages
from tests.wires.converse.bedrock import complaints

CLAUDE = "anthropic.claude-sonnet-5"
TOOL = {"name": "w", "input_schema": {"type": "object"}}
SPECIFIED = {"toolSpec": {"name": "w", "inputSchema": {"json": {"type": "object"}}}}


def written(request: ModelRequest) -> tuple[dict[str, Any], list[str]]:
    rendered = converse.render_request(request, stream=False)
    body = msgspec.json.decode(rendered.body)
    assert complaints(body) == ""
    return body, [str(each) for each in rendered.warnings]


def from_messages(**fields: Any) -> tuple[dict[str, Any], list[str]]:
    body = {"model": CLAUDE, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], **fields}
    return written(messages.parse_request(msgspec.json.encode(body)))


def from_blocks(*blocks: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    body, told = from_messages(messages=[{"role": "user", "content": list(blocks)}])
    return body["messages"][0]["content"], told


def from_parts(*parts: Part) -> tuple[list[dict[str, Any]], list[str]]:
    body, told = written(ModelRequest(CLAUDE, [ModelMessage("user", list(parts))]))
    return body["messages"][0]["content"], told


def test_a_conversation_is_these_bytes() -> None:
    request = ModelRequest(
        CLAUDE,
        [
            ModelMessage("system", [TextPart("Be brief.", cache=CacheBreakpoint())]),
            ModelMessage(
                "user",
                [
                    TextPart("Look."),
                    ImagePart(url="data:image/png;base64,iVBORw0KGgo="),
                    FilePart(data="data:application/pdf;base64,JVBERi0=", filename="report.pdf"),
                    FilePart(data="data:video/mp4;base64,AAAA"),
                    AudioPart(data="UklGRg==", format="wav"),
                    TextPart("And tell.", cache=CacheBreakpoint(ttl="1h")),
                ],
            ),
            ModelMessage(
                "assistant",
                [
                    ThinkingPart(text="Hm.", signature="c2ln", wire="converse"),
                    ThinkingPart(encrypted="cmVk", wire="converse"),
                    TextPart("I will look."),
                    ToolCallPart(id="tooluse_1", name="w", arguments='{"a": 1}'),
                    ToolCallPart(id="tooluse_2", name="w", arguments=""),
                ],
            ),
            ModelMessage.tool_result("tooluse_1", "4 degrees"),
            ModelMessage.tool_result(
                "tooluse_2", [TextPart("none"), ImagePart(url="data:image/jpeg;base64,/9g=")], is_error=True
            ),
            ModelMessage("user", "And?"),
        ],
        tools=[Tool(name="w", description="Weather", parameters={"type": "object"}, strict=True)],
        tool_choice=ToolChoice(mode="tool", names=("w",)),
        max_new_tokens=64,
        temperature=0,
        top_p=0.5,
        stop=["END"],
        reasoning_effort="high",
        response_format=ResponseFormat(type="json_schema", name="a", description="d", schema={"type": "object"}),
        metadata={"team": "red"},
        service_tier="flex",
    )
    assert written(request) == (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"text": "Look."},
                        {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
                        {"document": {"format": "pdf", "name": "report", "source": {"bytes": "JVBERi0="}}},
                        {"video": {"format": "mp4", "source": {"bytes": "AAAA"}}},
                        {"audio": {"format": "wav", "source": {"bytes": "UklGRg=="}}},
                        {"text": "And tell."},
                        {"cachePoint": {"type": "default", "ttl": "1h"}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": [
                        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
                        {"reasoningContent": {"redactedContent": "cmVk"}},
                        {"text": "I will look."},
                        {"toolUse": {"toolUseId": "tooluse_1", "name": "w", "input": {"a": 1}}},
                        {"toolUse": {"toolUseId": "tooluse_2", "name": "w", "input": {}}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "4 degrees"}]}},
                        {
                            "toolResult": {
                                "toolUseId": "tooluse_2",
                                "content": [
                                    {"text": "none"},
                                    {"image": {"format": "jpeg", "source": {"bytes": "/9g="}}},
                                ],
                                "status": "error",
                            }
                        },
                        {"text": "And?"},
                    ],
                },
            ],
            "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
            "inferenceConfig": {"maxTokens": 64, "temperature": 0, "topP": 0.5, "stopSequences": ["END"]},
            "toolConfig": {
                "tools": [
                    {
                        "toolSpec": {
                            "name": "w",
                            "description": "Weather",
                            "inputSchema": {"json": {"type": "object"}},
                            "strict": True,
                        }
                    }
                ],
                "toolChoice": {"tool": {"name": "w"}},
            },
            "outputConfig": {
                "effort": "high",
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": '{"type":"object"}', "name": "a", "description": "d"}},
                },
            },
            "requestMetadata": {"team": "red"},
            "serviceTier": {"type": "flex"},
        },
        [],
    )


@pytest.mark.parametrize(
    ("given", "said", "told"),
    [
        ({"type": "adaptive", "display": "summarized"}, {"type": "adaptive", "display": "summarized"}, []),
        (
            {"type": "enabled", "budget_tokens": 1024, "display": "omitted"},
            {"type": "enabled", "budget_tokens": 1024, "display": "omitted"},
            [],
        ),
        ({"type": "disabled"}, {"type": "disabled"}, []),
        ({"type": "between_tools"}, None, ["dropped thinking: a field of messages (between_tools)"]),
        (
            {"type": "adaptive", "block_binding": {"mode": "x"}},
            {"type": "adaptive"},
            ["dropped thinking.block_binding: a field of messages (mode)"],
        ),
    ],
)
def test_what_is_shown_of_thinking_reaches_claude(
    given: dict[str, Any], said: dict[str, Any] | None, told: list[str]
) -> None:
    body, warnings = from_messages(thinking=given)
    assert body.get("additionalModelRequestFields", {}).get("thinking") == said
    assert warnings == told


def test_a_summary_alone_asks_for_thinking_that_is_shown() -> None:
    request = ModelRequest(CLAUDE, [ModelMessage("user", "hi")], thinking=ThinkingConfig(summary="detailed"))
    body, told = written(request)
    assert body["additionalModelRequestFields"] == {"thinking": {"type": "adaptive", "display": "summarized"}}
    assert told == ["emulated thinking.summary: as adaptive thinking that is shown"]


@pytest.mark.parametrize(
    ("effort", "said", "told"),
    [
        ("max", {"effort": "max"}, []),
        ("minimal", {"effort": "low"}, ["renamed reasoning_effort: minimal to low"]),
        ("none", None, []),
    ],
)
def test_effort_is_said_in_the_words_of_this_api(effort: str, said: dict[str, str] | None, told: list[str]) -> None:
    body, warnings = written(ModelRequest(CLAUDE, [ModelMessage("user", "hi")], reasoning_effort=effort))
    assert (body.get("outputConfig"), warnings) == (said, told)
    assert ("additionalModelRequestFields" in body) == (effort == "none")


def test_fields_of_a_tool_that_only_another_wire_knows_are_told() -> None:
    tool: dict[str, Any] = {**TOOL, "defer_loading": True, "allowed_callers": ["direct"], "input_examples": [{}]}
    body, told = from_messages(tools=[tool])
    assert body["toolConfig"] == {"tools": [SPECIFIED]}
    assert told == [
        "dropped tools.defer_loading: a field of messages",
        "dropped tools.allowed_callers: a field of messages",
        "dropped tools.input_examples: a field of messages",
    ]


def test_an_unknown_field_of_a_message_is_told_once() -> None:
    turns = [{"role": role, "content": "hi", "x_new": 1} for role in ("user", "assistant", "user")]
    _, told = from_messages(messages=turns)
    assert told == ["dropped message.x_new: a field of messages"]


def test_fields_of_a_request_are_told_by_name() -> None:
    _, told = from_messages(
        context_management={"edits": []},
        output_config={"task_budget": {"type": "tokens", "total": 9}},
        container="container_1",
    )
    assert told == [
        "dropped context_management: a field of messages (edits)",
        "dropped output_config: a field of messages (task_budget)",
        "dropped container: a field of messages",
    ]


@pytest.mark.parametrize(
    ("tier", "said", "told"),
    [
        ("auto", None, []),
        ("default", "default", []),
        ("flex", "flex", []),
        ("priority", "priority", []),
        ("reserved", "reserved", []),
        ("standard_only", "default", ["renamed service_tier: standard_only to default"]),
        ("standard", "default", ["renamed service_tier: standard to default"]),
        ("scale", None, ["dropped service_tier: scale is no tier of this wire"]),
    ],
)
def test_a_tier_is_said_in_bedrocks_words(tier: str, said: str | None, told: list[str]) -> None:
    body, warnings = written(ModelRequest(CLAUDE, [ModelMessage("user", "hi")], service_tier=tier))
    assert body.get("serviceTier") == ({"type": said} if said else None)
    assert warnings == told


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"type": "text", "media_type": "text/plain", "data": "words"}, {"bytes": "d29yZHM="}),
        ({"type": "content", "content": "words"}, {"content": [{"text": "words"}]}),
        (
            {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"content": [{"text": "a"}, {"text": "b"}]},
        ),
    ],
)
def test_a_document_of_text_keeps_what_stands_beside_it(source: dict[str, Any], said: dict[str, Any]) -> None:
    content, told = from_blocks(
        {
            "type": "document",
            "source": source,
            "title": "Notes",
            "context": "From Oslo.",
            "citations": {"enabled": True},
            "cache_control": {"type": "ephemeral"},
        }
    )
    assert content == [
        {
            "document": {
                "format": "txt",
                "name": "Notes",
                "source": said,
                "context": "From Oslo.",
                "citations": {"enabled": True},
            }
        },
        {"cachePoint": {"type": "default"}},
    ]
    assert told == []


def test_results_of_a_search_are_results_of_a_search() -> None:
    found: dict[str, Any] = {
        "type": "search_result",
        "source": "https://example.org",
        "title": "Oslo",
        "content": [{"type": "text", "text": "It is cold."}],
        "citations": {"enabled": True},
        "cache_control": {"type": "ephemeral", "ttl": "5m"},
    }
    said = {
        "searchResult": {
            "source": "https://example.org",
            "title": "Oslo",
            "content": [{"text": "It is cold."}],
            "citations": {"enabled": True},
        }
    }
    content, told = from_blocks(found, {"type": "tool_result", "tool_use_id": "t", "content": [found]})
    assert content == [
        said,
        {"cachePoint": {"type": "default", "ttl": "5m"}},
        {"toolResult": {"toolUseId": "t", "content": [said]}},
        {"cachePoint": {"type": "default", "ttl": "5m"}},
    ]
    assert told == []


def test_tools_that_come_and_go_stand_between_the_turns() -> None:
    reference = {"type": "tool_reference", "name": "w"}
    body, told = from_messages(
        messages=[
            {"role": "system", "content": [{"type": "tool_addition", "tool": reference}]},
            {"role": "user", "content": "hi"},
            {"role": "system", "content": [{"type": "tool_removal", "tool": {**reference, "server_name": "s"}}]},
        ]
    )
    assert body["messages"] == [
        {"role": "system", "content": [{"toolAddition": {"tool": reference}}]},
        {"role": "user", "content": [{"text": "hi"}]},
        {
            "role": "system",
            "content": [{"toolRemoval": {"tool": {"type": "tool_reference", "name": "w", "serverName": "s"}}}],
        },
    ]
    assert (told, "system" in body) == ([], False)


def test_a_turn_that_cannot_be_said_is_told_of() -> None:
    request = ModelRequest(
        CLAUDE,
        [
            ModelMessage("user", [ImagePart(url="https://example.org/a.png")]),
            ModelMessage("assistant", "a"),
            ModelMessage("user", "b"),
        ],
    )
    body, told = written(request)
    assert [turn["role"] for turn in body["messages"]] == ["assistant", "user"]
    assert told == [
        "dropped image: PNG, JPEG, GIF or WebP inline or in S3 is taken",
        "dropped message: nothing of a turn of the user's can be said",
    ]


def test_a_request_of_which_nothing_can_be_said_is_refused() -> None:
    block = OpaquePart("messages", {"type": "container_upload", "file_id": "f"})
    with pytest.raises(Unsupported, match="container_upload"):
        converse.render_request(ModelRequest(CLAUDE, [ModelMessage("user", [block])]))


def test_no_choice_of_tools_leaves_them_out() -> None:
    body, told = from_messages(tools=[TOOL], tool_choice={"type": "none"})
    assert "toolConfig" not in body
    assert told == ["emulated tool_choice: none, by leaving the tools out"]


CALLED: list[dict[str, Any]] = [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "w", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "4"}]},
]


def test_tools_that_were_called_stay_declared() -> None:
    body, told = from_messages(messages=CALLED, tools=[TOOL], tool_choice={"type": "none"})
    assert body["toolConfig"] == {"tools": [SPECIFIED]}
    assert told == ["dropped tool_choice: none cannot be said where tools were called"]


def test_calls_without_tools_declare_them() -> None:
    body, told = from_messages(messages=CALLED)
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    assert body["toolConfig"] == {"tools": [{"toolSpec": {"name": "w", "inputSchema": {"json": schema}}}]}
    assert told == ["emulated tools: declared by the names of the calls that were made"]


def test_a_set_of_allowed_tools_becomes_all_of_them() -> None:
    choice = ToolChoice(mode="allowed", names=("w", "v"), required=True)
    body, told = written(
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], tools=[Tool(name="w"), Tool(name="v")], tool_choice=choice)
    )
    assert body["toolConfig"]["toolChoice"] == {"any": {}}
    assert told == ["dropped tool_choice.allowed_tools: all tools may be called"]


def test_a_form_that_need_not_be_kept_is_kept_all_the_same() -> None:
    form = ResponseFormat(type="json_schema", schema={"type": "object"}, strict=False)
    _, told = written(ModelRequest(CLAUDE, [ModelMessage("user", "hi")], response_format=form))
    assert told == ["dropped response_format.strict: the schema is always enforced"]


def test_heat_has_a_bound() -> None:
    body, told = written(ModelRequest(CLAUDE, [ModelMessage("user", "hi")], temperature=1.5))
    assert body["inferenceConfig"] == {"temperature": 1}
    assert told == ["clamped temperature: 1.5 to 1"]


def test_each_document_has_a_name_of_its_own() -> None:
    pdf = FilePart(data="data:application/pdf;base64,JVBERi0=", filename="a  b_c.pdf")
    content, told = from_parts(pdf, pdf, ToolResultPart(call_id="t", content=[pdf]))
    assert [content[0]["document"]["name"], content[1]["document"]["name"]] == ["a b-c", "a b-c 2"]
    assert content[2]["toolResult"]["content"][0]["document"]["name"] == "a b-c 3"
    assert told == [
        "renamed file.filename: a  b_c to a b-c",
        "renamed file.filename: a b-c to a b-c 2",
        "renamed file.filename: a b-c to a b-c 3",
    ]


def test_a_call_has_an_id_that_fits() -> None:
    long = "call_" + "é" * 40
    request = ModelRequest(
        CLAUDE,
        [
            ModelMessage("assistant", [ToolCallPart(id=long, name="w"), ToolCallPart(id="a.b:c-d_e", name="w")]),
            ModelMessage.tool_result(long, "1"),
        ],
        tools=[Tool(name="w")],
    )
    body, told = written(request)
    first, second = (block["toolUse"]["toolUseId"] for block in body["messages"][0]["content"])
    assert len(first) == 64
    assert second == "a.b:c-d_e"
    assert body["messages"][1]["content"][0]["toolResult"]["toolUseId"] == first
    assert told == []


def test_what_cannot_be_said_is_told_by_name() -> None:
    content, told = from_parts(
        TextPart("a", {"messages": {"x": 1}}, signature="c2ln"),
        RefusalPart("no"),
        ImagePart(url="data:image/png;base64,aW1n", detail="high"),
        AudioPart(id="audio_1"),
        FilePart(file_id="file_1"),
        ThinkingPart(text="hm", signature="s", wire="messages"),
        ThinkingPart(text="hm"),
        OpaquePart("generate_content", {"executableCode": {}}),
    )
    assert content == [
        {"text": "a"},
        {"text": "no"},
        {"image": {"format": "png", "source": {"bytes": "aW1n"}}},
    ]
    assert told == [
        "dropped thinking: state of generate_content",
        "dropped text.x: a field of messages",
        "renamed refusal: as text",
        "dropped image.detail: images are seen in one resolution",
        "dropped audio: it has no data",
        "dropped file: files are taken inline or from S3",
        "dropped thinking: state of messages",
        "dropped thinking: it has no signature",
        "dropped opaque: state of generate_content: executableCode",
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            {
                "type": "char_location",
                "cited_text": "cold",
                "document_index": 1,
                "document_title": "Notes",
                "start_char_index": 3,
                "end_char_index": 7,
                "file_id": None,
            },
            {
                "title": "Notes",
                "sourceContent": [{"text": "cold"}],
                "location": {"documentChar": {"documentIndex": 1, "start": 3, "end": 7}},
            },
        ),
        (
            {
                "type": "page_location",
                "cited_text": "cold",
                "document_index": 1,
                "document_title": None,
                "start_page_number": 3,
                "end_page_number": 4,
            },
            {
                "sourceContent": [{"text": "cold"}],
                "location": {"documentPage": {"documentIndex": 1, "start": 3, "end": 4}},
            },
        ),
        (
            {
                "type": "search_result_location",
                "cited_text": "cold",
                "search_result_index": 2,
                "source": "https://example.org",
                "title": "Oslo",
                "start_block_index": 0,
                "end_block_index": 1,
            },
            {
                "title": "Oslo",
                "source": "https://example.org",
                "sourceContent": [{"text": "cold"}],
                "location": {"searchResultLocation": {"searchResultIndex": 2, "start": 0, "end": 1}},
            },
        ),
    ],
)
def test_sources_of_messages_keep_their_places(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    text = {"type": "text", "text": "It is cold.", "citations": [theirs]}
    body, told = from_messages(messages=[{"role": "assistant", "content": [text]}, {"role": "user", "content": "so?"}])
    assert body["messages"][0]["content"] == [
        {"citationsContent": {"content": [{"text": "It is cold."}], "citations": [ours]}}
    ]
    assert told == []


def test_a_call_with_free_text_has_it_under_input() -> None:
    calls = [
        ToolCallPart(id="a", name="code", arguments='{"x": 1}', kind="custom"),
        ToolCallPart(id="b", name="code", arguments="not json"),
        ToolCallPart(id="c", name="code", arguments='{"x": 1}'),
    ]
    request = ModelRequest(CLAUDE, [ModelMessage("assistant", list(calls))], tools=[Tool(name="code", kind="custom")])
    body, told = written(request)
    assert [block["toolUse"]["input"] for block in body["messages"][0]["content"]] == [
        {"input": '{"x": 1}'},
        {"input": "not json"},
        {"x": 1},
    ]
    assert told == [
        "emulated arguments: a text that is no object stands under `input`",
        "emulated custom tool: its text stands under `input`",
    ]


def test_the_prompts_end_is_marked_once() -> None:
    mark = {"cachePoint": {"type": "default"}}
    for cache in (None, CacheBreakpoint()):
        request = ModelRequest(CLAUDE, [ModelMessage("user", [TextPart("a", cache=cache)])], cache=CacheBreakpoint())
        assert written(request)[0]["messages"][0]["content"] == [{"text": "a"}, mark]


@pytest.mark.parametrize(
    "request_",
    [
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], seed=1),
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], temperature=2),
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], service_tier="scale"),
        ModelRequest(CLAUDE, [ModelMessage("user", "hi", extensions={"messages": {"x": 1}})]),
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], tools=[Tool(name="w", extensions={"messages": {"x": 1}})]),
        ModelRequest(CLAUDE, [ModelMessage("user", "hi")], extensions={"messages": {"container": "c"}}),
    ],
)
def test_a_strict_request_is_refused_where_something_is_lost(request_: ModelRequest) -> None:
    assert {each.kind for each in converse.render_request(request_).warnings} <= {"dropped", "clamped"}
    request_.strict = True
    with pytest.raises(Unsupported):
        converse.render_request(request_)
