"""Lines of JSON, read as bytes (https://github.com/ndjson/ndjson-spec, read 2026-11-23)."""

import re
from typing import Final

from interlingua.errors import ProtocolError

_SEPARATOR: Final = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")
_ESCAPES: Final = {b"\xc2\x85": rb"\u0085", b"\xe2\x80\xa8": rb"\u2028", b"\xe2\x80\xa9": rb"\u2029"}

DEFAULT_MAX_LINE = 8 * 1024 * 1024
"""The longest line, in bytes."""


def on_one_line(data: bytes) -> bytes:
    r"""Escape U+0085, U+2028 and U+2029 in lines of JSON.

    Readers that split a decoded stream with `str.splitlines` take them for line ends, as
    Ollama's own does (ollama 0.6.3 on httpx). They can only stand within strings.

    Example:
        >>> on_one_line('{"a":"\u2028"}'.encode())
        b'{"a":"\\u2028"}'

    """
    return data if data.isascii() else _SEPARATOR.sub(lambda match: _ESCAPES[match[0]], data)


class LineSplitter:
    r"""Splits a byte stream into lines, wherever the network cut it; empty lines are left out.

    Args:
        max_line: The longest line, in bytes; 8 MiB unless told.

    Example:
        >>> lines = LineSplitter()
        >>> lines.feed(b'{"a":1}\n{"b"')
        [b'{"a":1}']
        >>> lines.feed(b":2}")
        []
        >>> lines.close()
        [b'{"b":2}']

    """

    __slots__ = ("_held", "_max_line")

    def __init__(self, max_line: int = DEFAULT_MAX_LINE) -> None:
        self._held = bytearray()
        self._max_line = max_line

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and give the lines that they complete.

        Raises:
            ProtocolError: a line is longer than `max_line`.

        """
        held = self._held
        if b"\n" not in data:
            held += data
            if len(held) > self._max_line:
                raise self._too_long()
            return []
        lines = (bytes(held) + data if held else data).split(b"\n")
        held[:] = lines.pop()
        if len(held) > self._max_line or any(len(line) > self._max_line for line in lines):
            raise self._too_long()
        return [line for line in lines if line and not line.isspace()]

    def close(self) -> list[bytes]:
        """Say that the stream has ended, and give the line that was left without its end."""
        rest = bytes(self._held)
        self._held.clear()
        return [] if not rest or rest.isspace() else [rest]

    def _too_long(self) -> ProtocolError:
        return ProtocolError(f"The stream has a line of more than {self._max_line} bytes.")
