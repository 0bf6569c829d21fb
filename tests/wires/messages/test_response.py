"""Whole replies of Messages, held against the SDK's own types (anthropic 2.12)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import ProtocolError, ProviderError
from interlingua.types import (
    AudioPart,
    Choice,
    Citation,
    FilePart,
    FinishReason,
    ImagePart,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    Usage,
)
from interlingua.wires import messages
from tests.wires.messages.anthropic_types import check

CITATIONS: list[dict[str, Any]] = [
    {
        "type": "char_location",
        "cited_text": "cold",
        "document_index": 0,
        "document_title": "Notes",
        "file_id": None,
        "start_char_index": 6,
        "end_char_index": 10,
    },
    {
        "type": "page_location",
        "cited_text": "cold",
        "document_index": 1,
        "document_title": None,
        "file_id": "file_1",
        "start_page_number": 2,
        "end_page_number": 3,
    },
    {
        "type": "content_block_location",
        "cited_text": "cold",
        "document_index": 2,
        "document_title": None,
        "file_id": None,
        "start_block_index": 0,
        "end_block_index": 1,
    },
    {
        "type": "search_result_location",
        "cited_text": "cold",
        "search_result_index": 0,
        "source": "https://example.org",
        "title": "Oslo",
        "start_block_index": 0,
        "end_block_index": 1,
    },
    {
        "type": "web_search_result_location",
        "cited_text": "cold",
        "url": "https://example.org",
        "title": "Oslo",
        "encrypted_index": "SW5k",
    },
]
CONTENT: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "Hm.", "signature": "EuYBCkQ="},
    {"type": "thinking", "thinking": "", "signature": "RW1wdHk="},
    {"type": "redacted_thinking", "data": "EmwKAhgBEgy3"},
    {
        "type": "server_tool_use",
        "id": "srvtoolu_1",
        "name": "bash_code_execution",
        "input": {"command": "ls"},
        "caller": {"type": "direct"},
    },
    {
        "type": "bash_code_execution_tool_result",
        "tool_use_id": "srvtoolu_1",
        "content": {
            "type": "bash_code_execution_result",
            "stdout": "a\n",
            "stderr": "",
            "return_code": 0,
            "content": [{"type": "bash_code_execution_output", "file_id": "file_9"}],
        },
    },
    {"type": "text", "text": "It is cold.", "citations": CITATIONS},
    {"type": "text", "text": "Bring a coat.", "citations": None},
    {"type": "container_upload", "file_id": "file_9"},
    {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "w",
        "input": {"a": [1, 2.5, None, "é"]},
        "caller": {"type": "direct"},
    },
    {
        "type": "tool_use",
        "id": "toolu_2",
        "name": "w",
        "input": {},
        "caller": {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"},
    },
]
REPLY: dict[str, Any] = {
    "id": "msg_01",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-8",
    "content": CONTENT,
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "container": {"id": "container_1", "expires_at": "2026-11-25T09:00:00Z", "skills": []},
    "diagnostics": {"cache_miss_reason": {"type": "system_changed", "cache_missed_input_tokens": 7}},
    "usage": {
        "input_tokens": 10,
        "cache_creation_input_tokens": 5,
        "cache_read_input_tokens": 7,
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
        "output_tokens": 40,
        "output_tokens_details": {"thinking_tokens": 4},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": "eu",
        "speed": "standard",
    },
}


def parsed(body: dict[str, Any]) -> ModelOutput:
    return messages.parse_response(msgspec.json.encode(body))


def rendered(output: ModelOutput) -> dict[str, Any]:
    return msgspec.json.decode(messages.render_response(output))


def shown(*parts: Part, **fields: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Give what a caller of Messages sees of an answer, and what is said of it."""
    output = ModelOutput(choices=[Choice(parts=list(parts), finish_reason="stop", **fields)], model="m")
    return rendered(output)["content"], [str(each) for each in output.warnings]


def test_a_reply_is_read_and_written_as_it_was() -> None:
    check("reply", REPLY)
    output = parsed(REPLY)
    assert rendered(output) == REPLY
    assert output.warnings == []


def test_a_beta_reply_is_read_and_written_as_it_was() -> None:
    reply: dict[str, Any] = {
        **REPLY,
        "content": [
            {"type": "compaction", "content": "They met.", "encrypted_content": "ZW5j"},
            {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "e", "server_name": "s", "input": {}},
            {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": "ok", "is_error": False},
            {"type": "later_block", "x": {"deep": [1]}},
        ],
        "stop_reason": "compaction",
        "context_management": {"applied_edits": []},
    }
    assert rendered(parsed(reply)) == reply
    check("beta reply", {**reply, "content": reply["content"][:3]})


def test_a_reply_is_these_neutral_values() -> None:
    output = parsed(REPLY)
    parts = output.choices[0].parts

    assert parts[:3] == [
        ThinkingPart(text="Hm.", signature="EuYBCkQ=", wire="messages"),
        ThinkingPart(text="", signature="RW1wdHk=", wire="messages"),
        ThinkingPart(encrypted="EmwKAhgBEgy3", wire="messages"),
    ]
    assert parts[3:5] == [OpaquePart("messages", block) for block in CONTENT[3:5]]
    cited = parts[5]
    assert isinstance(cited, TextPart)
    assert cited.citations == [
        Citation(
            kind="document",
            title="Notes",
            cited_text="cold",
            document_index=0,
            extensions={"messages": CITATIONS[0]},
        ),
        Citation(
            kind="document",
            cited_text="cold",
            document_index=1,
            file_id="file_1",
            extensions={"messages": CITATIONS[1]},
        ),
        Citation(kind="document", cited_text="cold", document_index=2, extensions={"messages": CITATIONS[2]}),
        Citation(
            kind="document",
            url="https://example.org",
            title="Oslo",
            cited_text="cold",
            extensions={"messages": CITATIONS[3]},
        ),
        Citation(
            kind="url",
            url="https://example.org",
            title="Oslo",
            cited_text="cold",
            extensions={"messages": CITATIONS[4]},
        ),
    ]
    assert output.tool_calls[0] == ToolCallPart(
        id="toolu_1",
        name="w",
        arguments='{"a":[1,2.5,null,"é"]}',
        extensions={"messages": {"caller": {"type": "direct"}}},
    )
    assert (output.id, output.model, output.finish_reason) == ("msg_01", "claude-opus-4-8", "tool_calls")
    assert output.usage == Usage(
        input_tokens=10,
        cache_read_tokens=7,
        cache_write_tokens=2,
        cache_write_long_tokens=3,
        output_tokens=36,
        reasoning_tokens=4,
        extensions={
            "messages": {
                "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
                "service_tier": "standard",
                "inference_geo": "eu",
                "speed": "standard",
            }
        },
    )
    assert set(output.extensions["messages"]) == {"container", "diagnostics"}


def test_a_conversation_goes_on_with_the_same_blocks() -> None:
    """Three turns to one provider: what it gave comes back in each, byte for byte in all that is opaque."""
    request = ModelRequest("m", [ModelMessage("user", "hi")], max_new_tokens=9)
    for turn in range(3):
        answer = parsed({**REPLY, "id": f"msg_{turn}"})
        request.messages.append(ModelMessage("assistant", answer.choices[0].parts))
        request.messages.append(ModelMessage.tool_result("toolu_1", "4 degrees"))
        request.messages.append(ModelMessage.tool_result("toolu_2", "5 degrees", is_error=False))

    written = messages.render_request(request)

    body = msgspec.json.decode(written.body)
    check("request", body)
    assert written.warnings == ()
    assert [turn["role"] for turn in body["messages"]] == ["user", *["assistant", "user"] * 3]
    for turn in body["messages"][1::2]:
        assert turn["content"] == [
            {name: value for name, value in block.items() if name != "citations" or value} for block in CONTENT
        ]
    again = messages.render_request(messages.parse_request(written.body)).body
    assert msgspec.json.decode(again) == body


@pytest.mark.parametrize(
    ("word", "reason", "fields"),
    [
        ("end_turn", "stop", {}),
        ("stop_sequence", "stop", {"stop_sequence": "END"}),
        ("max_tokens", "length", {}),
        ("model_context_window_exceeded", "length", {}),
        ("tool_use", "tool_calls", {}),
        ("pause_turn", "other", {}),
        ("refusal", "content_filter", {"stop_details": {"type": "refusal", "category": "cyber", "explanation": None}}),
        ("later_reason", "other", {}),
    ],
)
def test_each_reason_to_stop_has_a_name(word: str, reason: FinishReason, fields: dict[str, Any]) -> None:
    reply = {**REPLY, "stop_reason": word, **fields}
    output = parsed(reply)
    assert (output.finish_reason, output.choices[0].raw_finish_reason) == (reason, word)
    assert rendered(output) == reply


def test_what_a_message_cannot_say_is_sealed_or_told() -> None:
    content, told = shown(
        ThinkingPart(text="Hm.", encrypted="gAAAA", wire="responses"),
        OpaquePart("responses", {"type": "web_search_call", "id": "ws_1"}),
        TextPart("a", signature="c2ln"),
        RefusalPart("No."),
        ImagePart(url="data:image/png;base64,aW1n"),
        FilePart(data="data:application/pdf;base64,JVBERi0="),
        AudioPart(data="UklGRg==", format="wav", transcript="Hello."),
        AudioPart(data="UklGRg==", format="wav"),
        ToolCallPart(id="call|1", name="w", arguments="{}", signature="c2ln"),
        extensions={"generate_content": {"groundingMetadata": {"webSearchQueries": []}}},
    )
    assert [block["type"] for block in content] == [
        *["thinking", "redacted_thinking", "redacted_thinking", "text", "text"],
        *["image", "document", "text", "redacted_thinking", "tool_use"],
    ]
    assert told == [
        "renamed refusal: as text",
        "emulated image: as a block that answers of this wire have not",
        "emulated file: as a block that answers of this wire have not",
        "emulated audio: as its transcript",
        "dropped audio: this wire has no audio",
        "dropped choice.groundingMetadata: a field of generate_content (webSearchQueries)",
    ]
    back = messages.parse_request(
        msgspec.json.encode(
            {
                "model": "m",
                "max_tokens": 9,
                "messages": [{"role": "assistant", "content": content}, {"role": "user", "content": "and?"}],
            }
        )
    )
    assert back.messages[0].parts[:3] == [
        ThinkingPart(text="Hm.", encrypted="gAAAA", wire="responses"),
        OpaquePart("responses", {"type": "web_search_call", "id": "ws_1"}),
        TextPart("a", signature="c2ln"),
    ]
    assert back.messages[0].tool_calls[0].signature == "c2ln"


def test_one_of_several_answers_is_shown() -> None:
    output = ModelOutput(choices=[Choice(parts=[TextPart("a")]), Choice(index=1, parts=[TextPart("b")])])
    assert [block["text"] for block in rendered(output)["content"]] == ["a"]
    assert [str(each) for each in output.warnings] == ["dropped choices: one of 2 answers is shown"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (
            {"documentChar": {"documentIndex": 1, "start": 3, "end": 7}},
            {"type": "char_location", "document_index": 1, "start_char_index": 3, "end_char_index": 7},
        ),
        (
            {"documentPage": {"documentIndex": 1, "start": 3, "end": 4}},
            {"type": "page_location", "document_index": 1, "start_page_number": 3, "end_page_number": 4},
        ),
        (
            {"documentChunk": {"documentIndex": 1, "start": 0, "end": 1}},
            {"type": "content_block_location", "document_index": 1, "start_block_index": 0, "end_block_index": 1},
        ),
    ],
)
def test_a_source_of_bedrocks_keeps_its_place(location: dict[str, Any], said: dict[str, Any]) -> None:
    theirs = {"title": "Notes", "sourceContent": [{"text": "cold"}], "location": location}
    citation = Citation(kind="document", title="Notes", cited_text="cold", extensions={"converse": theirs})
    content, told = shown(TextPart("It is cold.", citations=[citation]))
    assert content[0]["citations"] == [{**said, "cited_text": "cold", "document_title": "Notes", "file_id": None}]
    check("reply", {**REPLY, "content": content})
    assert told == []


def test_a_result_of_a_search_keeps_its_place() -> None:
    theirs = {
        "title": "Oslo",
        "source": "https://example.org",
        "location": {"searchResultLocation": {"searchResultIndex": 2, "start": 0, "end": 1}},
    }
    citation = Citation(kind="document", title="Oslo", cited_text="cold", extensions={"converse": theirs})
    content, _ = shown(TextPart("It is cold.", citations=[citation]))
    assert content[0]["citations"] == [{**CITATIONS[3], "search_result_index": 2}]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"content":1}', b'{"content":[1]}', b'{"content":[{"type":"text"}]}', b"\xff"],
)
def test_what_is_no_message_is_told(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        messages.parse_response(body)


def test_an_error_in_the_place_of_a_message_is_raised() -> None:
    with pytest.raises(ProviderError, match="no"):
        messages.parse_response(b'{"type":"error","error":{"type":"api_error","message":"no"}}')
