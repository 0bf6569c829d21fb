"""One choice of a streamed reply, read."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.errors import InvalidRequest
from interlingua.types import (
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    PartDelta,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
)
from interlingua.types.chat_citation import ANNOTATIONS, read_annotation
from interlingua.types.chat_content import BLOCK, WIRE, own, read_block
from interlingua.types.chat_reasoning import DETAILS, EXTRA, TAGS, TEXT_FIELDS, read_thinking
from interlingua.types.part import OpaquePart, Part, TextPart, ThinkingPart
from interlingua.types.shape import is_list, is_object
from interlingua.wires.chat_completions.response import finish_reason_of
from interlingua.wires.chat_completions.think_tags import ThinkTags
from interlingua.wires.chat_completions.tool_stream import ToolStream

_CHOICE: Final = frozenset(("index", "delta", "finish_reason", "logprobs"))
_DELTA: Final = frozenset(("role", "content", "refusal", "audio", "images", "tool_calls", "function_call"))
_AUDIO: Final = {"id": str, "data": str, "transcript": str, "expires_at": int}


class ChoiceStream:
    """What has been seen of one choice; `pieces` gets the texts of the first one."""

    __slots__ = ("_blocks", "_extra", "_pieces", "_shown", "_tools", "finished", "index", "tags")

    def __init__(self, index: int, pieces: list[str], *, think_tags: bool) -> None:
        self.index = index
        self._pieces = pieces
        self.finished = False
        self.tags = ThinkTags() if think_tags else None
        self._tools = ToolStream(index)
        self._blocks: dict[Any, int] = {}
        self._extra: dict[str, Any] = {}
        self._shown: str | None = None

    def take(self, choice: Mapping[str, Any], events: list[Event]) -> None:
        """Take the choice of one chunk.

        Raises:
            InvalidRequest: it is malformed; the shapes are those of requests.

        """
        delta: Any = choice.get("delta") or {}
        if not is_object(delta):
            raise InvalidRequest("a delta is not an object")
        logprobs = choice.get("logprobs")
        count = len(events)
        self._take_delta(delta, events)
        if logprobs and is_object(logprobs):
            self._attach(dict(logprobs), events, count)
        if not choice.keys() <= _CHOICE:
            self._take_extra(choice, events)
        word = choice.get("finish_reason")
        if word is None or self.finished:
            return
        reason = finish_reason_of(word)
        if reason is not None:
            self.flush(events)
            self.finished = True
            events.append(Finish(reason, self.index, word))

    def _take_extra(self, choice: Mapping[str, Any], events: list[Event]) -> None:
        """Keep the fields of a choice that nobody knows, when they change."""
        extra = {
            name: value
            for name, value in choice.items()
            if name not in _CHOICE and value is not None and self._extra.get(name) != value
        }
        if extra:
            self._extra |= extra
            events.append(OpaqueDelta(WIRE, extra, self.index))

    def flush(self, events: list[Event]) -> None:
        """Give what a tag held back."""
        if self.tags is not None:
            self._add_pieces(self.tags.close(), events)

    def _take_delta(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        content = delta.get("content")
        if len(delta) == 1 and type(content) is str:
            if content:
                self._add_text(content, events)
            return
        if not delta.keys() <= _DELTA:
            self._take_unknown(delta, events)
        if isinstance(content, str):
            if content:
                self._add_text(content, events)
        elif is_list(content):
            for block in content:
                self._add_block(read_block(block, "delta.content"), events)
        images = delta.get("images")
        if is_list(images):
            events += [PartDelta(read_block(block, "delta.images"), self.index) for block in images]
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            events.append(RefusalDelta(refusal, self.index))
        audio = delta.get("audio")
        if is_object(audio):
            known = {name: audio[name] for name, kind in _AUDIO.items() if isinstance(audio.get(name), kind)}
            events.append(AudioDelta(choice=self.index, **known))
        self._tools.take(delta, events)

    def _take_unknown(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        """Take the reasoning, in whichever convention, and keep what nobody knows."""
        fields = {name: value for name, value in delta.items() if name not in _DELTA and value is not None}
        if any(name in fields for name in (*TEXT_FIELDS, DETAILS, EXTRA)):
            for part in read_thinking(fields):
                self._add_reasoning(part, events)
        annotations = fields.get(ANNOTATIONS)
        if is_list(annotations) and all(is_object(each) for each in annotations):
            del fields[ANNOTATIONS]
            events += [CitationDelta(read_annotation(_unnumbered(each)), self.index) for each in annotations]
        fields = {name: value for name, value in fields.items() if name not in TEXT_FIELDS or value}
        if fields:
            events.append(OpaqueDelta(WIRE, {"message": fields}, self.index))

    def _add_reasoning(self, part: Part, events: list[Event]) -> None:
        """Give a part of the reasoning; sealed state of text that has been shown already joins that text."""
        if not isinstance(part, ThinkingPart):
            events.append(PartDelta(part, self.index))
            return
        text, field, foreign = part.text, part.field, part.wire not in (None, WIRE) and part.field != EXTRA
        if foreign and self._shown is not None:
            text, field = "", self._shown
            self._shown = None
        elif field in TEXT_FIELDS:
            self._shown = field
        number = self._number(part) if field == DETAILS and not foreign else None
        events.append(
            ThinkingDelta(text, self.index, field, part.signature, part.encrypted, part.extensions, number, part.wire)
        )

    def _number(self, part: ThinkingPart) -> int:
        """Number the objects of `reasoning_details`, of which each is a part."""
        detail = own(part.extensions)[DETAILS][0]
        return self._blocks.setdefault((detail.get("type"), detail.get("index")), len(self._blocks))

    def _add_text(self, text: str, events: list[Event]) -> None:
        if self.tags is None:
            if self.index == 0:
                self._pieces.append(text)
            events.append(TextDelta(text, self.index))
        else:
            self._add_pieces(self.tags.feed(text), events)

    def _add_pieces(self, pieces: list[tuple[bool, str]], events: list[Event]) -> None:
        for thinking, text in pieces:
            if self.index == 0 and not thinking:
                self._pieces.append(text)
            events.append(ThinkingDelta(text, self.index, TAGS) if thinking else TextDelta(text, self.index))

    def _add_block(self, part: Part, events: list[Event]) -> None:
        if isinstance(part, TextPart):
            if part.text:
                self._add_text(part.text, events)
        elif isinstance(part, ThinkingPart):
            events.append(ThinkingDelta(part.text, self.index, BLOCK))
        elif isinstance(part, OpaquePart):
            events.append(OpaqueDelta(part.wire, part.data, self.index))
        else:
            events.append(PartDelta(part, self.index))

    def _attach(self, logprobs: dict[str, Any], events: list[Event], start: int) -> None:
        """Put the probabilities of tokens on the first text of these events, or on an empty one."""
        for event in events[start:]:
            if type(event) is TextDelta:
                event.logprobs = logprobs
                return
        events.append(TextDelta("", self.index, logprobs))


def _unnumbered(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out the number that only a stream has."""
    return {name: value for name, value in annotation.items() if name != "index"}
