"""Looking at a stream that passes by."""

from collections.abc import Mapping
from typing import Any

import msgspec

from interlingua.errors import StreamInterrupted
from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.messages.usage import read_usage
from interlingua.wires.passage import EventWatch, broken, object_in
from interlingua.wires.sse import render_event

_TEXTS = {"text_delta": "text", "input_json_delta": "partial_json", "thinking_delta": "thinking"}
"""Where the text of a delta stands, by its type."""


class _Delta(msgspec.Struct, gc=False):
    text: str | msgspec.UnsetType = msgspec.UNSET
    partial_json: str | msgspec.UnsetType = msgspec.UNSET
    thinking: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def is_text(self) -> bool:
        """Whether it has one of them."""
        unset = msgspec.UNSET
        return self.text is not unset or self.partial_json is not unset or self.thinking is not unset


class _Event(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are."""

    type: str
    index: int
    delta: _Delta


_encode = msgspec.json.Encoder().encode
_decode_event = msgspec.json.Decoder(_Event).decode


class StreamWatch(EventWatch):
    r"""Looks at a stream that passes by; see `wires.contract.StreamWatch`.

    An event without its name gets it, since Anthropic's readers skip such events, and one
    without its count of tokens a count of zero, since they add to it.

    Example:
        >>> watch = StreamWatch()
        >>> delta = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}'
        >>> watch.feed(b"event: content_block_delta\ndata: %b\n\n" % delta)[:26], watch.said
        (b'event: content_block_delta', True)

    """

    __slots__ = ("_counts", "_spoken")

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, object] = {}
        self._spoken = False

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        return read_usage(self._counts) if self._counts else None

    def _look(self, data: bytes, name: bytes | None) -> bytes | None:
        if name == b"content_block_delta":
            try:
                event = _decode_event(data)
            except UNREADABLE:
                return self._look_closely(data, name)
            if event.type == "content_block_delta" and event.delta.is_text:
                self.said = self._spoken = True
                return None
        return self._look_closely(data, name)

    def _look_closely(self, data: bytes, name: bytes | None) -> bytes | None:
        """Look at an event that is no usual piece."""
        event = object_in(data)
        kind = event.get("type")
        if kind == "error" or name == b"error" or (kind is None and event.get("error")):
            failure = error_of(event, body=data)
            if kind != "error" or name != b"error":
                raise failure
            self._told(failure)
            return None
        if kind == "message_stop":
            if not self._spoken:
                raise StreamInterrupted("the stream was empty")
            self.finished = self.ended = True
        else:
            _check(event, data)
            self._note(event)
        counted = _counted(event)
        if counted is not None:
            data = _encode(counted)
        elif name or not isinstance(kind, str):
            return None
        return render_event(data, str(kind).encode())

    def _note(self, event: Mapping[str, Any]) -> None:
        if _says(event):
            self.said = self._spoken = True
        message, delta = event.get("message"), event.get("delta")
        usage = message.get("usage") if is_object(message) else event.get("usage")
        if is_object(usage):
            self._counts |= {name: value for name, value in usage.items() if value is not None}
        if event.get("type") == "message_delta" and is_object(delta) and delta.get("stop_reason") is not None:
            self.finished = True


def _counted(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give an event that lacks its counts with zeros for them, which Anthropic's SDK adds to; None for all others."""
    kind, message = event.get("type"), event.get("message")
    if kind == "message_delta" and event.get("usage") is None:
        return {**event, "usage": {"output_tokens": 0}}
    if kind == "message_start" and is_object(message) and message.get("usage") is None:
        return {**event, "message": {**message, "usage": {"input_tokens": 0, "output_tokens": 0}}}
    return None


def _check(event: Mapping[str, Any], data: bytes) -> None:
    """See that an event of a known type has what its readers take for granted.

    Raises:
        ProtocolError: it has not.

    """
    kind, delta, block = event.get("type"), event.get("delta"), event.get("content_block")
    if kind in ("content_block_start", "content_block_delta") and not isinstance(event.get("index"), int):
        raise broken("has no index", data)
    if kind == "message_start" and not is_object(event.get("message")):
        raise broken("has no message", data)
    if kind in ("content_block_delta", "message_delta") and not is_object(delta):
        raise broken("has no delta", data)
    if kind == "content_block_start":
        if not is_object(block):
            raise broken("has no content_block", data)
        if block.get("type") == "text" and not isinstance(block.get("text"), str | None):
            raise broken("has a text that is none", data)
    if kind == "content_block_delta" and is_object(delta):
        place = _TEXTS.get(str(delta.get("type")))
        if place is not None and not isinstance(delta.get(place), str):
            raise broken(f"has a {place} that is no text", data)


def _says(event: Mapping[str, Any]) -> bool:
    """Tell whether an event says more than that a message, or a block of it, begins."""
    kind = event.get("type")
    if kind != "content_block_start":
        return kind not in ("ping", "message_start")
    block = event.get("content_block")
    return not is_object(block) or any(value and name != "type" for name, value in block.items())
