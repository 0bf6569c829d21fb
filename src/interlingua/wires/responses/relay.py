"""Looking at a stream that passes by."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.passage import EventWatch, broken, object_in
from interlingua.wires.responses.usage import read_usage
from interlingua.wires.sse import render_event


class _Delta(msgspec.Struct, gc=False):
    """The event that nearly all events of a stream are."""

    type: str
    delta: str


_encode = msgspec.json.Encoder().encode
_decode_delta = msgspec.json.Decoder(_Delta).decode


class StreamWatch(EventWatch):
    r"""Looks at a stream that passes by; see `wires.contract.StreamWatch`.

    There is no end mark: the last event holds the whole response.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'data: {"type":"response.completed","response":{}}\n\n')
        b'data: {"type":"response.completed","response":{}}\n\n'
        >>> watch.finished, watch.ended
        (True, False)

    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        super().__init__()
        self._last: Mapping[str, Any] = {}

    @property
    def usage(self) -> Usage | None:
        """The usage of the whole response."""
        response = self._last.get("response")
        return read_usage(response.get("usage")) if is_object(response) else None

    def _look(self, data: bytes, name: bytes | None) -> bytes | None:
        if name is None or name[-6:] == b".delta":
            try:
                piece = _decode_delta(data)
            except UNREADABLE:
                return self._look_closely(data, name)
            if piece.type[-6:] == ".delta":
                self.said = True
                return None
        return self._look_closely(data, name)

    def _look_closely(self, data: bytes, name: bytes | None) -> bytes | None:
        """Look at an event that is no usual piece."""
        if data.strip() == b"[DONE]":
            return None
        event = object_in(data)
        kind = event.get("type")
        if kind in _TEXTS and not isinstance(event.get("delta"), str):
            raise broken("has a delta that is no text", data)
        response = event.get("response")
        if kind in _ENDS:
            if kind != "error" and not is_object(response):
                raise broken("has no response", data)
            self._last, self.finished = event, True
            failed = kind in ("error", "response.failed")
            self.error = error_of(response if is_object(response) else event, body=data) if failed else None
            if kind == "error" and not event.get("error"):  # which is what makes OpenAI's SDK raise it
                self.said = True
                told = {name: event.get(name) for name in ("code", "message", "param")}
                return render_event(_encode({**event, "error": {"type": "error", **told}}), name)
        elif kind is None and (event.get("error") or name == b"error"):
            failure = error_of(event, body=data)
            if not event.get("error"):  # which is where readers look for it
                raise failure
            self._told(failure)
        self.said = self.said or _says(event)
        return None


def _says(event: Mapping[str, Any]) -> bool:
    """Tell whether an event says more than that a response, or an item of it, begins."""
    kind = event.get("type")
    item = event.get("item")
    if kind == "response.output_item.added" and is_object(item):
        return item.get("type") not in ("message", "reasoning") or bool(item.get("content") or item.get("summary"))
    return kind not in _ANNOUNCEMENTS


_ANNOUNCEMENTS: Final = frozenset(
    (
        *("response.created", "response.queued", "response.in_progress", "keepalive"),
        *("response.content_part.added", "response.reasoning_summary_part.added"),
    )
)
"""Events that say nothing of the answer. No document has `keepalive` (openai-node#1964, read 2026-11-25)."""

_TEXTS: Final = frozenset(
    (
        *("response.output_text.delta", "response.refusal.delta", "response.function_call_arguments.delta"),
        *("response.reasoning_summary_text.delta", "response.reasoning_text.delta", "response.reasoning.delta"),
        *("response.custom_tool_call_input.delta", "response.audio.delta", "response.audio.transcript.delta"),
    )
)
"""Events whose `delta` is a piece of a text."""

_ENDS: Final = ("response.completed", "response.incomplete", "response.failed", "error")
