"""Streamed replies, written as Anthropic writes them (events of anthropic 2.12, read 2026-11-23)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interlingua.errors import Error, ProtocolError
from interlingua.types import (
    AudioDelta,
    AudioPart,
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
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.types.accumulation import accumulate
from interlingua.types.seal import seal
from interlingua.types.shape import is_object
from interlingua.wires.messages.citations import write_citation
from interlingua.wires.messages.content import sealed_block, usable_id, write_parts
from interlingua.wires.messages.errors import error_object
from interlingua.wires.messages.fields import WIRE, own
from interlingua.wires.messages.response import CHOICE_FIELDS, MESSAGE_FIELDS, finish_word
from interlingua.wires.messages.usage import write_usage

_encode = msgspec.json.Encoder().encode

_Key = tuple[str, int | None]
"""What tells one block from the next: its kind, and its number where the events have one."""


class MessageStreamRenderer:
    """Turns events into the bytes of a streamed reply; see `StreamRenderer`.

    Blocks are opened and closed as the kind of the events changes. Of several choices
    the first is written, since there is one message. State of another wire is sealed
    when its block ends.
    """

    __slots__ = (
        "_beside",
        "_calls",
        "_custom",
        "_ending",
        "_finish",
        "_index",
        "_key",
        "_model",
        "_open",
        "_prefix",
        "_started",
        "_thought",
        "_usage",
    )

    def __init__(self, request: ModelRequest) -> None:
        self._model = request.model
        self._started = False
        self._index = -1
        self._key: _Key | None = None
        self._open = False
        self._prefix = b""
        self._calls: dict[int, _Call] = {}
        self._custom: list[str] | None = None
        self._thought: _Thought | None = None
        self._usage: Usage | None = None
        self._finish: Finish | None = None
        self._ending: dict[str, Any] = {}
        self._beside: dict[str, Any] = {}

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        if type(event) is TextDelta:
            if event.choice:
                return b""
            if self._key == ("text", event.index) and event.signature is None and event.extensions is None:
                return b"%b%b}}\n\n" % (self._prefix, _encode(event.text)) if event.text else b""
        elif getattr(event, "choice", None):
            return b""
        return _WRITERS[type(event)](self, event)

    def render_error(self, error: Error) -> bytes:
        """Give the failure as an event that the SDK raises; nothing may follow."""
        return _event("error", error_object(error))

    def _start(self, event: StreamStart) -> bytes:
        if self._started:
            return b""
        self._started = True
        message: dict[str, Any] = {
            "id": event.id or "msg_0",
            "type": "message",
            "role": "assistant",
            "model": event.model or self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }
        return _event("message_start", {"type": "message_start", "message": message | own(event.extensions)})

    def _begin(self, key: _Key, block: dict[str, Any]) -> bytes:
        """Close the block that is open and open another."""
        data = self._start(StreamStart()) + self._close()
        return data + self._opened(key, block)

    def _opened(self, key: _Key, block: dict[str, Any]) -> bytes:
        self._index += 1
        self._key = key
        self._open = True
        self._prefix = b"event: content_block_delta\ndata: " + (
            b'{"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":' % self._index
        )
        return _event(
            "content_block_start", {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _close(self) -> bytes:
        if not self._open:
            return self._unseen()
        data = self._signed()
        if self._custom is not None:
            text, self._custom = "".join(self._custom), None
            data += self._delta("input_json_delta", partial_json=_encode({"input": text}).decode())
        self._open = False
        self._key = None
        return data + _event("content_block_stop", {"type": "content_block_stop", "index": self._index})

    def _whole(self, block: dict[str, Any]) -> bytes:
        """Give a block that comes in one piece."""
        return self._begin(("whole", None), block) + self._close()

    def _delta(self, kind: str, **fields: Any) -> bytes:
        delta = {"type": kind, **fields}
        return _event("content_block_delta", {"type": "content_block_delta", "index": self._index, "delta": delta})

    def _text(self, event: TextDelta) -> bytes:
        data = b""
        if event.signature is not None:
            data += self._whole(sealed_block(TextPart(event.text, signature=event.signature)))
        key = ("text", event.index)
        if self._key != key and (event.text or event.extensions is not None):
            block = {"type": "text", "text": "", "citations": None, **own(event.extensions or {})}
            data += self._begin(key, block)
        return data + self._delta("text_delta", text=event.text) if event.text else data

    def _citation(self, event: CitationDelta) -> bytes:
        data = b"" if self._key is not None and self._key[0] == "text" else self._begin(("text", None), _TEXT)
        return data + self._delta("citations_delta", citation=write_citation(event.citation))

    def _thinking(self, event: ThinkingDelta) -> bytes:
        if event.wire == WIRE and event.encrypted is not None:
            return self._whole({"type": "redacted_thinking", "data": event.encrypted, **own(event.extensions)})
        key = ("thinking", event.index)
        data = b""
        if self._key != key or self._thought is None or not self._thought.takes(event):
            data = self._start(StreamStart()) + self._close()
            self._key, self._thought = key, _Thought(event)
        self._thought.add(event)
        if not self._open and (event.text or event.wire == WIRE):
            data += self._opened(key, {"type": "thinking", "thinking": "", "signature": "", **_own_fields(event)})
        return data + self._delta("thinking_delta", thinking=event.text) if event.text else data

    def _unseen(self) -> bytes:
        """Give another wire's reasoning of which nothing is shown, sealed, as a whole answer has it."""
        thought, self._thought = self._thought, None
        data = thought.signature() if thought is not None else None
        return self._whole({"type": "redacted_thinking", "data": data}) if data else b""

    def _signed(self) -> bytes:
        """Give the signature of the thinking that ends here: the provider's own, or its state sealed."""
        thought, self._thought = self._thought, None
        signature = thought.signature() if thought is not None else None
        return self._delta("signature_delta", signature=signature) if signature else b""

    def _refusal(self, event: RefusalDelta) -> bytes:
        key = ("refusal", None)
        data = b"" if self._key == key else self._begin(key, _TEXT)
        return data + self._delta("text_delta", text=event.text)

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        call = self._calls.get(event.index)
        if call is None:
            call = self._calls[event.index] = _Call()
        call.add(event)
        if not call.begun:
            if not call.name:
                return b""
            call.begun = True
            data = b""
            if event.signature is not None:
                part = ToolCallPart(id=usable_id(call.id or _made_up(event.index)), name=call.name)
                part.signature = event.signature
                data = self._whole(sealed_block(part))
            return data + self._open_call(event.index, call)
        if self._key != ("tool", event.index):
            if not event.arguments:
                return b""
            raise ProtocolError("The provider mixed the pieces of parallel tool calls, which this wire cannot say.")
        return self._arguments(event.arguments)

    def _open_call(self, index: int, call: "_Call") -> bytes:
        empty: dict[str, Any] = {}
        block = {"type": "tool_use", "id": usable_id(call.id or _made_up(index)), "name": call.name, "input": empty}
        data = self._begin(("tool", index), block | own(call.extensions))
        if call.custom:
            self._custom = []
        return data + self._arguments("".join(call.pieces))

    def _arguments(self, text: str) -> bytes:
        """Give a piece of a call's arguments; the text of a custom tool waits to become an object."""
        if self._custom is not None:
            self._custom.append(text)
            return b""
        return self._delta("input_json_delta", partial_json=text) if text else b""

    def _audio(self, event: AudioDelta) -> bytes:
        return self._text(TextDelta(event.transcript)) if event.transcript else b""

    def _part(self, event: PartDelta) -> bytes:
        if isinstance(event.part, AudioPart):
            return self._text(TextDelta(event.part.transcript)) if event.part.transcript else b""
        return b"".join(self._whole(block) for block in write_parts([event.part], [], reply=True))

    def _opaque(self, event: OpaqueDelta) -> bytes:
        if event.choice is not None and "type" in event.data:
            return self._part(PartDelta(OpaquePart(event.wire, event.data)))
        if event.wire != WIRE:
            return b""
        if event.choice is None:
            self._beside |= event.data
            return b""
        unread = event.data.get("message")
        if not is_object(unread):
            self._ending |= event.data
            return b""
        return b"".join(self._unread(each["event"]) for each in unread.get("events", ()))

    def _unread(self, fields: dict[str, Any]) -> bytes:
        """Give an event that is not known as it came; the block that it speaks of has the number that it has here."""
        fields = {**fields, "index": self._index} if "index" in fields and self._index >= 0 else fields
        kind = fields.get("type")
        return _event(kind, fields) if isinstance(kind, str) else b"data: %b\n\n" % _encode(fields)

    def _ended(self, event: Finish) -> bytes:
        self._finish = event
        return b""

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        data = self._start(StreamStart()) + self._close()
        finish = self._finish
        delta: dict[str, Any] = {
            "stop_reason": None if finish is None else finish_word(finish.reason, finish.raw),
            **dict.fromkeys(CHOICE_FIELDS),
            **self._ending,
        }
        for name in MESSAGE_FIELDS:
            if name in self._beside:
                delta[name] = self._beside.pop(name)
        usage = write_usage(self._usage) if self._usage is not None else {"output_tokens": 0}
        ending = {**self._beside, "type": "message_delta", "delta": delta, "usage": usage}
        return data + _event("message_delta", ending) + _event("message_stop", {"type": "message_stop"})


_TEXT: Final[dict[str, Any]] = {"type": "text", "text": "", "citations": None}


class _Call:
    """What has been seen of a call."""

    __slots__ = ("begun", "custom", "extensions", "id", "name", "pieces")

    def __init__(self) -> None:
        self.begun = False
        self.custom = False
        self.extensions: dict[str, dict[str, Any]] = {}
        self.id = ""
        self.name = ""
        self.pieces: list[str] = []

    def add(self, event: ToolCallDelta) -> None:
        self.id = event.id or self.id
        if not self.begun:
            self.name += event.name or ""
            self.extensions |= event.extensions
            self.pieces.append(event.arguments)
            self.custom = self.custom or event.kind == "custom"


class _Thought:
    """Reasoning that is being written, until its state is whole."""

    __slots__ = ("_part", "_texts")

    def __init__(self, event: ThinkingDelta) -> None:
        self._part = ThinkingPart(field=event.field, wire=event.wire)
        self._texts: list[str] = []

    def takes(self, event: ThinkingDelta) -> bool:
        """Tell whether an event belongs to the same reasoning: text after its signature does not."""
        return not (self._part.signature and event.text)

    def add(self, event: ThinkingDelta) -> None:
        part = self._part
        part.wire = part.wire or event.wire
        part.signature = (part.signature or "") + event.signature if event.signature else part.signature
        part.encrypted = (part.encrypted or "") + event.encrypted if event.encrypted else part.encrypted
        for wire, fields in event.extensions.items():
            accumulate(part.extensions.setdefault(wire, {}), fields)

    def signature(self) -> str | None:
        """Give what stands in the block's signature."""
        return self._part.signature if self._part.wire == WIRE else seal(self._part)


def _own_fields(event: ThinkingDelta) -> dict[str, Any]:
    return own(event.extensions) if event.wire == WIRE else {}


def _made_up(index: int) -> str:
    return f"call_{index}"


def _event(kind: str, fields: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _encode(fields))


_WRITERS: Final[dict[type, Callable[[MessageStreamRenderer, Any], bytes]]] = {
    StreamStart: MessageStreamRenderer._start,  # pyright: ignore[reportPrivateUsage]
    TextDelta: MessageStreamRenderer._text,  # pyright: ignore[reportPrivateUsage]
    CitationDelta: MessageStreamRenderer._citation,  # pyright: ignore[reportPrivateUsage]
    ThinkingDelta: MessageStreamRenderer._thinking,  # pyright: ignore[reportPrivateUsage]
    RefusalDelta: MessageStreamRenderer._refusal,  # pyright: ignore[reportPrivateUsage]
    ToolCallDelta: MessageStreamRenderer._tool_call,  # pyright: ignore[reportPrivateUsage]
    AudioDelta: MessageStreamRenderer._audio,  # pyright: ignore[reportPrivateUsage]
    PartDelta: MessageStreamRenderer._part,  # pyright: ignore[reportPrivateUsage]
    OpaqueDelta: MessageStreamRenderer._opaque,  # pyright: ignore[reportPrivateUsage]
    Finish: MessageStreamRenderer._ended,  # pyright: ignore[reportPrivateUsage]
    UsageReport: MessageStreamRenderer._report,  # pyright: ignore[reportPrivateUsage]
    StreamEnd: MessageStreamRenderer._end,  # pyright: ignore[reportPrivateUsage]
}
