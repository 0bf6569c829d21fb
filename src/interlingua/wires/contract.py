"""What every wire offers, in both directions.

A wire is a module (a package of this folder) with these names. It does no I/O: a
function takes bytes or typed values and gives the other. A gateway reads with it what
a client writes, so nothing is implemented in one direction only.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from interlingua.errors import Error, ProviderError
from interlingua.types import Adaptation, Event, ModelOutput, ModelRequest
from interlingua.wires.dialect import Dialect


class RenderedRequest(msgspec.Struct, frozen=True):
    """A request as it goes out: `path` is relative to the provider's base URL."""

    path: str
    body: bytes
    warnings: tuple[Adaptation, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class StreamParser(Protocol):
    """Turns the bytes of a streamed reply into events, however they were cut."""

    failure: Error | None
    """What went wrong after the events that were given last; the next call raises it."""

    def feed(self, data: bytes) -> Sequence[Event]:
        """Take the next bytes.

        Raises:
            ProtocolError: they are not of this wire.
            ProviderError: they carry the provider's error.

        """
        ...

    def close(self) -> Sequence[Event]:
        """Say that no more bytes will come.

        Raises:
            StreamInterrupted: the answer had not ended.

        """
        ...


class StreamRenderer(Protocol):
    """Turns events into the bytes of a streamed reply."""

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        ...

    def render_error(self, error: Error) -> bytes:
        """Give the in-band form of a failure, which the wire's own SDK raises; nothing may follow it."""
        ...


class Wire(Protocol):
    """A family of provider APIs."""

    @property
    def name(self) -> str:
        """Its name, which is its module's."""
        ...

    def render_request(self, request: ModelRequest, *, dialect: Dialect = ..., stream: bool = ...) -> RenderedRequest:
        """Write a request; raise `Unsupported` in strict mode where something cannot be said."""
        ...

    def parse_request(self, body: bytes) -> ModelRequest:
        """Read a request; raise `InvalidRequest` with the field in `param`."""
        ...

    def parse_response(self, body: bytes, *, dialect: Dialect = ...) -> ModelOutput:
        """Read a whole reply; raise `ProtocolError` if it is not one, `ProviderError` if it is an error."""
        ...

    def render_response(self, output: ModelOutput) -> bytes:
        """Write a whole reply."""
        ...

    def stream_parser(self, *, dialect: Dialect = ...) -> StreamParser:
        """Begin reading a streamed reply."""
        ...

    def stream_renderer(self, request: ModelRequest) -> StreamRenderer:
        """Begin writing a streamed reply to `request`."""
        ...

    def parse_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """Read an error reply, whatever its shape."""
        ...

    def render_error(self, error: Error) -> bytes:
        """Write an error reply; its status is `error.status_hint`."""
        ...
