"""What every wire offers, in both directions.

A wire is a module (a package of this folder) with these names. It does no I/O: a
function takes bytes or typed values and gives the other. A gateway reads with it what
a client writes, so a side is implemented completely or not at all: Bedrock's `converse`
has the side of the provider only, all others have both.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from interlingua.errors import Error, ProviderError
from interlingua.types import Adaptation, Event, ModelOutput, ModelRequest, Usage
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest
from interlingua.wires.dialect import Dialect, EmbeddingDialect, RerankDialect
from interlingua.wires.framing import Framing
from interlingua.wires.request_head import RequestHead


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

    def forget(self) -> None:
        """Let go of the text that was given, which is kept for the error of a stream that is cut."""
        ...


class StreamRenderer(Protocol):
    """Turns events into the bytes of a streamed reply."""

    def render(self, event: Event) -> bytes:
        """Give the bytes for one event; they may be empty."""
        ...

    def render_error(self, error: Error) -> bytes:
        """Give the in-band form of a failure, which the wire's own SDK raises; nothing may follow it."""
        ...


class StreamWatch(Protocol):
    """Looks at each event of a stream that passes by, says what may pass of it, and at its end whether it was whole.

    A sound stream passes byte for byte, whatever fields and events it has. What cannot be
    read, or has no text where one must stand, does not pass, nor does anything after the
    end. What readers of the wire trip over although it is sound is written anew.
    """

    @property
    def failure(self) -> Error | None:
        """What is wrong after the events that were given last; nothing more of this stream may pass."""
        ...

    said: bool
    """Whether what was fed last says something: a piece of the answer, its end, an error.

    Comments, pings and what only announces an answer say nothing.
    """

    ended: bool
    """Whether the wire's end mark was there, or an error, after which nothing passes."""

    finished: bool
    """Whether the stream said how it ended, be it in an error."""

    error: ProviderError | None
    """The error that the stream ended in, which is among what may pass."""

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        ...

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come, however they were cut, and give those that may pass, which end where an event ends.

        Raises:
            ProtocolError: an event does not end.

        """
        ...

    def close(self) -> bytes:
        """Say that no more bytes will come, and give what may pass of those that were kept."""
        ...


class ProviderSide(Protocol):
    """What it takes to speak to a provider."""

    @property
    def name(self) -> str:
        """Its name, which is its module's."""
        ...

    @property
    def framing(self) -> Framing:
        """How its streams are cut."""
        ...

    def path(self, model: str, *, stream: bool) -> str:
        """Give where the operation is, below a provider's base URL; it may have a query."""
        ...

    def render_request(self, request: ModelRequest, *, dialect: Dialect = ..., stream: bool = ...) -> RenderedRequest:
        """Write a request; raise `Unsupported` in strict mode where something cannot be said."""
        ...

    def parse_response(self, body: bytes, *, dialect: Dialect = ...) -> ModelOutput:
        """Read a whole reply; raise `ProtocolError` if it is not one, `ProviderError` if it is an error."""
        ...

    def stream_parser(self, *, dialect: Dialect = ...) -> StreamParser:
        """Begin reading a streamed reply."""
        ...

    def parse_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """Read an error reply, whatever its shape."""
        ...


class CallerSide(Protocol):
    """What it takes to be spoken to by a caller."""

    def parse_request(self, body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
        """Read a request; raise `InvalidRequest` with the field in `param`.

        `model` and `stream` are given where the wire has them in the address instead of the body.
        """
        ...

    def render_response(self, output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
        """Write a whole reply; some wires repeat in it what `request` asked for.

        What a form cannot show may be added to `output.warnings`, which are told after this.
        """
        ...

    def stream_renderer(self, request: ModelRequest) -> StreamRenderer:
        """Begin writing a streamed reply to `request`."""
        ...

    def render_error(self, error: Error) -> bytes:
        """Write an error reply; its status is `error.status_hint`."""
        ...


class TellingWire(Protocol):
    """A wire in whose words a caller is told what went wrong."""

    @property
    def name(self) -> str:
        """Its name, which is its module's."""
        ...

    def render_error(self, error: Error) -> bytes:
        """Write an error reply; its status is `error.status_hint`."""
        ...


class Wire(ProviderSide, CallerSide, Protocol):
    """A family of provider APIs that is spoken on both sides."""


class RelayedWire(Wire, Protocol):
    """A wire that callers speak too, so that its bytes may pass between two speakers."""

    def read_head(self, body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
        """Read what a gateway acts on; raise `InvalidRequest` with the field in `param`."""
        ...

    def is_answer(self, body: bytes) -> bool:
        """Tell quickly whether a whole reply is an answer whose texts are texts; `parse_response` judges any other."""
        ...

    def stream_watch(self) -> StreamWatch:
        """Begin to look at a stream that passes by."""
        ...


class CountingWire(Wire, Protocol):
    """A wire with an operation that counts the tokens of a request."""

    def count_path(self, model: str) -> str:
        """Give where the operation is, below a provider's base URL."""
        ...

    def render_count_request(self, request: ModelRequest, *, dialect: Dialect = ...) -> RenderedRequest:
        """Write the question how many tokens `request` has."""
        ...

    def parse_count_request(self, body: bytes, *, model: str | None = None) -> ModelRequest:
        """Read the question; raise `InvalidRequest` with the field in `param`."""
        ...

    def parse_count(self, body: bytes) -> int:
        """Read the answer; raise `ProtocolError` if it is none."""
        ...

    def render_count(self, tokens: int) -> bytes:
        """Write the answer."""
        ...


class ServiceWire(Protocol):
    """What wires of embeddings and of rerank have in common."""

    @property
    def name(self) -> str:
        """Its name, which is its module's."""
        ...

    def parse_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """Read an error reply, whatever its shape."""
        ...


class EmbeddingWire(ServiceWire, Protocol):
    """A wire with an operation that turns texts into vectors, on the side of the provider."""

    def embedding_path(self, model: str) -> str:
        """Give where the operation is, below a provider's base URL."""
        ...

    def render_embedding_request(
        self, request: EmbeddingRequest, *, dialect: EmbeddingDialect = ...
    ) -> RenderedRequest:
        """Write a request; raise `Unsupported` for an input that cannot be said."""
        ...

    def parse_embeddings(self, body: bytes) -> EmbeddingOutput:
        """Read a reply; raise `ProtocolError` if it is not one, `ProviderError` if it is an error."""
        ...


class RelayedEmbeddingWire(EmbeddingWire, Protocol):
    """A wire in which callers ask for vectors too."""

    def read_head(self, body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
        """Read what a gateway acts on; raise `InvalidRequest` with the field in `param`."""
        ...

    def parse_embedding_request(self, body: bytes, *, model: str | None = None) -> EmbeddingRequest:
        """Read a request; raise `InvalidRequest` with the field in `param`."""
        ...

    def relayed_embedding_request(self, body: bytes, *, head: RequestHead, model: str) -> RenderedRequest:
        """Give a request as it passes to a provider: with that one's name of the model, and no other byte changed."""
        ...

    def render_embeddings(self, output: EmbeddingOutput, *, request: EmbeddingRequest) -> bytes:
        """Write the reply to `request`."""
        ...


class RerankWire(ServiceWire, Protocol):
    """A wire with an operation that sorts documents by a query, in both directions."""

    def read_head(self, body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
        """Read what a gateway acts on; raise `InvalidRequest` with the field in `param`."""
        ...

    def rerank_path(self, model: str) -> str:
        """Give where the operation is, below a provider's base URL."""
        ...

    def render_rerank_request(self, request: RerankRequest, *, dialect: RerankDialect = ...) -> RenderedRequest:
        """Write a request."""
        ...

    def parse_ranking(self, body: bytes) -> RerankOutput:
        """Read a reply; raise `ProtocolError` if it is not one, `ProviderError` if it is an error."""
        ...

    def parse_rerank_request(self, body: bytes, *, model: str | None = None) -> RerankRequest:
        """Read a request; raise `InvalidRequest` with the field in `param`."""
        ...

    def render_ranking(self, output: RerankOutput, *, request: RerankRequest) -> bytes:
        """Write the reply to `request`."""
        ...
