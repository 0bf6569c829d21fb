"""Ollama's bodies as its own client writes and reads them (ollama 0.6.3 `_types.py`, read 2026-11-25)."""

from typing import Any

import msgspec
import ollama as sdk
import pytest

from interlingua.types import ImagePart, ResponseFormat, Tool, ToolResultPart
from interlingua.wires import ollama
from interlingua.wires.ollama import generate

CALL = {"id": "call_9", "function": {"index": 0, "name": "weather", "arguments": {"city": "Oslo"}}}
CHAT: dict[str, Any] = {
    "model": "qwen3",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Look.", "images": ["iVBORw0KGgo="]},
        {"role": "assistant", "content": "I ask.", "thinking": "Hm.", "tool_calls": [CALL]},
        {"role": "tool", "content": "4 degrees", "tool_name": "weather", "tool_call_id": "call_9"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "The weather.",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            },
        }
    ],
    "format": {"type": "object", "properties": {"a": {"type": "integer"}}},
    "options": {
        "numa": False,
        "num_ctx": 4096,
        "num_batch": 2,
        "num_gpu": 1,
        "main_gpu": 0,
        "use_mmap": True,
        "num_thread": 8,
        "num_keep": 4,
        "seed": 0,
        "num_predict": 64,
        "top_k": 40,
        "top_p": 0.5,
        "tfs_z": 1.0,
        "typical_p": 0.7,
        "repeat_last_n": 33,
        "temperature": 0,
        "repeat_penalty": 1.2,
        "presence_penalty": 1.5,
        "frequency_penalty": 1.0,
        "mirostat": 1,
        "mirostat_tau": 0.8,
        "mirostat_eta": 0.6,
        "stop": ["END"],
        "penalize_newline": True,
        "min_p": 0.0,
    },
    "think": "high",
    "keep_alive": "5m",
    "logprobs": True,
    "top_logprobs": 3,
    "stream": False,
}
GENERATE: dict[str, Any] = {
    "model": "qwen3",
    "system": "Be brief.",
    "prompt": "Why?",
    "suffix": "}",
    "template": "{{ .Prompt }}",
    "context": [1, 2, 3],
    "raw": True,
    "images": ["iVBORw0KGgo="],
    "format": "json",
    "think": False,
    "keep_alive": 0,
    "options": {"seed": 0},
    "logprobs": True,
    "top_logprobs": 2,
    "stream": True,
    "width": 512,
    "height": 256,
    "steps": 4,
}
TIMES = {
    "total_duration": 5,
    "load_duration": 1,
    "prompt_eval_count": 3,
    "prompt_eval_duration": 2,
    "eval_count": 2,
    "eval_duration": 2,
}
LOGPROBS = [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": [{"token": "Hi", "logprob": -0.1}]}]


def test_a_chat_request_goes_back_as_it_came() -> None:
    request = ollama.parse_request(msgspec.json.encode(CHAT))
    rendered = ollama.render_request(request)

    assert msgspec.json.decode(rendered.body) == CHAT
    assert rendered.warnings == ()
    assert (request.reasoning_effort, request.seed, request.min_p, request.stop) == ("high", 0, 0.0, ["END"])
    assert request.response_format == ResponseFormat(type="json_schema", schema=CHAT["format"])
    tool, answer = (request.tools or [])[0], request.messages[3].parts[0]
    assert isinstance(tool, Tool)
    assert isinstance(answer, ToolResultPart)
    assert (tool.name, answer.call_id, answer.name) == ("weather", "call_9", "weather")


def test_a_written_request_is_of_the_clients_types() -> None:
    request = ollama.render_request(ollama.parse_request(msgspec.json.encode(CHAT)))

    read = sdk.ChatResponse.model_validate({"message": CHAT["messages"][2]})
    assert read.message.tool_calls is not None
    known = msgspec.json.decode(request.body)
    assert set(known) <= {"model", "messages", "tools", "format", "options", "think", "keep_alive", "stream"} | {
        "logprobs",
        "top_logprobs",
    }
    sdk.Options.model_validate(known["options"])
    sdk.Tool.model_validate(known["tools"][0])


def test_a_generate_request_goes_back_as_it_came() -> None:
    rendered = generate.render_request(generate.parse_request(msgspec.json.encode(GENERATE)))

    assert msgspec.json.decode(rendered.body) == GENERATE
    assert rendered.warnings == ()


@pytest.mark.parametrize(
    ("word", "reason"), [("stop", "stop"), ("length", "length"), ("load", "other"), ("unload", "other")]
)
def test_a_reply_goes_back_as_it_came(word: str, reason: str) -> None:
    body = {
        "model": "qwen3",
        "created_at": "2026-11-25T00:00:00Z",
        "message": {"role": "assistant", "content": "Hi", "thinking": "Hm."},
        "done": True,
        "done_reason": word,
        **TIMES,
        "logprobs": LOGPROBS,
    }
    output = ollama.parse_response(msgspec.json.encode(body))

    written = msgspec.json.decode(ollama.render_response(output))
    assert written == body
    assert output.finish_reason == reason
    assert output.usage is not None
    assert (output.usage.input_tokens, output.usage.output_tokens) == (3, 2)
    assert sdk.ChatResponse.model_validate(written).eval_count == 2


def test_a_generated_reply_goes_back_as_it_came() -> None:
    body = {
        "model": "qwen3",
        "created_at": "2026-11-25T00:00:00Z",
        "response": "Hi",
        "thinking": "Hm.",
        "done": True,
        "done_reason": "stop",
        "context": [1, 2, 3],
        **TIMES,
        "logprobs": LOGPROBS,
    }

    written = msgspec.json.decode(generate.render_response(generate.parse_response(msgspec.json.encode(body))))

    assert written == body
    assert sdk.GenerateResponse.model_validate(written).context == [1, 2, 3]


def test_a_drawn_image_is_an_answer() -> None:
    body = {"model": "flux", "created_at": "2026-11-25T00:00:00Z", "image": "iVBORw0KGgo=", "done": True}

    output = generate.parse_response(msgspec.json.encode(body))

    assert output.parts == [ImagePart(url="data:image/png;base64,iVBORw0KGgo=")]
    assert msgspec.json.decode(generate.render_response(output))["image"] == "iVBORw0KGgo="
