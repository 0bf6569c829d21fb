"""Looking at a stream that passes by."""

import re
from typing import Any, Final

from interlingua.errors import ProviderError
from interlingua.types import Usage
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.messages.usage import read_usage
from interlingua.wires.sse import SSEParser
from interlingua.wires.utterance import event_says

_TAIL: Final = 64 * 1024
_LAST: Final = 3
"""Events from the end among which one has to tell why the answer ends; a ping may follow it."""
_STOP: Final = re.compile(rb'"type"\s*:\s*"message_stop"')
_DATA: Final = re.compile(rb"^data: ?(.*)$", re.MULTILINE)


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    Only the last bytes are kept, and they are not read before somebody asks.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
        True

    """

    def __init__(self) -> None:
        self._begun: dict[str, object] | None = None
        self._kept = b""

    def feed(self, data: bytes) -> bool:
        """Take bytes as they pass; tell whether the end mark was the last of them."""
        if self._begun is None:  # the prompt's counts come first, and only once
            first = _DATA.search(data)
            self._begun = _counts_of(first[1]) if first is not None else {}
        self._kept = (self._kept + data)[-_TAIL:] if len(data) < _TAIL else data[-_TAIL:]
        return b"message_stop" in data[-80:]

    @staticmethod
    def is_content(data: bytes) -> bool:
        """Tell whether some of these bytes say something; see `wires.contract.StreamWatch`."""
        return b'_delta"' in data or event_says(data, _says)

    @property
    def finished(self) -> bool:
        """Whether the stream said how it ended: by its end mark, the reason why it stops, or an error."""
        return _STOP.search(self._kept[-400:]) is not None or any(
            _stops(payload) for payload in self._payloads()[-_LAST:]
        )

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        counts: dict[str, object] = dict(self._begun or {})
        for payload in self._payloads():
            if b'"usage"' in payload:
                counts |= _counts_of(payload)
        return read_usage(counts) if counts else None

    @property
    def error(self) -> ProviderError | None:
        """The error that the stream ended in."""
        payloads = self._payloads()
        event = _object_of(payloads[-1]) if payloads else None
        return error_of(event, body=payloads[-1]) if event is not None and event.get("type") == "error" else None

    def _payloads(self) -> list[bytes]:
        """Give the data of the events that were kept; the first may be the rest of one."""
        parser = SSEParser()
        return [event.data for event in [*parser.feed(self._kept), *parser.close()]]


def _stops(payload: bytes) -> bool:
    """Tell whether an event ends the answer: a reason to stop, or an error."""
    event = _object_of(payload) or {}
    delta = event.get("delta")
    reason = event.get("type") == "message_delta" and is_object(delta) and delta.get("stop_reason") is not None
    return reason or event.get("type") == "error"


def _says(event: dict[str, Any]) -> bool:
    """Tell whether an event says more than that a message, or a block of it, begins."""
    kind = event.get("type")
    if kind != "content_block_start":
        return kind not in ("ping", "message_start")
    block = event.get("content_block")
    return not is_object(block) or any(value and name != "type" for name, value in block.items())


def _counts_of(payload: bytes) -> dict[str, object]:
    """Give the counts of an event, whether it begins a message or ends one."""
    event = _object_of(payload) or {}
    message = event.get("message")
    usage = event.get("usage") if not is_object(message) else message.get("usage")
    return {name: value for name, value in usage.items() if value is not None} if is_object(usage) else {}


def _object_of(payload: bytes) -> "dict[str, object] | None":
    try:
        event = decode(payload)
    except UNREADABLE:
        return None  # the rest of an event whose beginning was not kept
    return dict(event) if is_object(event) else None
