"""Streamed replies, read (botocore 1.44 `bedrock-runtime` `ConverseStreamOutput`, read 2026-11-23)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from interlingua.errors import Error, ProtocolError, StreamInterrupted
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
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.types.shape import is_object
from interlingua.wires.aws_event_stream import EventMessage, EventStreamParser
from interlingua.wires.converse.content import read_citation
from interlingua.wires.converse.errors import error_in_stream
from interlingua.wires.converse.fields import WIRE, extensions_of
from interlingua.wires.converse.response import finish_reason_of, read_usage
from interlingua.wires.json_text import UNREADABLE, decode


class _Text(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    text: str


class _TextEvent(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are; other fields are padding."""

    contentBlockIndex: int  # noqa: N815 - the wire's name
    delta: _Text


_decode_text = msgspec.json.Decoder(_TextEvent).decode


class ConverseStreamParser:
    """Turns the bytes of a streamed reply into events; see `StreamParser`."""

    __slots__ = ("_blocks", "_calls", "_ended", "_finish", "_frames", "_pieces", "_seen", "failure")

    def __init__(self) -> None:
        self.failure: Error | None = None
        self._frames = EventStreamParser()
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._ended = False
        self._finish = False
        self._pieces: list[str] = []
        self._seen = 0

    def feed(self, data: bytes) -> Sequence[Event]:
        """Take the next bytes.

        Raises:
            ProtocolError: they are not of this wire.
            ProviderError: they carry the provider's error.

        """
        if self.failure is not None:
            raise self.failure
        events: list[Event] = []
        try:
            for message in self._frames.feed(data):
                if not self._ended:
                    self._take(message, events)
                self._seen += 1
        except Error as error:
            if not events:
                raise
            self.failure = error
        return events

    def close(self) -> Sequence[Event]:
        """Say that no more bytes will come.

        Raises:
            StreamInterrupted: the answer had not ended; `partial` is its text so far.

        """
        if self.failure is not None:
            raise self.failure
        if self._ended:
            return ()
        if not self._finish or self._frames.pending:
            raise StreamInterrupted(
                "the stream was cut before its end" if self._seen else "the stream was empty",
                partial="".join(self._pieces),
            )
        self._ended = True
        return (StreamEnd(marked=False),)

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
            more = fields.get("additionalModelResponseFields")
            if more is not None:
                events.append(OpaqueDelta(WIRE, {"additionalModelResponseFields": more}))
            self._finish = True
            events.append(Finish(finish_reason_of(word) or "other", 0, word if isinstance(word, str) else None))
        elif kind == "metadata":
            self._metadata(fields, events)

    def _metadata(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        rest = {name: fields[name] for name in _METADATA if fields.get(name) is not None}
        if rest:
            events.append(OpaqueDelta(WIRE, rest))
        usage = read_usage(fields.get("usage"))
        if usage is not None:
            events.append(UsageReport(usage))
        if self._finish:
            self._ended = True
            events.append(StreamEnd())

    def _start(self, index: int, start: object, events: list[Event]) -> None:
        call = start.get("toolUse") if is_object(start) else None
        if not is_object(call):
            self._blocks[index] = _Block(None, dict(start) if is_object(start) else {})
            return
        identity, name = call.get("toolUseId"), call.get("name")
        if not isinstance(identity, str) or not isinstance(name, str):
            raise ProtocolError("a tool call of the stream has no toolUseId or no name.")
        rest = {key: value for key, value in call.items() if key not in ("toolUseId", "name")}
        self._blocks[index] = _Block(self._calls, {})
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
            events.append(TextDelta(text, index=index))
        elif is_object(thinking):
            shown, signature, redacted = (thinking.get(key) for key in ("text", "signature", "redactedContent"))
            events.append(
                ThinkingDelta(
                    shown if isinstance(shown, str) else "",
                    signature=signature if isinstance(signature, str) else None,
                    encrypted=redacted if isinstance(redacted, str) else None,
                    index=index,
                    wire=WIRE,
                )
            )
        elif is_object(call) and block is not None and block.call is not None:
            piece = call.get("input")
            if isinstance(piece, str) and piece:
                block.arguments = True
                events.append(ToolCallDelta(index=block.call, arguments=piece))
        elif is_object(cited):
            events.append(CitationDelta(read_citation(cited)))
        else:
            if block is None:
                block = self._blocks[index] = _Block(None, {})
            block.deltas.append(dict(delta))

    def _stop(self, index: int, events: list[Event]) -> None:
        block = self._blocks.pop(index, None)
        if block is None:
            return
        if block.call is not None:
            if not block.arguments:
                events.append(ToolCallDelta(index=block.call, arguments="{}"))
        elif block.start or block.deltas:
            events.append(PartDelta(OpaquePart(WIRE, {**block.start, "deltas": block.deltas})))


_METADATA = ("metrics", "trace", "performanceConfig", "serviceTier")


def _failure(message: EventMessage) -> Error:
    """Give the error that a message is, which has its words in the payload or in a header."""
    try:
        fields = decode(message.payload)
    except UNREADABLE:
        fields = None
    told = fields.get("message") if is_object(fields) else None
    name = message.text(":exception-type") or message.text(":error-code")
    return error_in_stream(name, told if isinstance(told, str) else message.text(":error-message"), message.payload)


class _Block:
    """A block that is being read: its call's number, or what is known of another kind."""

    __slots__ = ("arguments", "call", "deltas", "start")

    def __init__(self, call: int | None, start: dict[str, Any]) -> None:
        self.call = call
        self.start = start
        self.arguments = False
        self.deltas: list[dict[str, Any]] = []
