"""Streamed replies, read (fields of openai 3.54 `chat_completion_chunk.py`, read 2026-11-22).

The parser is a state machine over server-sent events. Nearly all events of a stream
differ in one text only: once such an event was read with care, those that have the same
bytes before and after the text are read by taking the text out, which is exact, since
the rest of the event is known.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from interlingua.errors import InvalidRequest
from interlingua.types import Event, OpaqueDelta, StreamEnd, StreamStart, TextDelta, UsageReport
from interlingua.types.chat_content import WIRE, extensions_of
from interlingua.types.shape import is_list, is_object
from interlingua.wires.chat_completions.choice_stream import ChoiceStream
from interlingua.wires.chat_completions.response import parse_response, text_or_none
from interlingua.wires.chat_completions.stray import is_stray
from interlingua.wires.chat_completions.template import Template
from interlingua.wires.chat_completions.usage import read_usage
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.sse import ServerSentEvent, SSEParser
from interlingua.wires.stream_reader import StreamReader

_HEAD: Final = frozenset(("id", "object", "created", "model", "choices", "usage", "obfuscation"))
"""Known fields of a chunk; `obfuscation` is padding against eavesdroppers and carries nothing."""

_LEARNINGS: Final = 4


class ChatStreamParser(StreamReader[ServerSentEvent]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`."""

    __slots__ = ("_choices", "_dialect", "_extra", "_id", "_learnings", "_started", "_template")

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        super().__init__(SSEParser(), partial(parse_response, dialect=dialect))
        self._dialect = dialect
        self._started = False
        self._id: str | None = None
        self._extra: dict[str, Any] = {}
        self._choices: dict[int, ChoiceStream] = {}
        self._template: Template | None = None
        self._learnings = _LEARNINGS

    def _finish(self, events: list[Event]) -> bool:
        for choice in self._choices.values():
            choice.flush(events)
        return bool(self._choices) and all(choice.finished for choice in self._choices.values())

    def _take_all(self, received: Sequence[ServerSentEvent], events: list[Event]) -> None:
        template = self._template
        for event in received:
            data = event.data
            if template is not None and data.startswith(template.before) and data.endswith(template.after):
                text = template.read(data)
                if text:
                    events.append(TextDelta(text, template.choice))
                    if template.choice == 0:
                        self._pieces.append(text)
                    continue
            if self._ended:
                return
            self._take(event, events)
            template = self._template
        self._seen += len(received)

    def _take(self, event: ServerSentEvent, events: list[Event]) -> None:
        """Take one event that no template fits."""
        if len(event.data) < 16 and event.data.strip() == b"[DONE]":
            if not self._choices:
                raise self._broken("ends an answer that has not begun", event.data)
            self._end(events)
            return
        try:
            chunk = decode(event.data)
        except UNREADABLE as error:
            if is_stray(event.data, self._id):
                return
            raise self._broken(f"is not valid JSON: {error}", event.data) from error
        if not is_object(chunk):
            raise self._broken("is not an object", event.data)
        if chunk.get("error") or event.event == b"error" or chunk.get("object") == "error":
            raise error_of(chunk, body=event.data)
        count = len(events)
        choices = chunk.get("choices")
        if choices is None:
            choices = ()
        elif not is_list(choices):
            raise self._broken("has choices that are no list", event.data)
        self._take_head(chunk, events, begins=bool(choices))
        try:
            for choice in choices:
                self._take_choice(choice, events)
        except InvalidRequest as error:  # the same shapes are read in requests
            raise self._broken(f"is malformed: {error.message}", event.data) from error
        if chunk.get("usage") is not None:
            usage = read_usage(chunk["usage"])
            if usage is not None:
                events.append(UsageReport(usage))
        if self._learnings and len(events) == count + 1:
            self._learn(event.data, events[-1])

    def _take_head(self, chunk: Mapping[str, Any], events: list[Event], *, begins: bool) -> None:
        """Begin the answer, or notice a field of the chunk that has changed.

        A chunk that says nothing yet (Azure sends its filter's findings first) waits for
        the next one.
        """
        known = self._extra
        changed = {
            name: value
            for name, value in chunk.items()
            if name not in _HEAD and value is not None and known.get(name) != value
        }
        known |= changed
        if self._started:
            if changed:
                events.append(OpaqueDelta(WIRE, changed))
            return
        identity, created = text_or_none(chunk.get("id")), chunk.get("created")
        if not begins and identity is None and chunk.get("usage") is None:
            return
        self._started = True
        self._id = identity
        events.append(
            StreamStart(
                id=identity,
                model=text_or_none(chunk.get("model")),
                created=created if isinstance(created, int) and created else None,
                extensions=extensions_of(known),
            )
        )

    def _take_choice(self, choice: Any, events: list[Event]) -> None:
        if not is_object(choice):
            raise InvalidRequest("a choice is not an object")
        index = choice.get("index")
        if not isinstance(index, int):
            index = 0
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = ChoiceStream(index, self._pieces, think_tags=self._dialect.think_tags)
        state.take(choice, events)

    def _end(self, events: list[Event]) -> None:
        for choice in self._choices.values():
            choice.flush(events)
        self._ended = True
        self._template = None  # what comes now is nobody's
        events.append(StreamEnd())

    def _learn(self, data: bytes, event: Event) -> None:
        """Remember the bytes around a text, if this event had nothing else in it."""
        if type(event) is not TextDelta or event.logprobs is not None:
            return
        tags = self._choices[event.choice].tags
        if tags is None or tags.done:
            self._learnings -= 1
            if self._template is not None and self._template.used:
                self._learnings = _LEARNINGS
            self._template = Template.learn(data, event)
