"""Putting the events of a stream together into an answer."""

import copy
from typing import Any

from interlingua.types.accumulation import accumulate
from interlingua.types.event import (
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.types.output import Choice, ModelOutput
from interlingua.types.part import (
    AudioPart,
    Extensions,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from interlingua.types.route import RouteStep
from interlingua.types.seal import rejoin
from interlingua.types.usage import Usage


class OutputAssembly:
    """Takes events one by one and gives the whole answer at the end.

    Deltas are kept in lists and joined once. `pieces` are the texts of the first
    choice, which the items of a stream share. `complete` tells whether the stream's
    end was seen.

    Example:
        >>> assembly = OutputAssembly()
        >>> for event in events:
        ...     assembly.add(event)
        >>> assembly.output().text
        'Hello'

    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.complete = False
        self._route: tuple[RouteStep, ...] = ()
        self.usage: Usage | None = None
        self._start = StreamStart()
        self._choices: dict[int, _ChoiceAssembly] = {}
        self._extra: list[OpaqueDelta] = []

    def add(self, event: Event) -> None:
        """Take one event."""
        if type(event) is TextDelta:
            if event.choice == 0:
                self.pieces.append(event.text)
            self._choice(event.choice).add_text(event)
        elif isinstance(event, StreamStart):
            self._start = event
        elif isinstance(event, UsageReport):
            self.usage = event.usage
        elif isinstance(event, StreamEnd):
            self.complete = True
            self._route = event.route
        elif isinstance(event, OpaqueDelta) and event.choice is None:
            self._extra.append(event)
        else:
            self._choice(event.choice or 0).add(event)

    def output(self) -> ModelOutput:
        """Build the answer from what has arrived."""
        choices = [self._choices[index].choice(index) for index in sorted(self._choices)] or [Choice()]
        extensions = {wire: dict(fields) for wire, fields in self._start.extensions.items()}
        for event in self._extra:
            extensions.setdefault(event.wire, {}).update(event.data)
        output = ModelOutput(
            choices=choices,
            id=self._start.id,
            model=self._start.model,
            created=self._start.created,
            usage=self.usage,
            warnings=self._start.warnings,
            extensions=extensions,
        )
        output.route = self._route or self._start.route
        return output

    def _choice(self, index: int) -> "_ChoiceAssembly":
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _ChoiceAssembly()
        return choice


class _ChoiceAssembly:
    """The pieces of one choice, in the order of their first appearance."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._texts: list[list[str]] = []
        self._tools: dict[int, int] = {}
        self._logprobs: dict[str, Any] = {}
        self._extensions: Extensions = {}
        self._block: int | None = None
        self._finish: Finish | None = None
        self._open: type[Part] | None = None
        self._signed = False
        self._sound: list[str] = []
        self._transcript: list[str] = []

    def add_text(self, event: TextDelta) -> None:
        if event.text:
            if self._open is not TextPart or self._block != event.index or self._signed:
                self._begin(TextPart(""))
                self._block = event.index
            self._texts[-1].append(event.text)
        if event.signature is not None or event.extensions is not None:
            self._add_to_text(event)
        if event.logprobs is not None:
            for key, tokens in event.logprobs.items():
                known = self._logprobs.get(key)
                if known is None:
                    self._logprobs[key] = copy.copy(tokens)
                elif tokens:
                    known.extend(tokens)

    def add(self, event: Event) -> None:
        if isinstance(event, ThinkingDelta):
            self._add_thinking(event)
        elif isinstance(event, ToolCallDelta):
            self._add_tool_call(event)
        elif isinstance(event, CitationDelta):
            self._add_citation(event)
        elif isinstance(event, RefusalDelta):
            self._add_refusal(event)
        elif isinstance(event, AudioDelta):
            self._add_audio(event)
        elif isinstance(event, PartDelta):
            self._begin(event.part)
            self._open = None
        elif isinstance(event, OpaqueDelta):
            self._add_opaque(event)
        elif isinstance(event, Finish):
            self._finish = event

    def choice(self, index: int) -> Choice:
        parts = [
            _filled(part, "".join(texts)) if texts else part
            for part, texts in zip(self._parts, self._texts, strict=True)
        ]
        for part in parts:
            if isinstance(part, AudioPart):
                part.data = "".join(self._sound) or None
                part.transcript = "".join(self._transcript) or None
        return Choice(
            index=index,
            parts=rejoin(parts),
            finish_reason=self._finish.reason if self._finish else None,
            raw_finish_reason=self._finish.raw if self._finish else None,
            logprobs=dict(self._logprobs) or None,
            extensions=self._extensions,
        )

    def _add_to_text(self, event: TextDelta) -> None:
        """Take what a piece says of its part beside the text."""
        part = self._text_part(event.index)
        if event.signature is not None:
            if self._signed:
                self._begin(part := TextPart(""))
                self._block = event.index
            part.signature = event.signature
            self._signed = True  # it stands on this part: a text that follows is another's
        if event.extensions is not None:
            _merge(part.extensions, event.extensions)

    def _add_citation(self, event: CitationDelta) -> None:
        part = next((each for each in reversed(self._parts) if isinstance(each, TextPart)), None)
        if part is None:
            self._begin(part := TextPart(""))
        part.citations = [*(part.citations or ()), event.citation]

    def _text_part(self, index: int | None) -> TextPart:
        """Give the part of text that is open, or a new one."""
        part = self._parts[-1] if self._parts and self._open is TextPart and self._block == index else None
        if not isinstance(part, TextPart):
            self._begin(part := TextPart(""))
            self._block = index
        return part

    def _begin(self, part: Part) -> None:
        self._parts.append(part)
        self._texts.append([])
        self._open = type(part)
        self._signed = False

    def _add_thinking(self, event: ThinkingDelta) -> None:
        part = self._parts[-1] if self._parts else None
        if (
            not isinstance(part, ThinkingPart)
            or (part.signature and event.text)
            or part.field != event.field
            or self._block != event.index
        ):
            self._begin(part := ThinkingPart(field=event.field, wire=event.wire))
            self._block = event.index
        self._texts[-1].append(event.text)
        part.wire = part.wire or event.wire
        part.signature = (part.signature or "") + event.signature if event.signature else part.signature
        part.encrypted = (part.encrypted or "") + event.encrypted if event.encrypted else part.encrypted
        for wire, fields in event.extensions.items():
            accumulate(part.extensions.setdefault(wire, {}), fields)

    def _add_opaque(self, event: OpaqueDelta) -> None:
        if "type" in event.data:
            self._begin(OpaquePart(event.wire, event.data))
            return
        fields = self._extensions.setdefault(event.wire, {})
        for name, value in event.data.items():
            if name == "message":
                accumulate(fields, {name: value})
            else:
                fields[name] = value

    def _add_refusal(self, event: RefusalDelta) -> None:
        part = self._parts[-1] if self._open is RefusalPart else None
        if not isinstance(part, RefusalPart):
            self._begin(part := RefusalPart(""))
        self._texts[-1].append(event.text)
        _merge(part.extensions, event.extensions or {})

    def _add_tool_call(self, event: ToolCallDelta) -> None:
        position = self._tools.get(event.index)
        if position is None:
            self._begin(ToolCallPart(id="", name=""))
            position = self._tools[event.index] = len(self._parts) - 1
        part = self._parts[position]
        if isinstance(part, ToolCallPart):
            part.id = event.id or part.id
            part.name += event.name or ""
            part.kind = event.kind or part.kind
            part.signature = event.signature or part.signature
            _merge(part.extensions, event.extensions)
        self._texts[position].append(event.arguments)

    def _add_audio(self, event: AudioDelta) -> None:
        part = next((part for part in self._parts if isinstance(part, AudioPart)), None)
        if part is None:
            self._begin(part := AudioPart())
        part.id = event.id or part.id
        part.expires_at = event.expires_at if event.expires_at is not None else part.expires_at
        if event.data:
            self._sound.append(event.data)
        if event.transcript:
            self._transcript.append(event.transcript)


def _filled(part: Part, text: str) -> Part:
    if isinstance(part, TextPart | RefusalPart | ThinkingPart):
        part.text = text
    elif isinstance(part, ToolCallPart):
        part.arguments = text
    return part


def _merge(into: dict[str, dict[str, object]], extensions: dict[str, dict[str, object]]) -> None:
    for wire, fields in extensions.items():
        into.setdefault(wire, {}).update(fields)
