"""Streamed replies, read (events of openai 3.54 `types/responses`, read 2026-11-25)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types import (
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    OpaqueDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.types.part import Extensions
from interlingua.types.shape import is_list, is_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.responses.blocks import WIRE, extensions_of, read_annotation
from interlingua.wires.responses.items import (
    CALLS,
    REASONING_TEXT,
    block_marks,
    call_marks,
    field_of,
    item_marks,
    lasting,
    reasoning_marks,
    summary_of,
)
from interlingua.wires.responses.response import beside, finish_of, parse_response
from interlingua.wires.responses.usage import read_usage
from interlingua.wires.sse import ServerSentEvent, SSEParser
from interlingua.wires.stream_reader import StreamReader

_PARTS: Final = 64
"""Parts that an item has at most; more are numbered as if they were the next item's."""

_SAID_AGAIN: Final = frozenset(
    (
        *("response.content_part.added", "response.output_text.done", "response.refusal.done"),
        *("response.reasoning_summary_part.added", "response.reasoning_summary_part.done"),
        *("response.reasoning_summary_text.done", "response.reasoning_text.done", "response.reasoning.done"),
        *("response.function_call_arguments.done", "response.custom_tool_call_input.done"),
        *("response.audio.done", "response.audio.transcript.done", "keepalive"),
    )
)
"""Events that add nothing to what the others say. No document has `keepalive` (openai-node#1964, read 2026-11-25)."""

_TEXTS: Final = ("response.reasoning_text.delta", "response.reasoning.delta")
"""Reasoning that is shown whole: OpenAI's word for it, and that of Open Responses."""


class _Delta(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are."""

    type: str
    delta: str
    output_index: int = 0
    content_index: int = 0
    logprobs: list[dict[str, Any]] | None = None


_decode_delta = msgspec.json.Decoder(_Delta).decode


class ResponseStreamParser(StreamReader[ServerSentEvent]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    An item of a kind that only this wire knows is given whole, when it is; what is told of
    it until then is carried for readers of this wire.
    """

    __slots__ = ("_beside", "_calls", "_items", "_started")

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        del dialect
        super().__init__(SSEParser(), parse_response)
        self._beside: dict[str, Any] = {}
        self._calls: dict[int, int] = {}
        self._items: dict[int, _Item] = {}
        self._started = False

    def _take_all(self, received: Sequence[ServerSentEvent], events: list[Event]) -> None:
        for event in received:
            if self._ended:
                return
            data = event.data
            if b'"response.output_text.delta"' in data:
                try:
                    plain = _decode_delta(data)
                except UNREADABLE:
                    self._take(data, events)
                else:
                    if plain.type == "response.output_text.delta":
                        self._text(plain, events)
                    else:
                        self._take(data, events)
            elif data != b"[DONE]":
                self._take(data, events)
            self._seen += 1

    def _text(self, delta: _Delta, events: list[Event]) -> None:
        self._pieces.append(delta.delta)
        item = self._items.get(delta.output_index)
        index = delta.output_index * _PARTS + delta.content_index
        logprobs: dict[str, Any] | None = {"content": delta.logprobs} if delta.logprobs else None
        if item is None or delta.content_index in item.shown:
            events.append(TextDelta(delta.delta, 0, logprobs, index))
        else:
            item.shown.add(delta.content_index)
            events.append(TextDelta(delta.delta, 0, logprobs, index, None, item.begun(delta.content_index)))

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
        if kind == "response.output_text.delta":  # a sound one has been read already
            raise self._broken("is malformed: a piece of text must be a string with its place", data)
        taker = _TAKERS.get(kind) if isinstance(kind, str) else None
        if taker is None:
            if isinstance(kind, str) and kind not in _SAID_AGAIN:
                events.append(_unread(fields))
            return
        try:
            taker(self, fields, events)
        except InvalidRequest as error:  # the same shapes are read in requests
            raise self._broken(f"is malformed: {error.message}", data) from error

    def _created(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        response = fields.get("response")
        if self._started or not is_object(response):
            return
        self._started = True
        identity, model, created = response.get("id"), response.get("model"), response.get("created_at")
        self._beside = beside(response)
        events.append(
            StreamStart(
                id=identity if isinstance(identity, str) else None,
                model=model if isinstance(model, str) else None,
                created=int(created) if isinstance(created, int | float) else None,
                extensions=extensions_of(self._beside),
            )
        )

    def _place(self, fields: Mapping[str, Any]) -> int:
        index = fields.get("output_index")
        if type(index) is not int:
            raise InvalidRequest("output_index must be an integer")
        return index

    def _added(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        index, item = self._place(fields), fields.get("item")
        if not is_object(item):
            raise InvalidRequest("item must be an object")
        state = self._items[index] = _Item(item)
        if item.get("type") in CALLS:
            self._begin_call(index, item, state, events)
        elif item.get("type") not in ("message", "reasoning"):
            events.append(_unread(fields))

    def _begin_call(self, index: int, item: Mapping[str, Any], state: "_Item", events: list[Event]) -> None:
        identity, name = item.get("call_id"), item.get("name")
        if not isinstance(identity, str) or not isinstance(name, str):
            raise InvalidRequest("a call needs the strings `call_id` and `name`")
        state.call = self._calls[index] = len(self._calls)
        marks = extensions_of(lasting(call_marks(item).get(WIRE, {})))
        kind = CALLS[item["type"]][0]
        events.append(ToolCallDelta(index=state.call, id=identity, name=name, kind=kind, extensions=marks))

    def _arguments(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        state, piece = self._items.get(self._place(fields)), fields.get("delta")
        if state is not None and state.call is not None and isinstance(piece, str):
            state.shown.add(0)
            events.append(ToolCallDelta(index=state.call, arguments=piece))

    def _thought(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        """Give a piece of reasoning; a blank line between two texts is an event of its own, and no other is."""
        index, piece = self._place(fields), fields.get("delta")
        state = self._items.setdefault(index, _Item({}))
        if not isinstance(piece, str):
            raise InvalidRequest("delta must be a string")
        whole = fields["type"] in _TEXTS
        number = (whole, fields.get("content_index" if whole else "summary_index", 0))
        marks: dict[str, Any] = {}
        if not state.shown:
            state.field = REASONING_TEXT if whole else None
            marks = {"id": state.item["id"]} if "id" in state.item else {}
        elif number != state.number:
            events.append(ThinkingDelta("\n\n", field=state.field, index=index, wire=WIRE))
        state.shown.add(0)
        state.number = number
        for text in ("\n", "\n") if piece == "\n\n" else (piece,):
            extensions, marks = extensions_of(marks), {}
            events.append(ThinkingDelta(text, field=state.field, extensions=extensions, index=index, wire=WIRE))

    def _refused(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        piece, number = fields.get("delta"), fields.get("content_index", 0)
        state = self._items.setdefault(self._place(fields), _Item({}))
        if isinstance(piece, str):
            fresh = number not in state.shown and type(number) is int
            state.shown.add(number)
            events.append(RefusalDelta(piece, extensions=state.begun(number) if fresh else None))

    def _sound(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        piece = fields.get("delta")
        if isinstance(piece, str):
            heard = fields["type"] == "response.audio.delta"
            events.append(AudioDelta(data=piece) if heard else AudioDelta(transcript=piece))

    def _annotated(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        annotation = fields.get("annotation")
        if is_object(annotation):
            self._items.setdefault(self._place(fields), _Item({})).cited.add(fields.get("content_index"))
            events.append(CitationDelta(read_annotation(annotation)))

    def _done(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        """Give what an item says of itself when it is whole, and what its pieces have not said."""
        index, item = self._place(fields), fields.get("item")
        if not is_object(item):
            raise InvalidRequest("item must be an object")
        state = self._items.setdefault(index, _Item(item))
        kind = item.get("type")
        if kind == "message":
            self._message_done(index, item, state, events)
        elif kind == "reasoning":
            self._reasoning_done(index, item, state, events)
        elif kind in CALLS:
            if state.call is None:
                self._begin_call(index, item, state, events)
            rest = item.get(CALLS[kind][1])
            arguments = rest if isinstance(rest, str) and not state.shown else ""
            events.append(ToolCallDelta(index=state.call or 0, arguments=arguments, extensions=call_marks(item)))
        elif isinstance(kind, str):
            events.append(OpaqueDelta(WIRE, dict(item), 0))

    def _reasoning_done(self, index: int, item: Mapping[str, Any], state: "_Item", events: list[Event]) -> None:
        encrypted = item.get("encrypted_content")
        events.append(
            ThinkingDelta(
                "" if state.shown else summary_of(item),
                field=state.field if state.shown else field_of(item),
                encrypted=encrypted if isinstance(encrypted, str) else None,
                extensions=reasoning_marks(item),
                index=index,
                wire=WIRE,
            )
        )

    def _part_done(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        """Give what a block of a message says of itself, while it is still the last one."""
        index, number, block = self._place(fields), fields.get("content_index"), fields.get("part")
        state = self._items.get(index)
        if type(number) is int and is_object(block) and state is not None and state.item.get("type") == "message":
            self._block_done((index, number), block, lasting(item_marks(state.item)), state, events)

    def _block_done(
        self,
        place: tuple[int, int],
        block: Mapping[str, Any],
        marks: Mapping[str, Any],
        state: "_Item",
        events: list[Event],
    ) -> None:
        index, number = place
        extensions: Extensions = {WIRE: block_marks(marks, number, block)}
        kind, fresh = block.get("type"), number not in state.shown
        if kind == "output_text":
            text = str(block.get("text", "")) if fresh else ""
            self._pieces.append(text)
            events.append(TextDelta(text, index=index * _PARTS + number, extensions=extensions))
            given = block.get("annotations")
            if is_list(given) and number not in state.cited:
                events += [CitationDelta(read_annotation(each)) for each in given if is_object(each)]
                state.cited.add(number)
        elif kind == "refusal":
            events.append(RefusalDelta(str(block.get("refusal", "")) if fresh else "", extensions=extensions))
        elif fresh:
            events.append(OpaqueDelta(WIRE, {**state.item, **marks, "content": [dict(block)]}, 0))
        state.shown.add(number)
        state.done.add(number)

    def _message_done(self, index: int, item: Mapping[str, Any], state: "_Item", events: list[Event]) -> None:
        content, marks = item.get("content"), item_marks(item)
        blocks = [block for block in content if is_object(block)] if is_list(content) else []
        if not blocks:
            events.append(OpaqueDelta(WIRE, dict(item), 0))
        for number, block in enumerate(blocks):
            last = number == len(blocks) - 1
            if last or number not in state.done:
                self._block_done((index, number), block, marks if last else lasting(marks), state, events)

    def _end(self, fields: Mapping[str, Any], events: list[Event]) -> None:
        response = fields.get("response")
        if not is_object(response):
            raise InvalidRequest("response must be an object")
        if response.get("error") or fields.get("type") == "response.failed":
            raise error_of(response)
        said = {name: value for name, value in beside(response).items() if self._beside.get(name, ...) != value}
        if said:
            events.append(OpaqueDelta(WIRE, said))
        usage = read_usage(response.get("usage"))
        if usage is not None:
            events.append(UsageReport(usage))
        reason, raw = finish_of(response, called=bool(self._calls))
        events.append(Finish(reason or "other", 0, raw))
        events.append(StreamEnd())
        self._ended = True


class _Item:
    """What has been seen of an item: `shown`, `cited`, `done` are the blocks of which that has been told."""

    __slots__ = ("call", "cited", "done", "field", "item", "number", "shown")

    def __init__(self, item: Mapping[str, Any]) -> None:
        self.call: int | None = None
        self.cited: set[object] = set()
        self.done: set[int] = set()
        self.field: str | None = None
        self.item = item
        self.number: object = 0
        self.shown: set[object] = set()

    def begun(self, number: int) -> Extensions:
        """Give what a part of a message carries from its beginning: what the message said of itself when it began."""
        return {WIRE: block_marks(lasting(item_marks(self.item)), number, {})}


def _unread(fields: Mapping[str, Any]) -> OpaqueDelta:
    """Carry what is told of an item that only this wire knows, or in an event of a later version; they make a list."""
    return OpaqueDelta(WIRE, {"message": {"events": [{"event": dict(fields)}]}}, 0)


_TAKERS: Final[dict[str, Callable[[ResponseStreamParser, Mapping[str, Any], list[Event]], None]]] = {
    "response.created": ResponseStreamParser._created,  # pyright: ignore[reportPrivateUsage]
    "response.queued": ResponseStreamParser._created,  # pyright: ignore[reportPrivateUsage]
    "response.in_progress": ResponseStreamParser._created,  # pyright: ignore[reportPrivateUsage]
    "response.output_item.added": ResponseStreamParser._added,  # pyright: ignore[reportPrivateUsage]
    "response.output_item.done": ResponseStreamParser._done,  # pyright: ignore[reportPrivateUsage]
    "response.content_part.done": ResponseStreamParser._part_done,  # pyright: ignore[reportPrivateUsage]
    "response.output_text.annotation.added": ResponseStreamParser._annotated,  # pyright: ignore[reportPrivateUsage]
    "response.refusal.delta": ResponseStreamParser._refused,  # pyright: ignore[reportPrivateUsage]
    "response.reasoning_summary_text.delta": ResponseStreamParser._thought,  # pyright: ignore[reportPrivateUsage]
    "response.reasoning_text.delta": ResponseStreamParser._thought,  # pyright: ignore[reportPrivateUsage]
    "response.reasoning.delta": ResponseStreamParser._thought,  # pyright: ignore[reportPrivateUsage]
    "response.audio.delta": ResponseStreamParser._sound,  # pyright: ignore[reportPrivateUsage]
    "response.audio.transcript.delta": ResponseStreamParser._sound,  # pyright: ignore[reportPrivateUsage]
    "response.function_call_arguments.delta": ResponseStreamParser._arguments,  # pyright: ignore[reportPrivateUsage]
    "response.custom_tool_call_input.delta": ResponseStreamParser._arguments,  # pyright: ignore[reportPrivateUsage]
    "response.completed": ResponseStreamParser._end,  # pyright: ignore[reportPrivateUsage]
    "response.incomplete": ResponseStreamParser._end,  # pyright: ignore[reportPrivateUsage]
    "response.failed": ResponseStreamParser._end,  # pyright: ignore[reportPrivateUsage]
}
