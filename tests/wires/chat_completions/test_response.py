"""Whole replies, good and odd."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ContextTooLong, Error, Overloaded, ProtocolError, QuotaExhausted
from interlingua.types import (
    Choice,
    ImagePart,
    ModelOutput,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    Usage,
)
from interlingua.wires.chat_completions import parse_response, render_response
from interlingua.wires.dialect import Dialect


def reply(message: Any, **choice: Any) -> bytes:
    return msgspec.json.encode({"id": "c", "model": "m", "choices": [{"index": 0, "message": message, **choice}]})


def test_a_plain_answer() -> None:
    body = reply({"role": "assistant", "content": "Hello"}, finish_reason="stop")

    output = parse_response(body)

    assert output.text == "Hello"
    assert output.finish_reason == "stop"
    assert output.id == "c"
    assert output.model == "m"
    assert output.raw == body
    assert output.usage is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices":[]}',
        b'{"choices":null}',
        b'{"choices":[{}]}',
        b'{"choices":[{"message":null}]}',
        b'{"choices":[{"message":{"content":null}}],"usage":null}',
        b'{"choices":[{"message":{"content":""},"finish_reason":""}],"usage":{},"id":null,"created":"now"}',
    ],
)
def test_what_is_missing_is_tolerated(body: bytes) -> None:
    output = parse_response(body)

    assert output.text == ""
    assert output.finish_reason is None


def test_an_unknown_finish_reason_is_other_and_kept() -> None:
    output = parse_response(reply({"content": "x"}, finish_reason="tired"))

    assert output.choices[0].finish_reason == "other"
    assert output.choices[0].raw_finish_reason == "tired"
    assert b'"finish_reason":"tired"' in render_response(output)


def test_unknown_fields_are_kept_at_every_level() -> None:
    body = b"""{"id":"c","object":"chat.completion","created":1,"model":"m","system_fingerprint":"f","x_groq":{"id":7},
        "choices":[{"index":0,"finish_reason":"stop","logprobs":null,"stop_reason":7,
        "message":{"role":"assistant","content":"x","refusal":null,"annotations":[{"type":"url_citation"}]}}]}"""

    assert msgspec.json.decode(render_response(parse_response(body))) == msgspec.json.decode(body)


def test_half_an_emoji_does_not_lose_the_answer() -> None:
    assert parse_response(rb'{"choices":[{"message":{"content":"ok \ud83d"}}]}').text == "ok \ufffd"


def test_arguments_that_came_as_an_object_are_text() -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}

    assert parse_response(reply({"tool_calls": [call]})).tool_calls == [
        ToolCallPart(id="", name="f", arguments='{"a":1}')
    ]


def test_tags_are_taken_out_only_where_the_dialect_says_so() -> None:
    body = reply({"content": " <think>hm</think>42"})

    assert parse_response(body).text == " <think>hm</think>42"
    output = parse_response(body, dialect=Dialect(think_tags=True))
    assert output.text == " 42"
    assert output.thinking == "hm"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", ProtocolError),
        (b"<html><body>502 Bad Gateway</body></html>", ProtocolError),
        (b"Internal Server Error", ProtocolError),
        (b"[]", ProtocolError),
        (b'"text"', ProtocolError),
        (b'{"object":"list","data":[]}', ProtocolError),
        (b'{"choices":{}}', ProtocolError),
        (b'{"choices":[1]}', ProtocolError),
        (b'{"choices":[{"message":"x"}]}', ProtocolError),
        (b'{"choices":[{"message":{"content":7}}]}', ProtocolError),
        (b'{"choices":[{"message":{"tool_calls":[{"function":{}}]}}]}', ProtocolError),
        (b'{"choices":' + b"[" * 5000 + b"]" * 5000 + b"}", ProtocolError),
        (b'{"error":{"message":"busy","type":"overloaded_error"}}', Overloaded),
        (b'{"error":{"message":"x","code":"context_length_exceeded"},"choices":[]}', ContextTooLong),
        (b'[{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}]', Error),
        (b'{"error":"insufficient balance","code":402}', QuotaExhausted),
    ],
)
def test_what_is_no_answer_is_an_error_of_its_kind(body: bytes, error: type[Error]) -> None:
    with pytest.raises(error):
        parse_response(body)


def usage_of(fields: Any) -> Usage | None:
    return parse_response(msgspec.json.encode({"choices": [], "usage": fields})).usage


def test_usage_is_in_buckets_that_add_up() -> None:
    usage = usage_of(
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "prompt_tokens_details": {
                "cached_tokens": 60,
                "cache_write_tokens": 10,
                "audio_tokens": 5,
                "image_tokens": 3,
            },
            "completion_tokens_details": {
                "reasoning_tokens": 20,
                "audio_tokens": 4,
                "accepted_prediction_tokens": 2,
                "rejected_prediction_tokens": 1,
            },
        }
    )

    assert usage == Usage(
        input_tokens=22,
        cache_read_tokens=60,
        cache_write_tokens=10,
        input_audio_tokens=5,
        input_image_tokens=3,
        output_tokens=23,
        reasoning_tokens=20,
        output_audio_tokens=4,
        accepted_prediction_tokens=2,
        rejected_prediction_tokens=1,
    )
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (100, 50, 150)


@pytest.mark.parametrize(
    ("fields", "cached"),
    [
        ({"prompt_tokens": 20, "prompt_cache_hit_tokens": 16, "prompt_cache_miss_tokens": 4}, 16),
        ({"prompt_tokens": 20, "cached_tokens": 7}, 7),
        ({"prompt_tokens": 20, "prompt_tokens_details": {"cached_tokens": 30}}, 20),
    ],
)
def test_cached_tokens_are_found_in_every_place(fields: dict[str, Any], cached: int) -> None:
    usage = usage_of(fields)

    assert usage is not None
    assert usage.cache_read_tokens == cached
    assert usage.prompt_tokens == 20


def test_reasoning_outside_of_the_completion_is_added() -> None:
    usage = usage_of(
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 35,
            "completion_tokens_details": {"reasoning_tokens": 20},
        }
    )

    assert usage is not None
    assert (usage.output_tokens, usage.reasoning_tokens, usage.total_tokens) == (5, 20, 35)


counts = (
    st.none()
    | st.booleans()
    | st.integers(-5, 50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=2)
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "prompt_cache_hit_tokens", "x"]), counts
    ),
    st.none() | st.dictionaries(st.sampled_from(["cached_tokens", "audio_tokens", "text_tokens"]), counts),
    st.none() | st.lists(counts, max_size=1) | st.dictionaries(st.sampled_from(["reasoning_tokens", "x"]), counts),
)
def test_no_usage_is_a_crash_and_all_of_it_goes_back(fields: dict[str, Any], prompt: Any, completion: Any) -> None:
    given_fields = {**fields, "prompt_tokens_details": prompt, "completion_tokens_details": completion}

    usage = usage_of(given_fields)

    assert usage is not None
    assert all(getattr(usage, name) >= 0 for name in usage.__struct_fields__ if name.endswith("tokens"))
    again = parse_response(render_response(ModelOutput(choices=[], usage=usage))).usage
    assert again is not None
    assert (again.prompt_tokens, again.completion_tokens) == (usage.prompt_tokens, usage.completion_tokens)


def test_usage_that_was_counted_here_says_so() -> None:
    output = ModelOutput("x", usage=Usage(input_tokens=1, output_tokens=2, estimated=True))

    again = parse_response(render_response(output))

    assert again.usage == output.usage


def test_an_answer_of_another_wire_keeps_its_signature() -> None:
    output = ModelOutput(
        choices=[
            Choice(
                parts=[
                    ThinkingPart(text="so", signature="s", field="thinking"),
                    ThinkingPart(encrypted="e"),
                    TextPart("4"),
                    ImagePart(url="u"),
                    RefusalPart("no"),
                ],
                finish_reason="stop",
                raw_finish_reason="end_turn",
            )
        ]
    )

    message = msgspec.json.decode(render_response(output))["choices"][0]["message"]
    again = parse_response(render_response(output))

    assert message["reasoning_content"] == "so"
    assert [detail["type"] for detail in message["reasoning_details"]] == ["reasoning.text", "reasoning.encrypted"]
    thinking = [part for part in again.parts if isinstance(part, ThinkingPart)]
    assert [(part.text, part.signature, part.encrypted) for part in thinking] == [("so", "s", None), ("", None, "e")]
    assert again.text == "4"
    assert again.images == [ImagePart(url="u")]
    assert again.refusal == "no"
    assert again.choices[0].finish_reason == "stop"
