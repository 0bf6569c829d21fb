"""Cutting relayed bytes where events end."""

from interlingua.errors import ProtocolError

MAX_EVENT = 8 * 1024 * 1024
"""Bytes that one event may have before the stream counts as broken."""


class EventAligner:
    """Passes whole events on and keeps the beginning of an event until its end arrives.

    Not a byte is changed. A stream that breaks off within an event thus ends after a
    whole one, so that the error that follows can be read. In most streams every piece
    ends with an event and passes as it is. `ends` are what an event may end with, at
    most three bytes each.
    """

    __slots__ = ("_ends", "_held", "_size", "_tail")

    def __init__(self, ends: tuple[bytes, ...]) -> None:
        self._ends = ends
        self._held: list[bytes] = []
        self._size = 0
        self._tail = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they came and give those up to the end of the last whole event.

        Raises:
            ProtocolError: an event does not end.

        """
        if self._held:
            if not self._has_end(self._tail + data):
                self._hold(data)
                return b""
            data = b"".join([*self._held, data])
            self._held.clear()
            self._size, self._tail = 0, b""
        if data.endswith(self._ends):
            return data
        cut = max(data.rfind(end) + len(end) if end in data else 0 for end in self._ends)
        self._hold(data[cut:])
        return data[:cut]

    def rest(self) -> bytes:
        """Give what is kept, for a stream that is whole though its last event has no end."""
        return b"".join(self._held)

    def _hold(self, data: bytes) -> None:
        if not data:
            return
        self._held.append(data)
        self._size += len(data)
        self._tail = (self._tail + data)[-2:]
        if self._size > MAX_EVENT:
            raise ProtocolError(f"The provider sent an event of more than {MAX_EVENT} bytes.")

    def _has_end(self, data: bytes) -> bool:
        return any(end in data for end in self._ends)
