r"""Streams of `streamGenerateContent` as they come without `?alt=sse`: one JSON array, an element at a time.

It satisfies `RelayedWire` like its sister, from which it differs in how a stream is cut
and in that a failure is the array's element too. Google writes `[{…}`, then `\n,\r\n`
before each further element, and `\n]` at the end. It documents no blanks between the
elements; this is what tests of its clients show (2026-11-25), and any others are read.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import Event, ModelRequest, StreamEnd
from interlingua.types.shape import is_list, is_object
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import JSON_ARRAY, Framing
from interlingua.wires.generate_content.errors import error_object, parse_error
from interlingua.wires.generate_content.fields import WIRE
from interlingua.wires.generate_content.head import is_answer, read_head
from interlingua.wires.generate_content.relay import StreamWatch, says
from interlingua.wires.generate_content.request import parse_request, render_request
from interlingua.wires.generate_content.request import path as path_of
from interlingua.wires.generate_content.response import parse_response, render_response
from interlingua.wires.generate_content.stream import ContentStreamParser
from interlingua.wires.generate_content.stream_writing import ContentStreamRenderer
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.utterance import any_says

name: Final = WIRE
framing: Final[Framing] = JSON_ARRAY

_BETWEEN: Final = b"\n,\r\n"
_END: Final = b"\n]\n"
_SEPARATOR: Final = re.compile(rb"\r?\n,\r?\n")
_AROUND: Final = b"\xef\xbb\xbf \t\r\n[],"


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

    Example:
        >>> watch = ArrayWatch()
        >>> watch.feed(b'[{"candidates":[{"finishReason":"STOP"}]}\n]\n')
        False
        >>> watch.finished
        True

    """

    def __init__(self) -> None:
        super().__init__()
        self._scanner = ElementScanner()

    def is_content(self, data: bytes) -> bool:
        """Tell whether an element that ends in these bytes says something; they may be cut anywhere."""
        return any_says(self._scanner.feed(data), says)

    def _chunks(self) -> list[dict[str, Any]]:
        elements = _whole(self._kept) or [_read(each) for each in reversed(_SEPARATOR.split(self._kept))]
        return [dict(each) for each in elements if is_object(each)]


def _whole(data: bytes) -> list[Any]:
    """Give the elements of an array that is whole, the last one first; nothing for any other bytes."""
    array = _decoded(data)
    return list(reversed(array)) if is_list(array) else []


def _read(data: bytes) -> object:
    return _decoded(data.strip(_AROUND)) if data.rstrip().endswith((b"}", b"]")) else None


def _decoded(data: bytes) -> object:
    try:
        return decode(data)
    except UNREADABLE:
        return None


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
