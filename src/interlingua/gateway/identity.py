"""Names for requests."""

import secrets


class RequestIds:
    """Makes ids unlike those of any other request of any process, cheaply: a random prefix and a number."""

    __slots__ = ("_count", "_prefix")

    def __init__(self) -> None:
        self._prefix = f"req_{secrets.token_hex(6)}"
        self._count = 0

    def next(self) -> str:
        """Make the next id."""
        self._count += 1
        return f"{self._prefix}{self._count:x}"
