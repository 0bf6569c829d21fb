"""Whole replies of the Responses API, exact in both directions (openai 3.54, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from openai.types.responses import Response

from interlingua.errors import ProtocolError, ProviderError
from interlingua.types import (
    AudioPart,
    Choice,
    Citation,
    ImagePart,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpaquePart,
    RefusalPart,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    Usage,
)
from interlingua.types.seal import unseal
from interlingua.wires import responses
from tests.wires.responses.published import (
    COMMENTARY,
    FUTURE,
    HOSTED,
    OUTPUT,
    REFUSED,
    RESPONSE,
    TOKENS,
    USAGE,
)


def read(response: dict[str, Any]) -> ModelOutput:
    return responses.parse_response(msgspec.json.encode(response))


def written(output: ModelOutput, request: ModelRequest | None = None) -> dict[str, Any]:
    return msgspec.json.decode(responses.render_response(output, request=request or ModelRequest("m", [])))


@pytest.mark.newest_openai
def test_the_golden_response_is_what_openai_sends() -> None:
    Response.model_validate(RESPONSE)


@pytest.mark.parametrize("output", [OUTPUT, [FUTURE], []], ids=["everything", "of the future", "nothing"])
def test_a_response_goes_back_as_it_came(output: list[Any]) -> None:
    response = {**RESPONSE, "output": output}

    assert {**written(read(response)), "completed_at": RESPONSE["completed_at"]} == response


def test_a_response_has_its_neutral_form() -> None:
    output = read(RESPONSE)

    assert (output.id, output.model, output.created) == ("resp_1", "gpt-6.2-sol", 1_763_800_000)
    assert (output.text, output.refusal) == ("It is cold.", "I will not.")
    assert output.thinking == "First.\n\nThen.All of it."
    assert [(call.name, call.kind) for call in output.tool_calls] == [("weather", "function"), ("patch", "custom")]
    assert output.finish_reason == "tool_calls"
    assert output.choices[0].logprobs == {"content": TOKENS}
    assert [part.data for part in output.parts if isinstance(part, OpaquePart)] == HOSTED
    assert output.usage == Usage(
        input_tokens=30,
        cache_read_tokens=40,
        cache_write_tokens=10,
        cache_write_long_tokens=20,
        output_tokens=30,
        reasoning_tokens=20,
        extensions={
            "responses": {"input_tokens_details": {"cache_write_tokens_details": USAGE["input_tokens_details"][
                "cache_write_tokens_details"]}}
        },
    )  # fmt: skip
    said = output.extensions["responses"]
    assert said["tool_usage"] == RESPONSE["tool_usage"]
    assert said["input_transformations"] == RESPONSE["input_transformations"]
    assert said["prompt_cache_diagnostics"] == RESPONSE["prompt_cache_diagnostics"]


@pytest.mark.parametrize(
    ("status", "reason", "finish"),
    [
        ("incomplete", "max_output_tokens", "length"),
        ("incomplete", "content_filter", "content_filter"),
        ("incomplete", "max_messages", "other"),
        ("incomplete", "steered", "other"),
        ("cancelled", None, "other"),
        ("queued", None, "other"),
        ("in_progress", None, "other"),
    ],
)
def test_how_a_response_ended_goes_back_as_it_came(status: str, reason: str | None, finish: str) -> None:
    details = {"reason": reason} if reason else None
    response = {**RESPONSE, "output": [REFUSED], "status": status, "incomplete_details": details, "completed_at": None}

    output = read(response)

    assert output.finish_reason == finish
    assert written(output) == response


def test_an_answer_of_another_wire_is_a_response() -> None:
    output = ModelOutput(
        choices=[
            Choice(
                parts=[
                    ThinkingPart(text="Hm.", signature="c2ln", wire="messages"),
                    TextPart("It is", citations=[Citation(url="https://a.example", title="A", end_index=5)]),
                    TextPart(" cold."),
                    OpaquePart("messages", {"type": "server_tool_use", "id": "s"}),
                    ToolCallPart(id="c1", name="weather", arguments="{}"),
                    ToolCallPart(id="c2", name="patch", arguments="a", kind="custom"),
                    RefusalPart("No."),
                ],
                finish_reason="stop",
                logprobs={"content": [{"token": "It is", "logprob": -1.0, "bytes": None}, *TOKENS[1:]]},
            )
        ],
        id="x",
        model="claude",
        created=5,
        usage=Usage(
            input_tokens=3, cache_read_tokens=2, cache_write_long_tokens=1, output_tokens=4, reasoning_tokens=1
        ),
    )
    request = ModelRequest("m", [ModelMessage("system", "Be brief.")], tools=[Tool(name="weather", parameters={})])

    body = written(output, request)

    Response.model_validate(body)
    sealed, opaque = body["output"][0]["encrypted_content"], body["output"][2]["encrypted_content"]
    assert unseal(sealed) == ThinkingPart(signature="c2ln", wire="messages")
    assert unseal(opaque) == OpaquePart("messages", {"type": "server_tool_use", "id": "s"})
    assert isinstance(body.pop("completed_at"), int)
    source = {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 0, "end_index": 5}
    token = {"token": "It is", "logprob": -1.0, "bytes": [73, 116, 32, 105, 115], "top_logprobs": []}
    assert body == {
        "id": "resp_x",
        "object": "response",
        "created_at": 5,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "claude",
        "output": [
            {
                "type": "reasoning",
                "id": "rs_x_0",
                "summary": [{"type": "summary_text", "text": "Hm."}],
                "encrypted_content": sealed,
            },
            {
                "type": "message",
                "id": "msg_x_1",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {"type": "output_text", "text": "It is", "annotations": [source], "logprobs": [token]},
                    {"type": "output_text", "text": " cold.", "annotations": [], "logprobs": TOKENS[1:]},
                ],
            },
            {"type": "reasoning", "id": "rs_x_2", "summary": [], "encrypted_content": opaque},
            {
                "type": "function_call",
                "id": "fc_x_3",
                "call_id": "c1",
                "name": "weather",
                "arguments": "{}",
                "status": "completed",
            },
            {
                "type": "custom_tool_call",
                "id": "ctc_x_4",
                "call_id": "c2",
                "name": "patch",
                "input": "a",
                "status": "completed",
            },
            {
                "type": "message",
                "id": "msg_x_5",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "refusal", "refusal": "No."}],
            },
        ],
        "usage": {
            "input_tokens": 6,
            "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 1},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 1},
            "total_tokens": 11,
        },
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "weather", "description": None, "parameters": {}, "strict": False}],
        "tool_choice": "auto",
        "truncation": "disabled",
        "parallel_tool_calls": True,
        "text": {"format": {"type": "text"}},
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "top_logprobs": 0,
        "temperature": 1.0,
        "reasoning": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "store": True,
        "background": False,
        "service_tier": "default",
        "metadata": {},
        "safety_identifier": None,
        "prompt_cache_key": None,
        "previous_response_id": None,
    }


@pytest.mark.parametrize("part", [TextPart("It is"), ToolCallPart(id="c", name="f", arguments='{"a')])
def test_the_last_item_of_an_answer_that_was_cut_is_incomplete(part: TextPart | ToolCallPart) -> None:
    choice = Choice(parts=[ThinkingPart(text="Hm."), TextPart("One."), part], finish_reason="length")

    body = written(ModelOutput(choices=[choice]))

    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert body["output"][-1]["status"] == "incomplete"


def test_an_image_is_what_the_hosted_tool_would_give() -> None:
    choice = Choice(parts=[ImagePart(url="data:image/webp;base64,AAAA"), AudioPart(data="AA==", transcript="Hi.")])

    image, said = written(ModelOutput(choices=[choice], id="x"))["output"]

    assert image == {
        "type": "image_generation_call",
        "id": "ig_x_0",
        "status": "completed",
        "result": "AAAA",
        "output_format": "webp",
    }
    assert said["content"] == [{"type": "output_text", "text": "Hi.", "annotations": [], "logprobs": []}]


def test_what_an_answer_cannot_show_is_told() -> None:
    foreign: dict[str, dict[str, Any]] = {"generate_content": {"avgLogprobs": -0.1}}
    parts = [
        AudioPart(data="AA==", transcript="Hi."),
        ImagePart(url="https://a.example/b.png"),
        TextPart("a", {"messages": {"toolset": "x"}}),
    ]
    output = ModelOutput(choices=[Choice(parts=[*parts], extensions=foreign), Choice(index=1)])

    responses.render_response(output)

    assert [str(each) for each in output.warnings] == [
        "dropped audio: an answer has its transcript only",
        "dropped image: an answer holds none on this wire",
        "dropped text.toolset: a field of messages",
        "dropped choice.avgLogprobs: a field of generate_content",
        "dropped choices: one of 2 answers is shown",
    ]


def test_a_response_repeats_no_secret_of_an_mcp_server() -> None:
    tool = {"type": "mcp", "server_label": "wiki", "authorization": "secret", "headers": {"x-key": "secret"}}
    request = responses.parse_request(msgspec.json.encode({"model": "m", "input": "a", "tools": [tool]}))

    assert written(ModelOutput("Hi"), request)["tools"] == [{"type": "mcp", "server_label": "wiki"}]


def test_sealed_state_of_a_gateway_behind_stays_sealed() -> None:
    sealed = written(ModelOutput(choices=[Choice(parts=[ThinkingPart(signature="c2ln", wire="messages")])]))

    output = responses.parse_response(msgspec.json.encode(sealed))

    again = responses.render_request(ModelRequest("m", [ModelMessage("assistant", output.parts)]))
    assert msgspec.json.decode(again.body)["input"] == sealed["output"]
    assert again.warnings == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"output":7}',
        b'{"output":[7]}',
        b'{"output":[{"type":"message","content":[{"type":"output_text"}]}]}',
        b'{"output":[{"type":"function_call"}]}',
    ],
)
def test_what_is_no_response_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        responses.parse_response(body)


def test_a_failed_response_is_raised() -> None:
    failed = {**RESPONSE, "status": "failed", "error": {"code": "server_error", "message": "out of order"}}

    with pytest.raises(ProviderError, match="out of order"):
        read(failed)


def test_an_unknown_block_of_a_message_stays_where_it_was() -> None:
    block = {"type": "output_smell", "molecule": "C8H8O3"}
    item = {**COMMENTARY, "content": [*COMMENTARY["content"], block, COMMENTARY["content"][1]]}

    assert written(read({**RESPONSE, "output": [item]}))["output"] == [item]
