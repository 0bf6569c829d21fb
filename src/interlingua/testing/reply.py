"""What a server of `testing` is asked, and what it answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec


class Pause(msgspec.Struct, frozen=True):
    """A wait between two pieces, in seconds; None lasts until the caller leaves."""

    seconds: float | None = None


Piece: TypeAlias = bytes | asyncio.Event | Pause
"""Bytes to send, or what to wait for before going on: an event or a pause."""

Ending: TypeAlias = Literal["clean", "cut", "reset", "hang"]

Framing: TypeAlias = Literal["chunked", "close"]

Outcome: TypeAlias = Literal["whole", "cut", "left", "stopped"]
"""How an exchange ended: the reply went out whole, was cut on purpose, the caller left first, or the server stopped."""

KEPT: Final = 256 * 1024
"""Bytes of a reply that are kept, where they are."""


class SeenRequest:
    """A request as it arrived, and what became of it.

    `headers` have their names in lower case, the last of repeated ones standing.
    `left` is set when the caller closed the connection before the reply was whole,
    `over` when nothing more will be sent, and `outcome` then says why. `sent` counts the
    bytes of the reply's body without their framing. `began` and `ended` are of the
    event loop's clock, in seconds.
    """

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.left = asyncio.Event()
        self.over = asyncio.Event()
        self.outcome: Outcome | None = None
        self.sent = 0
        self.began = 0.0
        self.ended: float | None = None
        self.kept: bytearray | None = None

    def __repr__(self) -> str:
        return f"SeenRequest({self.method} {self.path}, {len(self.body)} bytes)"

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which is an object."""
        return msgspec.json.decode(self.body, type=dict[str, Any])

    def told(self, piece: bytes) -> None:
        """Count what was sent, and keep it if somebody wants to see it."""
        self.sent += len(piece)
        if self.kept is not None and len(self.kept) < KEPT:
            self.kept += piece

    def end(self, outcome: Outcome, now: float) -> None:
        """Say how it ended; the first word stands."""
        if self.outcome is None:
            self.outcome = outcome
            self.ended = now
            if outcome == "left":
                self.left.set()
            self.over.set()


class Reply(msgspec.Struct, kw_only=True):
    """What to answer.

    The body is `pieces`, each sent by itself; an `asyncio.Event` among them holds the
    reply back until it is set, and a `Pause` for its time. They may be without end. With
    `length`, the body is sent under that `content-length`, else chunked, or with a
    `framing` of "close" under no length at all, so that it ends with the connection.
    `ending` says what happens after the last piece: the body ends, the connection is cut
    (an orderly close, but too early) or reset, or nothing happens until the caller
    leaves. A `status` of 0 sends the pieces alone, for replies that are no HTTP.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),)
    pieces: Iterable[Piece] = ()
    ending: Ending = "clean"
    length: int | None = None
    framing: Framing = "chunked"


Behaviour: TypeAlias = Callable[[SeenRequest], Reply]


def json_reply(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with a whole body of JSON."""
    fields = (("content-type", "application/json"), ("x-request-id", "req_scripted"), *(headers or {}).items())
    return Reply(status=status, headers=fields, pieces=(body,), length=len(body))
