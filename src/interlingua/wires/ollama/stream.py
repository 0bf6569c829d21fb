"""Streamed replies, read (ollama 0.6.3 `ChatResponse`, one a line, read 2026-11-23)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types import (
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
from interlingua.types.shape import is_list, is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.ndjson import LineSplitter
from interlingua.wires.ollama.content import WIRE, read_call, read_images, text_or_none
from interlingua.wires.ollama.response import HEAD, finish_reason_of, read_answer, read_moment, read_usage, rest_of
from interlingua.wires.stream_reader import PAGE, StreamReader

_MESSAGE: Final = frozenset(("role", "content", "thinking", "images", "tool_calls"))


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: str
    content: str


class PlainLine(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The line that nearly all lines of a stream are."""

    model: str
    created_at: str
    message: _Message
    done: bool


class PlainGeneration(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The same line of `/api/generate`."""

    model: str
    created_at: str
    response: str
    done: bool


_decode_plain = msgspec.json.Decoder(PlainLine).decode
_decode_generation = msgspec.json.Decoder(PlainGeneration).decode


def plain_text(line: bytes) -> str | None:
    """Give the text of a line that has nothing else; None for any other line."""
    try:
        plain = _decode_plain(line)
    except UNREADABLE:
        return None
    return None if plain.done else plain.message.content


def plain_generation(line: bytes) -> str | None:
    """Give the text of a line of `/api/generate` that has nothing else."""
    try:
        plain = _decode_generation(line)
    except UNREADABLE:
        return None
    return None if plain.done else plain.response


def as_it_is(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a line of `/api/chat`, which is read as it is."""
    return fields


class OllamaStreamParser(StreamReader[bytes]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    `shape` gives a line the form of `/api/chat`, and `plain` reads the text of a line
    that has nothing else.
    """

    __slots__ = ("_calls", "_plain", "_shape", "_started")

    def __init__(
        self,
        shape: Callable[[Mapping[str, Any]], Mapping[str, Any]] = as_it_is,
        *,
        plain: Callable[[bytes], str | None] = plain_text,
    ) -> None:
        super().__init__(LineSplitter(), read_answer, instead=PAGE)
        self._shape = shape
        self._plain = plain
        self._calls = 0
        self._started = False

    def _take_all(self, received: Sequence[bytes], events: list[Event]) -> None:
        for line in received:
            if self._ended:
                return
            text = self._plain(line) if self._started else None
            if text is None:
                self._take(line, events)
            elif text:
                self._pieces.append(text)
                events.append(TextDelta(text))
            self._seen += 1

    def _take(self, line: bytes, events: list[Event]) -> None:
        try:
            fields = decode(line)
        except UNREADABLE as error:
            raise self._broken(f"is not valid JSON: {error}", line) from error
        if not is_object(fields):
            raise self._broken("is not an object", line)
        if fields.get("error"):
            raise error_of(fields, body=line)
        fields = self._shape(fields)
        if not self._started:
            self._started = True
            events.append(
                StreamStart(model=text_or_none(fields.get("model")), created=read_moment(fields.get("created_at")))
            )
        given = fields.get("message")
        message: Any = {} if given is None else given
        if not is_object(message):
            raise self._broken("has a message that is no object", line)
        try:
            self._take_message(message, fields, events)
        except InvalidRequest as error:  # the same shapes are read in requests
            raise self._broken(f"is malformed: {error.message}", line) from error
        self._take_ending(fields, events)

    def _take_message(self, message: Mapping[str, Any], fields: Mapping[str, Any], events: list[Event]) -> None:
        thinking, text = message.get("thinking"), message.get("content")
        for piece in (thinking, text):
            if piece is not None and not isinstance(piece, str):
                raise InvalidRequest("content and thinking must be texts")
        if thinking:
            events.append(ThinkingDelta(thinking))
        logprobs = fields.get("logprobs")
        if text or is_list(logprobs):
            self._pieces.append(text or "")
            events.append(TextDelta(text or "", logprobs={"content": list(logprobs)} if is_list(logprobs) else None))
        if message.get("images") is not None:
            events += [PartDelta(part) for part in read_images(message["images"], "images")]
        calls = message.get("tool_calls")
        if calls is not None and not is_list(calls):
            raise InvalidRequest("tool_calls must be a list")
        for call in calls or ():
            part = read_call(call, self._calls, "a call")
            events.append(
                ToolCallDelta(
                    index=self._calls,
                    id=part.id,
                    name=part.name,
                    arguments=part.arguments,
                    kind="function",
                    extensions=part.extensions,
                )
            )
            self._calls += 1
        rest = rest_of(message, _MESSAGE)
        if rest:
            events.append(OpaqueDelta(WIRE, {"message": rest}, 0))

    def _take_ending(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        rest = rest_of(fields, HEAD)
        if rest:
            events.append(OpaqueDelta(WIRE, rest))
        if fields.get("done") is not True:
            return
        word = text_or_none(fields.get("done_reason"))
        events.append(Finish(finish_reason_of(word, calls=self._calls > 0), 0, word))
        usage = read_usage(fields)
        if usage is not None:
            events.append(UsageReport(usage))
        events.append(StreamEnd())
        self._ended = True
