"""Streamed replies, read (google-genai 3.4 `types.GenerateContentResponse`, read 2026-11-23).

Each event of the stream is a whole answer with the next piece in it; calls come whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from interlingua.errors import Error, InvalidRequest, ProtocolError, StreamInterrupted
from interlingua.types import (
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    OpaquePart,
    Part,
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
from interlingua.types.shape import is_list, is_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.generate_content.calls import CallNames
from interlingua.wires.generate_content.content import read_part
from interlingua.wires.generate_content.errors import error_of
from interlingua.wires.generate_content.fields import WIRE, extensions_of
from interlingua.wires.generate_content.partial_calls import CallPieces
from interlingua.wires.generate_content.response import (
    HEAD,
    block_word,
    candidate_extras,
    finish_reason_of,
    parse_response,
    read_citations,
    read_logprobs,
    text_or_none,
)
from interlingua.wires.generate_content.usage import read_usage
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.sse import ServerSentEvent, SSEParser

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_BODY_LIMIT: Final = 16 * 1024 * 1024


class ContentStreamParser:
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    The wire has no end mark: the stream is whole when its bytes end after a finish
    reason, and cut when they end before. Where a failure follows events in the same
    bytes, the events are given first: `failure` holds it then, and the next call raises it.
    """

    __slots__ = (
        "_body",
        "_calls",
        "_choices",
        "_ended",
        "_extra",
        "_names",
        "_pieces",
        "_seen",
        "_sse",
        "_started",
        "failure",
    )

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        del dialect
        self.failure: Error | None = None
        self._sse = SSEParser()
        self._body: bytearray | None = bytearray()
        self._names = CallNames()
        self._choices: dict[int, _Choice] = {}
        self._calls: dict[int, int] = {}
        self._ended = False
        self._extra: dict[str, Any] = {}
        self._pieces: list[str] = []
        self._seen = 0
        self._started = False

    def feed(self, data: bytes) -> Sequence[Event]:
        """Take the next bytes.

        Raises:
            ProtocolError: they are not of this wire; the message names the event.
            ProviderError: they carry the provider's error.

        """
        if self.failure is not None:
            raise self.failure
        if self._body is not None and not self._is_stream(data):
            return ()
        events: list[Event] = []
        try:
            self._take_all(self._sse.feed(data), events)
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
        if self._body:
            parse_response(bytes(self._body))  # raises the error that it is, or that it is no JSON
            raise ProtocolError("the reply came whole, though a stream was asked for.", body=bytes(self._body))
        events: list[Event] = []
        cut = False
        try:
            self._take_all(self._sse.close(), events)
        except ProtocolError:  # the last event was cut in the middle
            cut = True
        finished = bool(self._choices) and all(choice.word is not None for choice in self._choices.values())
        if cut or not finished:
            raise StreamInterrupted(
                "the stream was cut before its end" if self._seen else "the stream was empty",
                partial="".join(self._pieces),
            )
        self._ended = True
        for index, choice in self._choices.items():
            events += [CitationDelta(citation, index) for citation in choice.citations]
            reason = finish_reason_of(choice.word, called=choice.called) if not choice.blocked else "content_filter"
            events.append(Finish(reason or "other", index, choice.word))
        return [*events, StreamEnd()]

    def _is_stream(self, data: bytes) -> bool:
        """Look at the first bytes: an object or a page is not a stream, and is kept until it is whole."""
        if not self._body:
            start = data.lstrip(_BLANK)[:1]
            if start not in (b"{", b"[", b"<"):
                self._body = None if start else bytearray()
                return True
        body = self._body = self._body or bytearray()
        body += data
        if len(body) > _BODY_LIMIT:
            raise ProtocolError("the reply is not a stream.")
        return False

    def _take_all(self, received: list[ServerSentEvent], events: list[Event]) -> None:
        for event in received:
            self._take(event.data, events)
            self._seen += 1

    def _take(self, data: bytes, events: list[Event]) -> None:
        try:
            chunk = decode(data)
        except UNREADABLE as error:
            raise self._broken(f"is not valid JSON: {error}", data) from error
        if not is_object(chunk):
            raise self._broken("is not an object", data)
        if chunk.get("error"):
            raise error_of(chunk, body=data)
        self._take_head(chunk, events)
        candidates = chunk.get("candidates")
        try:
            for position, candidate in enumerate(candidates if is_list(candidates) else ()):
                self._take_candidate(candidate, position, events)
        except InvalidRequest as error:  # the same shapes are read in requests
            raise self._broken(f"is malformed: {error.message}", data) from error
        feedback = chunk.get("promptFeedback")
        blocked = block_word(feedback)
        if feedback is not None:
            events.append(OpaqueDelta(WIRE, {"promptFeedback": feedback}))
        if blocked is not None and not self._choices:
            choice = self._choices[0] = _Choice()
            choice.word, choice.blocked = blocked, True
        usage = read_usage(chunk.get("usageMetadata"))
        if usage is not None:
            events.append(UsageReport(usage))

    def _broken(self, what: str, data: bytes) -> ProtocolError:
        start = data[:80].decode("utf-8", "replace")
        return ProtocolError(f"an event of the stream (after {self._seen} others) {what} ({start!r}).", body=data)

    def _take_head(self, chunk: Mapping[str, Any], events: list[Event]) -> None:
        known = self._extra
        changed = {
            name: value
            for name, value in chunk.items()
            if name not in HEAD and value is not None and known.get(name) != value
        }
        known |= changed
        if not self._started:
            self._started = True
            events.append(
                StreamStart(
                    id=text_or_none(chunk.get("responseId")),
                    model=text_or_none(chunk.get("modelVersion")),
                    extensions=extensions_of(changed),
                )
            )
        elif changed:
            events.append(OpaqueDelta(WIRE, changed))

    def _take_candidate(self, candidate: object, position: int, events: list[Event]) -> None:
        if not is_object(candidate):
            raise InvalidRequest("a candidate is not an object")
        given = candidate.get("index")
        index = given if type(given) is int else position
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice()
        content = candidate.get("content")
        parts = content.get("parts") if is_object(content) else None
        if parts is not None and not is_list(parts):
            raise InvalidRequest("parts must be a list")
        for number, part in enumerate(parts or ()):
            for each in choice.pieces.feed(part):
                self._take_part(read_part(each, f"parts[{number}]", self._names), index, choice, events)
        extra = candidate_extras(candidate)
        if extra:
            choice.citations += read_citations(candidate)
            logprobs = read_logprobs(extra.get("logprobsResult"))
            if logprobs is not None:
                events.append(TextDelta("", index, logprobs))
            events.append(OpaqueDelta(WIRE, extra, index))
        word = candidate.get("finishReason")
        if isinstance(word, str) and word and word != "FINISH_REASON_UNSPECIFIED":
            choice.word = word
            for each in choice.pieces.rest():
                self._take_part(read_part(each, "parts", self._names), index, choice, events)

    def _take_part(self, part: Part, index: int, choice: "_Choice", events: list[Event]) -> None:
        if isinstance(part, TextPart):
            if index == 0:
                self._pieces.append(part.text)
            if part.text or part.signature or part.extensions:
                events.append(TextDelta(part.text, index, signature=part.signature, extensions=part.extensions or None))
        elif isinstance(part, ThinkingPart):
            events.append(
                ThinkingDelta(
                    part.text,
                    index,
                    field=part.field,
                    signature=part.signature,
                    encrypted=part.encrypted,
                    extensions=part.extensions,
                    wire=part.wire,
                )
            )
        elif isinstance(part, ToolCallPart):
            choice.called = True
            number = self._calls.get(index, 0)
            self._calls[index] = number + 1
            events.append(
                ToolCallDelta(
                    index=number,
                    choice=index,
                    id=part.id,
                    name=part.name,
                    arguments=part.arguments,
                    kind="function",
                    extensions=part.extensions,
                    signature=part.signature,
                )
            )
        elif isinstance(part, OpaquePart) and part.wire == WIRE and "type" in part.data:
            events.append(OpaqueDelta(part.wire, part.data, index))
        else:
            events.append(PartDelta(part, index))


class _Choice:
    """What has been seen of one candidate."""

    __slots__ = ("blocked", "called", "citations", "pieces", "word")

    def __init__(self) -> None:
        self.blocked = False
        self.called = False
        self.citations: list[Any] = []
        self.pieces = CallPieces()
        self.word: str | None = None
