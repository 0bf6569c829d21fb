"""Gemini CLI, as it asks (packages/core `geminiChat`; google-genai 3.4 `types`, read 2026-11-25).

It posts to `:streamGenerateContent?alt=sse`. Of an answer it keeps what is no thought:
calls and texts with their signatures, texts that have none joined. Where the first call
of a step has no signature, it puts a word there that stands for one.
"""

# pyright: basic

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from google.genai import types

from tests.agents import workshop
from tests.agents.turn import Call, Turn, events

WIRE: Final = "generate_content"
KEY: Final = "x-goog-api-key"
HEADERS: Final = (
    "User-Agent: GeminiCLI/0.31.0/gemini-3.1-pro-preview (linux; x64; terminal)",
    "x-goog-api-client: google-genai-sdk/1.41.0 gl-node/v24.3.0",
    "x-gemini-api-privileged-user-id: 00000000-0000-4000-8000-000000000004",
)
UNSIGNED: Final = "skip_thought_signature_validator"


def path(model: str, *, stream: bool) -> str:
    operation = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{operation}"


def tools() -> list[dict[str, Any]]:
    functions = [
        {"name": name, "description": said, "parametersJsonSchema": schema} for name, said, schema in workshop.TOOLS
    ]
    return [{"functionDeclarations": functions}]


def first(model: str, *, stream: bool) -> dict[str, Any]:
    del model, stream
    return {
        "contents": [{"role": "user", "parts": [{"text": workshop.CONTEXT}, {"text": workshop.QUESTION}]}],
        "systemInstruction": {"role": "user", "parts": [{"text": workshop.SYSTEM}]},
        "tools": tools(),
        "generationConfig": {
            "temperature": 1,
            "topP": 0.95,
            "topK": 64,
            "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"},
        },
    }


def second(asked: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    read, run = turn.calls
    image = {"inlineData": {"mimeType": "image/png", "data": workshop.PNG}}
    answered = {"id": read.id, "name": read.name, "response": {"output": workshop.SOURCE}, "parts": [image]}
    failed = {"id": run.id, "name": run.name, "response": {"error": workshop.FAILURE}}
    kept = [dict(part) for part in turn.kept]
    step = next(part for part in kept if "functionCall" in part)
    step.setdefault("thoughtSignature", UNSIGNED)
    results = [{"functionResponse": answered}, {"functionResponse": failed}]
    return {
        **asked,
        "contents": [*asked["contents"], {"role": "model", "parts": kept}, {"role": "user", "parts": results}],
    }


def step(asked: Mapping[str, Any], turn: Turn, results: Sequence[str]) -> dict[str, Any]:
    kept = [dict(part) for part in turn.kept]
    next(part for part in kept if "functionCall" in part).setdefault("thoughtSignature", UNSIGNED)
    answers = [
        {"functionResponse": {"id": call.id, "name": call.name, "response": {"output": text}}}
        for call, text in zip(turn.calls, results, strict=True)
    ]
    more = [{"role": "model", "parts": kept}, {"role": "user", "parts": answers}]
    return {**asked, "contents": [*asked["contents"], *more]}


def hear(body: bytes, *, stream: bool) -> Turn:
    given = events(body) if stream else [msgspec.json.decode(body)]
    replies = [types.GenerateContentResponse.model_validate(each) for each in given]
    parts: list[Any] = []
    for each, reply in zip(given, replies, strict=True):
        assert reply.candidates
        given_parts = each["candidates"][0]["content"].get("parts", ())
        if all(part.get("thought") or part.get("text") != "" for part in given_parts):  # it skips any other piece
            parts += given_parts
    last: Any = replies[-1]
    kept: list[dict[str, Any]] = []
    for part in parts:
        if part.get("thought"):
            continue
        if kept and set(kept[-1]) == set(part) == {"text"}:
            kept[-1] = {"text": kept[-1]["text"] + part["text"]}
        else:
            kept.append(part)
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    return Turn(
        text="".join(part["text"] for part in parts if "text" in part and not part.get("thought")),
        thinking="".join(part["text"] for part in parts if part.get("thought")),
        calls=[
            Call(call.get("id") or f"{call['name']}-{n}", call["name"], call["args"]) for n, call in enumerate(calls)
        ],
        finish=last.candidates[0].finish_reason.value,
        tokens=(last.usage_metadata.prompt_token_count, last.usage_metadata.total_token_count),
        kept=kept,
    )


def next_speaker(model: str) -> dict[str, Any]:
    """Ask who speaks next, which it does beside the conversation: whole, and with a schema for the answer."""
    del model
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "next_speaker": {"type": "string", "enum": ["user", "model"]},
        },
        "required": ["reasoning", "next_speaker"],
    }
    return {
        "contents": [
            {"role": "user", "parts": [{"text": workshop.QUESTION}]},
            {"role": "model", "parts": [{"text": workshop.SETTLED}]},
            {"role": "user", "parts": [{"text": "Who speaks next?"}]},
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "Look at the last turn only."}]},
        "generationConfig": {
            "temperature": 0,
            "topP": 1,
            "thinkingConfig": {"thinkingBudget": 0},
            "responseMimeType": "application/json",
            "responseJsonSchema": schema,
        },
    }


def count(model: str) -> dict[str, Any]:
    """Ask how long a content is."""
    return {"contents": first(model, stream=False)["contents"]}
