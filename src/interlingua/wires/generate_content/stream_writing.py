"""Streamed replies, written as Gemini writes them: each event is an answer with the next piece in it."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import (
    AudioDelta,
    AudioPart,
    Citation,
    CitationDelta,
    Event,
    Finish,
    ModelRequest,
    OpaqueDelta,
    OpaquePart,
    Part,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.types.accumulation import accumulate
from interlingua.wires.generate_content.calls import CallNames
from interlingua.wires.generate_content.content import write_part
from interlingua.wires.generate_content.errors import error_object
from interlingua.wires.generate_content.fields import WIRE, own
from interlingua.wires.generate_content.response import finish_word, is_block, write_citations, write_logprobs
from interlingua.wires.generate_content.seals import Seals
from interlingua.wires.generate_content.usage import write_usage

_encode = msgspec.json.Encoder().encode


class ContentStreamRenderer:
    """Turns events into the bytes of a streamed reply; see `StreamRenderer`.

    A call goes out when its arguments are whole, since they are an object here. How the
    answer ended and its usage are in the last event.
    """

    __slots__ = (
        "_calls",
        "_choices",
        "_extra",
        "_finishes",
        "_head",
        "_last",
        "_names",
        "_open",
        "_prefix",
        "_seals",
        "_usage",
    )

    def __init__(self, request: ModelRequest) -> None:
        self._head: dict[str, Any] = {"modelVersion": request.model}
        self._prefix = b""
        self._names = CallNames()
        self._open: dict[int, Part] = {}
        self._last: dict[int, dict[str, Any]] = {}
        self._seals: dict[int, Seals] = {}
        self._calls: dict[int, int] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._finishes: dict[int, Finish] = {}
        self._extra: dict[str, Any] = {}
        self._usage: Usage | None = None
        self._renew()

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        if (
            type(event) is TextDelta
            and event.choice not in self._open
            and event.choice not in self._seals
            and event.choice not in self._last
            and event.logprobs is None
            and event.signature is None
            and event.extensions is None
        ):
            if not event.text:
                return b""
            return b'%b%d,"content":{"role":"model","parts":[{"text":%b}]}}]}\n\n' % (
                self._prefix,
                event.choice,
                _encode(event.text),
            )
        return _WRITERS[type(event)](self, event)

    def render_error(self, error: Error) -> bytes:
        """Give the failure as an event that the SDK raises; nothing may follow."""
        return b"data: %b\n\n" % _encode(error_object(error))

    def _renew(self) -> None:
        self._prefix = b'data: %b,"candidates":[{"index":' % _encode(self._head)[:-1]

    def _start(self, event: StreamStart) -> bytes:
        self._head = {"modelVersion": event.model or self._head["modelVersion"]}
        if event.id is not None:
            self._head["responseId"] = event.id
        self._renew()
        extra = own(event.extensions)
        return self._chunk(extra) if extra else b""

    def _chunk(self, fields: dict[str, Any]) -> bytes:
        return b"data: %b\n\n" % _encode({**self._head, **fields})

    def _piece(self, choice: int, part: dict[str, Any], **fields: Any) -> bytes:
        content = {"role": "model", "parts": [part]}
        return self._chunk({"candidates": [{"index": choice, "content": content, **fields}]})

    def _written(self, part: Part, choice: int) -> bytes:
        fields = write_part(part, [], self._names, reply=True)
        return self._signed(choice, fields) if fields is not None else b""

    def _signed(self, choice: int, part: dict[str, Any], **fields: Any) -> bytes:
        """Give a part that is no thought, with the seals that wait for one."""
        before = self._call_before(choice)
        seals = self._seals.pop(choice, None)
        if seals is not None:
            *earlier, part = seals.put_on(part)
            before += b"".join(self._piece(choice, each) for each in earlier)
        if "functionCall" in part:
            self._last[choice] = part
            return before
        return before + self._piece(choice, part, **fields)

    def _call_before(self, choice: int) -> bytes:
        """Give the call that was kept while it might be the last part, on which seals could stand."""
        call = self._last.pop(choice, None)
        return self._piece(choice, call) if call is not None else b""

    def _flush(self, choice: int) -> bytes:
        """Give the part that was kept until it was whole: a call, or the state of another wire's reasoning."""
        part = self._open.pop(choice, None)
        if part is None:
            return b""
        if isinstance(part, ThinkingPart):  # its text has been shown already
            self._seals.setdefault(choice, Seals()).add(part)
            return b""
        return self._written(part, choice)

    def _rest(self, choice: int) -> bytes:
        """Give what is kept still, now that nothing follows."""
        data = self._flush(choice)
        seals = self._seals.pop(choice, None)
        alone = seals.end(self._last.get(choice)) if seals is not None else []
        return data + self._call_before(choice) + b"".join(self._piece(choice, part) for part in alone)

    def _text(self, event: TextDelta) -> bytes:
        data = self._flush(event.choice)
        if event.logprobs is not None:
            probabilities = write_logprobs(event.logprobs)
            if probabilities is not None and "logprobsResult" not in self._choices.get(event.choice, {}):
                extra = {"logprobsResult": probabilities}
                return data + self._signed(event.choice, {"text": event.text}, **extra)
        part: dict[str, Any] = {"text": event.text}
        if event.signature is not None:
            part["thoughtSignature"] = event.signature
        part |= own(event.extensions or {})
        return data + self._signed(event.choice, part) if event.text or len(part) > 1 else data

    def _thinking(self, event: ThinkingDelta) -> bytes:
        kept = self._open.get(event.choice)
        data = b""
        if event.wire == WIRE or (event.wire is None and event.field is None):
            fields: dict[str, Any] = {"text": event.text, "thought": True}
            if event.signature is not None:
                fields["thoughtSignature"] = event.signature
            return self._flush(event.choice) + self._piece(event.choice, fields | own(event.extensions))
        if not isinstance(kept, ThinkingPart) or (kept.signature and event.text) or kept.encrypted:
            data = self._flush(event.choice)
            kept = self._open[event.choice] = ThinkingPart(field=event.field, wire=event.wire)
        kept.text += event.text
        kept.signature = (kept.signature or "") + event.signature if event.signature else kept.signature
        kept.encrypted = (kept.encrypted or "") + event.encrypted if event.encrypted else kept.encrypted
        for wire, fields in event.extensions.items():
            accumulate(kept.extensions.setdefault(wire, {}), fields)
        return data + self._piece(event.choice, {"text": event.text, "thought": True}) if event.text else data

    def _citation(self, event: CitationDelta) -> bytes:
        self._choices.setdefault(event.choice, {}).setdefault("citations", []).append(event.citation)
        return b""

    def _refusal(self, event: RefusalDelta) -> bytes:
        return self._flush(event.choice) + self._signed(event.choice, {"text": event.text})

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        kept = self._open.get(event.choice)
        data = b""
        if not isinstance(kept, ToolCallPart) or self._calls.get(event.choice) != event.index:
            data = self._flush(event.choice)
            kept = self._open[event.choice] = ToolCallPart(id="", name="", kind="function")
            self._calls[event.choice] = event.index
        kept.id = event.id or kept.id
        kept.name += event.name or ""
        kept.arguments += event.arguments
        kept.kind = event.kind or kept.kind
        kept.signature = event.signature or kept.signature
        for wire, fields in event.extensions.items():
            kept.extensions.setdefault(wire, {}).update(fields)
        return data

    def _audio(self, event: AudioDelta) -> bytes:
        if event.data is not None:
            return self._written(AudioPart(data=event.data, format="pcm16"), event.choice)
        return self._piece(event.choice, {"text": event.transcript}) if event.transcript else b""

    def _part(self, event: PartDelta) -> bytes:
        data = self._flush(event.choice)
        if isinstance(event.part, OpaquePart) and event.part.wire != WIRE:
            self._seals.setdefault(event.choice, Seals()).add(event.part)
            return data
        return data + self._written(event.part, event.choice)

    def _opaque(self, event: OpaqueDelta) -> bytes:
        if event.choice is not None and "type" in event.data:
            return self._part(PartDelta(OpaquePart(event.wire, event.data), event.choice))
        if event.wire != WIRE:
            return b""
        if event.choice is None:
            self._extra |= event.data
        else:
            self._choices.setdefault(event.choice, {}).update(event.data)
        return b""

    def _ended(self, event: Finish) -> bytes:
        self._finishes[event.choice] = event
        return self._rest(event.choice)

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        data = b"".join(self._rest(choice) for choice in {**self._open, **self._seals, **self._last})
        candidates: list[dict[str, Any]] = []
        for index, finish in sorted(self._finishes.items()):
            extra = dict(self._choices.get(index, {}))
            citations: list[Citation] = extra.pop("citations", [])
            content = {"role": "model", "parts": [{"text": ""}]}
            candidate = {"index": index, "content": content, "finishReason": finish_word(finish.reason, finish.raw)}
            if citations and "citationMetadata" not in extra and "groundingMetadata" not in extra:
                candidate["citationMetadata"] = write_citations(citations)
            candidates.append(candidate | extra)
        fields: dict[str, Any] = dict(self._extra)
        if not is_block(fields) or any(finish.reason != "content_filter" for finish in self._finishes.values()):
            fields = {"candidates": candidates, **fields}
        if self._usage is not None:
            fields["usageMetadata"] = write_usage(self._usage)
        return data + self._chunk(fields)


_WRITERS: Final[dict[type, Callable[[ContentStreamRenderer, Any], bytes]]] = {
    StreamStart: ContentStreamRenderer._start,  # pyright: ignore[reportPrivateUsage]
    TextDelta: ContentStreamRenderer._text,  # pyright: ignore[reportPrivateUsage]
    CitationDelta: ContentStreamRenderer._citation,  # pyright: ignore[reportPrivateUsage]
    ThinkingDelta: ContentStreamRenderer._thinking,  # pyright: ignore[reportPrivateUsage]
    RefusalDelta: ContentStreamRenderer._refusal,  # pyright: ignore[reportPrivateUsage]
    ToolCallDelta: ContentStreamRenderer._tool_call,  # pyright: ignore[reportPrivateUsage]
    AudioDelta: ContentStreamRenderer._audio,  # pyright: ignore[reportPrivateUsage]
    PartDelta: ContentStreamRenderer._part,  # pyright: ignore[reportPrivateUsage]
    OpaqueDelta: ContentStreamRenderer._opaque,  # pyright: ignore[reportPrivateUsage]
    Finish: ContentStreamRenderer._ended,  # pyright: ignore[reportPrivateUsage]
    UsageReport: ContentStreamRenderer._report,  # pyright: ignore[reportPrivateUsage]
    StreamEnd: ContentStreamRenderer._end,  # pyright: ignore[reportPrivateUsage]
}
