"""What reading a streamed reply has in common in every wire, however its pieces are cut and whatever they say."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from interlingua.errors import Error, ProtocolError, StreamInterrupted
from interlingua.types import Event, StreamEnd

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"

_BODY_LIMIT: Final = 16 * 1024 * 1024
"""The longest reply, in bytes, that is kept because it is no stream."""

PAGE: Final = (b"[", b"<")
"""How a body begins that stands in the place of a stream of objects: a list, or a page of a proxy's."""

OBJECT_OR_PAGE: Final = (b"{", *PAGE)
"""How a body begins that stands in the place of a stream of events."""

_Piece = TypeVar("_Piece")
_Piece_co = TypeVar("_Piece_co", covariant=True)


class Splitter(Protocol[_Piece_co]):
    """Cuts bytes into the pieces of a stream: events, lines, messages."""

    def feed(self, data: bytes) -> Sequence[_Piece_co]:
        """Take the next bytes; raise `ProtocolError` for what is no piece."""
        ...

    def close(self) -> Sequence[_Piece_co]:
        """Give what was left; raise `ProtocolError` if it is no whole piece."""
        ...


class StreamReader(ABC, Generic[_Piece]):
    """Turns the bytes of a streamed reply into events; see `StreamParser`.

    Where a failure follows events in the same bytes, the events are given first:
    `failure` holds it then, and the next call raises it. A reply that is no stream, but
    an object or a page, is kept until it is whole, and `whole` raises the error that it is.

    A wire says what its pieces mean (`_take_all`), and whether they make a whole answer
    where no end mark came (`_finish`).

    Args:
        splitter: Cuts the bytes.
        whole: Reads a reply that came whole.
        instead: How one begins.

    """

    __slots__ = ("_body", "_ended", "_instead", "_pieces", "_seen", "_splitter", "_whole", "failure")

    def __init__(
        self,
        splitter: Splitter[_Piece],
        whole: Callable[[bytes], object],
        *,
        instead: tuple[bytes, ...] = OBJECT_OR_PAGE,
    ) -> None:
        self.failure: Error | None = None
        self._splitter = splitter
        self._whole = whole
        self._instead = instead
        self._body: bytearray | None = bytearray()
        self._ended = False
        self._pieces: list[str] = []  # the text that was given
        self._seen = 0

    def feed(self, data: bytes) -> Sequence[Event]:
        """Take the next bytes.

        Raises:
            ProtocolError: they are not of this wire; the message names the event.
            ProviderError: they carry the provider's error.

        """
        if self.failure is not None:
            raise self.failure
        if self._body is not None and not self._is_stream(data):
            return ()
        events: list[Event] = []
        try:
            self._take_all(self._splitter.feed(data), events)
        except Error as error:
            if not events:
                raise
            self.failure = error
        return events

    def close(self) -> Sequence[Event]:
        """Say that no more bytes will come.

        Raises:
            StreamInterrupted: the answer had not ended; `partial` is its text so far.

        """
        if self.failure is not None:
            raise self.failure
        if self._ended:
            return ()
        if self._body:
            self._whole(bytes(self._body))  # raises the error that it is, or that it is no JSON
            raise ProtocolError("the reply came whole, though a stream was asked for.", body=bytes(self._body))
        events: list[Event] = []
        cut = False
        try:
            self._take_all(self._splitter.close(), events)
        except ProtocolError:  # the last piece was cut in the middle
            cut = True
        if self._ended:
            return events
        if cut or not self._finish(events):
            raise StreamInterrupted(
                "the stream was cut before its end" if self._seen or cut else "the stream was empty",
                partial="".join(self._pieces),
            )
        if not self._ended:
            self._ended = True
            events.append(StreamEnd(marked=False))
        return events

    def forget(self) -> None:
        """Let go of the text that was given, which is kept for `partial`."""
        self._pieces.clear()

    @abstractmethod
    def _take_all(self, received: Sequence[_Piece], events: list[Event]) -> None:
        """Read pieces, count them in `_seen`, note their text in `_pieces`, and the end mark in `_ended`."""

    def _finish(self, events: list[Event]) -> bool:
        """Tell whether the answer is whole without an end mark, and give what is still to be said of it."""
        del events
        return False

    def _broken(self, what: str, data: bytes) -> ProtocolError:
        start = data[:80].decode("utf-8", "replace")
        return ProtocolError(f"an event of the stream (after {self._seen} others) {what} ({start!r}).", body=data)

    def _is_stream(self, data: bytes) -> bool:
        """Look at the first bytes: what stands in the place of a stream is kept until it is whole."""
        if not self._body:
            start = data.lstrip(_BLANK)[:1]
            if start not in self._instead:
                self._body = None if start else bytearray()
                return True
        body = self._body = self._body or bytearray()
        body += data
        if len(body) > _BODY_LIMIT:
            raise ProtocolError("the reply is not a stream.")
        return False
