"""Messages, as Anthropic answers (anthropic 2.12 `types`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.voice import Line

WIRE: Final = "messages"
CONTENT_TYPE: Final = "application/json"
STREAM_CONTENT_TYPE: Final = "text/event-stream; charset=utf-8"
HEARTBEAT: Final = b'event: ping\ndata: {"type":"ping"}\n\n'
FINISH_MARK: Final = b'"type":"message_delta"'
END_MARKS: Final = 1

_STOPS: Final = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
_ENDING: Final = ("stop_sequence", "stop_details", "container")
"""Fields of a message that stand in the `delta` of its last event."""

_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and path.endswith(("/messages", "/messages/count_tokens"))


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
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ") or None


def whole(line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
    """Write a whole answer."""
    del body
    return _encode(_message(line, model) | {"content": _blocks(line), "usage": _usage(line)} | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer, an event each."""
    del body
    message = _message(line, model)
    message["stop_reason"] = None
    message["usage"] = {**_usage(line), "output_tokens": 1}
    events = [_event("message_start", message=message), _event("ping")]
    for index, block in enumerate(_blocks(line)):
        start, deltas = _pieces(block, line)
        events.append(_event("content_block_start", index=index, content_block=start))
        events += [_event("content_block_delta", index=index, delta=delta) for delta in deltas]
        events.append(_event("content_block_stop", index=index))
    extra = dict(line.extra)
    ending = {name: extra.pop(name) for name in _ENDING if name in extra}
    delta = {"stop_reason": _stop(line), "stop_sequence": None, **ending}
    counts = {name: value for name, value in _usage(line).items() if name not in ("service_tier", "cache_creation")}
    events.append(_event("message_delta", delta=delta, usage=counts, **extra))
    return [*events, _event("message_stop")]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error."""
    del code
    error = {"type": kind or _KINDS.get(status, "api_error"), "message": message}
    return _encode({"type": "error", "error": error, "request_id": "req_scripted"})


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as an event of a stream."""
    return _event("error", error={"type": code or "overloaded_error", "message": message})


def _message(line: Line, model: str) -> dict[str, Any]:
    empty: list[dict[str, Any]] = []
    return {
        "id": f"msg_{line.number}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": empty,
        "stop_reason": _stop(line),
        "stop_sequence": None,
        "usage": {},
    }


def _stop(line: Line) -> str:
    finish = line.finish or ("tool_calls" if line.tool_calls else "stop")
    return _STOPS.get(finish, finish)


def _blocks(line: Line) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if line.thinking is not None or line.signature is not None:
        blocks.append({"type": "thinking", "thinking": line.thinking or "", "signature": line.signature or "c2ln"})
    if line.redacted is not None:
        blocks.append({"type": "redacted_thinking", "data": line.redacted})
    text = "".join(line.pieces) or line.refusal
    if text:
        blocks.append({"type": "text", "text": text, "citations": [_citation(line)] if line.citation_url else None})
    for index, (name, arguments) in enumerate(line.tool_calls):
        blocks.append(
            {"type": "tool_use", "id": f"call_{index}", "name": name, "input": msgspec.json.decode(arguments)}
        )
    return blocks


def _pieces(block: dict[str, Any], line: Line) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give a block as it begins, and the deltas that complete it."""
    if block["type"] == "thinking":
        thought = [{"type": "thinking_delta", "thinking": block["thinking"]}] if block["thinking"] else []
        return (
            {"type": "thinking", "thinking": "", "signature": ""},
            [*thought, {"type": "signature_delta", "signature": block["signature"]}],
        )
    if block["type"] == "text":
        deltas: list[dict[str, Any]] = [
            {"type": "text_delta", "text": piece} for piece in line.pieces or [block["text"]]
        ]
        if block["citations"]:
            deltas.append({"type": "citations_delta", "citation": block["citations"][0]})
        return {"type": "text", "text": "", "citations": None}, deltas
    if block["type"] == "tool_use":
        text = _encode(block["input"]).decode()
        middle = len(text) // 2
        halves = ["", text[:middle], text[middle:]]
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": half} for half in halves]
    return block, []


def _citation(line: Line) -> dict[str, Any]:
    return {
        "type": "web_search_result_location",
        "url": line.citation_url,
        "title": "Source",
        "cited_text": "cited",
        "encrypted_index": "aW5kZXg=",
    }


def _usage(line: Line) -> dict[str, Any]:
    if line.usage is not None:
        return dict(line.usage)
    usage: dict[str, Any] = {
        "input_tokens": line.input_tokens - line.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": line.cached_tokens,
        "output_tokens": line.output_tokens,
    }
    if line.reasoning_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": line.reasoning_tokens}
    return usage


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _encode({"type": kind, **fields}))


_encode = msgspec.json.Encoder().encode
