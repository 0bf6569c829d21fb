"""Requests in both directions."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from interlingua.errors import InvalidRequest, Unsupported
from interlingua.types import (
    Adaptation,
    ModelMessage,
    ModelRequest,
    OpaquePart,
    OpaqueTool,
    Part,
    ResponseFormat,
    TextPart,
    ThinkingPart,
    Tool,
    ToolChoice,
)
from interlingua.wires.chat_completions import parse_request, render_request
from interlingua.wires.dialect import Dialect
from tests.wires.chat_completions.requests import bodies, neutral_requests

EVERYTHING = Dialect(
    stream_usage=False, tool_media=True, extra_fields=("top_k", "min_p", "repetition_penalty", "stop_token_ids", "echo")
)


def rendered(request: ModelRequest, dialect: Dialect = EVERYTHING, **options: Any) -> dict[str, Any]:
    return msgspec.json.decode(render_request(request, dialect=dialect, **options).body)


@settings(max_examples=200, deadline=None)
@given(neutral_requests)
def test_reading_what_was_written_gives_the_request_back(request: ModelRequest) -> None:
    written = render_request(request, dialect=EVERYTHING)

    assert written.warnings == ()
    assert parse_request(written.body) == request


@settings(max_examples=200, deadline=None)
@given(bodies)
def test_writing_what_was_read_gives_the_body_back(body: dict[str, Any]) -> None:
    assert rendered(parse_request(msgspec.json.encode(body))) == body


def test_unset_is_not_sent_and_zero_is() -> None:
    request = ModelRequest("m", [], temperature=0, max_new_tokens=0, seed=0, n=0, stop="", user="", logprobs=False)

    assert rendered(request) == {
        "model": "m",
        "messages": [],
        "temperature": 0,
        "max_tokens": 0,
        "seed": 0,
        "n": 0,
        "stop": "",
        "user": "",
        "logprobs": False,
    }


def test_a_stream_asks_for_usage_unless_the_provider_refuses() -> None:
    request = ModelRequest("m", [])

    assert rendered(request, Dialect(), stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in rendered(request, Dialect(stream_usage=False), stream=True)
    assert "stream" not in rendered(request, Dialect(), stream=False)


def test_other_stream_options_are_kept_in_streams_only() -> None:
    body = b'{"model":"m","messages":[],"stream":true,"stream_options":{"include_obfuscation":false}}'
    request = parse_request(body)

    assert rendered(request, Dialect())["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert "stream_options" not in rendered(request, Dialect(), stream=False)


def test_the_dialect_says_how_the_answer_is_bounded() -> None:
    request = ModelRequest("o4-mini", [], max_new_tokens=5)

    assert rendered(request, Dialect())["max_tokens"] == 5
    assert rendered(request, Dialect(max_tokens_field="max_completion_tokens"))["max_completion_tokens"] == 5
    assert rendered(request, Dialect(max_completion_tokens_models=("o[0-9]*",)))["max_completion_tokens"] == 5


def test_both_names_of_the_bound_are_read() -> None:
    assert parse_request(b'{"model":"m","messages":[],"max_tokens":3}').max_new_tokens == 3
    assert parse_request(b'{"model":"m","messages":[],"max_completion_tokens":4}').max_new_tokens == 4


def test_what_the_wire_cannot_say_is_a_warning() -> None:
    request = ModelRequest(
        "m",
        [ModelMessage("assistant", [OpaquePart("messages", {"type": "server_tool_use"}), TextPart("x")])],
        top_k=4,
        context_len=100,
        tools=[OpaqueTool("messages", {"type": "bash"})],
        extensions={"messages": {"context_management": {}}},
    )

    written = render_request(request)

    assert [warning.feature for warning in written.warnings] == [
        "messages block",
        "top_k",
        "context_len",
        "tools",
        "context_management",
    ]
    assert b"bash" not in written.body


def test_a_strict_request_is_refused_instead() -> None:
    with pytest.raises(Unsupported) as caught:
        render_request(ModelRequest("m", [], top_k=4, strict=True))

    assert caught.value.feature == "top_k"


def test_a_dialect_drops_and_clamps() -> None:
    dialect = Dialect(drop=("logit_bias",), temperature_range=(0.0, 1.0))

    written = render_request(ModelRequest("m", [], temperature=1.5, logit_bias={"5": 1}), dialect=dialect)

    assert msgspec.json.decode(written.body) == {"model": "m", "messages": [], "temperature": 1.0}
    assert Adaptation("clamped", "temperature", "1.5 to 1") in written.warnings
    assert Adaptation("dropped", "logit_bias", "the provider refuses it") in written.warnings


def test_reasoning_goes_where_the_provider_wants_it() -> None:
    thought: list[Part] = [ThinkingPart(text="hm", field="reasoning"), TextPart("4")]
    request = ModelRequest("m", [ModelMessage("assistant", thought)])

    assert rendered(request)["messages"][0]["reasoning"] == "hm"
    moved = rendered(request, Dialect(reasoning_field="reasoning_content"))["messages"][0]
    assert moved == {"role": "assistant", "content": "4", "reasoning_content": "hm"}


def test_reasoning_between_tags_goes_back_between_tags() -> None:
    thought: list[Part] = [ThinkingPart(text="\nhm\n", field="<think>"), TextPart("\n\n4")]

    written = rendered(ModelRequest("m", [ModelMessage("assistant", thought)]))

    assert written["messages"] == [{"role": "assistant", "content": "<think>\nhm\n</think>\n\n4"}]


def test_messages_for_people_are_not_sent() -> None:
    request = ModelRequest("m", [ModelMessage("view", "chart"), ModelMessage("user", "Hi")])

    assert rendered(request)["messages"] == [{"role": "user", "content": "Hi"}]


def test_a_schema_is_sent_as_it_is_and_gets_a_name() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"z": {}, "a": {}}}

    written = rendered(ModelRequest("m", [], response_format=ResponseFormat(type="json_schema", schema=schema)))

    assert written["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert list(written["response_format"]["json_schema"]["schema"]["properties"]) == ["z", "a"]


def test_extensions_come_before_the_extra_body_and_after_fields() -> None:
    request = ModelRequest(
        "m",
        [],
        temperature=0.5,
        extensions={"chat_completions": {"temperature": 1, "store": True, "x": 1}},
        extra_body={"x": 2, "top_k": 7},
    )

    assert rendered(request, Dialect()) == {
        "model": "m",
        "messages": [],
        "temperature": 0.5,
        "store": True,
        "x": 2,
        "top_k": 7,
    }


@pytest.mark.parametrize("name", ["messages", "model", "stream"])
def test_the_extra_body_cannot_set_what_the_request_is(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        render_request(ModelRequest("m", [], extra_body={name: 1}))

    assert caught.value.param == f"extra_body.{name}"


def test_a_value_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        render_request(ModelRequest("m", [], extra_body={"x": object()}))


def test_a_tool_choice_of_another_wire_is_a_warning() -> None:
    written = render_request(ModelRequest("m", [], tool_choice=ToolChoice(mode="opaque", extensions={"messages": {}})))

    assert [warning.feature for warning in written.warnings] == ["tool_choice"]


def test_an_empty_list_of_tools_is_sent_as_it_is() -> None:
    assert rendered(ModelRequest("m", [], tools=[]))["tools"] == []
    assert rendered(ModelRequest("m", [], tools=[Tool(name="f")]))["tools"] == [
        {"type": "function", "function": {"name": "f"}}
    ]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b"null", None),
        (b'{"model":"m","messages":[' + b"[" * 5000 + b"]" * 5000 + b"]}", None),
        (b"\xff\xfe{}", None),
        (b'{"messages":[]}', "model"),
        (b'{"model":5,"messages":[]}', "model"),
        (b'{"model":"m"}', "messages"),
        (b'{"model":"m","messages":"hi"}', "messages"),
        (b'{"model":"m","messages":[{"role":"user"}]}', "messages[0].content"),
        (b'{"model":"m","messages":[],"temperature":"hot"}', "temperature"),
        (b'{"model":"m","messages":[],"temperature":true}', "temperature"),
        (b'{"model":"m","messages":[],"max_tokens":1.5}', "max_tokens"),
        (b'{"model":"m","messages":[],"n":"2"}', "n"),
        (b'{"model":"m","messages":[],"stream":"yes"}', "stream"),
        (b'{"model":"m","messages":[],"stream_options":1}', "stream_options"),
        (b'{"model":"m","messages":[],"stop":5}', "stop"),
        (b'{"model":"m","messages":[],"stop":["a",5]}', "stop[1]"),
        (b'{"model":"m","messages":[],"logit_bias":{"5":"x"}}', "logit_bias.5"),
        (b'{"model":"m","messages":[],"metadata":{"a":1}}', "metadata.a"),
        (b'{"model":"m","messages":[],"tools":{}}', "tools"),
        (b'{"model":"m","messages":[],"tools":[1]}', "tools[0]"),
        (b'{"model":"m","messages":[],"tools":[{"type":"function"}]}', "tools[0].function"),
        (
            b'{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"f","parameters":1}}]}',
            "tools[0].function.parameters",
        ),
        (
            b'{"model":"m","messages":[],"tool_choice":{"type":"allowed_tools","allowed_tools":{}}}',
            "tool_choice.allowed_tools",
        ),
        (
            b'{"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":1}}}',
            "response_format.json_schema.name",
        ),
    ],
)
def test_a_malformed_body_names_its_field(body: bytes, param: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body)

    assert caught.value.param == param


def test_half_an_emoji_is_read() -> None:
    request = parse_request(rb'{"model":"m","messages":[{"role":"user","content":"a\ud83d and \\ud83d \ud83d\ude00"}]}')

    assert request.messages[0].content == "a\ufffd and \\ud83d \U0001f600"
