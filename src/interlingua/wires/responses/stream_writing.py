"""Streamed replies, written as OpenAI writes them (events of openai 3.54 and Open Responses 2.4, read 2026-11-25)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import (
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    ModelRequest,
    OpaqueDelta,
    OpaquePart,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.wires.openai_errors import error_fields
from interlingua.wires.responses.blocks import WIRE, own, write_annotation
from interlingua.wires.responses.item_writing import sealed_item, write_answer, write_logprobs
from interlingua.wires.responses.open_items import OpenCall, OpenHosted, OpenItem, OpenMessage, OpenReasoning
from interlingua.wires.responses.response import completed, ending, response_fields, response_id, said_of_itself
from interlingua.wires.responses.usage import write_usage

_STATED: Final = ("message", "function_call")
"""The items that always say how they are."""

_encode = msgspec.json.Encoder().encode


class ResponseStreamRenderer:
    """Turns events into the bytes of a streamed reply; see `StreamRenderer`.

    Items are opened and closed as the kind of the events changes; each is told when it
    is added, by its pieces, and whole when it is done. A call whose arguments are no
    whole object yet stays open beside others. The last event holds the whole response.
    Of several choices the first is written, since there is one response.
    """

    __slots__ = (
        "_beside",
        "_calls",
        "_finish",
        "_id",
        "_item",
        "_number",
        "_open_items",
        "_output",
        "_prefix",
        "_request",
        "_response",
        "_usage",
    )

    def __init__(self, request: ModelRequest) -> None:
        self._request = request
        self._beside: dict[str, Any] = {}
        self._id = ""
        self._response: dict[str, Any] | None = None
        self._item: OpenItem | None = None
        self._open_items: dict[int, OpenItem] = {}
        self._output: list[dict[str, Any]] = []
        self._number = -1
        self._prefix = b""
        self._calls: dict[int, OpenCall] = {}
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        if type(event) is TextDelta:
            item = self._item
            if (
                type(item) is OpenMessage
                and item.block == "output_text"
                and item.index == event.index
                and not event.choice
                and event.signature is None
                and event.logprobs is None
                and event.extensions is None
            ):
                if not event.text:
                    return b""
                item.texts.append(event.text)
                self._number += 1
                return b'%b%b,"sequence_number":%d}\n\n' % (self._prefix, _encode(event.text), self._number)
        if getattr(event, "choice", None):
            return b""
        return _WRITERS[type(event)](self, event)

    def render_error(self, error: Error) -> bytes:
        """Give the failure as an event; its `error` is what makes OpenAI's SDK raise it."""
        fields = error_fields(error)
        return self._event("error", code=fields["code"], message=fields["message"], param=fields["param"], error=fields)

    def _event(self, kind: str, **fields: Any) -> bytes:
        self._number += 1
        body = {"type": kind, **fields, "sequence_number": self._number}
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), _encode(body))

    def _start(self, event: StreamStart) -> bytes:
        if self._response is not None:
            return b""
        self._id = response_id(event.id)
        said = said_of_itself(own(event.extensions))
        self._response = response_fields(self._id, event.model, event.created, self._request) | said
        begun = self._event("response.created", response=self._response)
        return begun + self._event("response.in_progress", response=self._response)

    def _open(self, item: OpenItem) -> bytes:
        """Close what is open, if it is over, and add an item."""
        data = self._start(StreamStart()) + self._leave()
        item.place = len(self._output)
        item.told_status = "status" in item.fields
        item.fields = completed(item.fields, self._id, item.place)
        item.has_status = "status" in item.fields or item.fields.get("type") in _STATED
        begun = item.has_status and not isinstance(item, OpenHosted)
        added = {**item.fields, "status": "in_progress"} if begun else item.fields
        self._output.append(item.fields)
        self._item = self._open_items[item.place] = item
        return data + self._event("response.output_item.added", output_index=item.place, item=added)

    def _leave(self) -> bytes:
        """Go on to another item: the open one is closed, unless it is a call that may still grow."""
        item, self._item = self._item, None
        return b"" if item is None or not item.is_over() else self._close(item)

    def _close(self, item: OpenItem, *, status: str = "completed") -> bytes:
        del self._open_items[item.place]
        data = self._tell(item, *item.ending())
        if item.has_status and not item.told_status:
            item.fields["status"] = status
        return data + self._event("response.output_item.done", output_index=item.place, item=item.fields)

    def _tell(self, item: OpenItem, *events: dict[str, Any]) -> bytes:
        """Tell something of an item."""
        identity = item.fields.get("id", "")
        return b"".join(
            self._event(event["type"], item_id=identity, output_index=item.place, **event["fields"]) for event in events
        )

    def _whole(self, fields: dict[str, Any]) -> bytes:
        """Give an item that comes in one piece."""
        data = self._open(OpenItem(fields))
        return data + self._leave()

    def _message(self, block: str, index: int | None, told: dict[str, Any]) -> tuple[OpenMessage, bytes]:
        """Give the message whose block of that kind and number is open, and what it takes to open it."""
        item, marks = self._item, told.get("item")
        if isinstance(item, OpenMessage) and item.block == block and item.index == index:
            return item, b""
        data = b""
        if not isinstance(item, OpenMessage) or not item.takes(marks, told):
            empty: list[Any] = []
            item = OpenMessage({"type": "message", "role": "assistant", "content": empty, **(marks or {})})
            item.marks = marks
            data = self._open(item)
        data += self._tell(item, *item.open_block(block, index))
        if block == "output_text":
            head: dict[str, Any] = {
                "type": "response.output_text.delta",
                "item_id": item.fields["id"],
                "output_index": item.place,
                "content_index": item.number,
                "logprobs": [],
            }
            self._prefix = b'event: response.output_text.delta\ndata: %b,"delta":' % _encode(head)[:-1]
        return item, data

    def _text(self, event: TextDelta) -> bytes:
        data = b""
        if event.signature is not None:
            data += self._whole(sealed_item(TextPart(event.text, signature=event.signature)))
        told = own(event.extensions or {})
        if not event.text and event.logprobs is None and not told and not self._is_text_of(event.index):
            return data
        item, opened = self._message("output_text", event.index, told)
        item.learn(told)
        logprobs = write_logprobs((event.logprobs or {}).get("content") or ())
        item.logprobs += logprobs
        item.texts.append(event.text)
        if not event.text and not logprobs:
            return data + opened
        delta = {"content_index": item.number, "delta": event.text, "logprobs": logprobs}
        return data + opened + self._tell(item, {"type": "response.output_text.delta", "fields": delta})

    def _is_text_of(self, index: int | None) -> bool:
        item = self._item
        return isinstance(item, OpenMessage) and item.block == "output_text" and item.index == index

    def _citation(self, event: CitationDelta) -> bytes:
        item, data = self._item, b""
        if not isinstance(item, OpenMessage) or item.block != "output_text":
            item, data = self._message("output_text", None, {})
        annotation = write_annotation(event.citation)
        item.annotations.append(annotation)
        fields = {
            "content_index": item.number,
            "annotation_index": len(item.annotations) - 1,
            "annotation": annotation,
        }
        return data + self._tell(item, {"type": "response.output_text.annotation.added", "fields": fields})

    def _refusal(self, event: RefusalDelta) -> bytes:
        told = own(event.extensions or {})
        item, data = self._message("refusal", None, told)
        item.learn(told)
        if not event.text:
            return data
        item.texts.append(event.text)
        fields = {"content_index": item.number, "delta": event.text}
        return data + self._tell(item, {"type": "response.refusal.delta", "fields": fields})

    def _thinking(self, event: ThinkingDelta) -> bytes:
        item, data = self._item, b""
        if not isinstance(item, OpenReasoning) or not item.takes(event):
            item = OpenReasoning.begun_by(event)
            data = self._open(item)
        return data + self._tell(item, *item.think(event))

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        call = self._calls.get(event.index)
        if call is None:
            call = self._calls[event.index] = OpenCall()
        piece = call.add(event)
        data = b""
        if call.place < 0:
            if not call.name:
                return b""
            if event.signature is not None:
                data += self._whole(sealed_item(ToolCallPart(id=call.id, name=call.name, signature=event.signature)))
            call.begin()
            data += self._open(call)
        elif call.place not in self._open_items:
            return data
        if not piece:
            return data
        return data + self._tell(call, {"type": call.delta_event, "fields": {"delta": piece}})

    def _audio(self, event: AudioDelta) -> bytes:
        return self._text(TextDelta(event.transcript)) if event.transcript else b""

    def _part(self, event: PartDelta) -> bytes:
        return b"".join(self._whole(item) for item in write_answer([event.part], [], reply=True))

    def _opaque(self, event: OpaqueDelta) -> bytes:
        own_wire, data = event.wire == WIRE, event.data
        if event.choice is None:
            if own_wire:
                self._beside |= data
            return b""
        if "type" not in data:
            unread: dict[str, Any] = (data.get("message") or {}) if own_wire else {}
            return b"".join(self._unread(each["event"]) for each in unread.get("events", ()))
        item = self._hosted(id=data.get("id")) if own_wire else None
        if item is None:
            return self._part(PartDelta(OpaquePart(event.wire, data)))
        item.fields.clear()
        item.fields.update(data)
        self._item = None if self._item is item else self._item
        return self._close(item)

    def _unread(self, event: dict[str, Any]) -> bytes:
        """Give an event of this wire as it came, with the number that its item has here."""
        fields = {name: value for name, value in event.items() if name not in ("type", "sequence_number")}
        if event["type"] == "response.output_item.added":
            return self._open(OpenHosted(dict(fields["item"]), fields["output_index"]))
        item = self._hosted(index=fields.get("output_index"))
        if item is not None:
            fields["output_index"] = item.place
        return self._start(StreamStart()) + self._event(event["type"], **fields)

    def _hosted(self, *, id: object = None, index: object = None) -> OpenHosted | None:  # noqa: A002 - the field's name
        """Find an open item that only this wire knows, by its id or by its provider's number."""
        for item in self._open_items.values():
            if isinstance(item, OpenHosted) and (
                (index is not None and item.index == index) or (id is not None and item.fields.get("id") == id)
            ):
                return item
        return None

    def _ended(self, event: Finish) -> bytes:
        self._finish = event
        return b""

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        data, finish = self._start(StreamStart()), self._finish
        end = ending(finish.reason if finish else None, finish.raw if finish else None)
        last = len(self._output) - 1
        for place, item in sorted(self._open_items.items()):
            cut = place == last and end["status"] == "incomplete"
            data += self._close(item, status="incomplete" if cut else "completed")
        self._item = None
        response = {**(self._response or {}), **said_of_itself(self._beside), **end}
        response["output"] = self._output
        response["usage"] = write_usage(self._usage) if self._usage is not None else None
        kind = response["status"] if response["status"] in ("completed", "incomplete") else "completed"
        return data + self._event(f"response.{kind}", response=response)


_WRITERS: Final[dict[type, Callable[[ResponseStreamRenderer, Any], bytes]]] = {
    StreamStart: ResponseStreamRenderer._start,  # pyright: ignore[reportPrivateUsage]
    TextDelta: ResponseStreamRenderer._text,  # pyright: ignore[reportPrivateUsage]
    CitationDelta: ResponseStreamRenderer._citation,  # pyright: ignore[reportPrivateUsage]
    ThinkingDelta: ResponseStreamRenderer._thinking,  # pyright: ignore[reportPrivateUsage]
    RefusalDelta: ResponseStreamRenderer._refusal,  # pyright: ignore[reportPrivateUsage]
    ToolCallDelta: ResponseStreamRenderer._tool_call,  # pyright: ignore[reportPrivateUsage]
    AudioDelta: ResponseStreamRenderer._audio,  # pyright: ignore[reportPrivateUsage]
    PartDelta: ResponseStreamRenderer._part,  # pyright: ignore[reportPrivateUsage]
    OpaqueDelta: ResponseStreamRenderer._opaque,  # pyright: ignore[reportPrivateUsage]
    Finish: ResponseStreamRenderer._ended,  # pyright: ignore[reportPrivateUsage]
    UsageReport: ResponseStreamRenderer._report,  # pyright: ignore[reportPrivateUsage]
    StreamEnd: ResponseStreamRenderer._end,  # pyright: ignore[reportPrivateUsage]
}
