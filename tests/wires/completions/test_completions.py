"""The API before Chat Completions, held against the types that openai 3.54 still publishes for it."""

from typing import Any

import msgspec
import pytest
from openai.types import Completion

from interlingua.errors import InvalidRequest
from interlingua.types import Choice, Event, Finish, ModelOutput, StreamEnd, StreamStart, TextDelta, TextPart, Usage
from interlingua.wires import completions

ASKED: dict[str, Any] = {
    "model": "m",
    "prompt": "Once",
    "best_of": 3,
    "echo": True,
    "frequency_penalty": 0,
    "logit_bias": {"5": -100},
    "logprobs": 2,
    "max_tokens": 0,
    "n": 1,
    "presence_penalty": 0.5,
    "seed": 0,
    "stop": ["x"],
    "suffix": "end.",
    "temperature": 0,
    "top_p": 1,
    "user": "u",
}
TOKEN: dict[str, Any] = {"token": "Hi", "logprob": -0.1, "bytes": None, "top_logprobs": [{"token": "Hi", "logprob": -0.1}]}  # fmt: skip  # noqa: E501


def test_every_field_is_asked_of_a_chat_model_or_named() -> None:
    request, unsaid = completions.parse_request(msgspec.json.encode(ASKED))

    assert [message.text for message in request.messages] == ["Once"]
    assert (request.temperature, request.max_new_tokens, request.seed, request.frequency_penalty) == (0, 0, 0, 0)
    assert (request.logprobs, request.top_logprobs, request.stop, request.user) == (True, 2, ["x"], "u")
    assert [(each.kind, each.feature) for each in unsaid] == [
        ("dropped", "best_of"),
        ("dropped", "suffix"),
        ("emulated", "echo"),
    ]
    assert request.extensions == {}


@pytest.mark.parametrize("prompt", [[1, 2], [[1, 2]], ["a", "b"], 7, None], ids=str)
def test_prompts_that_are_not_one_text_are_refused(prompt: Any) -> None:
    with pytest.raises(InvalidRequest, match="prompt"):
        completions.parse_request(msgspec.json.encode(ASKED | {"prompt": prompt}))


def test_an_answer_is_one_that_the_sdk_reads() -> None:
    output = ModelOutput(
        choices=[Choice(parts=[TextPart("Hi")], finish_reason="length", logprobs={"content": [TOKEN]})],
        id="1",
        model="m",
        usage=Usage(input_tokens=1, output_tokens=2),
        extensions={"chat_completions": {"system_fingerprint": "fp_1", "service_tier": "default"}},
    )

    completion = Completion.model_validate_json(completions.render_response(output))

    (choice,) = completion.choices
    assert (choice.text, choice.finish_reason, completion.system_fingerprint) == ("Hi", "length", "fp_1")
    assert choice.logprobs is not None
    assert (choice.logprobs.tokens, choice.logprobs.text_offset) == (["Hi"], [0])
    assert completion.usage is not None
    assert completion.usage.total_tokens == 3


def test_a_stream_is_one_that_the_sdk_reads() -> None:
    request, _ = completions.parse_request(msgspec.json.encode({"model": "m", "prompt": "Once", "stream": True}))
    renderer = completions.stream_renderer(request)
    extensions = {"chat_completions": {"system_fingerprint": "fp_1"}}
    events: list[Event] = [
        StreamStart(id="1", model="m", extensions=extensions),
        TextDelta("Hi"),
        Finish("stop"),
        StreamEnd(),
    ]

    lines = b"".join(map(renderer.render, events)).decode().split("\n\n")

    assert lines[-2:] == ["data: [DONE]", ""]
    chunks = [msgspec.json.decode(line.removeprefix("data: ")) for line in lines[:-2]]
    assert [chunk["choices"][0]["text"] for chunk in chunks] == ["Hi", ""]
    assert {chunk["system_fingerprint"] for chunk in chunks} == {"fp_1"}
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
