r"""Streams of `streamGenerateContent` as they come without `?alt=sse`: one JSON array, an element at a time.

It satisfies `RelayedWire` like its sister, from which it differs in how a stream is cut
and in that a failure is the array's element too. Google writes `[{…}`, then `\n,\r\n`
before each further element, and `\n]` at the end. It documents no blanks between the
elements; this is what tests of its clients show (2026-11-25), and any others are read.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.errors import Error
from interlingua.types import Event, ModelRequest, StreamEnd
from interlingua.wires.alignment import EventAligner
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import JSON_ARRAY, Framing
from interlingua.wires.generate_content.errors import error_object, parse_error
from interlingua.wires.generate_content.fields import WIRE
from interlingua.wires.generate_content.head import is_answer, read_head
from interlingua.wires.generate_content.relay import StreamWatch
from interlingua.wires.generate_content.request import parse_request, render_request
from interlingua.wires.generate_content.request import path as path_of
from interlingua.wires.generate_content.response import parse_response, render_response
from interlingua.wires.generate_content.stream import ContentStreamParser
from interlingua.wires.generate_content.stream_writing import ContentStreamRenderer
from interlingua.wires.passage import in_utf8

name: Final = WIRE
framing: Final[Framing] = JSON_ARRAY

_BETWEEN: Final = b"\n,\r\n"
_END: Final = b"\n]\n"


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is, below a provider's base URL."""
    return path_of(model, stream=stream).removesuffix("?alt=sse")


def render_error(error: Error) -> bytes:
    """Write an error reply, which is an array as the answer would have been."""
    return msgspec.json.encode([error_object(error)])


def stream_watch() -> "ArrayWatch":
    """Begin to look at a stream that passes by."""
    return ArrayWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> "ArrayStreamParser":
    """Begin reading a streamed reply."""
    return ArrayStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> "ArrayStreamRenderer":
    """Begin writing a streamed reply to `request`."""
    return ArrayStreamRenderer(request)


class ArrayWatch(StreamWatch):
    r"""Looks at an array that passes by.

    An element is known as soon as it is whole, and passes when the next one begins, so
    that an error may follow it.

    Example:
        >>> watch = ArrayWatch()
        >>> watch.feed(b'[{"candidates":[{"finishReason":"STOP"}]}\n]\n')
        b''
        >>> watch.finished, watch.close()
        (True, b'[{"candidates":[{"finishReason":"STOP"}]}\n]\n')

    """

    __slots__ = ("_scanner",)

    def __init__(self) -> None:
        super().__init__()
        self._aligner = EventAligner(JSON_ARRAY.ends)
        self._scanner = ElementScanner()

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come, and give those that may pass."""
        self.said = False
        try:
            for element in self._scanner.feed(data):
                self._look(in_utf8(element), None)
        except Error as error:
            self.failure = error
            return b""
        self.ended = False  # the array is to be closed even after an error
        return in_utf8(self._aligner.feed(data))

    def close(self) -> bytes:
        """Give the end of the array."""
        self.said = False
        return in_utf8(self._aligner.rest())


class ArrayStreamParser(ContentStreamParser):
    """Turns the bytes of a streamed array into events, each element as soon as it is whole."""

    __slots__ = ("_scanner",)

    def __init__(self, dialect: Dialect = SPECIFICATION) -> None:
        super().__init__(dialect)
        self._scanner = ElementScanner()

    def feed(self, data: bytes) -> Sequence[Event]:
        """Take the next bytes.

        Raises:
            ProtocolError: they are not of this wire; the message names the event.
            ProviderError: they carry the provider's error.

        """
        elements = self._scanner.feed(data)
        return super().feed(b"".join(b"data: %b\n\n" % each for each in elements)) if elements else ()


class ElementScanner:
    r"""Finds the objects of an array in bytes that were cut anywhere.

    Example:
        >>> scanner = ElementScanner()
        >>> scanner.feed(b'[{"a":"}"}\n,\r\n{"b"'), scanner.feed(b":1}]")
        ([b'{"a":"}"}'], [b'{"b":1}'])

    """

    __slots__ = ("_depth", "_kept", "_seen", "_text")

    _MARK = re.compile(rb'["\\{}]')

    def __init__(self) -> None:
        self._kept = b""
        self._seen: int = 0
        self._depth = 0
        self._text = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes, and give the elements that are whole now, each in one line."""
        self._kept += data
        found: list[bytes] = []
        start = 0
        place: int = self._seen
        while (match := self._MARK.search(self._kept, place)) is not None:
            place = match.end()
            mark = match[0]
            if mark == b"\\":
                if place == len(self._kept):  # what it escapes is to come
                    place -= 1
                    break
                place += 1
            elif mark == b'"':
                self._text = not self._text
            elif not self._text:
                if mark == b"{":
                    start = match.start() if self._depth == 0 else start
                    self._depth += 1
                elif self._depth > 0:
                    self._depth -= 1
                    if self._depth == 0:
                        found.append(self._kept[start:place].replace(b"\r", b" ").replace(b"\n", b" "))
                        start = place
        else:
            place = len(self._kept)
        self._kept = self._kept[start:]
        self._seen = place - start
        return found


class ArrayStreamRenderer:
    """Turns events into the bytes of a streamed array; see `StreamRenderer`.

    The array is opened at once, so that a failure is always its last element.
    """

    __slots__ = ("_inner", "_joint", "_open")

    def __init__(self, request: ModelRequest) -> None:
        self._inner = ContentStreamRenderer(request)
        self._open = False
        self._joint = b""

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        events = self._inner.render(event)
        written = b"" if self._open else b"["
        self._open = True
        for each in events.split(b"\n\n"):
            if each:
                written += self._joint + each.removeprefix(b"data: ")
                self._joint = _BETWEEN
        return written + _END if type(event) is StreamEnd else written

    def render_error(self, error: Error) -> bytes:
        """Give the failure as the last element; nothing may follow."""
        return self._joint + msgspec.json.encode(error_object(error)) + _END


__all__ = [
    "framing",
    "is_answer",
    "name",
    "parse_error",
    "parse_request",
    "parse_response",
    "path",
    "read_head",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
    "stream_watch",
]
