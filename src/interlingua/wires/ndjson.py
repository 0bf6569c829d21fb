"""Lines of JSON, read as bytes (https://github.com/ndjson/ndjson-spec, read 2026-11-23)."""

from interlingua.errors import ProtocolError

DEFAULT_MAX_LINE = 8 * 1024 * 1024
"""The longest line, in bytes."""


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
