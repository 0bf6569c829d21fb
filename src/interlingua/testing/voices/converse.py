"""Converse and ConverseStream, as Bedrock answers (botocore 1.44 `bedrock-runtime`, read 2026-11-23)."""

import base64
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.testing.voice import Line

WIRE: Final = "converse"
CONTENT_TYPE: Final = "application/json"
STREAM_CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
HEARTBEAT: Final = b""
FINISH_MARK: Final = b"messageStop"
END_MARKS: Final = 0

_STOPS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}
_ENDING: Final = ("additionalModelResponseFields",)
"""Fields of an answer that stand in `messageStop`; the others stand in `metadata`."""

_TEXT_HEADER: Final = 7


def hears(method: str, path: str) -> bool:
    """Tell whether a request is for this voice."""
    return method == "POST" and "/model/" in path and path.endswith(("/converse", "/converse-stream"))


def model_of(path: str, body: Mapping[str, Any]) -> str:
    """Give the model that is asked for, as it stands in the address."""
    del body
    return path.rpartition("/")[0].rpartition("/")[2]


def wants_stream(path: str, body: Mapping[str, Any]) -> bool:
    """Tell whether the answer is to be streamed."""
    del body
    return path.endswith("/converse-stream")


def key_of(headers: Mapping[str, str]) -> str | None:
    """Give the key that a request carries."""
    return headers.get("authorization", "").removeprefix("Bearer ") or None


def whole(line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
    """Write a whole answer."""
    del model, body
    message = {"role": "assistant", "content": _blocks(line)}
    fields = {"output": {"message": message}, "stopReason": _stop(line), "usage": _usage(line)}
    return _encode(fields | {"metrics": {"latencyMs": 7}} | dict(line.extra))


def streamed(line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
    """Write a streamed answer, an event each."""
    del model, body
    events = [_event("messageStart", role="assistant", p="abcd")]
    for index, block in enumerate(_blocks(line)):
        call = block.get("toolUse")
        if call is not None:
            start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
            events.append(_event("contentBlockStart", contentBlockIndex=index, start=start))
        deltas = _deltas(block, line)
        events += [_event("contentBlockDelta", contentBlockIndex=index, delta=each, p="ab") for each in deltas]
        events.append(_event("contentBlockStop", contentBlockIndex=index))
    extra = {"metrics": {"latencyMs": 7}, **line.extra}
    ending = {name: extra.pop(name) for name in _ENDING if name in extra}
    events.append(_event("messageStop", stopReason=_stop(line), **ending, p="abc"))
    return [*events, _event("metadata", usage=_usage(line), **extra)]


def failure(status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
    """Write the body of an error; its kind is in the body, where some of AWS's services have it."""
    del status
    named = {"__type": kind or code} if kind or code else {}
    return _encode({"message": message, **named})


def failure_in_stream(message: str, *, code: str | None = None) -> bytes:
    """Write an error as an event of a stream."""
    headers = {":message-type": "exception", ":exception-type": code or "serviceUnavailableException"}
    return _framed(headers, _encode({"message": message}))


def _blocks(line: Line) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if line.thinking is not None or line.signature is not None:
        shown = {"text": line.thinking or "", "signature": line.signature or "c2ln"}
        blocks.append({"reasoningContent": {"reasoningText": shown}})
    if line.redacted is not None:
        redacted = base64.b64encode(line.redacted.encode()).decode()
        blocks.append({"reasoningContent": {"redactedContent": redacted}})
    text = "".join(line.pieces) or line.refusal
    if text and line.citation_url:
        source = {
            "title": "Source",
            "sourceContent": [{"text": "cited"}],
            "location": {"web": {"url": line.citation_url}},
        }
        blocks.append({"citationsContent": {"content": [{"text": text}], "citations": [source]}})
    elif text:
        blocks.append({"text": text})
    for index, (name, arguments) in enumerate(line.tool_calls):
        call = {"toolUseId": f"call_{index}", "name": name, "input": msgspec.json.decode(arguments)}
        blocks.append({"toolUse": call})
    return blocks


def _deltas(block: dict[str, Any], line: Line) -> list[dict[str, Any]]:
    if "toolUse" in block:
        text = _encode(block["toolUse"]["input"]).decode()
        middle = len(text) // 2
        return [{"toolUse": {"input": half}} for half in (text[:middle], text[middle:])]
    thinking = block.get("reasoningContent")
    if thinking is not None and "redactedContent" in thinking:
        data = base64.b64decode(thinking["redactedContent"])
        halves = (data[: len(data) // 2], data[len(data) // 2 :])  # bytes, each half coded for itself
        return [{"reasoningContent": {"redactedContent": base64.b64encode(half).decode()}} for half in halves if half]
    if thinking is not None:
        shown = thinking["reasoningText"]
        pieces = [{"text": shown["text"]}, {"signature": shown["signature"]}]
        return [{"reasoningContent": piece} for piece in pieces]
    texts: list[dict[str, Any]] = [{"text": piece} for piece in line.pieces or [line.refusal or ""]]
    cited = block.get("citationsContent")
    return texts if cited is None else [*texts, {"citation": cited["citations"][0]}]


def _stop(line: Line) -> str:
    finish = line.finish or ("tool_calls" if line.tool_calls else "stop")
    return _STOPS.get(finish, finish)


def _usage(line: Line) -> dict[str, Any]:
    if line.usage is not None:
        return dict(line.usage)
    return {
        "inputTokens": line.input_tokens - line.cached_tokens,
        "outputTokens": line.output_tokens,
        "totalTokens": line.input_tokens + line.output_tokens,
        "cacheReadInputTokens": line.cached_tokens,
        "cacheWriteInputTokens": 0,
    }


def _event(kind: str, **fields: Any) -> bytes:
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return _framed(headers, _encode(fields))


def _framed(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Write a message: lengths and their checksum, headers, payload, and the checksum of it all."""
    written = b""
    for name, value in headers.items():
        written += bytes([len(name)]) + name.encode() + struct.pack("!BH", _TEXT_HEADER, len(value)) + value.encode()
    lengths = struct.pack("!II", 16 + len(written) + len(payload), len(written))
    message = lengths + struct.pack("!I", zlib.crc32(lengths)) + written + payload
    return message + struct.pack("!I", zlib.crc32(message))


_encode = msgspec.json.Encoder().encode
