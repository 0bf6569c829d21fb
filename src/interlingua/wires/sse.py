"""Server-sent events, read and written as bytes.

What the format says: https://html.spec.whatwg.org/multipage/server-sent-events.html
(read 2026-11-22). Lines end at CR, LF or CRLF and nowhere else, so a JSON string that
holds U+2028 or U+0085 stays whole, and nothing is decoded before an event is complete.
"""

import re

import msgspec

from interlingua.errors import ProtocolError

DEFAULT_MAX_LINE = 8 * 1024 * 1024
"""The longest line, and the longest event, in bytes."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(msgspec.Struct, gc=False):
    """One event: its `data` lines joined by a line feed, and the fields that came with it, None where they did not."""

    data: bytes
    event: bytes | None = None
    id: bytes | None = None
    retry: int | None = None
    """The server's wish for the time before a reconnection, in milliseconds."""


class SSEParser:
    r"""Splits a byte stream into events, wherever the network cut it.

    An event without a `data` line is no event, as the format says; one that the stream
    ends in without its blank line is given by `close`, since providers leave it out.

    Args:
        max_line: The longest line and the longest event, in bytes; 8 MiB unless told.

    Example:
        >>> parser = SSEParser()
        >>> parser.feed(b'data: {"a": 1}\n\ndata: [DO')
        [ServerSentEvent(data=b'{"a": 1}', event=None, id=None, retry=None)]
        >>> parser.feed(b"NE]\n\n")[0].data
        b'[DONE]'

    """

    __slots__ = (
        "_at_start",
        "_buffer",
        "_clean",
        "_event",
        "_id",
        "_lines",
        "_max_line",
        "_retry",
        "_size",
        "_skip_line_feed",
    )

    def __init__(self, max_line: int = DEFAULT_MAX_LINE) -> None:
        self._max_line = max_line
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._size = 0
        self._event: bytes | None = None
        self._id: bytes | None = None
        self._retry: int | None = None
        self._at_start = True
        self._skip_line_feed = False
        self._clean = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the stream and give the events that they complete.

        Raises:
            ProtocolError: a line or an event is longer than `max_line`.

        """
        # Nearly every read of a model's stream is whole events of one data line each.
        if self._clean and b"\r" not in data:
            buffer = self._buffer
            if not buffer and data[-2:] == b"\n\n":
                text, rest = data[:-2], b""
            elif b"\n" in data:
                text, separator, rest = (bytes(buffer) + data).rpartition(b"\n\n")
                if not separator or b"\n" in rest or len(rest) > self._max_line:
                    return self._feed_lines(data)
            else:
                return self._feed_lines(data)
            events = self._split_events(text)
            if events is not None:
                if rest or buffer:
                    buffer[:] = rest
                return events
        return self._feed_lines(data)

    def _split_events(self, text: bytes) -> list[ServerSentEvent] | None:
        """Split whole events of one `data: ` line, with or without an `event: ` line above it; None if one is not."""
        if len(text) > self._max_line:
            return None
        if text[:6] == b"data: ":
            if b"\n" not in text:
                return [ServerSentEvent(text[6:])]
            blocks = text[6:].split(b"\n\ndata: ")
            if text.count(b"\n") == 2 * len(blocks) - 2:
                return [ServerSentEvent(block) for block in blocks]
        events: list[ServerSentEvent] = []
        for block in text.split(b"\n\n"):
            name, separator, data = block.partition(b"\n")
            if not separator and name[:6] == b"data: ":
                events.append(ServerSentEvent(name[6:]))
            elif name[:7] == b"event: " and data[:6] == b"data: " and b"\n" not in data:
                events.append(ServerSentEvent(data[6:], name[7:]))
            else:
                return None
        return events

    def close(self) -> list[ServerSentEvent]:
        """Say that the stream has ended, and give the event that was left without its blank line."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        if rest:
            self._take_line(rest.removeprefix(_BOM) if self._at_start else rest)
        self._at_start = False
        event = self._take_event()
        return [] if event is None else [event]

    def _too_long(self) -> ProtocolError:
        return ProtocolError(f"The event stream has a line or an event of more than {self._max_line} bytes.")

    def _feed_lines(self, data: bytes) -> list[ServerSentEvent]:
        if self._skip_line_feed and data:
            self._skip_line_feed = False
            if data[0] == 0x0A:
                data = data[1:]
        buffer = self._buffer
        if b"\n" not in data and b"\r" not in data:
            buffer += data
            if len(buffer) > self._max_line:
                raise self._too_long()
            return []
        text = bytes(buffer) + data
        if self._at_start:
            self._at_start = False
            text = text.removeprefix(_BOM)
        if b"\r" not in text:
            lines = text.split(b"\n")
        else:
            # A line feed that follows in the next read belongs to this carriage return.
            self._skip_line_feed = text[-1] == 0x0D
            lines = _LINE_END.split(text)
        buffer[:] = lines.pop()
        return self._take_lines(lines)

    def _take_lines(self, lines: list[bytes]) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        for line in lines:
            if line:
                self._take_line(line)
            else:
                event = self._take_event()
                if event is not None:
                    events.append(event)
        if len(self._buffer) > self._max_line:
            raise self._too_long()
        self._clean = not (
            self._skip_line_feed
            or self._lines
            or self._event is not None
            or self._id is not None
            or self._retry is not None
        )
        return events

    def _take_line(self, line: bytes) -> None:
        if len(line) > self._max_line:
            raise self._too_long()
        if line[:6] == b"data: ":
            value = line[6:]
        else:
            name, _, value = line.partition(b":")
            if value[:1] == b" ":
                value = value[1:]
            if name != b"data":
                self._take_field(name, value)
                return
        self._size += len(value) + 1
        if self._size > self._max_line:
            raise self._too_long()
        self._lines.append(value)

    def _take_field(self, name: bytes, value: bytes) -> None:
        if name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value
        elif name == b"retry" and value.isdigit() and len(value) <= 18:
            self._retry = int(value)

    def _take_event(self) -> ServerSentEvent | None:
        event = ServerSentEvent(b"\n".join(self._lines), self._event, self._id, self._retry) if self._lines else None
        self._lines = []
        self._size = 0
        self._event = self._id = self._retry = None
        return event


def render_event(data: bytes, event: bytes | None = None) -> bytes:
    r"""Write one event; every line of `data` gets its own prefix.

    CR and CRLF in `data` come back as LF, since the format cannot carry them.

    Example:
        >>> render_event(b"a\nb", event=b"delta")
        b'event: delta\ndata: a\ndata: b\n\n'

    Raises:
        ValueError: `event` has a line end in it.

    """
    if event is not None and (b"\n" in event or b"\r" in event):
        raise ValueError("an event's name must be on one line")
    head = b"" if event is None else b"event: " + event + b"\n"
    if b"\n" not in data and b"\r" not in data:
        return head + b"data: " + data + b"\n\n"
    return head + b"".join(b"data: " + line + b"\n" for line in _LINE_END.split(data)) + b"\n"
