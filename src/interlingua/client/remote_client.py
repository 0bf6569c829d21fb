"""What the clients of single providers have in common."""

import functools
import time
from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from typing import Literal

from interlingua.client.llm_client import ProxyLLMClient
from interlingua.client.metadata import known_metadata
from interlingua.client.network import NetworkSettings
from interlingua.client.streaming import measured, stream_outputs
from interlingua.errors import Error
from interlingua.providers import REGISTRY
from interlingua.providers.contract import Provider
from interlingua.types import MessageConverter, ModelMetadata, ModelOutput, ModelRequest
from interlingua.types.merging import merged_request

_ASSUMED_CONTEXT_LENGTH = 8192


class RemoteLLMClient(NetworkSettings, ProxyLLMClient):
    """A client of one provider, under names of its own for the models.

    A subclass declares the settings named here and builds the provider. Requests name a
    model by `model_alias`, by a name in `aliases`, or by the provider's own name. Failures
    are raised, streamed or not; with `on_error="return"` they come as an output whose
    `error` is set, streamed or not.
    """

    provider: str
    model: str | None
    model_alias: str
    aliases: dict[str, str]
    context_length: int | None
    on_error: Literal["raise", "return"]
    executor_: Executor | None
    _defaults: ModelRequest

    def name_models(self) -> None:
        """Say which names requests may use; to be called when the settings are there."""
        names = [self.model_alias, *self.aliases]
        ProxyLLMClient.__init__(self, names, context_length=self.context_length, executor=self.executor_)

    def build_provider(self) -> Provider:
        """Build the provider behind the client, which is asked for once."""
        raise NotImplementedError

    @property
    def default_model(self) -> str:
        """The provider's name of the model for requests that name none."""
        return self.model or REGISTRY.lookup(self.provider).default_model or self.model_alias

    def __repr__(self) -> str:
        return f"{type(self).__name__}(provider={self.provider!r}, model={self.default_model!r})"

    async def generate(self, request: ModelRequest, message_converter: MessageConverter | None = None) -> ModelOutput:
        """Answer whole.

        Raises:
            Error: whatever went wrong, unless `on_error` is "return".

        """
        started = time.time()
        try:
            output = await self._backend.generate(self._prepared(request, message_converter))
        except Error as error:
            output = self._failed(error)
        output.provider = self.provider
        return measured(output, started=started)

    async def generate_stream(
        self,
        request: ModelRequest,
        message_converter: MessageConverter | None = None,
        *,
        incremental: bool = False,
    ) -> AsyncGenerator[ModelOutput]:
        """Answer piece by piece; the last item has the finish reason, the usage and all parts.

        Raises:
            Error: whatever went wrong, unless `on_error` is "return".

        """
        try:
            events = self._backend.stream(self._prepared(request, message_converter))
            outputs = stream_outputs(events, provider=self.provider, incremental=incremental)
            try:
                async for output in outputs:
                    yield output
            finally:
                await outputs.aclose()
        except Error as error:
            yield self._failed(error)

    async def models(self) -> list[ModelMetadata]:
        """List the names that requests may use, each with what is known of the model behind it."""
        names = {self.model_alias: self.default_model, **self.aliases}
        return [self._metadata(name, real) for name, real in names.items()]

    async def get_context_length(self) -> int:
        """Give the context window of the default model in tokens.

        It is what the constructor was given, else what is known of the model, else 8,192,
        which `models()` marks as assumed.
        """
        return self._metadata(self.model_alias, self.default_model).context_length or _ASSUMED_CONTEXT_LENGTH

    async def aclose(self) -> None:
        """Close the connections that the client made; what was passed in stays open."""
        backend: Provider | None = vars(self).pop("_backend", None)
        if backend is not None:
            await backend.aclose()
        await super().aclose()

    @functools.cached_property
    def _backend(self) -> Provider:
        return self.guard(self.build_provider(), self.limit())

    def _prepared(self, request: ModelRequest, message_converter: MessageConverter | None) -> ModelRequest:
        """Give the request as it is sent: converted, completed, and with the provider's name of its model."""
        converted = self.local_convert_message(request, message_converter)
        prepared = merged_request(converted, self._defaults)
        prepared.model = self._real_name(request.model)
        return prepared

    def _real_name(self, name: str | None) -> str:
        if not name or name == self.model_alias:
            return self.default_model
        return self.aliases.get(name, name)

    def _metadata(self, name: str, real: str) -> ModelMetadata:
        metadata = known_metadata(real, provider=self.provider)
        metadata.model = name
        metadata.metadata = {"real_model": real}
        if self.context_length is not None:
            metadata.context_length = self.context_length
        elif metadata.context_length is None:
            metadata.context_length = _ASSUMED_CONTEXT_LENGTH
            metadata.metadata["context_length"] = "assumed"
        return metadata

    def _failed(self, error: Error) -> ModelOutput:
        if self.on_error == "raise":
            raise error
        return ModelOutput(error_code=1, error=error, finish_reason="error", provider=self.provider)
