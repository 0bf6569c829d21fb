"""Answers that go out in pieces, whatever the wire."""

from collections.abc import Callable

from interlingua.errors import Error
from interlingua.gateway.doors.attempt import Attempt
from interlingua.gateway.doors.headers import stream_headers
from interlingua.gateway.exchange import Exchange, Headers
from interlingua.wires.framing import Framing


class StreamedAnswer:
    """The beginning of a stream: the headers that go with it, and how a failure is told in it.

    It may begin before there is an answer, to keep a connection open. `held` is what goes
    out as soon as the answer is committed to.
    """

    __slots__ = ("_attempt", "_exchange", "_headers", "_tell", "committed", "held")

    def __init__(self, exchange: Exchange, framing: Framing, tell: Callable[[Error], bytes], attempt: Attempt) -> None:
        self._exchange = exchange
        self._attempt = attempt
        self._headers = stream_headers(framing)
        self._tell = tell
        self.held = b""
        self.committed = False

    def keep_open(self) -> None:
        """Begin the stream while there is no answer; what was held goes out where nobody else can be asked."""
        if self._attempt.alone and self.held:
            self.commit()
        else:
            self._begin(())

    def commit(self, headers: Headers = ()) -> None:
        """Give what was held: from here on this attempt is the answer, and a failure is told in it."""
        self._attempt.commit()
        if self._exchange.status == 0:
            self._begin((*headers, *self._attempt.headers))
        self._exchange.in_band = self._tell
        self.committed = True
        if self.held:
            self._exchange.write(self.held)
            self.held = b""

    def _begin(self, headers: Headers) -> None:
        self._exchange.start(200, (*self._headers, *headers))
        self._exchange.in_band = self._tell
