"""generateContent, as Gemini answers (google-genai 3.4 `types`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.voice import Line

WIRE: Final = "generate_content"
CONTENT_TYPE: Final = "application/json; charset=UTF-8"
STREAM_CONTENT_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b": keep-alive\r\n\r\n"
FINISH_MARK: Final = b'"finishReason":'
END_MARKS: Final = 0

_FINISHES: Final = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
_WORDS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_OPERATIONS: Final = ("generateContent", "streamGenerateContent", "countTokens")


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and path.rpartition(":")[2] in _OPERATIONS


def model_of(path: str, body: Mapping[str, Any]) -> str:
    """Give the model that is asked for, which stands in the address."""
    del body
    return path.rpartition(":")[0].rpartition("/models/")[2]


def wants_stream(path: str, body: Mapping[str, Any]) -> bool:
    """Tell whether the answer is to be streamed."""
    del body
    return path.endswith(":streamGenerateContent")


def key_of(headers: Mapping[str, str]) -> str | None:
    """Give the key that a request carries."""
    return headers.get("x-goog-api-key") or headers.get("authorization", "").removeprefix("Bearer ") or None


def whole(line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
    """Write a whole answer."""
    del body
    parts = _thoughts(line)
    text = "".join(line.pieces) or line.refusal
    if text:
        parts.append({"text": text})
    return _encode(_answer(line, model, [*parts, *_calls(line)], ends=True) | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer, an event each."""
    del body
    parts = [*_thoughts(line), *({"text": piece} for piece in line.pieces)]
    if line.refusal is not None:
        parts.append({"text": line.refusal})
    parts += _calls(line)
    last = len(parts) - 1
    if last < 0:
        return [_event(_answer(line, model, [], ends=True))]
    return [_event(_answer(line, model, [part], ends=number == last)) for number, part in enumerate(parts)]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error."""
    del code
    return _encode({"error": {"code": status, "message": message, "status": kind or _WORDS.get(status, "UNKNOWN")}})


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as an event of a stream."""
    status = int(code) if code is not None and code.isdigit() else 503
    return _event({"error": {"code": status, "message": message, "status": _WORDS.get(status, "UNKNOWN")}})


def _thoughts(line: Line) -> list[dict[str, Any]]:
    return [{"text": line.thinking, "thought": True}] if line.thinking is not None else []


def _calls(line: Line) -> list[dict[str, Any]]:
    """Write the calls; the state of the thinking stands on the first of them, as Gemini 3 has it."""
    calls: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(line.tool_calls):
        part: dict[str, Any] = {"functionCall": {"name": name, "args": msgspec.json.decode(arguments)}}
        if line.signature is not None and index == 0:
            part["thoughtSignature"] = line.signature
        calls.append(part)
    if line.signature is not None and not calls:
        calls.append({"text": "", "thoughtSignature": line.signature})
    return calls


def _answer(line: Line, model: str, parts: list[dict[str, Any]], *, ends: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if ends:
        finish = line.finish or "stop"
        candidate["finishReason"] = _FINISHES.get(finish, finish)
        if line.citation_url is not None:
            citation = {"uri": line.citation_url, "title": "Source", "startIndex": 0, "endIndex": 5}
            candidate["citationMetadata"] = {"citationSources": [citation]}
    answer = {"candidates": [candidate], "modelVersion": model, "responseId": f"resp-{line.number}"}
    return answer | ({"usageMetadata": _usage(line)} if ends else {})


def _usage(line: Line) -> Mapping[str, Any]:
    if line.usage is not None:
        return line.usage
    shown = line.output_tokens - line.reasoning_tokens
    usage = {
        "promptTokenCount": line.input_tokens,
        "candidatesTokenCount": shown,
        "totalTokenCount": line.input_tokens + line.output_tokens,
    }
    if line.cached_tokens:
        usage["cachedContentTokenCount"] = line.cached_tokens
    if line.reasoning_tokens:
        usage["thoughtsTokenCount"] = line.reasoning_tokens
    return usage


def _event(fields: Mapping[str, Any]) -> bytes:
    return b"data: %b\r\n\r\n" % _encode(fields)


_encode = msgspec.json.Encoder().encode
