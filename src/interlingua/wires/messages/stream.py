"""Streamed replies, read (events of anthropic 2.12 `raw_message_stream_event.py`, read 2026-11-23)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, StreamInterrupted
from interlingua.types import (
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    OpaquePart,
    PartDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    UsageReport,
)
from interlingua.types.shape import is_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.messages.citations import read_citation
from interlingua.wires.messages.content import read_block
from interlingua.wires.messages.fields import WIRE, extensions_of
from interlingua.wires.messages.response import (
    CHOICE_FIELDS,
    MESSAGE_FIELDS,
    finish_reason_of,
    parse_response,
    text_or_none,
)
from interlingua.wires.messages.usage import read_usage
from interlingua.wires.sse import ServerSentEvent, SSEParser
from interlingua.wires.stream_reader import StreamReader

_HEAD: Final = frozenset(("id", "type", "role", "model", "content", "usage", "stop_reason", *CHOICE_FIELDS))
_DELTA: Final = frozenset(("type", "delta", "usage"))
_REPLACING: Final = ("compaction_delta",)
"""Deltas that are the whole of what they change, and not a piece of it."""


class _Delta(msgspec.Struct, gc=False):
    type: str
    text: str


class _TextEvent(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are."""

    type: str
    index: int
    delta: _Delta


_decode_text = msgspec.json.Decoder(_TextEvent).decode


class MessageStreamParser(StreamReader[ServerSentEvent]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    A block that only this wire knows is given whole, when it is.
    """

    __slots__ = ("_blocks", "_calls", "_finish_reason", "_text", "_usage")

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        del dialect
        super().__init__(SSEParser(), parse_response)
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._finish_reason: str | None = None
        self._text: int | None = None  # the block of text that was shown last
        self._usage: dict[str, Any] = {}

    def _finish(self, events: list[Event]) -> bool:
        del events
        return self._finish_reason is not None

    def _take_all(self, received: Sequence[ServerSentEvent], events: list[Event]) -> None:
        for event in received:
            if self._ended:
                return
            data = event.data
            if b'"text_delta"' in data:
                try:
                    plain = _decode_text(data)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    self._take(data, events)
                else:
                    if plain.type == "content_block_delta" and plain.delta.type == "text_delta":
                        self._pieces.append(plain.delta.text)
                        self._text = plain.index
                        events.append(TextDelta(plain.delta.text, index=plain.index))
                    else:
                        self._take(data, events)
            else:
                self._take(data, events)
            self._seen += 1

    def _take(self, data: bytes, events: list[Event]) -> None:
        try:
            fields = decode(data)
        except UNREADABLE as error:
            raise self._broken(f"is not valid JSON: {error}", data) from error
        if not is_object(fields):
            raise self._broken("is not an object", data)
        kind = fields.get("type")
        if kind == "error" or (kind is None and fields.get("error")):
            raise error_of(fields, body=data)
        taker = _TAKERS.get(kind) if isinstance(kind, str) else None
        if taker is None:
            if kind != "ping":  # an event of a later version
                events.append(_unread(fields))
            return
        try:
            taker(self, fields, events)
        except InvalidRequest as error:  # the same shapes are read in requests
            raise self._broken(f"is malformed: {error.message}", data) from error

    def _start(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        message = fields.get("message")
        if not is_object(message):
            raise InvalidRequest("message must be an object")
        rest = {name: value for name, value in message.items() if name not in _HEAD and value is not None}
        events.append(
            StreamStart(
                id=text_or_none(message.get("id")),
                model=text_or_none(message.get("model")),
                extensions=extensions_of(rest),
            )
        )
        self._report(message.get("usage"), events)

    def _report(self, usage: object, events: list[Event]) -> None:
        """Report the usage so far: a later count replaces an earlier one, and what is left out stays."""
        if is_object(usage):
            self._usage |= {name: value for name, value in usage.items() if value is not None}
            read = read_usage(self._usage)
            if read is not None:
                events.append(UsageReport(read))

    def _block_start(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        index, content = fields.get("index"), fields.get("content_block")
        if not isinstance(index, int) or not is_object(content):
            raise InvalidRequest("a block needs an index and a content_block")
        part = read_block(content, "content_block")
        block = self._blocks[index] = _Block(part, dict(content))
        if isinstance(part, TextPart):
            if part.text or part.extensions or part.citations:
                self._pieces.append(part.text)
                self._text = index
                events.append(TextDelta(part.text, index=index, extensions=part.extensions))
            events += [CitationDelta(citation) for citation in part.citations or ()]
        elif isinstance(part, ThinkingPart):
            events.append(
                ThinkingDelta(
                    part.text,
                    signature=part.signature or None,
                    encrypted=part.encrypted,
                    extensions=part.extensions,
                    index=index,
                    wire=part.wire,
                    field=part.field,
                )
            )
        elif isinstance(part, ToolCallPart):
            block.call, self._calls = self._calls, self._calls + 1
            if part.arguments != "{}":
                block.arguments = True
            events.append(
                ToolCallDelta(
                    index=block.call,
                    id=part.id,
                    name=part.name,
                    arguments=part.arguments if block.arguments else "",
                    kind="function",
                    extensions=part.extensions,
                )
            )

    def _block_delta(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        index, delta = fields.get("index"), fields.get("delta")
        if not isinstance(index, int) or not is_object(delta):
            raise InvalidRequest("a delta needs an index and a delta")
        block = self._blocks.get(index)
        kind = delta.get("type")
        if kind == "text_delta":
            if not isinstance(delta.get("text"), str):
                raise InvalidRequest("text must be a string")
            self._pieces.append(delta["text"])
            self._text = index
            events.append(TextDelta(delta["text"], index=index))
        elif kind == "thinking_delta" and isinstance(delta.get("thinking"), str):
            events.append(ThinkingDelta(delta["thinking"], index=index, wire=WIRE))
        elif kind == "signature_delta" and isinstance(delta.get("signature"), str):
            events.append(ThinkingDelta(signature=delta["signature"], index=index, wire=WIRE))
        elif kind == "citations_delta" and is_object(delta.get("citation")):
            self._open_text(index, events)
            events.append(CitationDelta(read_citation(delta["citation"])))
        elif kind == "input_json_delta" and block is not None:
            piece = delta.get("partial_json")
            if not isinstance(piece, str):
                raise InvalidRequest("partial_json must be a string")
            block.pieces.append(piece)
            if block.call is not None and piece:
                block.arguments = True
                events.append(ToolCallDelta(index=block.call, arguments=piece))
        elif block is not None and isinstance(block.part, OpaquePart):
            block.add(delta)
        else:
            if block is not None and isinstance(block.part, TextPart):
                self._open_text(index, events)
            events.append(_unread(fields))

    def _open_text(self, index: int, events: list[Event]) -> None:
        """Begin a block of text in which something stands before its first words."""
        if self._text != index:
            self._text = index
            events.append(TextDelta("", index=index, extensions={}))

    def _block_stop(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        index = fields.get("index")
        block = self._blocks.pop(index, None) if isinstance(index, int) else None
        if block is None:
            return
        if block.call is not None and not block.arguments:
            events.append(ToolCallDelta(index=block.call, arguments="{}"))
        elif isinstance(block.part, OpaquePart):
            if block.part.wire != WIRE:
                events.append(PartDelta(block.part))
            else:
                events.append(OpaqueDelta(WIRE, block.whole(), 0))
        elif not isinstance(block.part, TextPart | ThinkingPart | ToolCallPart):
            events.append(PartDelta(block.part))

    def _delta(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        delta = fields.get("delta")
        if not is_object(delta):
            raise InvalidRequest("delta must be an object")
        self._report(fields.get("usage"), events)
        ending = {name: value for name, value in delta.items() if name != "stop_reason" and value is not None}
        beside = {name: ending.pop(name) for name in MESSAGE_FIELDS if name in ending}
        beside |= {name: value for name, value in fields.items() if name not in _DELTA and value is not None}
        if ending:
            events.append(OpaqueDelta(WIRE, ending, 0))
        if beside:
            events.append(OpaqueDelta(WIRE, beside))
        word = delta.get("stop_reason")
        reason = finish_reason_of(word)
        if reason is not None:
            self._finish_reason = word
            events.append(Finish(reason, 0, word))

    def _stop(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        if self._finish_reason is None:
            raise StreamInterrupted("the stream ended without a stop reason", partial="".join(self._pieces))
        beside = {name: value for name, value in fields.items() if name != "type" and value is not None}
        if beside:  # Bedrock's measures, for example
            events.append(OpaqueDelta(WIRE, beside))
        self._ended = True
        events.append(StreamEnd())


class _Block:
    """A block that is being read: its part as it began, and the pieces of its input."""

    __slots__ = ("arguments", "call", "fields", "part", "pieces")

    def __init__(self, part: Any, fields: dict[str, Any]) -> None:
        self.part = part
        self.fields = fields
        self.pieces: list[str] = []
        self.call: int | None = None
        self.arguments = False

    def add(self, delta: Mapping[str, Any]) -> None:
        """Add a piece of a kind that is not known: texts are joined, other values replaced."""
        for name, value in delta.items():
            old = self.fields.get(name)
            if name == "type":
                continue
            if isinstance(old, str) and isinstance(value, str) and delta.get("type") not in _REPLACING:
                value = old + value  # noqa: PLW2901
            self.fields[name] = value

    def whole(self) -> dict[str, Any]:
        """Give the block of an unknown kind, its input put together."""
        text = "".join(self.pieces)
        if text:
            try:
                self.fields["input"] = decode(text.encode())
            except UNREADABLE:
                self.fields["input"] = {"input": text}
        return self.fields


def _unread(fields: Mapping[str, Any]) -> OpaqueDelta:
    """Carry an event that is not known; such events add up in a list."""
    return OpaqueDelta(WIRE, {"message": {"events": [{"event": dict(fields)}]}}, 0)


_TAKERS: Final[dict[str, Callable[[MessageStreamParser, Mapping[str, Any], list[Event]], None]]] = {
    "message_start": MessageStreamParser._start,  # pyright: ignore[reportPrivateUsage]
    "content_block_start": MessageStreamParser._block_start,  # pyright: ignore[reportPrivateUsage]
    "content_block_delta": MessageStreamParser._block_delta,  # pyright: ignore[reportPrivateUsage]
    "content_block_stop": MessageStreamParser._block_stop,  # pyright: ignore[reportPrivateUsage]
    "message_delta": MessageStreamParser._delta,  # pyright: ignore[reportPrivateUsage]
    "message_stop": MessageStreamParser._stop,  # pyright: ignore[reportPrivateUsage]
}
