"""Looking at a stream that passes by."""

import re
from typing import Any, Final

from interlingua.errors import ProviderError
from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.responses.usage import read_usage
from interlingua.wires.utterance import event_says

_DATA: Final = re.compile(rb"^data: ?(.*?)\r?$", re.MULTILINE)
_TAIL: Final = 4 * 1024 * 1024
_MARK: Final = re.compile(rb'"type"\s*:\s*"(response\.(?:completed|incomplete|failed)|error)"')


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    The last event holds the whole response, so as much as that is kept.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'data: {"type":"response.completed","response":{}}\n\n')
        False
        >>> watch.finished
        True

    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bool:
        """Take bytes as they pass; there is no end mark after the last event."""
        self._kept.append(data)
        self._size += len(data)
        if self._size > 2 * _TAIL:
            tail = b"".join(self._kept)[-_TAIL:]
            self._kept, self._size = [tail], len(tail)
        return False

    @staticmethod
    def is_content(data: bytes) -> bool:
        """Tell whether some of these bytes say something; see `wires.contract.StreamWatch`."""
        return b'.delta"' in data or event_says(data, _says)

    @property
    def finished(self) -> bool:
        """Whether the stream said how it ended."""
        return self._last() is not None

    @property
    def usage(self) -> Usage | None:
        """The usage of the whole response."""
        last = self._last()
        response = last.get("response") if last is not None else None
        return read_usage(response.get("usage")) if is_object(response) else None

    @property
    def error(self) -> ProviderError | None:
        """The error that the stream ended in."""
        last = self._last()
        if last is None or last.get("type") not in ("error", "response.failed"):
            return None
        response = last.get("response")
        return error_of(response if is_object(response) else last)

    def _last(self) -> dict[str, Any] | None:
        """Give the event that ended the stream, if one has."""
        data = b"".join(self._kept)
        if _MARK.search(data) is None:
            return None
        for payload in reversed(_DATA.findall(data)):
            try:
                event = decode(payload)
            except UNREADABLE:
                continue
            if is_object(event) and event.get("type") in _ENDS:
                return dict(event)
        return None


def _says(event: dict[str, Any]) -> bool:
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

_ENDS: Final = ("response.completed", "response.incomplete", "response.failed", "error")
