"""Answers of the old API, whole and streamed: nothing but text."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import (
    Choice,
    Event,
    Finish,
    FinishReason,
    ModelOutput,
    ModelRequest,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    Usage,
    UsageReport,
)
from interlingua.types.chat_content import own
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object
from interlingua.wires.chat_completions.usage import write_usage
from interlingua.wires.openai_errors import render_error

_FINISH: Final[Mapping[FinishReason, str]] = {"length": "length", "content_filter": "content_filter"}
_encode = msgspec.json.Encoder().encode


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole answer; with `echo` the request's prompt stands in front of each text."""
    body: dict[str, Any] = {
        "id": output.id or "",
        "object": "text_completion",
        "created": output.created or 0,
        "model": output.model or "",
        "choices": [_write_choice(choice, _echoed(request)) for choice in output.choices],
        **_fingerprint(output.extensions),
    }
    if output.usage is not None:
        body["usage"] = write_usage(output.usage)
    return _encode(body)


class CompletionStreamRenderer:
    """Turns events into the bytes of a streamed answer; see `StreamRenderer`.

    The usage goes out only if the request asked for it, as in Chat Completions.
    """

    __slots__ = ("_after", "_before", "_begun", "_echo", "_head", "_offsets", "_usage", "_usage_wanted")

    def __init__(self, request: ModelRequest) -> None:
        options = own(request.extensions).get("stream_options")
        self._usage_wanted = is_object(options) and options.get("include_usage") is True
        self._usage: Usage | None = None
        self._echo = _echoed(request)
        self._begun: set[int] = set()
        self._offsets: dict[int, int] = {}
        self._head: dict[str, Any] = {}
        self._begin(StreamStart(model=request.model))

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; what is no text has none."""
        if isinstance(event, TextDelta | RefusalDelta):
            return self._text(event)
        if isinstance(event, Finish):
            return self._chunk(event.choice, "", finish=_FINISH.get(event.reason, "stop"))
        if isinstance(event, StreamStart):
            self._begin(event)
        elif isinstance(event, UsageReport):
            self._usage = event.usage
        elif isinstance(event, StreamEnd):
            return self._end()
        return b""

    def render_error(self, error: Error) -> bytes:
        """Give the failure as an event that the SDK raises; nothing may follow it."""
        return b"data: %b\n\n" % render_error(error)

    def _begin(self, event: StreamStart) -> None:
        self._head = {
            "id": event.id or "",
            "object": "text_completion",
            "created": event.created or 0,
            "model": event.model or "",
            **_fingerprint(event.extensions),
        }

    def _text(self, event: TextDelta | RefusalDelta) -> bytes:
        logprobs = event.logprobs if isinstance(event, TextDelta) else None
        if event.choice in self._begun:
            return self._chunk(event.choice, event.text, logprobs=logprobs)
        self._begun.add(event.choice)
        echo = self._chunk(event.choice, self._echo) if self._echo else b""
        return echo + self._chunk(event.choice, event.text, logprobs=logprobs)

    def _chunk(
        self, choice: int, text: str, *, finish: str | None = None, logprobs: Mapping[str, Any] | None = None
    ) -> bytes:
        offset = self._offsets.get(choice, 0)
        self._offsets[choice] = offset + len(text)
        entry = {
            "index": choice,
            "text": text,
            "logprobs": _write_logprobs(logprobs, offset),
            "finish_reason": finish,
        }
        usage = {"usage": None} if self._usage_wanted else {}
        return b"data: %b\n\n" % _encode({**self._head, "choices": [entry], **usage})

    def _end(self) -> bytes:
        last = b"data: [DONE]\n\n"
        if self._usage_wanted and self._usage is not None:
            chunk: dict[str, Any] = {**self._head, "choices": [], "usage": write_usage(self._usage)}
            return b"data: %b\n\n%b" % (_encode(chunk), last)
        return last


def _fingerprint(extensions: Extensions) -> dict[str, Any]:
    """Give the one field beside the text that both of OpenAI's old APIs have."""
    given = own(extensions).get("system_fingerprint")
    return {} if given is None else {"system_fingerprint": given}


def _echoed(request: ModelRequest | None) -> str:
    return request.messages[0].text if request is not None and request.echo and request.messages else ""


def _write_choice(choice: Choice, echo: str) -> dict[str, Any]:
    return {
        "index": choice.index,
        "text": echo + (choice.text or choice.refusal),
        "logprobs": _write_logprobs(choice.logprobs, len(echo)),
        "finish_reason": _FINISH.get(choice.finish_reason or "stop", "stop"),
    }


def _write_logprobs(logprobs: Mapping[str, Any] | None, offset: int) -> dict[str, Any] | None:
    """Write Chat Completions' object in the old form: four lists of the same length."""
    content = logprobs.get("content") if logprobs else None
    if not is_list(content):
        return None
    entries = [entry for entry in content if is_object(entry) and isinstance(entry.get("token"), str)]
    offsets: list[int] = []
    for entry in entries:
        offsets.append(offset)
        offset += len(entry["token"])
    return {
        "tokens": [entry["token"] for entry in entries],
        "token_logprobs": [entry.get("logprob") for entry in entries],
        "top_logprobs": [_top(entry.get("top_logprobs")) for entry in entries],
        "text_offset": offsets,
    }


def _top(entries: Any) -> dict[str, Any]:
    if not is_list(entries):
        return {}
    return {entry["token"]: entry.get("logprob") for entry in entries if is_object(entry) and "token" in entry}
