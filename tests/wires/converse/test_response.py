"""Whole replies of Converse, held against botocore's own reader of them (botocore 1.44)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import Error, ProtocolError
from interlingua.types import (
    Citation,
    FinishReason,
    ImagePart,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    Usage,
)
from interlingua.wires import converse, messages
from tests.wires.converse.bedrock import complaints, reply
from tests.wires.converse.replies import BESIDE, CONTENT, FOUND, SERVERS, SOURCE, WHOLE


def parsed(body: dict[str, Any]) -> ModelOutput:
    return converse.parse_response(msgspec.json.encode(body))


def answered(*content: dict[str, Any], **fields: Any) -> ModelOutput:
    return parsed({**WHOLE, "output": {"message": {"role": "assistant", "content": list(content)}}, **fields})


def sent_back(parts: list[Part]) -> list[dict[str, Any]]:
    """Give what of an answer goes back in the next request."""
    rendered = converse.render_request(
        ModelRequest("anthropic.claude", [ModelMessage("assistant", parts), ModelMessage("user", "and?")]),
        stream=False,
    )
    assert [each for each in rendered.warnings if each.feature != "tools"] == []
    body = msgspec.json.decode(rendered.body)
    assert complaints(body) == ""
    return body["messages"][0]["content"]


def test_a_reply_is_these_neutral_values() -> None:
    output = parsed(WHOLE)

    assert output.choices[0].parts == [
        ThinkingPart(text="Let me look.", signature="c2ln", wire="converse"),
        ThinkingPart(encrypted="cmVkYWN0ZWQ=", wire="converse"),
        *(OpaquePart("converse", block) for block in SERVERS),
        TextPart("Hello."),
        TextPart(
            "It is cold.",
            citations=[
                Citation(
                    kind="document",
                    url="https://example.org/notes",
                    title="Notes",
                    cited_text="It is cold.",
                    document_index=1,
                    extensions={"converse": SOURCE},
                ),
                Citation(
                    kind="url",
                    url="https://example.org/oslo",
                    title="Oslo",
                    cited_text="4 degrees",
                    extensions={"converse": FOUND},
                ),
            ],
        ),
        ImagePart(url="data:image/png;base64,iVBORw0KGgo="),
        ToolCallPart(id="tooluse_1", name="w", arguments='{"a":1}'),
        ToolCallPart(id="tooluse_2", name="now", arguments="{}"),
    ]
    assert (output.finish_reason, output.choices[0].raw_finish_reason) == ("tool_calls", "tool_use")
    usage = Usage(
        input_tokens=3, cache_read_tokens=4, cache_write_tokens=1, cache_write_long_tokens=2, output_tokens=20
    )
    assert output.usage == usage
    assert usage.total_tokens == WHOLE["usage"]["totalTokens"]
    assert output.extensions == {"converse": {**BESIDE, "additionalModelResponseFields": {"stop_sequence": None}}}


def test_botocore_reads_the_same_of_it() -> None:
    theirs = reply(msgspec.json.encode(WHOLE))
    assert theirs["output"]["message"]["content"][1] == {"reasoningContent": {"redactedContent": b"redacted"}}
    assert theirs["stopReason"] == "tool_use"
    assert [list(block) for block in theirs["output"]["message"]["content"]] == [list(block) for block in CONTENT]


def test_an_answer_goes_back_as_it_came() -> None:
    assert sent_back(parsed(WHOLE).choices[0].parts) == CONTENT


@pytest.mark.parametrize(
    "block",
    [
        {"guardContent": {"text": {"text": "x"}}},
        {"citationsContent": {"content": [{"text": "a"}, {"text": "b"}], "citations": [SOURCE]}},
        {"citationsContent": {"content": [{"text": "a"}]}},
        {"reasoningContent": {"reasoningText": {"text": "a"}}},
        {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://abc/d.png"}}}},
        {"image": {"format": "png", "source": {"bytes": "aW1n"}, "error": {"message": "blurred"}}},
        {"audio": {"format": "wav", "source": {"bytes": "UklGRg=="}}},
    ],
)
def test_a_block_goes_back_as_it_came(block: dict[str, Any]) -> None:
    assert sent_back(answered(block).choices[0].parts) == [block]


def test_a_block_that_is_not_known_is_kept_whole() -> None:
    block = {"novel": {"deep": [1, None]}}
    assert answered(block).choices[0].parts == [OpaquePart("converse", block)]


def test_new_fields_are_kept() -> None:
    shown = {"text": "a", "signature": "s", "novel": 1}
    message = {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": shown}}], "extra": 2}
    output = parsed({**WHOLE, "output": {"message": message}, "usage": {**WHOLE["usage"], "novelTokens": 3}})
    assert output.choices[0].parts[0] == ThinkingPart(
        text="a", signature="s", wire="converse", extensions={"converse": {"novel": 1}}
    )
    assert output.choices[0].extensions == {"converse": {"message": {"extra": 2}}}
    assert output.usage is not None
    assert output.usage.extensions == {"converse": {"novelTokens": 3}}


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("malformed_model_output", "error"),
        ("malformed_tool_use", "error"),
        ("later", "other"),
    ],
)
def test_each_reason_to_stop_has_a_name(word: str, reason: FinishReason) -> None:
    choice = answered({"text": "a"}, stopReason=word).choices[0]
    assert (choice.finish_reason, choice.raw_finish_reason) == (reason, word)


def test_an_answer_without_content_is_an_answer() -> None:
    assert answered(stopReason="end_turn").text == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"output": {}},
        {"output": {"message": {"content": "x"}}},
        {"output": {"message": {"content": [1]}}},
        {"output": {"message": {"content": [{"toolUse": {"name": "w"}}]}}},
    ],
)
def test_what_is_no_answer_is_told(body: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        parsed(body)


def test_an_error_in_the_place_of_an_answer_is_one() -> None:
    with pytest.raises(Error, match="too many"):
        parsed({"__type": "ThrottlingException", "message": "too many"})


def test_an_answer_comes_back_through_a_caller_of_messages() -> None:
    """What Bedrock gave to a caller of Messages goes back to it as it was, sealed on the way."""
    content = msgspec.json.decode(messages.render_response(parsed(WHOLE)))["content"]
    turns = [{"role": "assistant", "content": content}, {"role": "user", "content": "and?"}]
    asked = {"model": "anthropic.claude", "max_tokens": 9, "messages": turns}

    request = messages.parse_request(msgspec.json.encode(asked))
    rendered = converse.render_request(request, stream=False)

    body = msgspec.json.decode(rendered.body)
    assert complaints(body) == ""
    assert [str(each) for each in rendered.warnings] == [
        "emulated tools: declared by the names of the calls that were made"
    ]
    kept = {key: value for key, value in SOURCE.items() if key != "source"}  # messages have no place for these two
    found = {**FOUND, "location": {"web": {"url": "https://example.org/oslo"}}}
    cited = {"citationsContent": {"content": [{"text": "It is cold."}], "citations": [kept, found]}}
    assert body["messages"][0]["content"] == [cited if "citationsContent" in block else block for block in CONTENT]
