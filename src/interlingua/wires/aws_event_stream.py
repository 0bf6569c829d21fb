"""AWS event streams, read and written as bytes (Smithy `amazon-eventstream` and botocore 1.44, read 2026-11-23).

A message is two lengths and their checksum, headers, a payload, and a checksum of it all.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from interlingua.errors import ProtocolError

DEFAULT_MAX_MESSAGE: Final = 24 * 1024 * 1024
"""The longest message, in bytes, headers and checksums included."""

HeaderValue: TypeAlias = bool | int | bytes | str

_PRELUDE: Final = struct.Struct("!III")
_AROUND: Final = 16
_NUMBERS: Final = {2: "!b", 3: "!h", 4: "!i", 5: "!q", 8: "!q"}
_BYTES, _TEXT, _UUID = 6, 7, 9


class EventMessage(msgspec.Struct, gc=False):
    """One message."""

    headers: dict[str, HeaderValue]
    payload: bytes

    def text(self, name: str) -> str:
        """Give a header's text; empty if it is not there or no text."""
        value = self.headers.get(name)
        return value if isinstance(value, str) else ""


class EventStreamParser:
    """Splits a byte stream into messages, wherever the network cut it.

    Args:
        max_message: The longest message, in bytes; 24 MiB unless told.

    """

    __slots__ = ("_held", "_max_message", "_needed")

    def __init__(self, max_message: int = DEFAULT_MAX_MESSAGE) -> None:
        self._held = bytearray()
        self._max_message = max_message
        self._needed = _PRELUDE.size

    def feed(self, data: bytes) -> list[EventMessage]:
        """Take the next bytes and give the messages that they complete.

        Raises:
            ProtocolError: a checksum is wrong, a length impossible, or a header malformed.

        """
        held = self._held
        held += data
        if len(held) < self._needed:
            return []
        text, place = bytes(held), 0
        messages: list[EventMessage] = []
        self._needed = _PRELUDE.size
        while len(text) - place >= _PRELUDE.size:
            total, headers, checksum = _PRELUDE.unpack_from(text, place)
            if zlib.crc32(text[place : place + 8]) != checksum:
                raise ProtocolError("The event stream has a message whose prelude does not fit its checksum.")
            if total > self._max_message or total < _AROUND or headers > total - _AROUND:
                raise ProtocolError(f"The event stream has a message of {total} bytes, of them {headers} of headers.")
            if len(text) - place < total:
                self._needed = total
                break
            messages.append(_read_message(text[place : place + total], headers))
            place += total
        held[:] = text[place:]
        return messages

    def close(self) -> tuple[()]:
        """Say that the stream has ended.

        Raises:
            ProtocolError: it did so in the middle of a message.

        """
        if self._held:
            raise ProtocolError(f"The event stream ends {len(self._held)} bytes into a message.")
        return ()


def render_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Write one message whose headers are texts."""
    written = b"".join(
        struct.pack("!B", len(name.encode())) + name.encode() + struct.pack("!BH", _TEXT, len(text)) + text
        for name, text in ((name, value.encode()) for name, value in headers.items())
    )
    prelude = struct.pack("!II", len(written) + len(payload) + _AROUND, len(written))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + written + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _read_message(data: bytes, size: int) -> EventMessage:
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise ProtocolError("The event stream has a message that does not fit its checksum.")
    end = _PRELUDE.size + size
    try:
        headers = _read_headers(data, _PRELUDE.size, end)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ProtocolError(f"The event stream has a message with malformed headers: {error}.") from error
    return EventMessage(headers, data[end:-4])


def _read_headers(data: bytes, place: int, end: int) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    while place < end:
        size = data[place]
        name = data[place + 1 : place + 1 + size].decode()
        place += 1 + size
        kind = data[place]
        place += 1
        value: HeaderValue
        if kind in (0, 1):
            value = kind == 0
        elif kind in _NUMBERS:
            (value,) = struct.unpack_from(_NUMBERS[kind], data, place)
            place += struct.calcsize(_NUMBERS[kind])
        elif kind in (_BYTES, _TEXT):
            (length,) = struct.unpack_from("!H", data, place)
            raw = data[place + 2 : place + 2 + length]
            value = raw.decode() if kind == _TEXT else raw
            place += 2 + length
        elif kind == _UUID:
            value = data[place : place + 16]
            place += 16
        else:
            raise ProtocolError(f"The event stream has a header of the unknown type {kind}.")
        if place > end:
            raise ProtocolError("The event stream has a header that is longer than all of them.")
        headers[name] = value
    return headers
