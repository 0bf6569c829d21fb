"""The reply to one request: its head, and its body as it arrives."""

import asyncio
from typing import Protocol, Self

from interlingua.errors import ProtocolError, StreamInterrupted
from interlingua.transport.decoding import BodyDecoder

DEFAULT_READ_LIMIT = 64 * 1024 * 1024
"""The largest body that `read` takes unless told otherwise, in bytes."""


def without_encoding(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Leave out what no longer holds once a body has been decoded."""
    return tuple(header for header in headers if header[0] not in ("content-encoding", "content-length"))


class Source(Protocol):
    """What fills a response: the connection, as far as the reader needs to know it."""

    def resume(self) -> None:
        """Let the sender go on after a pause."""
        ...

    def follow_contents(self) -> None:
        """Wind the clocks by what `heard_at` says, and no longer by what is read."""
        ...

    def begin_idle(self) -> None:
        """Let the idle clock run, now that there was content."""
        ...

    def abort(self) -> None:
        """Close the connection now."""
        ...


class StreamedResponse:
    """A reply that a `Source` fills; meets `HTTPResponse`.

    The source appends to `pieces`, sets `complete` or `failure`, and calls `wake`. It lets
    go of the response (`source` is None) as soon as nothing more can come.
    """

    __slots__ = (
        "_decoder", "_headers", "_loop", "_waiter", "complete", "failure", "gathering", "head_complete", "heard_at",
        "paused", "pieces", "raw_headers", "source", "status", "steady", "unread",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, source: Source) -> None:
        self._loop = loop
        self._waiter: asyncio.Future[None] | None = None
        self._headers: tuple[tuple[str, str], ...] | None = None
        self._decoder: BodyDecoder | None = None
        self.source: Source | None = source
        self.status = 0
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.head_complete = False
        self.pieces: list[bytes] = []
        self.unread = 0
        self.gathering = -1
        """While `read` waits for the whole body: how many bytes it accepts; else -1."""
        self.heard_at = 0.0
        """When the last content was, in the loop's time; 0 before any."""
        self.paused = False
        self.steady = False
        """Whether another reader may follow one that is cancelled, whose cancellation else closes the connection."""
        self.complete = False
        self.failure: Exception | None = None

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names in lower case, in the order they came; bytes outside ASCII are read as Latin-1.

        Where the transport undoes an encoding, the headers that speak of the encoded body are left out.
        """
        if self._headers is None:
            headers = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t"))
                for name, value in self.raw_headers
            )
            self._headers = headers if self._decoder is None else without_encoding(headers)
        return self._headers

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def decode_body(self, encoding: str) -> None:
        """Undo the content encoding `encoding` while reading."""
        self._decoder = BodyDecoder(encoding)

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for the next piece, or has not yet looked at one that has come."""
        return self._waiter is not None

    @property
    def is_answered(self) -> bool:
        """Whether the reader has been woken and has not looked yet."""
        return self._waiter is not None and self._waiter.done()

    def follow_contents(self) -> None:
        """Let the clocks run on contents; see `HTTPResponse`."""
        if self.source is not None:
            self.source.follow_contents()

    def heard(self) -> None:
        """Tell that there was content."""
        first, self.heard_at = not self.heard_at, self._loop.time()
        if first and self.source is not None:
            self.source.begin_idle()

    def wake(self) -> None:
        """Wake the reader, if one waits."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait(self) -> None:
        """Wait for the source; a cancellation closes the connection before it goes on, but for a `steady` response."""
        if self._waiter is not None:
            raise RuntimeError("the response is being read by another task")
        waiter = self._waiter = self._loop.create_future()
        try:
            await waiter
        except BaseException:
            if not self.steady:
                self.abort()
            raise
        finally:
            self._waiter = None

    async def wait_for_head(self) -> None:
        """Wait until the head is there; raise what came instead."""
        while not self.head_complete:
            if self.failure is not None:
                raise self.failure
            await self.wait()

    async def read(self, limit: int = DEFAULT_READ_LIMIT) -> bytes:
        """Read the whole body; 64 MiB at most unless told.

        Raises:
            ProtocolError: the body is longer than `limit` bytes, or its encoding is broken.
            StreamInterrupted: the connection closed before the body's end.
            TimedOut: a clock ran out.

        """
        if self._decoder is not None:
            return await self._read_decoded(limit)
        self.gathering = limit
        if self.paused and self.source is not None:
            self.source.resume()
        while not self.complete:
            if self.unread > limit:
                break
            if self.failure is not None:
                raise self.failure
            await self.wait()
        self.gathering = -1
        if self.unread > limit:
            self.abort()
            raise ProtocolError(f"The reply's body is longer than {limit} bytes.")
        return self._take()

    async def _read_decoded(self, limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                self.abort()
                raise ProtocolError(f"The reply's body is longer than {limit} bytes.")
        return b"".join(pieces)

    def _take(self) -> bytes:
        pieces = self.pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self.unread = 0
        if self.paused and self.source is not None:
            self.source.resume()
        return data

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while True:
            if self.pieces:
                data = self._take()
                if self._decoder is None:
                    return data
                data = self._decode(self._decoder, data)
                if data:
                    return data
            elif self.complete:
                if self._decoder is not None:
                    self._decoder.finish()
                raise StopAsyncIteration
            elif self.failure is not None:
                raise self.failure
            else:
                await self.wait()

    def _decode(self, decoder: BodyDecoder, data: bytes) -> bytes:
        try:
            return decoder.feed(data)
        except ProtocolError:
            self.abort()
            raise

    def abort(self) -> None:
        """Close the connection if the body is not complete; whoever reads on gets an error."""
        source, self.source = self.source, None
        if source is None:
            return
        if self.failure is None and not self.complete:
            self.failure = StreamInterrupted("The response was closed before its end.")
        source.abort()
        self.wake()

    async def aclose(self) -> None:
        """Let go of the connection; an unfinished body closes it."""
        self.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.abort()
