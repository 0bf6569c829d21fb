"""Answers that go out in pieces, whatever the wire."""

from collections.abc import Callable, Sequence

from interlingua.errors import Error
from interlingua.gateway.doors.headers import stream_headers
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.wires.framing import Framing


class StreamedAnswer:
    """The beginning of a stream: the headers that go with it, and how a failure is told in it.

    `held` is what goes out as soon as it begins.
    """

    __slots__ = ("_exchange", "_headers", "_tell", "held")

    def __init__(self, exchange: Exchange, framing: Framing, tell: Callable[[Error], bytes]) -> None:
        self._exchange = exchange
        self._headers = stream_headers(framing)
        self._tell = tell
        self.held = b""

    def begin(self, headers: Headers = ()) -> None:
        """Commit to the stream: from here on a failure is told in it."""
        extra: Sequence[tuple[bytes, bytes]] = headers
        self._exchange.start(200, (*self._headers, *extra))
        self._exchange.in_band = self._tell
        if self.held:
            self._exchange.write(self.held)
            self.held = b""
