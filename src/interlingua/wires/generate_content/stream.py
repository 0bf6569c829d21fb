"""Streamed replies, read (google-genai 3.4 `types.GenerateContentResponse`, read 2026-11-23).

Each event of the stream is a whole answer with the next piece in it; calls come whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.errors import InvalidRequest
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
from interlingua.wires.stream_reader import StreamReader


class ContentStreamParser(StreamReader[ServerSentEvent]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    The wire has no end mark: the stream is whole when its bytes end after a finish
    reason, and cut when they end before.
    """

    __slots__ = ("_calls", "_choices", "_extra", "_names", "_started")

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        del dialect
        super().__init__(SSEParser(), parse_response)
        self._names = CallNames()
        self._choices: dict[int, _Choice] = {}
        self._calls: dict[int, int] = {}
        self._extra: dict[str, Any] = {}
        self._started = False

    def _finish(self, events: list[Event]) -> bool:
        if not self._choices or any(choice.word is None for choice in self._choices.values()):
            return False
        for index, choice in self._choices.items():
            events += [CitationDelta(citation, index) for citation in choice.citations]
            reason = finish_reason_of(choice.word, called=choice.called) if not choice.blocked else "content_filter"
            events.append(Finish(reason or "other", index, choice.word))
        events.append(StreamEnd())
        self._ended = True
        return True

    def _take_all(self, received: Sequence[ServerSentEvent], events: list[Event]) -> None:
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
