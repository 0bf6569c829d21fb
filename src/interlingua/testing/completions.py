"""The bodies that a scripted provider sends, written out by hand.

They are made without the wire's own code, so that a test compares two hands.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

ToolCall = tuple[str, str]
"""A tool's name and its arguments as JSON text."""

CREATED = 1_763_800_000


def usage_of(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Write the usage of an answer."""
    total = prompt_tokens + completion_tokens
    return {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total}


def completion_body(
    text: str | None,
    *,
    number: int,
    model: str,
    thinking: str | None = None,
    tool_calls: Sequence[ToolCall] = (),
    finish_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> bytes:
    """Write a whole `chat.completion`."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if thinking is not None:
        message["reasoning_content"] = thinking
    if tool_calls:
        message["tool_calls"] = [_tool_call(index, call) for index, call in enumerate(tool_calls)]
    choice = {"index": 0, "message": message, "finish_reason": finish_reason or _usual_finish(tool_calls)}
    fields = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": CREATED, "model": model}
    return msgspec.json.encode({**fields, "choices": [choice], "usage": usage})


def chunk_events(
    pieces: Sequence[str],
    *,
    number: int,
    model: str,
    thinking: str | None = None,
    tool_calls: Sequence[ToolCall] = (),
    finish_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> list[bytes]:
    """Write the events of a stream: role, thinking, a delta for each piece, tool calls, finish, usage, end mark."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if thinking is not None:
        deltas.append({"reasoning_content": thinking})
    deltas += [{"content": piece} for piece in pieces]
    for index, (name, arguments) in enumerate(tool_calls):
        head, tail = arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]
        deltas.append({"tool_calls": [{"index": index, **_tool_call(index, (name, head))}]})
        deltas.append({"tool_calls": [{"index": index, "function": {"arguments": tail}}]})
    fields = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": CREATED, "model": model}
    chunks: list[dict[str, Any]] = [
        {**fields, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    finish = finish_reason or _usual_finish(tool_calls)
    chunks.append({**fields, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage is not None:
        chunks.append({**fields, "choices": [], "usage": usage})
    return [*(server_sent_event(chunk) for chunk in chunks), b"data: [DONE]\n\n"]


def server_sent_event(payload: Mapping[str, Any]) -> bytes:
    """Write one event of a stream."""
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


def error_body(message: str, *, type: str, code: str | None, param: str | None) -> bytes:  # noqa: A002 - the field's name
    """Write an error in OpenAI's shape."""
    return msgspec.json.encode({"error": {"message": message, "type": type, "param": param, "code": code}})


def models_body(models: Sequence[Mapping[str, Any] | str]) -> bytes:
    """Write a list of models, each a name or an entry."""
    entries = [
        {"id": model, "object": "model", "created": CREATED, "owned_by": "scripted"}
        if isinstance(model, str)
        else model
        for model in models
    ]
    return msgspec.json.encode({"object": "list", "data": entries})


def _tool_call(index: int, call: ToolCall) -> dict[str, Any]:
    name, arguments = call
    return {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _usual_finish(tool_calls: Sequence[ToolCall]) -> str:
    return "tool_calls" if tool_calls else "stop"
