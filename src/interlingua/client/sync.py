"""The same client for code that is not asynchronous."""

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from interlingua.catalog import TokenCount
from interlingua.client.client import Client, Messages
from interlingua.client.portal import Portal
from interlingua.client.services import Inputs
from interlingua.types import MessageConverter, ModelMetadata, ModelOutput, ModelRequest
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest, Purpose
from interlingua.types.ranking import RerankOutput, RerankRequest


class SyncClient:
    """`Client`, whose every method waits for the answer.

    It takes what `Client` takes and has the same methods. It works in scripts, in
    notebooks and inside a running event loop.

    Example:
        >>> with SyncClient() as client:
        ...     print(client.generate("local/smollm2", "Hello").text)

    """

    def __init__(self, **settings: Any) -> None:
        self._portal = Portal()
        self._client = Client(**settings)

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """Do what `Client.from_config` does."""
        client = cls.__new__(cls)
        client._portal = Portal()
        client._client = Client.from_config(path)
        return client

    def generate(
        self,
        model: str | ModelRequest | None = None,
        messages: Messages | None = None,
        *,
        message_converter: MessageConverter | None = None,
        response_format: Any = None,
        tools: Iterable[Any] | None = None,
        repair: bool = False,
        **options: Any,
    ) -> ModelOutput:
        """Do what `Client.generate` does."""
        return self._portal.call(
            self._client.generate(
                model,
                messages,
                message_converter=message_converter,
                response_format=response_format,
                tools=tools,
                repair=repair,
                **options,
            )
        )

    def generate_stream(
        self,
        model: str | ModelRequest | None = None,
        messages: Messages | None = None,
        *,
        message_converter: MessageConverter | None = None,
        response_format: Any = None,
        tools: Iterable[Any] | None = None,
        incremental: bool = False,
        **options: Any,
    ) -> Generator[ModelOutput]:
        """Do what `Client.generate_stream` does."""
        return self._portal.iterate(
            self._client.generate_stream(
                model,
                messages,
                message_converter=message_converter,
                response_format=response_format,
                tools=tools,
                incremental=incremental,
                **options,
            )
        )

    def embed(
        self,
        model: str | EmbeddingRequest | None = None,
        inputs: Inputs | None = None,
        *,
        dimensions: int | None = None,
        purpose: Purpose | None = None,
        **options: Any,
    ) -> EmbeddingOutput:
        """Do what `Client.embed` does."""
        return self._portal.call(self._client.embed(model, inputs, dimensions=dimensions, purpose=purpose, **options))

    def rerank(
        self,
        model: str | RerankRequest | None = None,
        query: str | None = None,
        documents: Sequence[str] | None = None,
        *,
        top: int | None = None,
        **options: Any,
    ) -> RerankOutput:
        """Do what `Client.rerank` does."""
        return self._portal.call(self._client.rerank(model, query, documents, top=top, **options))

    def models(self, provider: str | None = None) -> list[ModelMetadata]:
        """Do what `Client.models` does."""
        return self._portal.call(self._client.models(provider))

    def count_token(self, model: str, prompt: Messages) -> TokenCount:
        """Do what `Client.count_token` does."""
        return self._portal.call(self._client.count_token(model, prompt))

    def close(self) -> None:
        """Do what `Client.aclose` does, and end the background loop."""
        self._portal.call(self._client.aclose())
        self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
