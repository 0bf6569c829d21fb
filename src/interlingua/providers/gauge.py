"""What a reply used, learned from its bytes as they pass."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.errors import Error
from interlingua.transport.contract import HTTPResponse
from interlingua.types import (
    Event,
    RefusalDelta,
    StreamEnd,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from interlingua.wires.contract import ProviderSide, StreamParser
from interlingua.wires.dialect import Dialect

BYTES_PER_TOKEN: Final = 4
"""Bytes that a token is taken to have where nobody has counted."""

MAX_WHOLE: Final = 8 * 1024 * 1024
"""Bytes of a reply that is no stream which are kept until its end, where its usage stands."""

_BLANK = b"\xef\xbb\xbf \t\r\n"


class Gauge:
    """Reads a reply for its usage, and keeps nothing else of a stream.

    Args:
        wire: what the reply is written in.
        dialect: the provider's way of it.
        asked: the length of the request's body in bytes, for an estimate of its tokens.

    """

    def __init__(self, wire: ProviderSide, dialect: Dialect, *, asked: int) -> None:
        self._wire = wire
        self._dialect = dialect
        self._asked = asked
        self._parser: StreamParser | None = None
        self._whole: bytearray | None = None
        self._is_stream = False
        self.given_up = False
        """Whether the reply cannot be read, so that there is nothing to learn from it."""
        self._reported: Usage | None = None
        self._said = 0
        self.followed = False
        """Whether the reader has a parser of its own, and tells what comes out of it."""
        self.ended = False
        """Whether the answer has come to its end."""

    @property
    def tokens(self) -> int:
        """The tokens that came out so far, by a guess."""
        return -(-self._said // BYTES_PER_TOKEN)

    def begin(self, response: HTTPResponse) -> None:
        """Look at the head of the reply."""
        self._is_stream = (response.header("content-type") or "").startswith(self._wire.framing.media_type)

    def follow(self, parser: StreamParser) -> None:
        """Leave the parsing to a reader, who feeds `parser` and notes the events, until he leaves."""
        self._parser, self.followed = parser, True

    def note(self, events: Sequence[Event]) -> None:
        """Take events into account."""
        for event in events:
            kind = type(event)
            if isinstance(event, TextDelta | ThinkingDelta | RefusalDelta):
                self._said += len(event.text.encode(errors="replace"))
            elif isinstance(event, ToolCallDelta):
                self._said += len(event.arguments.encode(errors="replace"))
            elif isinstance(event, UsageReport):
                self._reported = event.usage
            elif kind is StreamEnd:
                self.ended = True

    def feed(self, data: bytes) -> None:
        """Take the next bytes; what cannot be read is none of the caller's business, and ends the reading."""
        if self.given_up:
            return
        if self._whole is not None:
            self._gather(data)
            return
        if self._parser is None:
            start = data.lstrip(_BLANK)[:1]
            if not start:
                return
            if not self._is_stream and start in (b"{", b"["):
                self._whole = bytearray()
                self._gather(data)
                return
            self._parser = self._wire.stream_parser(dialect=self._dialect)
        try:
            self.note(self._parser.feed(data))
            self._parser.forget()
        except Error:
            self.given_up = True
        else:
            self.given_up = self._parser.failure is not None

    def finish(self) -> None:
        """Take the end of the body."""
        try:
            if self._whole is not None:
                self._reported = self._wire.parse_response(_last(bytes(self._whole)), dialect=self._dialect).usage
                self.ended = True
            elif self._parser is not None and not self.ended and not self.given_up:
                self.note(self._parser.close())
        except Error:
            self.given_up = True
        self._whole = None

    @property
    def usage(self) -> Usage | None:
        """The usage: the provider's own count, or an estimate of what has come until now; None where nothing has."""
        if self.ended and self._reported is not None:
            return self._reported
        if self._reported is None and not self._said:
            return None
        known = self._reported or Usage(input_tokens=self._asked // BYTES_PER_TOKEN)
        missing = max(0, self.tokens - known.completion_tokens)
        return msgspec.structs.replace(known, output_tokens=known.output_tokens + missing, estimated=True)

    def _gather(self, data: bytes) -> None:
        if self._whole is None:
            return
        self._whole += data
        if len(self._whole) > MAX_WHOLE:
            self._whole, self.given_up = None, True


def _last(body: bytes) -> bytes:
    """Give a whole answer as it is; of a stream that is one JSON array its last piece, which has the usage of all."""
    if not body.lstrip(_BLANK).startswith(b"["):
        return body
    try:
        pieces = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        return body
    return bytes(pieces[-1]) if pieces else body
