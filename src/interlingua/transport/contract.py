"""What a transport is: bytes out, bytes in, nothing about models.

Two implementations meet this contract: `HTTPTransport` (our own HTTP/1.1 client)
and `HTTPX2Transport` (an injected `httpx2` client). Everything above this package
knows only these names, so either can serve any provider.
"""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, Self

import msgspec

from interlingua.types.timeouts import Timeouts


class HTTPRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request, whole: `body` is sent with its length, never chunked.

    `headers` keep their order; `host`, `content-length` and `connection` are the
    transport's own and must not stand among them. With `follow_redirects` a redirect within
    the origin is followed, and one to another origin is an error; without, it is the reply.
    `on_sent` is called when the request begins to go out, after any wait for a connection;
    it may be called again where the request is sent again.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    timeouts: Timeouts = Timeouts()
    follow_redirects: bool = True
    on_sent: Callable[[], None] | None = None


class HTTPResponse(Protocol):
    """A reply whose head has arrived and whose body may still be on its way.

    Read it with `read()` or by iteration, not both. Leave it with `aclose()` or
    `async with`: a body that was read to its end gives its connection back to the
    pool, any other closes it, so that nothing is left for the next caller to read.
    """

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names in lower case, in the order they came; repeated names stay repeated."""
        ...

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name` (lower case), or None."""
        ...

    async def read(self, limit: int = ...) -> bytes:
        """Read the whole body; raise `ProtocolError` past `limit` bytes."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body as it arrives, one piece a read; a slow reader slows the sender."""
        ...

    def follow_contents(self) -> None:
        """Let `first_token` and `idle` run on contents, which `heard` tells of, instead of on bytes.

        `first_token` goes on from where it began. Both clocks stand still while nobody waits for a piece.
        """
        ...

    def heard(self) -> None:
        """Tell that what was read had content; the `idle` clock begins anew."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection; safe to call twice."""
        ...

    async def __aenter__(self) -> Self:
        """Give the response itself."""
        ...

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        ...


class Transport(Protocol):
    """Sends one request and gives back the reply as soon as its head is there."""

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send `request`.

        Raises:
            ConnectFailed: no connection could be made.
            TimedOut: a clock ran out; `clock` says which.
            ProtocolError: the reply was not HTTP, or redirected to another host.
            StreamInterrupted: the connection closed before the reply's head was whole.

        """
        ...

    async def aclose(self) -> None:
        """Close every connection; the transport may not be used afterwards."""
        ...


__all__ = ["HTTPRequest", "HTTPResponse", "Timeouts", "Transport"]
