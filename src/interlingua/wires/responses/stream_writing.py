"""Streamed replies, written as OpenAI writes them (events of openai 3.54 and Open Responses 2.4, read 2026-11-23)."""

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
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.types.accumulation import accumulate
from interlingua.types.seal import seal
from interlingua.wires.responses.errors import error_fields
from interlingua.wires.responses.items import WIRE, own, sealed_item, write_annotation, write_answer
from interlingua.wires.responses.response import completed, ending, response_fields, response_id
from interlingua.wires.responses.usage import write_usage

_encode = msgspec.json.Encoder().encode


class ResponseStreamRenderer:
    """Turns events into the bytes of a streamed reply; see `StreamRenderer`.

    Items are opened and closed as the kind of the events changes; each is told when it
    is added, by its pieces, and whole when it is done. The last event holds the whole
    response. Of several choices the first is written, since there is one response.
    """

    __slots__ = (
        "_calls",
        "_finish",
        "_id",
        "_item",
        "_number",
        "_output",
        "_prefix",
        "_request",
        "_response",
        "_usage",
    )

    def __init__(self, request: ModelRequest) -> None:
        self._request = request
        self._id = ""
        self._response: dict[str, Any] | None = None
        self._item: _Item | None = None
        self._output: list[dict[str, Any]] = []
        self._number = -1
        self._prefix = b""
        self._calls: dict[int, _Call] = {}
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        if type(event) is TextDelta:
            item = self._item
            if (
                item is not None
                and item.kind == "text"
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
        own_fields = own(event.extensions)
        self._response = {**own_fields, **response_fields(self._id, event.model, event.created, self._request)}
        begun = self._event("response.created", response=self._response)
        return begun + self._event("response.in_progress", response=self._response)

    def _open(self, kind: str, index: int | None, fields: dict[str, Any]) -> bytes:
        """Close the item that is open and add another."""
        data = self._start(StreamStart()) + self._close()
        added = completed(fields, self._id, len(self._output))
        if "status" in added:
            added["status"] = "in_progress"
        self._item = _Item(kind, index, added)
        return data + self._event("response.output_item.added", output_index=len(self._output), item=added)

    def _told(self, kind: str, **fields: Any) -> bytes:
        """Tell something of the item that is open."""
        item = self._item
        identity = item.fields.get("id", "") if item is not None else ""
        return self._event(kind, item_id=identity, output_index=len(self._output), **fields)

    def _close(self) -> bytes:
        item, data = self._item, b""
        if item is None:
            return b""
        if item.kind in ("text", "refusal"):
            data = self._close_message(item)
        elif item.kind == "thinking":
            data = self._close_reasoning(item)
        elif item.kind == "call":
            data = self._close_call(item)
        self._item = None
        if "status" in item.fields:
            item.fields["status"] = "completed"
        data += self._event("response.output_item.done", output_index=len(self._output), item=item.fields)
        self._output.append(item.fields)
        return data

    def _whole(self, fields: dict[str, Any]) -> bytes:
        """Give an item that comes in one piece."""
        return self._open("whole", None, fields) + self._close()

    def _message(self, event: TextDelta) -> bytes:
        empty: list[Any] = []
        marks = _marks(event)
        data = self._open("text", event.index, {"type": "message", "role": "assistant", "content": empty, **marks})
        part: dict[str, Any] = {"type": "output_text", "text": "", "annotations": empty, "logprobs": empty}
        data += self._told("response.content_part.added", content_index=0, part=part)
        item = self._item
        identity = item.fields["id"] if item is not None else ""
        head: dict[str, Any] = {
            "type": "response.output_text.delta",
            "item_id": identity,
            "output_index": len(self._output),
            "content_index": 0,
            "logprobs": empty,
        }
        self._prefix = b'event: response.output_text.delta\ndata: %b,"delta":' % _encode(head)[:-1]
        return data

    def _close_message(self, item: "_Item") -> bytes:
        text = "".join(item.texts)
        if item.kind == "refusal":
            part: dict[str, Any] = {"type": "refusal", "refusal": text}
            data = self._told("response.refusal.done", content_index=0, refusal=text)
        else:
            part = {
                "type": "output_text",
                "text": text,
                "annotations": item.annotations,
                "logprobs": item.logprobs,
            }
            data = self._told("response.output_text.done", content_index=0, text=text, logprobs=item.logprobs)
        item.fields["content"] = [part]
        return data + self._told("response.content_part.done", content_index=0, part=part)

    def _close_reasoning(self, item: "_Item") -> bytes:
        thought, text, data = item.thought, "".join(item.texts), b""
        if text:
            part = {"type": "summary_text", "text": text}
            data = self._told("response.reasoning_summary_text.done", summary_index=0, text=text)
            data += self._told("response.reasoning_summary_part.done", summary_index=0, part=part)
            item.fields["summary"] = [part]
        if thought is not None:
            if thought.wire == WIRE:
                state = thought.encrypted
                marks = own(thought.extensions)
                item.fields.update({name: value for name, value in marks.items() if name != "id"})
            else:
                state = seal(thought)
            item.fields["encrypted_content"] = state
        return data

    def _close_call(self, item: "_Item") -> bytes:
        text = "".join(item.texts)
        if item.fields["type"] == "custom_tool_call":
            item.fields["input"] = text
            return self._told("response.custom_tool_call_input.done", input=text)
        item.fields["arguments"] = text
        return self._told("response.function_call_arguments.done", name=item.fields["name"], arguments=text)

    def _text(self, event: TextDelta) -> bytes:
        data = b""
        if event.signature is not None:
            data += self._whole(sealed_item(TextPart(event.text, signature=event.signature)))
        item = self._item
        fresh = item is None or item.kind != "text" or item.index != event.index
        if fresh:
            if not event.text and event.logprobs is None and not _marks(event):
                return data
            data += self._message(event)
            item = self._item
        if item is None:
            return data
        item.fields.update({name: value for name, value in _marks(event).items() if name not in ("id", "status")})
        logprobs = list((event.logprobs or {}).get("content") or ())
        item.logprobs += logprobs
        if not event.text and not logprobs:
            return data
        item.texts.append(event.text)
        return data + self._told("response.output_text.delta", content_index=0, delta=event.text, logprobs=logprobs)

    def _citation(self, event: CitationDelta) -> bytes:
        data = b""
        if self._item is None or self._item.kind != "text":
            data = self._message(TextDelta(""))
        item = self._item
        if item is None:
            return data
        annotation = write_annotation(event.citation)
        item.annotations.append(annotation)
        number = len(item.annotations) - 1
        return data + self._told(
            "response.output_text.annotation.added", content_index=0, annotation_index=number, annotation=annotation
        )

    def _thinking(self, event: ThinkingDelta) -> bytes:
        data, item = b"", self._item
        if item is None or item.kind != "thinking" or item.index != event.index or item.is_signed_before(event):
            empty: list[Any] = []
            fields: dict[str, Any] = {"type": "reasoning", "summary": empty}
            if event.wire == WIRE and "id" in own(event.extensions):
                fields["id"] = own(event.extensions)["id"]
            data = self._open("thinking", event.index, fields)
            item = self._item
        if item is None:
            return data
        item.think(event)
        if not event.text:
            return data
        if not item.texts:
            part = {"type": "summary_text", "text": ""}
            data += self._told("response.reasoning_summary_part.added", summary_index=0, part=part)
        item.texts.append(event.text)
        return data + self._told("response.reasoning_summary_text.delta", summary_index=0, delta=event.text)

    def _refusal(self, event: RefusalDelta) -> bytes:
        data = b""
        if self._item is None or self._item.kind != "refusal":
            empty: list[Any] = []
            data = self._open("refusal", None, {"type": "message", "role": "assistant", "content": empty})
            part = {"type": "refusal", "refusal": ""}
            data += self._told("response.content_part.added", content_index=0, part=part)
        if self._item is not None:
            self._item.texts.append(event.text)
        return data + self._told("response.refusal.delta", content_index=0, delta=event.text)

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        call = self._calls.get(event.index)
        data = b""
        if call is None:
            call = self._calls[event.index] = _Call()
        call.add(event)
        if not call.begun:
            if not call.name:
                return b""
            call.begun = True
            if event.signature is not None:
                part = ToolCallPart(id=call.id, name=call.name, signature=event.signature)
                data += self._whole(sealed_item(part))
            data += self._open("call", event.index, call.fields())
            piece = "".join(call.pieces)
        else:
            piece = event.arguments
        item = self._item
        if item is None or item.kind != "call" or item.index != event.index:
            return data
        if not piece:
            return data
        item.texts.append(piece)
        custom = item.fields["type"] == "custom_tool_call"
        kind = "response.custom_tool_call_input.delta" if custom else "response.function_call_arguments.delta"
        return data + self._told(kind, delta=piece)

    def _audio(self, event: AudioDelta) -> bytes:
        return self._text(TextDelta(event.transcript)) if event.transcript else b""

    def _part(self, event: PartDelta) -> bytes:
        return b"".join(self._whole(item) for item in write_answer([event.part], [], reply=True))

    def _opaque(self, event: OpaqueDelta) -> bytes:
        if event.choice is not None and "type" in event.data:
            return self._part(PartDelta(OpaquePart(event.wire, event.data)))
        return b""

    def _ended(self, event: Finish) -> bytes:
        self._finish = event
        return b""

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        data = self._start(StreamStart()) + self._close()
        finish = self._finish
        response = dict(self._response or {})
        response |= ending(finish.reason if finish else None, finish.raw if finish else None)
        response["output"] = self._output
        response["usage"] = write_usage(self._usage) if self._usage is not None else None
        return data + self._event(f"response.{response['status']}", response=response)


def _marks(event: TextDelta) -> dict[str, Any]:
    """Give what the item of a text says of itself, where it is of this wire."""
    marks: dict[str, Any] | None = own(event.extensions or {}).get("item")
    return marks or {}


class _Item:
    """An item that is being written."""

    __slots__ = ("annotations", "fields", "index", "kind", "logprobs", "texts", "thought")

    def __init__(self, kind: str, index: int | None, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.index = index
        self.fields = fields
        self.texts: list[str] = []
        self.annotations: list[dict[str, Any]] = []
        self.logprobs: list[Any] = []
        self.thought: ThinkingPart | None = None

    def is_signed_before(self, event: ThinkingDelta) -> bool:
        """Tell whether its reasoning was over already: text after the state is another's."""
        return self.thought is not None and bool(self.thought.signature or self.thought.encrypted) and bool(event.text)

    def think(self, event: ThinkingDelta) -> None:
        """Take the state of the reasoning."""
        thought = self.thought
        if thought is None:
            thought = self.thought = ThinkingPart(field=event.field, wire=event.wire)
        thought.wire = thought.wire or event.wire
        thought.signature = (thought.signature or "") + event.signature if event.signature else thought.signature
        thought.encrypted = (thought.encrypted or "") + event.encrypted if event.encrypted else thought.encrypted
        for wire, fields in event.extensions.items():
            accumulate(thought.extensions.setdefault(wire, {}), fields)


class _Call:
    """What has been seen of a call."""

    __slots__ = ("begun", "extensions", "id", "kind", "name", "pieces")

    def __init__(self) -> None:
        self.begun = False
        self.extensions: dict[str, dict[str, Any]] = {}
        self.id = ""
        self.kind = "function"
        self.name = ""
        self.pieces: list[str] = []

    def add(self, event: ToolCallDelta) -> None:
        """Take a piece, until the call has begun."""
        if self.begun:
            return
        self.id = event.id or self.id
        self.kind = event.kind or self.kind
        self.name += event.name or ""
        self.extensions |= event.extensions
        self.pieces.append(event.arguments)

    def fields(self) -> dict[str, Any]:
        """Give the item that the call begins as."""
        custom = self.kind == "custom"
        return {
            "type": "custom_tool_call" if custom else "function_call",
            "call_id": self.id,
            "name": self.name,
            "input" if custom else "arguments": "",
            **(self.extensions.get(WIRE) or {}),
        }


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
