"""Streamed replies, read (botocore 1.44 `bedrock-runtime` `ConverseStreamOutput`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import Error, InvalidRequest, ProtocolError
from interlingua.types import (
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    PartDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.types.shape import is_object
from interlingua.wires.aws_event_stream import EventMessage, EventStreamParser
from interlingua.wires.converse.content import is_servers, read_citation
from interlingua.wires.converse.errors import error_in_stream
from interlingua.wires.converse.fields import WIRE, extensions_of
from interlingua.wires.converse.open_block import OpenBlock
from interlingua.wires.converse.response import finish_reason_of, parse_response, read_usage
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.stream_reader import StreamReader


class _Text(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    text: str


class _TextEvent(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are; other fields are padding."""

    contentBlockIndex: int  # noqa: N815 - the wire's name
    delta: _Text


_decode_text = msgspec.json.Decoder(_TextEvent).decode


class ConverseStreamParser(StreamReader[EventMessage]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`."""

    __slots__ = ("_blocks", "_calls", "_finished", "_text")

    def __init__(self) -> None:
        super().__init__(EventStreamParser(), parse_response)
        self._blocks: dict[int, OpenBlock] = {}
        self._calls = 0
        self._finished = False
        self._text: int | None = None  # the block whose text was given last

    def _take_all(self, received: Sequence[EventMessage], events: list[Event]) -> None:
        for message in received:
            if self._ended:
                return
            self._take(message, events)
            self._seen += 1

    def _finish(self, events: list[Event]) -> bool:
        del events
        return self._finished

    def _take(self, message: EventMessage, events: list[Event]) -> None:
        kind = message.text(":event-type")
        payload = message.payload
        if kind == "contentBlockDelta":
            try:
                plain = _decode_text(payload)
            except UNREADABLE:
                pass
            else:
                self._pieces.append(plain.delta.text)
                self._text = plain.contentBlockIndex
                events.append(TextDelta(plain.delta.text, index=plain.contentBlockIndex))
                return
        if message.text(":message-type") in ("exception", "error"):
            raise _failure(message)
        try:
            fields = decode(payload)
        except UNREADABLE as error:
            raise ProtocolError(f"an event of the stream is not valid JSON: {error}.", body=payload) from error
        if not is_object(fields):
            raise ProtocolError("an event of the stream is not an object.", body=payload)
        self._take_event(kind, fields, events)

    def _take_event(self, kind: str, fields: Mapping[str, Any], events: list[Event]) -> None:
        if kind == "messageStart":
            events.append(StreamStart())
        elif kind in ("contentBlockStart", "contentBlockDelta", "contentBlockStop"):
            index = fields.get("contentBlockIndex")
            if type(index) is not int:
                raise ProtocolError("an event of the stream has no contentBlockIndex.")
            if kind == "contentBlockStart":
                self._start(index, fields.get("start"), events)
            elif kind == "contentBlockDelta":
                self._delta(index, fields.get("delta"), events)
            else:
                self._stop(index, events)
        elif kind == "messageStop":
            word = fields.get("stopReason")
            for block in [*self._blocks]:
                self._stop(block, events)
            more = _beside(fields, "stopReason")
            if more:
                events.append(OpaqueDelta(WIRE, more))
            self._finished = True
            events.append(Finish(finish_reason_of(word) or "other", 0, word if isinstance(word, str) else None))
        elif kind == "metadata":
            self._metadata(fields, events)
        else:  # an event of a later version
            unread = {"event": {kind: dict(fields)}}
            events.append(OpaqueDelta(WIRE, {"message": {"events": [unread]}}, 0))

    def _metadata(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        rest = _beside(fields, "usage")
        if rest:
            events.append(OpaqueDelta(WIRE, rest))
        usage = read_usage(fields.get("usage"))
        if usage is not None:
            events.append(UsageReport(usage))
        if self._finished:
            self._ended = True
            events.append(StreamEnd())

    def _start(self, index: int, start: object, events: list[Event]) -> None:
        call = start.get("toolUse") if is_object(start) else None
        if not is_object(call) or is_servers(call):
            self._blocks[index] = OpenBlock(None, start if is_object(start) else None)
            return
        identity, name = call.get("toolUseId"), call.get("name")
        if not isinstance(identity, str) or not isinstance(name, str):
            raise ProtocolError("a tool call of the stream has no toolUseId or no name.")
        rest = {key: value for key, value in call.items() if key not in ("toolUseId", "name")}
        self._blocks[index] = OpenBlock(self._calls)
        extensions = extensions_of(rest)
        events.append(ToolCallDelta(index=self._calls, id=identity, name=name, kind="function", extensions=extensions))
        self._calls += 1

    def _delta(self, index: int, delta: object, events: list[Event]) -> None:
        if not is_object(delta):
            raise ProtocolError("an event of the stream has no delta.")
        text, call, thinking, cited = (delta.get(key) for key in ("text", "toolUse", "reasoningContent", "citation"))
        block = self._blocks.get(index)
        if isinstance(text, str):
            self._pieces.append(text)
            self._text = index
            events.append(TextDelta(text, index=index))
        elif is_object(thinking) and self._thinking(index, thinking, events):
            pass
        elif is_object(call) and block is not None and block.call is not None:
            piece = call.get("input")
            if isinstance(piece, str) and piece:
                block.arguments = True
                events.append(ToolCallDelta(index=block.call, arguments=piece))
        elif is_object(cited):
            if self._text != index:  # the source stands before the words that it is of
                self._text = index
                events.append(TextDelta("", index=index, extensions={}))
            events.append(CitationDelta(read_citation(cited)))
        else:
            self._open(index).deltas.append(_beside(delta))

    def _thinking(self, index: int, thinking: Mapping[str, Any], events: list[Event]) -> bool:
        """Take a piece of reasoning; False if it is of no known kind."""
        shown, signature, redacted = (thinking.get(key) for key in ("text", "signature", "redactedContent"))
        if isinstance(redacted, str):
            self._open(index).redacted.append(redacted)
        elif isinstance(shown, str):
            events.append(ThinkingDelta(shown, index=index, wire=WIRE))
        elif isinstance(signature, str):
            events.append(ThinkingDelta(signature=signature, index=index, wire=WIRE))
        else:
            return False
        return True

    def _open(self, index: int) -> OpenBlock:
        return self._blocks.setdefault(index, OpenBlock())

    def _stop(self, index: int, events: list[Event]) -> None:
        block = self._blocks.pop(index, None)
        if block is None:
            return
        if block.call is not None:
            if not block.arguments:
                events.append(ToolCallDelta(index=block.call, arguments="{}"))
            return
        encrypted = block.encrypted()
        if encrypted is not None:
            events.append(ThinkingDelta(encrypted=encrypted, index=index, wire=WIRE))
        try:
            part = block.part()
        except InvalidRequest as error:  # the same shapes are read in whole replies
            raise ProtocolError(f"a block of the stream is malformed: {error.message}", param=error.param) from error
        if part is not None:
            events.append(PartDelta(part))


_PADDING: Final = "p"
"""A member of events without a meaning: it hides their length."""


def _beside(fields: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if name not in known and name != _PADDING and value is not None
    }


def _failure(message: EventMessage) -> Error:
    """Give the error that a message is, which has its words in the payload or in a header."""
    try:
        fields = decode(message.payload)
    except UNREADABLE:
        fields = None
    told, original = (fields.get(key) for key in ("message", "originalMessage")) if is_object(fields) else (None, None)
    if isinstance(original, str) and original and original != told:  # the model's own words
        told = f"{told} ({original})" if isinstance(told, str) and told else original
    name = message.text(":exception-type") or message.text(":error-code")
    return error_in_stream(name, told if isinstance(told, str) else message.text(":error-message"), message.payload)
