"""`/api/chat` and `/api/generate`, as Ollama answers (ollama 0.6.3 `_types.py`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.voice import Line

WIRE: Final = "ollama"
CONTENT_TYPE: Final = "application/json; charset=utf-8"
STREAM_CONTENT_TYPE: Final = "application/x-ndjson"
HEARTBEAT: Final = b"\n"
FINISH_MARK: Final = b'"done":true'
END_MARKS: Final = 0

_CREATED: Final = "2025-11-22T08:26:40.123456789Z"


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and path.endswith(("/api/chat", "/api/generate"))


def model_of(path: str, body: Mapping[str, Any]) -> str:
    """Give the model that is asked for."""
    del path
    return str(body.get("model", ""))


def wants_stream(path: str, body: Mapping[str, Any]) -> bool:
    """Tell whether the answer is to be streamed, which it is unless the request says no."""
    del path
    return body.get("stream") is not False


def key_of(headers: Mapping[str, str]) -> str | None:
    """Give the key that a request carries."""
    return headers.get("authorization", "").removeprefix("Bearer ") or None


def whole(line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
    """Write a whole answer."""
    said: dict[str, Any] = {"content": "".join(line.pieces) or line.refusal or ""}
    if line.thinking is not None:
        said["thinking"] = line.thinking
    if line.tool_calls:
        said["tool_calls"] = _calls(line)
    return _encode(_said(model, said, body) | _ending(line) | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer, a line each."""
    said: list[dict[str, Any]] = []
    if line.thinking is not None:
        said.append({"content": "", "thinking": line.thinking})
    said += [{"content": piece} for piece in line.pieces or ([line.refusal] if line.refusal else [])]
    if line.tool_calls:
        said.append({"content": "", "tool_calls": _calls(line)})
    lines = [{**_said(model, each, body), "done": False} for each in said]
    lines.append(_said(model, {"content": ""}, body) | _ending(line) | dict(line.extra))
    return [_encode(each) + b"\n" for each in lines]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error."""
    del status, kind, code
    return _encode({"error": message})


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as a line of a stream."""
    del code
    return _encode({"error": message}) + b"\n"


def _said(model: str, said: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    head: dict[str, Any] = {"model": model, "created_at": _CREATED}
    if "messages" in body or "prompt" not in body:
        return {**head, "message": {"role": "assistant", **said}}
    rest = {name: value for name, value in said.items() if name == "thinking"}
    return {**head, "response": said["content"], **rest}


def _calls(line: Line) -> list[dict[str, Any]]:
    return [
        {"function": {"name": name, "arguments": msgspec.json.decode(arguments)}} for name, arguments in line.tool_calls
    ]


def _ending(line: Line) -> dict[str, Any]:
    counts = {"prompt_eval_count": line.input_tokens, "eval_count": line.output_tokens}
    return {
        "done": True,
        "done_reason": "length" if line.finish == "length" else "stop",
        "total_duration": 5_000_000,
        "load_duration": 1_000_000,
        **(counts if line.usage is None else line.usage),
    }


_encode = msgspec.json.Encoder().encode
