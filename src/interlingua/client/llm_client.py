"""The family of clients that DB-GPT's users know, and what all of them share."""

import asyncio
import functools
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from interlingua.catalog import TokenCount, count_message_tokens, count_tokens
from interlingua.client.portal import Portal
from interlingua.errors import NoSuchModel
from interlingua.types import (
    MessageConverter,
    ModelMessage,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
)


class LLMClient(ABC):
    """Somebody who answers requests and knows which models there are.

    Asynchronous methods are the source; `sync_generate` and `sync_generate_stream` are
    the same through a background event loop, and work inside a running loop too.
    Use a client as `async with`, or call `aclose` when you are done with it.
    """

    @abstractmethod
    async def generate(self, request: ModelRequest, message_converter: MessageConverter | None = None) -> ModelOutput:
        """Answer whole."""

    @abstractmethod
    def generate_stream(
        self,
        request: ModelRequest,
        message_converter: MessageConverter | None = None,
        *,
        incremental: bool = False,
    ) -> AsyncGenerator[ModelOutput]:
        """Answer piece by piece; the last item has the finish reason, the usage and all parts."""

    @abstractmethod
    async def models(self) -> list[ModelMetadata]:
        """List the models, by the names that requests use."""

    async def count_token(self, model: str, prompt: str | ModelMessage | Sequence[ModelMessage]) -> TokenCount:
        """Count the tokens of a prompt offline; `.estimated` tells whether the number is exact."""
        if isinstance(prompt, str):
            return count_tokens(prompt, model=model)
        messages = [prompt] if isinstance(prompt, ModelMessage) else prompt
        return count_message_tokens([(message.role, message.text) for message in messages], model=model)

    async def get_model_metadata(self, model: str) -> ModelMetadata:
        """Give what is known of one model.

        Raises:
            NoSuchModel: this client does not serve it.

        """
        known = await self.models()
        for metadata in known:
            if metadata.model == model:
                return metadata
        names = ", ".join(metadata.model for metadata in known)
        raise NoSuchModel(f"model {model!r} not found; this client serves {names}.", model=model)

    async def convert_message(
        self, request: ModelRequest, message_converter: MessageConverter | None = None
    ) -> ModelRequest:
        """Give a copy of the request whose messages the converter has adapted to its model."""
        if message_converter is None:
            return request
        metadata = await self._metadata_or_none(request.model)
        converted = request.copy()
        converted.messages = message_converter.convert(converted.messages, metadata)
        return converted

    async def __call__(self, *args: Any, **kwargs: Any) -> ModelOutput:
        """Answer a request that is built from the arguments, as `ModelRequest.build_request` takes them."""
        return await self.generate(ModelRequest.build_request(*args, **kwargs))

    async def async_call(self, *args: Any, **kwargs: Any) -> ModelOutput:
        """Do what calling the client does; DB-GPT's name for it."""
        return await self(*args, **kwargs)

    async def async_call_stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[ModelOutput]:
        """Stream the answer to a request that is built from the arguments."""
        async for output in self.generate_stream(ModelRequest.build_request(*args, **kwargs, stream=True)):
            yield output

    def sync_generate(self, request: ModelRequest, message_converter: MessageConverter | None = None) -> ModelOutput:
        """Do what `generate` does, without a loop of your own."""
        return self._portal.call(self.generate(request, message_converter))

    def sync_generate_stream(
        self,
        request: ModelRequest,
        message_converter: MessageConverter | None = None,
        *,
        incremental: bool = False,
    ) -> Generator[ModelOutput]:
        """Do what `generate_stream` does, without a loop of your own."""
        return self._portal.iterate(self.generate_stream(request, message_converter, incremental=incremental))

    async def aclose(self) -> None:
        """Let go of connections and threads; safe to call twice."""
        portal = self.__dict__.get("_portal")
        if portal is not None:
            await asyncio.to_thread(portal.close)

    def close(self) -> None:
        """Do what `aclose` does, without a loop of your own."""
        portal = Portal()
        portal.call(self.aclose())
        portal.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    @functools.cached_property
    def _portal(self) -> Portal:
        return Portal()

    async def _metadata_or_none(self, model: str) -> ModelMetadata | None:
        try:
            return await self.get_model_metadata(model)
        except NoSuchModel:
            return None


class ProxyLLMClient(LLMClient):
    """A client that stands in front of models held elsewhere.

    A subclass overrides either the asynchronous pair `generate` and `generate_stream`
    or, where its library can only block, the pair `sync_generate` and
    `sync_generate_stream`, which then run in a thread. `context_length` is in tokens.
    An `executor` that is passed in is used and never shut down; its own ends with `aclose`.
    """

    def __init__(
        self,
        model_names: Sequence[str],
        context_length: int | None = 4096,
        executor: Executor | None = None,
        proxy_tokenizer: "ProxyTokenizer | None" = None,
    ) -> None:
        if type(self).generate is ProxyLLMClient.generate and type(self).sync_generate is LLMClient.sync_generate:
            raise TypeError(f"{type(self).__name__} must override generate or sync_generate")
        self.model_names = list(model_names)
        self._context_length = context_length
        self._executor = executor
        self._own_executor: ThreadPoolExecutor | None = None
        self._tokenizer = proxy_tokenizer

    @property
    def executor(self) -> Executor:
        """The threads that blocking work runs in, made at first use."""
        if self._executor is not None:
            return self._executor
        if self._own_executor is None:
            self._own_executor = ThreadPoolExecutor(thread_name_prefix="interlingua")
        return self._own_executor

    @property
    def default_model(self) -> str:
        """The model of a request that names none."""
        return self.model_names[0]

    async def generate(self, request: ModelRequest, message_converter: MessageConverter | None = None) -> ModelOutput:
        """Answer whole, by `sync_generate` in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, self.sync_generate, request, message_converter)

    async def generate_stream(
        self,
        request: ModelRequest,
        message_converter: MessageConverter | None = None,
        *,
        incremental: bool = False,
    ) -> AsyncGenerator[ModelOutput]:
        """Answer piece by piece, by `sync_generate_stream` in a thread."""
        loop = asyncio.get_running_loop()
        stream = self.sync_generate_stream(request, message_converter, incremental=incremental)
        step = functools.partial(next, stream, None)
        try:
            while (output := await loop.run_in_executor(self.executor, step)) is not None:
                yield output
        finally:
            await loop.run_in_executor(self.executor, stream.close)

    async def models(self) -> list[ModelMetadata]:
        """List the models by the names that were given."""
        return [ModelMetadata(model=name, context_length=self._context_length) for name in self.model_names]

    async def count_token(self, model: str, prompt: str | ModelMessage | Sequence[ModelMessage]) -> TokenCount:
        """Count with the tokenizer that was passed in, or else offline."""
        if self._tokenizer is None:
            return await super().count_token(model, prompt)
        text = prompt if isinstance(prompt, str) else ModelMessage.messages_to_string(_as_messages(prompt))
        return TokenCount(
            self._tokenizer.count_token(model, text), estimated=False, encoding=type(self._tokenizer).__name__
        )

    def local_convert_message(
        self, request: ModelRequest, message_converter: MessageConverter | None = None
    ) -> ModelRequest:
        """Give a copy of the request with converted messages, asking no other host for the model's metadata."""
        if message_converter is None:
            return request
        metadata = ModelMetadata(model=request.model or self.default_model, context_length=self._context_length)
        converted = request.copy()
        converted.messages = message_converter.convert(converted.messages, metadata)
        return converted

    async def aclose(self) -> None:
        """Let go of the threads that the client made."""
        if self._own_executor is not None:
            executor, self._own_executor = self._own_executor, None
            await asyncio.to_thread(executor.shutdown)
        await super().aclose()


class ProxyTokenizer(ABC):
    """Counts tokens the way a certain model does."""

    @abstractmethod
    def count_token(self, model_name: str, prompt: str) -> int:
        """Count the tokens of `prompt`."""


class ProxyModel:
    """A client and its parameters, as DB-GPT's model workers hold them."""

    def __init__(self, model_params: Any, proxy_llm_client: ProxyLLMClient) -> None:
        self.model_params = model_params
        self.proxy_llm_client = proxy_llm_client

    def get_params(self) -> Any:
        """Give the parameters."""
        return self.model_params

    def count_token(self, prompt: str | ModelMessage | Sequence[ModelMessage]) -> TokenCount:
        """Count the tokens of a prompt for the client's default model, offline."""
        text = prompt if isinstance(prompt, str) else ModelMessage.messages_to_string(_as_messages(prompt))
        return count_tokens(text, model=self.proxy_llm_client.default_model)


def _as_messages(prompt: ModelMessage | Sequence[ModelMessage]) -> Sequence[ModelMessage]:
    return [prompt] if isinstance(prompt, ModelMessage) else prompt
