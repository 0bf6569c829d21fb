"""Streamed replies, written as OpenAI writes them (chunks of openai 3.54, read 2026-11-22)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import (
    Adaptation,
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    ModelRequest,
    OpaqueDelta,
    OpaquePart,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.types.accumulation import accumulate
from interlingua.types.chat_citation import write_annotation
from interlingua.types.chat_content import WIRE, own
from interlingua.types.chat_message import LEGACY_CALL, write_assistant
from interlingua.types.chat_reasoning import EXTRA, sealed_detail, write_thinking
from interlingua.types.shape import is_object
from interlingua.wires.chat_completions.legacy import wants_legacy
from interlingua.wires.chat_completions.response import finish_fields
from interlingua.wires.chat_completions.usage import write_usage
from interlingua.wires.openai_errors import render_error

_CALLS: Final = {"function": "arguments", "custom": "input"}
_AUDIO: Final = ("id", "data", "transcript", "expires_at")
_REPEATED: Final = ("service_tier", "system_fingerprint")

_encode = msgspec.json.Encoder().encode


class ChatStreamRenderer:
    """Turns events into the bytes of a streamed reply; see `StreamRenderer`.

    The usage goes out once, before `[DONE]`, and only if the request asked for it
    (`stream_options.include_usage`), as the specification has it.
    """

    __slots__ = (
        "_after",
        "_before",
        "_begun",
        "_calls",
        "_details",
        "_foreign",
        "_head",
        "_old",
        "_usage",
        "_usage_wanted",
    )

    def __init__(self, request: ModelRequest) -> None:
        options = own(request.extensions).get("stream_options")
        self._usage_wanted = is_object(options) and options.get("include_usage") is True
        self._old = wants_legacy(request)
        self._usage: Usage | None = None
        self._begun: set[int] = set()
        self._calls: dict[tuple[int, int], str] = {}
        self._head: dict[str, Any] = {}
        self._details = 0
        self._foreign: _ForeignThinking | None = None
        self._before = b""
        self._after = b""
        self._begin(StreamStart(model=request.model))

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        if self._foreign is not None and not self._foreign.continues(event):
            return self._sealed() + self.render(event)
        if type(event) is TextDelta and event.logprobs is None and not event.signature and event.choice in self._begun:
            return b'%b%d,"delta":{"content":%b%b' % (self._before, event.choice, _encode(event.text), self._after)
        return _WRITERS[type(event)](self, event)

    def render_error(self, error: Error) -> bytes:
        """Give the failure as an event that the SDK raises; neither `[DONE]` nor anything else may follow."""
        return b"data: %b\n\n" % render_error(error)

    def _begin(self, event: StreamStart) -> bytes:
        self._head = {
            "id": event.id or "",
            "object": "chat.completion.chunk",
            "created": event.created or 0,
            "model": event.model or "",
        }
        return self._repeat(own(event.extensions))

    def _repeat(self, fields: dict[str, Any]) -> bytes:
        """Put into every chunk what the SDK takes from the last one; the other fields are told once."""
        self._head |= {name: fields[name] for name in _REPEATED if name in fields}
        usage = b',"usage":null' if self._usage_wanted else b""
        self._before = b'data: %b,"choices":[{"index":' % _encode(self._head)[:-1]
        self._after = b'},"logprobs":null,"finish_reason":null}]%b}\n\n' % usage
        return b""

    def _start(self, event: StreamStart) -> bytes:
        self._begin(event)
        self._begun.add(0)
        return self._choice(0, {"role": "assistant", "content": "", "refusal": None}, extra=own(event.extensions))

    def _delta(self, choice: int, delta: dict[str, Any], **fields: Any) -> bytes:
        """Give a chunk for a choice, which begins with its role."""
        if choice in self._begun:
            return self._choice(choice, delta, **fields)
        self._begun.add(choice)
        return self._choice(choice, {"role": "assistant", "content": ""}) + self._choice(choice, delta, **fields)

    def _choice(
        self, choice: int, delta: dict[str, Any], *, extra: dict[str, Any] | None = None, **fields: Any
    ) -> bytes:
        entry = {"index": choice, "delta": delta, "logprobs": None, "finish_reason": None, **fields}
        return self._chunk({"choices": [entry], **(extra or {})})

    def _chunk(self, fields: dict[str, Any]) -> bytes:
        usage = {"usage": None} if self._usage_wanted else {}
        return b"data: %b\n\n" % _encode({**self._head, **usage, **fields})

    def _text(self, event: TextDelta) -> bytes:
        delta: dict[str, Any] = {"content": event.text}
        if event.signature is not None:
            delta["extra_content"] = {"google": {"thought_signature": event.signature}}
        return self._delta(event.choice, delta, logprobs=event.logprobs)

    def _citation(self, event: CitationDelta) -> bytes:
        return self._delta(event.choice, {"annotations": [self._numbered(write_annotation(event.citation))]})

    def _numbered(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Number an entry of a list that is sent piece by piece: OpenAI's SDK joins entries of the same number."""
        number, self._details = self._details, self._details + 1
        return {"index": number, **entry}

    def _sealed(self) -> bytes:
        """Give the state of the reasoning of another wire, now that it is whole."""
        foreign, self._foreign = self._foreign, None
        detail = sealed_detail(foreign.part) if foreign is not None else None
        if foreign is None or detail is None:
            return b""
        return self._delta(foreign.choice, {"reasoning_details": [self._numbered(detail)]})

    def _thinking(self, event: ThinkingDelta) -> bytes:
        if event.wire not in (None, WIRE) and event.field != EXTRA:
            if self._foreign is None:
                self._foreign = _ForeignThinking(event)
            self._foreign.add(event)
            return self._delta(event.choice, {"reasoning_content": event.text}) if event.text else b""
        delta: dict[str, Any] = {}
        part = ThinkingPart(
            text=event.text,
            signature=event.signature,
            encrypted=event.encrypted,
            field=event.field,
            extensions=event.extensions,
        )
        dropped: list[Adaptation] = []
        write_thinking(part, delta, reasoning_field=None, reply=True, dropped=dropped)
        return self._delta(event.choice, delta) if delta else b""

    def _refusal(self, event: RefusalDelta) -> bytes:
        return self._delta(event.choice, {"refusal": event.text})

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        key = (event.choice, event.index)
        first = key not in self._calls
        kind = self._calls.setdefault(key, event.kind if event.kind in _CALLS else "function")
        inner: dict[str, Any] = {} if event.name is None else {"name": event.name}
        inner[_CALLS.get(kind, "arguments")] = event.arguments
        extra = dict(own(event.extensions))
        if extra.get("type") == LEGACY_CALL or (self._old and first and not event.index):
            self._calls[key] = LEGACY_CALL
        if self._calls[key] == LEGACY_CALL:
            return self._delta(event.choice, {LEGACY_CALL: inner})
        if event.signature is not None and EXTRA not in extra:
            extra[EXTRA] = {"google": {"thought_signature": event.signature}}
        call: dict[str, Any] = {"index": event.index}
        if event.id is not None:
            call["id"] = event.id
        if first:
            call["type"] = kind
        unknown = extra.pop(kind, None)
        call[kind] = {**inner, **unknown} if is_object(unknown) else inner
        return self._delta(event.choice, {"tool_calls": [call | extra]})

    def _audio(self, event: AudioDelta) -> bytes:
        audio = {name: value for name in _AUDIO if (value := getattr(event, name)) is not None}
        return self._delta(event.choice, {"audio": audio})

    def _part(self, event: PartDelta) -> bytes:
        detail = sealed_detail(event.part) if isinstance(event.part, OpaquePart) and event.part.wire != WIRE else None
        if detail is not None:
            return self._delta(event.choice, {"reasoning_details": [self._numbered(detail)]})
        delta = write_assistant([event.part], reply=True, dropped=[])
        if delta["content"] is None:
            del delta["content"]
        return self._delta(event.choice, delta)

    def _opaque(self, event: OpaqueDelta) -> bytes:
        if event.wire != WIRE:
            block = "type" in event.data and event.choice is not None
            return self._part(PartDelta(OpaquePart(event.wire, event.data), event.choice or 0)) if block else b""
        if event.choice is None:
            self._repeat(event.data)
            return self._chunk({"choices": [], **event.data})
        if "type" in event.data:
            return self._delta(event.choice, {"content": [event.data]})
        fields = dict(event.data)
        delta = fields.pop("message", {})
        return self._delta(event.choice, delta, **fields)

    def _finish(self, event: Finish) -> bytes:
        fields = finish_fields(event.reason, event.raw)
        if self._old and fields["finish_reason"] == "tool_calls":
            fields["finish_reason"] = LEGACY_CALL
        return self._delta(event.choice, {}, **fields)

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        usage = b""
        if self._usage_wanted and self._usage is not None:
            usage = self._chunk({"choices": [], "usage": write_usage(self._usage)})
        return usage + b"data: [DONE]\n\n"


class _ForeignThinking:
    """The reasoning of another wire that is being written, whose state is sealed when it is whole."""

    __slots__ = ("_texts", "choice", "index", "part")

    def __init__(self, event: ThinkingDelta) -> None:
        self.choice = event.choice
        self.index = event.index
        self.part = ThinkingPart(field=event.field, wire=event.wire)
        self._texts: list[str] = []

    def continues(self, event: Event) -> bool:
        return type(event) is ThinkingDelta and event.choice == self.choice and event.index == self.index

    def add(self, event: ThinkingDelta) -> None:
        part = self.part
        self._texts.append(event.text)
        part.signature = (part.signature or "") + event.signature if event.signature else part.signature
        part.encrypted = (part.encrypted or "") + event.encrypted if event.encrypted else part.encrypted
        for wire, fields in event.extensions.items():
            accumulate(part.extensions.setdefault(wire, {}), fields)
        if event.signature or event.encrypted:
            part.text = "".join(self._texts)


_WRITERS: Final[dict[type, Callable[[ChatStreamRenderer, Any], bytes]]] = {
    StreamStart: ChatStreamRenderer._start,  # pyright: ignore[reportPrivateUsage]
    CitationDelta: ChatStreamRenderer._citation,  # pyright: ignore[reportPrivateUsage]
    TextDelta: ChatStreamRenderer._text,  # pyright: ignore[reportPrivateUsage]
    ThinkingDelta: ChatStreamRenderer._thinking,  # pyright: ignore[reportPrivateUsage]
    RefusalDelta: ChatStreamRenderer._refusal,  # pyright: ignore[reportPrivateUsage]
    ToolCallDelta: ChatStreamRenderer._tool_call,  # pyright: ignore[reportPrivateUsage]
    AudioDelta: ChatStreamRenderer._audio,  # pyright: ignore[reportPrivateUsage]
    PartDelta: ChatStreamRenderer._part,  # pyright: ignore[reportPrivateUsage]
    OpaqueDelta: ChatStreamRenderer._opaque,  # pyright: ignore[reportPrivateUsage]
    Finish: ChatStreamRenderer._finish,  # pyright: ignore[reportPrivateUsage]
    UsageReport: ChatStreamRenderer._report,  # pyright: ignore[reportPrivateUsage]
    StreamEnd: ChatStreamRenderer._end,  # pyright: ignore[reportPrivateUsage]
}
