"""What the gateway's core sees of HTTP: one request, and a place for its answer.

The core is written against these two names only, so the server beneath it can be our
own (`gateway.server`) or any ASGI server (`gateway.asgi`).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from interlingua.errors import Error

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Header lines, names in lower case; the server adds the framing, `date` and the request ids itself."""


class Request(msgspec.Struct, gc=False):
    """One request, its body whole.

    `path` is what stood in the request line, never decoded or normalised, so that what
    is authorised is what is served; `query` stands beside it. Header names are in lower
    case, and repeated headers are joined with a comma, as RFC 9110 §5.3 says.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[bytes, bytes] = {}
    body: bytes = b""
    client: str = ""
    minor_version: int = 1
    """The second number of the HTTP version: 0 or 1."""


class Exchange(Protocol):
    """A request and the place for its answer.

    A caller that goes away cancels the task that answers it: code that holds something
    open lets go of it in `finally` or `async with`, and needs no other signal.
    """

    request: Request
    id: str
    """Names the request in the log and in the answer's `x-interlingua-request-id`."""
    status: int
    """The status that was sent; 0 while nothing was."""
    sent: int
    """The bytes of the body sent so far."""
    ended: bool
    model: str | None
    """The model that was asked for, for the log."""
    route: Sequence[object]
    """The steps of the way to the answer through a route, for the log; empty where there was no choice."""
    in_band: Callable[[Error], bytes] | None
    """How a failure is told once the answer has begun; None: it cannot be, so the connection is cut."""

    @property
    def congested(self) -> bool:
        """Whether the caller reads more slowly than we write: `await drain()` before the next write."""
        ...

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        ...

    def start(self, status: int, headers: Headers) -> None:
        """Begin an answer that comes in pieces; its head leaves with the first of them."""
        ...

    def write(self, data: bytes) -> None:
        """Send a piece."""
        ...

    async def drain(self) -> None:
        """Wait until the caller has read enough for more to be written."""
        ...

    def end(self, *, close: bool = False) -> None:
        """Finish the answer; `close` ends the connection too."""
        ...

    def abort(self) -> None:
        """Cut the connection, so that the caller sees that the answer is not whole."""
        ...


Handler: TypeAlias = Callable[[Exchange], Awaitable[None] | None]
"""Answers an exchange: at once, or as a coroutine that becomes a task."""
