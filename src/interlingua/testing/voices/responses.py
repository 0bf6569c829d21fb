"""Responses, as OpenAI answers (openai 3.54 `types/responses`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.completions import error_body
from interlingua.testing.voice import Line

WIRE: Final = "responses"
CONTENT_TYPE: Final = "application/json"
STREAM_CONTENT_TYPE: Final = "text/event-stream; charset=utf-8"
HEARTBEAT: Final = b": keep-alive\n\n"
FINISH_MARK: Final = b'"type":"response.completed"'
END_MARKS: Final = 0

_REASONS: Final = {"length": "max_output_tokens", "content_filter": "content_filter"}

_encode = msgspec.json.Encoder().encode


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and path.endswith("/responses")


def model_of(path: str, body: Mapping[str, Any]) -> str:
    """Give the model that is asked for."""
    del path
    return str(body.get("model", ""))


def wants_stream(path: str, body: Mapping[str, Any]) -> bool:
    """Tell whether the answer is to be streamed."""
    del path
    return body.get("stream") is True


def key_of(headers: Mapping[str, str]) -> str | None:
    """Give the key that a request carries."""
    return headers.get("authorization", "").removeprefix("Bearer ") or headers.get("api-key")


def whole(line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
    """Write a whole answer."""
    return _encode(_response(line, model, _items(line), body) | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer, an event each."""
    begun = _response(line, model, [], body) | {"status": "in_progress", "usage": None}
    events = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
    items = _items(line)
    for index, item in enumerate(items):
        events += _item_events(line, item, index)
    response = _response(line, model, items, body)
    events.append({"type": f"response.{response['status']}", "response": response})
    return [_event(event, number) for number, event in enumerate(events)]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error."""
    usual = "server_error" if status >= 500 else "invalid_request_error"
    return error_body(message, type=kind or usual, code=code, param=None)


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as an event of a stream."""
    return _event({"type": "error", "code": code or "server_error", "message": message, "param": None}, 99)


def _response(line: Line, model: str, items: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
    reason = _REASONS.get(line.finish or "")
    return {
        "id": f"resp_{line.number}",
        "object": "response",
        "created_at": 1_763_800_000,
        "status": "incomplete" if reason is not None else "completed",
        "incomplete_details": {"reason": reason} if reason is not None else None,
        "error": None,
        "model": model,
        "output": items,
        "parallel_tool_calls": asked.get("parallel_tool_calls", True),
        "tool_choice": asked.get("tool_choice", "auto"),
        "tools": asked.get("tools", []),
        "usage": line.usage if line.usage is not None else _usage(line),
    }


def _items(line: Line) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if line.thinking is not None or line.signature is not None:
        summary = [{"type": "summary_text", "text": line.thinking}] if line.thinking is not None else []
        items.append({"type": "reasoning", "id": "rs_0", "summary": summary, "encrypted_content": line.signature})
    text = "".join(line.pieces)
    if text or line.refusal is not None:
        sources = [_annotation(line)] if line.citation_url is not None else []
        said: dict[str, Any] = {"type": "output_text", "text": text, "annotations": sources, "logprobs": []}
        block = {"type": "refusal", "refusal": line.refusal} if line.refusal is not None else said
        items.append({"type": "message", "id": "msg_0", "status": "completed", "role": "assistant", "content": [block]})
    items += [
        {
            "type": "function_call",
            "id": f"fc_{index}",
            "call_id": f"call_{index}",
            "name": name,
            "arguments": arguments,
            "status": "completed",
        }
        for index, (name, arguments) in enumerate(line.tool_calls)
    ]
    if line.finish in _REASONS and items and "status" in items[-1]:
        items[-1]["status"] = "incomplete"
    return items


def _item_events(line: Line, item: dict[str, Any], index: int) -> list[dict[str, Any]]:
    """Give the events of one item: that it is added, its pieces, and that it is done."""
    told: dict[str, Any] = {"output_index": index, "item_id": item["id"]}
    added = dict(item)
    pieces: list[dict[str, Any]] = []
    if item["type"] == "message":
        added |= {"content": [], "status": "in_progress"}
        pieces = _content_events(line, item["content"][0])
    elif item["type"] == "reasoning":
        added |= {"summary": [], "encrypted_content": None}
        if line.thinking is not None:
            place, empty = {"summary_index": 0}, {"type": "summary_text", "text": ""}
            whole = {"type": "summary_text", "text": line.thinking}
            pieces = [
                {"type": "response.reasoning_summary_part.added", "part": empty, **place},
                {"type": "response.reasoning_summary_text.delta", "delta": line.thinking, **place},
                {"type": "response.reasoning_summary_text.done", "text": line.thinking, **place},
                {"type": "response.reasoning_summary_part.done", "part": whole, **place},
            ]
    else:
        added |= {"arguments": "", "status": "in_progress"}
        middle = len(item["arguments"]) // 2
        pieces = [
            {"type": "response.function_call_arguments.delta", "delta": piece}
            for piece in (item["arguments"][:middle], item["arguments"][middle:])
        ]
        done = {"type": "response.function_call_arguments.done", "arguments": item["arguments"], "name": item["name"]}
        pieces.append(done)
    return [
        {"type": "response.output_item.added", "output_index": index, "item": added},
        *({**piece, **told} for piece in pieces),
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ]


def _content_events(line: Line, block: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the events of a message's one block."""
    kind = "refusal" if block["type"] == "refusal" else "text"
    event = "response.refusal" if kind == "refusal" else "response.output_text"
    logprobs: dict[str, Any] = {} if kind == "refusal" else {"logprobs": []}
    deltas = [line.refusal] if kind == "refusal" else line.pieces
    empty: dict[str, Any] = {**block, kind: ""} | ({} if kind == "refusal" else {"annotations": []})
    events: list[dict[str, Any]] = [{"type": "response.content_part.added", "part": empty}]
    events += [{"type": f"{event}.delta", "delta": delta, **logprobs} for delta in deltas]
    for index, annotation in enumerate(block.get("annotations", ())):
        added = {"type": "response.output_text.annotation.added", "annotation": annotation, "annotation_index": index}
        events.append(added)
    events += [
        {"type": f"{event}.done", kind: block[kind], **logprobs},
        {"type": "response.content_part.done", "part": block},
    ]
    return [{**each, "content_index": 0} for each in events]


def _annotation(line: Line) -> dict[str, Any]:
    return {"type": "url_citation", "url": line.citation_url, "title": "Source", "start_index": 0, "end_index": 5}


def _usage(line: Line) -> dict[str, Any]:
    return {
        "input_tokens": line.input_tokens,
        "input_tokens_details": {"cached_tokens": line.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": line.output_tokens,
        "output_tokens_details": {"reasoning_tokens": line.reasoning_tokens},
        "total_tokens": line.input_tokens + line.output_tokens,
    }


def _event(fields: Mapping[str, Any], number: int) -> bytes:
    body = {**fields, "sequence_number": number}
    return b"event: %b\ndata: %b\n\n" % (str(fields["type"]).encode(), _encode(body))
