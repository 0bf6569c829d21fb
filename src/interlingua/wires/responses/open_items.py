"""Items of a streamed reply while they are written: what each has been told, and what is told at its end."""

from typing import Any, TypeAlias

import msgspec

from interlingua.types import ThinkingDelta, ThinkingPart, ToolCallDelta
from interlingua.types.accumulation import accumulate
from interlingua.types.seal import seal
from interlingua.wires.responses.blocks import WIRE, own
from interlingua.wires.responses.items import REASONING_TEXT

Told: TypeAlias = dict[str, Any]
"""The `type` of an event, and its `fields` beside those that every event of an item has."""


def told(kind: str, **fields: Any) -> Told:
    """Give an event of an item."""
    return {"type": kind, "fields": fields}


class OpenItem:
    """An item that comes in one piece; those of other kinds derive from it.

    `place` is its number in the output, or -1 until it has one. `has_status` says that it
    tells how it is, and `told_status` that its provider has told it.
    """

    __slots__ = ("fields", "has_status", "index", "place", "texts", "told_status")

    def __init__(self, fields: dict[str, Any], index: int | None = None) -> None:
        self.fields = fields
        self.has_status = False
        self.index = index
        self.place = -1
        self.texts: list[str] = []
        self.told_status = False

    def is_over(self) -> bool:
        """Tell whether nothing can be added to it once another item has begun."""
        return True

    def ending(self) -> list[Told]:
        """Make `fields` whole, and give the events before the item is done."""
        return []


class OpenHosted(OpenItem):
    """An item that only this wire knows, told as its provider tells it; `index` is the provider's number for it."""

    def is_over(self) -> bool:
        """Tell that its provider says when it is done."""
        return False


class OpenMessage(OpenItem):
    """A message: texts and refusals, of which the last is open."""

    __slots__ = ("annotations", "block", "extra", "logprobs", "marks", "number")

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self.annotations: list[dict[str, Any]] = []
        self.block: str | None = None
        self.extra: dict[str, Any] = {}
        self.logprobs: list[Any] = []
        self.marks: dict[str, Any] | None = None
        self.number = -1

    def takes(self, marks: dict[str, Any] | None, said: dict[str, Any]) -> bool:
        """Tell whether a further block belongs to this message."""
        if marks is None or self.marks is None:
            return marks is self.marks
        return "number" in said and marks.get("id") == self.marks.get("id")

    def open_block(self, block: str, index: int | None) -> list[Told]:
        """Begin a block; the one before ends."""
        events = self.ending()
        self.block, self.index = block, index
        self.number += 1
        self.texts, self.annotations, self.logprobs, self.extra = [], [], [], {}
        return [*events, told("response.content_part.added", content_index=self.number, part=self._part(""))]

    def learn(self, said: dict[str, Any]) -> None:
        """Take what the message and its open block say of themselves."""
        self.extra |= said.get("block") or {}
        marks: dict[str, Any] = said.get("item") or {}
        if marks:
            self.marks = marks
            self.told_status = self.told_status or "status" in marks
            self.fields.update({name: value for name, value in marks.items() if name != "id"})

    def ending(self) -> list[Told]:
        """End the open block."""
        if self.block is None:
            return []
        text = "".join(self.texts)
        part = self._part(text)
        self.fields["content"] = [*self.fields["content"], part]
        if self.block == "refusal":
            done = told("response.refusal.done", content_index=self.number, refusal=text)
        else:
            logprobs = part["logprobs"]
            done = told("response.output_text.done", content_index=self.number, text=text, logprobs=logprobs)
        self.block = None
        return [done, told("response.content_part.done", content_index=self.number, part=part)]

    def _part(self, text: str) -> dict[str, Any]:
        if self.block == "refusal":
            return {"type": "refusal", "refusal": text, **self.extra}
        part = {"type": "output_text", "text": text, "annotations": self.annotations, "logprobs": self.logprobs}
        return {**part, **self.extra}


class OpenReasoning(OpenItem):
    """Reasoning: its summary, or its text where that is shown whole, and the state that its provider wants back."""

    __slots__ = ("number", "shown", "thought")

    def __init__(self, fields: dict[str, Any], event: ThinkingDelta) -> None:
        super().__init__(fields, event.index)
        self.number = -1
        self.shown: list[dict[str, Any]] = []
        self.thought = ThinkingPart(field=event.field, wire=event.wire)

    @classmethod
    def begun_by(cls, event: ThinkingDelta) -> "OpenReasoning":
        """Begin with the first piece."""
        empty: list[Any] = []
        fields: dict[str, Any] = {"type": "reasoning", "summary": empty}
        if event.wire == WIRE and "id" in own(event.extensions):
            fields["id"] = own(event.extensions)["id"]
        return cls(fields, event)

    def takes(self, event: ThinkingDelta) -> bool:
        """Tell whether a piece belongs to it: text that follows the state is another's."""
        thought = self.thought
        signed = bool(thought.signature or thought.encrypted) and bool(event.text)
        return self.index == event.index and thought.field == event.field and not signed

    def think(self, event: ThinkingDelta) -> list[Told]:
        """Take a piece, and give its events."""
        thought = self.thought
        thought.wire = thought.wire or event.wire
        thought.signature = (thought.signature or "") + event.signature if event.signature else thought.signature
        thought.encrypted = (thought.encrypted or "") + event.encrypted if event.encrypted else thought.encrypted
        for wire, fields in event.extensions.items():
            accumulate(thought.extensions.setdefault(wire, {}), fields)
        if not event.text:
            return []
        if event.text == "\n\n" and event.wire == WIRE and self.texts:
            return self._end_text()
        events: list[Told] = []
        if not self.texts:
            self.number += 1
            events.append(self._told("part_added", part=self._part("")))
        self.texts.append(event.text)
        return [*events, self._told("delta", delta=event.text)]

    def ending(self) -> list[Told]:
        """End what is shown, and add the state."""
        events = self._end_text()
        thought, whole = self.thought, self.thought.field == REASONING_TEXT and self.thought.wire == WIRE
        self.fields["content" if whole else "summary"] = self.shown
        if thought.wire == WIRE:
            marks = own(thought.extensions)
            self.fields.update({name: value for name, value in marks.items() if name != "id"})
            if thought.encrypted is not None:
                self.fields["encrypted_content"] = thought.encrypted
        else:
            self.fields["encrypted_content"] = seal(thought)
        return events

    def _end_text(self) -> list[Told]:
        if not self.texts:
            return []
        text, self.texts = "".join(self.texts), []
        part = self._part(text)
        self.shown.append(part)
        return [self._told("done", text=text), self._told("part_done", part=part)]

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": "reasoning_text" if self._is_whole() else "summary_text", "text": text}

    def _told(self, what: str, **fields: Any) -> Told:
        if self._is_whole():
            return told(_TEXT[what], content_index=self.number, **fields)
        return told(_SUMMARY[what], summary_index=self.number, **fields)

    def _is_whole(self) -> bool:
        return self.thought.field == REASONING_TEXT and self.thought.wire == WIRE


_SUMMARY = {
    "part_added": "response.reasoning_summary_part.added",
    "delta": "response.reasoning_summary_text.delta",
    "done": "response.reasoning_summary_text.done",
    "part_done": "response.reasoning_summary_part.done",
}
_TEXT = {
    "part_added": "response.content_part.added",
    "delta": "response.reasoning_text.delta",
    "done": "response.reasoning_text.done",
    "part_done": "response.content_part.done",
}


class OpenCall(OpenItem):
    """A call of a tool, whose pieces may be mixed with those of others."""

    __slots__ = ("extensions", "id", "kind", "name", "over")

    def __init__(self) -> None:
        super().__init__({})
        self.extensions: dict[str, Any] = {}
        self.id = ""
        self.kind = "function"
        self.name = ""
        self.over = False

    @property
    def delta_event(self) -> str:
        """The name of the event that adds to its arguments."""
        custom = self.kind == "custom"
        return "response.custom_tool_call_input.delta" if custom else "response.function_call_arguments.delta"

    def add(self, event: ToolCallDelta) -> str:
        """Take a piece, and give what of the arguments has not been told yet."""
        marks = own(event.extensions)
        self.extensions |= marks
        self.texts.append(event.arguments)
        if self.place >= 0:
            self.fields.update({name: value for name, value in marks.items() if name != "id"})
            self.told_status = self.told_status or "status" in marks
            self.over = self.over or bool(marks)  # a provider of this wire says them again when the call is done
            return event.arguments
        self.id = event.id or self.id
        self.kind = event.kind or self.kind
        self.name += event.name or ""
        return "".join(self.texts)

    def begin(self) -> None:
        """Make the item, now that its name is known."""
        custom = self.kind == "custom"
        self.fields = {
            "type": "custom_tool_call" if custom else "function_call",
            "call_id": self.id,
            "name": self.name,
            "input" if custom else "arguments": "",
            **self.extensions,
        }

    def is_over(self) -> bool:
        """Tell whether its arguments are a whole object, or its provider has said that they are whole."""
        try:
            return self.over or (self.kind != "custom" and isinstance(msgspec.json.decode("".join(self.texts)), dict))
        except (msgspec.DecodeError, RecursionError):
            return False

    def ending(self) -> list[Told]:
        """Tell the arguments whole."""
        text = "".join(self.texts)
        if self.kind == "custom":
            self.fields["input"] = text
            return [told("response.custom_tool_call_input.done", input=text)]
        self.fields["arguments"] = text
        return [told("response.function_call_arguments.done", name=self.name, arguments=text)]
