"""Chat Completions, as OpenAI answers (openai 3.54 `types/chat`, read 2026-11-22)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.completions import chunk_events, completion_body, error_body, server_sent_event, usage_of
from interlingua.testing.voice import Line

WIRE: Final = "chat_completions"
CONTENT_TYPE: Final = "application/json"
STREAM_CONTENT_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b": keep-alive\n\n"
FINISH_MARK: Final = b'"finish_reason":"'
END_MARKS: Final = 1


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and path.endswith("/chat/completions")


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
    del body
    text = "".join(line.pieces) if line.pieces or not line.tool_calls else None
    answer = msgspec.json.decode(
        completion_body(
            (line.refusal and None) or text,
            number=line.number,
            model=model,
            thinking=line.thinking,
            tool_calls=line.tool_calls,
            finish_reason=line.finish,
            usage=_usage(line),
        )
    )
    message = answer["choices"][0]["message"]
    if line.refusal is not None:
        message |= {"content": None, "refusal": line.refusal}
    if line.citation_url is not None:
        message["annotations"] = [_annotation(line)]
    if line.signature is not None:
        message["reasoning_details"] = [_detail(line)]
    return msgspec.json.encode(answer | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer; usage only if it was asked for."""
    options: Mapping[str, Any] = body.get("stream_options") or {}
    events = list(
        chunk_events(
            line.pieces,
            number=line.number,
            model=model,
            thinking=line.thinking,
            tool_calls=line.tool_calls,
            finish_reason=line.finish,
            usage=_usage(line) if options.get("include_usage") is True else None,
        )
    )
    deltas: list[dict[str, Any]] = []
    if line.refusal is not None:
        deltas.append({"refusal": line.refusal})
    if line.citation_url is not None:
        deltas.append({"annotations": [_annotation(line)]})
    if line.signature is not None:
        deltas.append({"reasoning_details": [_detail(line)]})
    head = {"id": f"chatcmpl-{line.number}", "object": "chat.completion.chunk", "created": 1, "model": model}
    extra = [
        server_sent_event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        for delta in deltas
    ]
    end = next((n for n, event in enumerate(events) if b'"finish_reason":"' in event), len(events))
    return [*events[:end], *extra, *events[end:]]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error."""
    usual = "server_error" if status >= 500 else "invalid_request_error"
    return error_body(message, type=kind or usual, code=code, param=None)


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as an event of a stream."""
    return server_sent_event({"error": {"message": message, "type": "server_error", "code": code or "500"}})


def _usage(line: Line) -> Mapping[str, Any]:
    if line.usage is not None:
        return line.usage
    usage: dict[str, Any] = dict(usage_of(line.input_tokens, line.output_tokens))
    if line.cached_tokens:
        usage["prompt_tokens_details"] = {"cached_tokens": line.cached_tokens}
    if line.reasoning_tokens:
        usage["completion_tokens_details"] = {"reasoning_tokens": line.reasoning_tokens}
    return usage


def _annotation(line: Line) -> dict[str, Any]:
    inner = {"url": line.citation_url, "title": "Source", "start_index": 0, "end_index": 5}
    return {"type": "url_citation", "url_citation": inner}


def _detail(line: Line) -> dict[str, Any]:
    return {"type": "reasoning.encrypted", "data": line.signature, "format": "openai-responses-v1", "index": 0}
