"""What a provider is to everything above it: somebody who answers requests."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from interlingua.transport.contract import HTTPResponse
from interlingua.types import Adaptation, Event, ModelMetadata, ModelOutput, ModelRequest, Timeouts
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest

Service: TypeAlias = Literal["embeddings", "rerank"]
"""What a provider may do beside answering, maybe at another address."""


class Provider(Protocol):
    """Answers requests, whether from another host or from inside this process.

    One call is one attempt: retries, limits and fallback are the business of `routing`.
    """

    name: str

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole.

        Raises:
            Error: whatever went wrong, as one of the tree.

        """
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events, which ends with `StreamEnd` or raises.

        Closing the generator (or cancelling its reader) stops the work behind it at once.
        """
        ...

    async def models(self) -> list[ModelMetadata]:
        """List the models that can be asked for."""
        ...

    async def aclose(self) -> None:
        """Let go of everything that is held."""
        ...


class RelayingProvider(Provider, Protocol):
    """A provider that also takes bytes of the wires that it speaks as they are."""

    def relays(self, wire: str, *, service: Service | None = None) -> bool:
        """Tell whether it speaks the wire of that name, or takes that wire's bytes for a service as they are."""
        ...

    async def relay(
        self,
        path: str,
        body: bytes,
        *,
        wire: str,
        service: Service | None = None,
        method: str = "POST",
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> HTTPResponse:
        """Send `body`, which is of `wire`, and give the raw reply, which the caller closes; an error status is raised.

        `model` is only needed where it stands in the address. `timeouts` are the clocks of this
        attempt, in place of the provider's own.
        """
        ...

    def notices(self, model: str) -> Sequence[Adaptation]:
        """Give what is to be told of a model whatever is asked of it, such as that it will be retired. Cheap."""
        ...


class EmbeddingProvider(Provider, Protocol):
    """A provider that may turn texts into vectors."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Give the vectors of all inputs.

        Raises:
            Unsupported: it has no vectors, or none of such inputs.
            Error: whatever else went wrong, as one of the tree.

        """
        ...


class RerankProvider(Provider, Protocol):
    """A provider that may sort documents by a query."""

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort the documents.

        Raises:
            Unsupported: it sorts none.
            Error: whatever else went wrong, as one of the tree.

        """
        ...


class CountingProvider(Provider, Protocol):
    """A provider that may know how to count the tokens of a request."""

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Ask how many tokens a request has; None where the provider has no such operation.

        Raises:
            Error: it could not be asked.

        """
        ...
