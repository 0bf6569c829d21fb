"""Events that pass by: each is looked at once, and passes as it came unless its readers would trip over it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from interlingua.errors import Error, ProtocolError, ProviderError
from interlingua.types.shape import is_object
from interlingua.wires.alignment import EventAligner
from interlingua.wires.framing import SERVER_SENT_EVENTS
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.sse import render_event

BOM: Final = b"\xef\xbb\xbf"

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_EVENT: Final = re.compile(rb".*?(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))", re.DOTALL)


def in_utf8(data: bytes) -> bytes:
    r"""Give bytes that end where a character ends as they are, or with U+FFFD where they are no UTF-8.

    Example:
        >>> in_utf8(b"a\xff")
        b'a\xef\xbf\xbd'

    """
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def broken(what: str, data: bytes) -> ProtocolError:
    """Give the error of an event that is none of its wire."""
    start = data[:80].decode("utf-8", "replace")
    return ProtocolError(f"An event of the provider's stream {what} ({start!r}).", body=data)


def _common_end(data: bytes) -> bytes | None:
    """Give what all events of these bytes end with; None where that is not always the same, or CR alone."""
    if b"\r" not in data:
        end = b"\n\n"
    elif data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        end = b"\r\n\r\n"
    else:
        return None
    return end if data.endswith(end) else None


def object_in(data: bytes) -> Mapping[str, Any]:
    """Read the object that an event is.

    Raises:
        ProtocolError: it is none.

    """
    try:
        fields = decode(data)
    except UNREADABLE as error:
        raise broken(f"is not valid JSON: {error}", data) from error
    if not is_object(fields):
        raise broken("is not an object", data)
    return fields


class PassingWatch(ABC):
    """Looks at what passes, cut where its pieces end; see `wires.contract.StreamWatch`.

    Args:
        ends: what a piece may end with.

    """

    __slots__ = ("_aligner", "_begun", "ended", "error", "failure", "finished", "said")

    def __init__(self, ends: tuple[bytes, ...]) -> None:
        self.ended = False
        self.error: ProviderError | None = None
        self.failure: Error | None = None
        self.finished = False
        self.said = False
        self._aligner = EventAligner(ends)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come, and give those of whole pieces that may pass."""
        self.said = False
        whole = self._aligner.feed(data)
        return self._passed(whole) if whole else b""

    @abstractmethod
    def _passed(self, data: bytes) -> bytes:
        """Look at whole pieces, and give what may pass of them."""

    def _without_mark(self, data: bytes) -> bytes:
        """Take the byte order mark from the beginning of all."""
        if self._begun:
            return data
        self._begun = True
        return data.removeprefix(BOM)

    def _told(self, error: ProviderError) -> None:
        """Note an error that passes, being in the wire's own form."""
        self.error = error
        self.said = self.finished = self.ended = True


class EventWatch(PassingWatch):
    """Looks at server-sent events that pass by; see `wires.contract.StreamWatch`.

    A wire says what its events mean (`_look`). What does not pass, whatever the wire: a
    byte order mark, an event without data (which readers take for an empty JSON text), the
    `id:` of an event (after which OpenAI's and Anthropic's readers take a comment for an
    event), and whatever follows the end. Bytes that are no UTF-8 become U+FFFD, and the last event
    gets the empty line that it lacks.

    Args:
        bare: whether readers know no other line than `data: `; others do not pass then.

    """

    __slots__ = ("_bare",)

    def __init__(self, *, bare: bool = False) -> None:
        super().__init__(SERVER_SENT_EVENTS.ends)
        self._bare = bare

    def close(self) -> bytes:
        """Give what may pass of an event that was left without its end; an event that was cut does not."""
        self.said = False
        rest = self._aligner.rest()
        if not rest.strip():
            return b""
        passed = self._passed(rest + (b"\n" if rest.endswith(b"\n") else b"\n\n"))
        self.failure = None
        return passed

    @abstractmethod
    def _look(self, data: bytes, name: bytes | None) -> bytes | None:
        """Look at an event with data, and note what it says.

        Gives what passes in its place, or None if it passes as it is.

        Raises:
            Error: neither it nor anything after it may pass.

        """

    def _passed(self, data: bytes) -> bytes:
        data = self._without_mark(data)
        if not data.isascii():
            data = in_utf8(data)
        end = _common_end(data)
        if end is None:
            return b"".join(self._passed_oddly(data))
        blocks = data[: -len(end)].split(end)
        passing = 0
        written: dict[int, bytes] = {}
        try:
            for block in blocks:
                if self.ended:
                    break
                new = self._look_at(block)
                if new is not None:
                    written[passing] = new
                passing += 1
        except Error as error:
            self.failure = error
        if passing == len(blocks) and not written:
            return data
        return b"".join([written[n] if n in written else blocks[n] + end for n in range(passing)])

    def _look_at(self, block: bytes) -> bytes | None:
        """Look at an event whose lines end in LF, or in CRLF; it has no end."""
        if block[:6] == b"data: ":
            if b"\n" not in block:
                return self._look(block[6:], None)
        elif block[:7] == b"event: " and not self._bare:
            name, _, line = block.partition(b"\n")
            if line[:6] == b"data: " and b"\n" not in line:
                return self._look(line[6:], name[7:].removesuffix(b"\r"))
        elif block[:6] == b"data:{" and b"\n" not in block and not self._bare:
            return self._look(block[5:], None)
        return self._look_at_lines(_LINE_END.split(block))

    def _passed_oddly(self, data: bytes) -> list[bytes]:
        """Pass events whose lines end in several ways, or in CR."""
        passed: list[bytes] = []
        try:
            for block in _EVENT.findall(data):
                if self.ended:
                    break
                new = self._look_at_lines(_LINE_END.split(block))
                passed.append(block if new is None else new)
        except Error as error:
            self.failure = error
        return passed

    def _look_at_lines(self, lines: Sequence[bytes]) -> bytes | None:
        """Look at an event of any form; what has no data passes only if it is a comment."""
        data: list[bytes] = []
        name: bytes | None = None
        plain, comment, numbered = True, True, False
        for line in lines:
            if not line:
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
                plain = plain and line.startswith(b"data: ")
                continue
            plain = False
            if field == b"event":
                name = value
            numbered = numbered or field == b"id"
            comment = comment and not field
        text = b"\n".join(data)
        if self._bare and not data and b"{" in (line[:1] for line in lines):  # Google writes errors so, line by line
            return self._look(b"\n".join(lines), None)
        if not text:
            return None if comment and not data and (plain or not self._bare) else b""
        new = self._look(text, name)
        if new is not None or plain:
            return new
        if self._bare:
            return render_event(text)
        return b"\n".join([*(each for each in lines if each[:2] != b"id" and each), b"", b""]) if numbered else None
