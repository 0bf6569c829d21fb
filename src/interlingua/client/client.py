"""The way that most people call a model."""

import asyncio
import copy
import logging
import os
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import msgspec

from interlingua.catalog import Catalog, TokenCount, count_message_tokens
from interlingua.client.catalog_file import TABLE as CATALOG
from interlingua.client.catalog_file import catalog_in, read_catalog
from interlingua.client.config_file import ConfigFile
from interlingua.client.functions import read_tools
from interlingua.client.metadata import completed, known_metadata
from interlingua.client.network import NetworkSettings
from interlingua.client.provider_settings import ProviderSettings, split_table
from interlingua.client.routes import Place, Routes
from interlingua.client.schemas import OutputShape, read_shape
from interlingua.client.services import (
    Inputs,
    as_embedding,
    as_rerank,
    read_embedding_request,
    read_rerank_request,
)
from interlingua.client.streaming import measured, stream_outputs
from interlingua.errors import Error, InvalidConfig, InvalidOutput, InvalidRequest, NoSuchModel, NoSuchProvider
from interlingua.providers import Registry, RemoteProvider
from interlingua.providers.contract import Provider
from interlingua.routing.guarded import GuardedProvider
from interlingua.routing.route import Route
from interlingua.routing.routed import RoutedProvider
from interlingua.types import (
    MessageConverter,
    ModelMessage,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    declared,
    read_messages,
    setting,
)
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest, Purpose
from interlingua.types.merging import merged_request
from interlingua.types.ranking import RerankOutput, RerankRequest
from interlingua.types.setting import settings_of, unknown_name
from interlingua.wires.chat_completions.tools import read_tool_choice

Messages: TypeAlias = str | Sequence[ModelMessage | Mapping[str, Any]]
"""A text, or messages typed or as dicts, in any mixture."""

LOCAL = "local"
"""The provider that needs no key and no network."""

_TABLES = ("client", "providers", "models", "routes", CATALOG, "server")
_MODELS_LIFE = 60.0

logger = logging.getLogger("interlingua.client")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request goes: a provider, its own name of the model, and what an alias sets beside it."""

    name: str
    provider: Provider
    model: str
    defaults: ModelRequest | None = None
    catalog: Catalog | None = None
    """What is known of models beside what comes with the package."""
    route: Route | None = None
    """The route that the name is, whose targets `provider` asks."""

    @property
    def encoding(self) -> str | None:
        """The encoding that the model's tokens are counted with, where the catalog names one."""
        known = self.catalog.lookup(self.model, provider=self.provider.name) if self.catalog is not None else None
        return known.encoding if known is not None else None


@declared
class Client(NetworkSettings):
    """One client for every provider; a model is named `provider/model`.

    Keys come from each provider's usual environment variable, or from `providers`:
    `{"openai": {"api_key": "…"}, "my_server": {"extends": "vllm", "base_url": "http://…/v1"}}`.
    `models` gives names of your own: `{"fast": {"model": "groq/…", "temperature": 0}}`.
    `catalog` says what you know of models: `{"model": [{"id": "house-7b", "provider": "my_server", …}]}`.

    Example:
        >>> async with Client() as client:
        ...     output = await client.generate("local/smollm2", "Hello")
        ...     print(output.text)

    """

    default_model: str | None = setting(
        "The model of a request that names none.", default=None, env=("INTERLINGUA_MODEL",), kw_only=True
    )
    providers: dict[str, dict[str, Any]] = setting(
        "Settings of providers, by name; a new name needs `base_url` or `extends`.", default={}, kw_only=True
    )
    models_: dict[str, str | dict[str, Any]] = setting(
        "Names of your own for models, with settings of theirs.",
        default={},
        alias="models",
        aliases=("aliases",),
        kw_only=True,
    )
    routes: dict[str, dict[str, Any]] = setting(
        "Names with several targets: who is asked in which order, and what happens when one fails.",
        default={},
        kw_only=True,
    )
    catalog: Catalog | str | Path | dict[str, Any] | None = setting(
        "Facts and rules of models, over the packaged ones: a file or its tables; in a config file `[catalog]`.",
        default=None,
        runtime=True,
        kw_only=True,
    )
    proxies: str | dict[str, str] | None = setting(
        "URL of an HTTP proxy, or one for each of http, https and all.", default=None, kw_only=True
    )
    timeout: float = setting("Longest time for a whole answer.", default=600.0, minimum=0, unit="seconds", kw_only=True)

    def __post_init__(self) -> None:
        tables = {name: split_table(table) for name, table in self.providers.items() if name != LOCAL}
        self._registry = Registry({name: words for name, (_, words) in tables.items()})
        self._settings = {name: _read_provider(name, settings) for name, (settings, _) in tables.items()}
        self._catalog = read_catalog(self.catalog)
        self._own_transport = self.transport is None
        self._transport = self.build_transport(self.proxies)
        self._providers: dict[str, list[GuardedProvider]] = {}
        self._aliases = {name: _read_alias(name, value) for name, value in self.models_.items()}
        self._listed: dict[str, tuple[float, list[ModelMetadata]]] = {}
        for name in self._aliases:
            self._meant(name)
        self._routes = Routes(
            self.routes, find=self._place, names=self._check_name, seconds=self.timeout, catalog=self._catalog
        )

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """Build a client from a config file, the same that `interlingua serve` reads.

        Raises:
            InvalidConfig: something in it is wrong; the message has the file, the line and a suggestion.

        """
        return cls.from_config_file(ConfigFile.read(path))

    @classmethod
    def from_config_file(cls, config: ConfigFile, **overrides: Any) -> Self:
        """Build a client from a config file that has been read; `overrides` are settings that win over the file's."""
        config.check_tables(_TABLES)
        declared = {each.name: each for each in settings_of(cls) if not each.runtime}
        known = [name for name in declared if name not in ("providers", "models_", "routes")]
        values = config.table("client")
        for name, value in values.items():
            if name not in known:
                raise InvalidConfig(
                    f"{config.where('client', name)}: {unknown_name('[client]', name, known)}", param=name
                )
            declared[name].read(value, source=config.where("client", name))
        for table in ("providers", "models"):
            for name, value in config.table(table).items():
                _check_table(config, cls, table=table, name=name, value=value)
        build: Any = cls
        tables = {name: config.table(name) for name in ("providers", "models", "routes")}
        try:
            return build(**{**values, **tables, CATALOG: catalog_in(config), **overrides})
        except InvalidConfig as error:
            keys = (error.param or "").split(".")
            if keys[0] not in tables:
                raise
            raise InvalidConfig(f"{config.where(*keys)}: {error.message}", param=error.param) from error

    async def generate(
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
        """Answer whole.

        `options` are fields of `ModelRequest` (`max_tokens` is read as `max_new_tokens`).
        `response_format` is a JSON Schema, a Struct, a dataclass or a Pydantic model;
        `output.parsed` is then its value, and `repair` asks the model once more when its
        first answer does not fit. `tools` may be functions, whose signatures and
        docstrings describe them; calling them stays with you.

        Raises:
            Error: whatever went wrong. `InvalidOutput` keeps the text that did not fit.

        Example:
            >>> output = await client.generate("openai/gpt-6.2-sol", "Name a colour.", max_tokens=20)

        """
        shape = read_shape(response_format)
        request = self._request(model, messages, shape, tools, options)
        target = self.resolve(request.model)
        request = await self._prepared(request, target, message_converter)
        output = await _answer(target, request)
        if shape is None:
            return output
        try:
            return shape.fill(output)
        except InvalidOutput as error:
            if not repair:
                raise
            return await _repaired(target, request, output, shape, error)

    async def generate_stream(
        self,
        model: str | ModelRequest | None = None,
        messages: Messages | None = None,
        *,
        message_converter: MessageConverter | None = None,
        response_format: Any = None,
        tools: Iterable[Any] | None = None,
        incremental: bool = False,
        **options: Any,
    ) -> AsyncGenerator[ModelOutput]:
        """Answer piece by piece: `delta` is the new text, `text` all until then.

        The last item has the finish reason, the usage and every part, and `parsed` if a
        shape was asked for. Leaving the loop early stops the provider.

        Raises:
            Error: whatever went wrong, before the first item or after it.

        Example:
            >>> async for piece in client.generate_stream("local/smollm2", "Count to five."):
            ...     print(piece.delta, end="", flush=True)

        """
        shape = read_shape(response_format)
        request = self._request(model, messages, shape, tools, options)
        target = self.resolve(request.model)
        request = await self._prepared(request, target, message_converter)
        outputs = stream_outputs(
            target.provider.stream(request), provider=target.provider.name, incremental=incremental
        )
        try:
            async for output in outputs:
                if shape is not None and output.finish_reason is not None:
                    shape.fill(output)
                yield output
        finally:
            await outputs.aclose()

    async def embed(
        self,
        model: str | EmbeddingRequest | None = None,
        inputs: Inputs | None = None,
        *,
        dimensions: int | None = None,
        purpose: Purpose | None = None,
        **options: Any,
    ) -> EmbeddingOutput:
        """Turn texts into vectors; `inputs` is one text or several, and `output.vectors` has as many vectors.

        `dimensions` is their length, where a model has several. `purpose` (`query`,
        `document`, …) is what they are for, where a model knows purposes. `options` are
        further fields of `EmbeddingRequest`.

        Raises:
            Unsupported: the provider has no vectors, or none of such inputs.
            Error: whatever else went wrong.

        Example:
            >>> output = await client.embed("openai/text-embedding-3-small", ["A cat.", "A dog."])
            >>> len(output.vectors)
            2

        """
        given = {"dimensions": dimensions, "purpose": purpose, **options}
        request = read_embedding_request(model, inputs, given)
        target = self.resolve(request.model)
        request = msgspec.structs.replace(request, model=target.model)
        return await as_embedding(target.provider, request.model).embed(request)

    async def rerank(
        self,
        model: str | RerankRequest | None = None,
        query: str | None = None,
        documents: Sequence[str] | None = None,
        *,
        top: int | None = None,
        **options: Any,
    ) -> RerankOutput:
        """Sort documents by how well they answer a query, the best one first; `top` is how many are wanted.

        `options` are further fields of `RerankRequest`.

        Raises:
            Unsupported: the provider sorts no documents.
            Error: whatever else went wrong.

        Example:
            >>> output = await client.rerank("cohere/rerank-v4.0-pro", "Who wrote it?", ["Ada did.", "It rains."])
            >>> output.results[0].index
            0

        """
        request = read_rerank_request(model, query, documents, {"top": top, **options})
        target = self.resolve(request.model)
        request = msgspec.structs.replace(request, model=target.model)
        return await as_rerank(target.provider, request.model).rerank(request)

    def resolve(self, model: str | None) -> Target:
        """Find who serves a model.

        Raises:
            NoSuchModel: the name has no provider in front, and is none of `models`.
            NoSuchProvider: the provider is unknown; the message suggests one.
            MissingKey: the provider's key is not set; the message names the variable.

        """
        name = model or self.default_model
        if not name:
            raise NoSuchModel("no model is named; write `provider/model`, or set default_model.")
        if name in self._routes:
            route = self._routes.route(name)
            return Target(name=name, provider=RoutedProvider(route), model=name, catalog=self._catalog, route=route)
        alias = self._aliases.get(name)
        if alias is not None:
            real = self.resolve(alias.model)
            defaults = alias if self._sets_more(name) else None
            return msgspec.structs.replace(real, name=name, defaults=defaults)
        provider, slash, rest = name.partition("/")
        if not slash or not rest:
            raise NoSuchModel(self._unknown_model(name), model=name)
        keyed = self._keyed(provider)
        if len(keyed) > 1:
            route = self._routes.of_keys(name)
            return Target(name=name, provider=RoutedProvider(route), model=rest, catalog=self._catalog, route=route)
        return Target(name=name, provider=keyed[0], model=rest, catalog=self._catalog)

    async def models(self, provider: str | None = None) -> list[ModelMetadata]:
        """List models by the names that requests use.

        Without `provider`: your own names, the embedded models, and those of every
        provider whose key is set; one that cannot be reached is left out and logged.
        Lists are kept for a minute.
        """
        if provider is not None:
            return await self._models_of(provider)
        found: list[ModelMetadata] = []
        names = [LOCAL, *self._reachable()]
        lists = await asyncio.gather(*map(self._models_of, names), return_exceptions=True)
        for name, listed in zip(names, lists, strict=True):
            if isinstance(listed, Error):
                logger.warning("models of %s are left out: %s", name, listed)
            elif isinstance(listed, BaseException):
                raise listed
            else:
                found += listed
        behind = {each.model: each for each in found}
        routes = [each for name in self._routes for each in await self.resolve(name).provider.models()]
        return [*routes, *(self._named(name, behind) for name in self._aliases), *found]

    async def count_token(self, model: str, prompt: Messages) -> TokenCount:
        """Count the tokens of a prompt offline; `.estimated` tells whether the number is exact."""
        provider, _, name = self._meant(model).partition("/")
        catalog = self._catalog
        known = catalog.lookup(name, provider=self._known_as(provider)) if catalog is not None else None
        texts = [(message.role, message.text) for message in read_messages(prompt)]
        return count_message_tokens(texts, model=name, encoding=known.encoding if known is not None else None)

    def confine(self) -> None:
        """Let requests name only those local models that are built in, or that the settings name.

        Without it a request may name any model file of this machine, or one to fetch from
        a hub, which is right for you and wrong for the callers of a server of yours.
        """
        from interlingua.local.embedded import embedded_models  # noqa: PLC0415 - the model's code

        named = [alias.model for alias in self._aliases.values()] + [self.default_model or ""]
        named += [target for name in self._routes for target in self._routes.targets(name)]
        own = [name.removeprefix(f"{LOCAL}/") for name in named if name.startswith(f"{LOCAL}/")]
        settings = dict(self.providers.get(LOCAL, {}))
        settings.setdefault("allowed", [*embedded_models(), *settings.get("known", {}), *own])
        self.providers = {**self.providers, LOCAL: settings}
        self._providers.pop(LOCAL, None)

    async def aclose(self) -> None:
        """Close every connection and model that the client opened."""
        providers, self._providers = [each for keyed in self._providers.values() for each in keyed], {}
        for provider in providers:
            await provider.aclose()
        if self._own_transport:
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def _request(
        self,
        model: str | ModelRequest | None,
        messages: Messages | None,
        shape: OutputShape | None,
        tools: Iterable[Any] | None,
        options: dict[str, Any],
    ) -> ModelRequest:
        if isinstance(model, ModelRequest):
            if messages is not None or options:
                raise InvalidRequest("a ModelRequest already holds its messages and options.", param="messages")
            request = copy.copy(model)
        else:
            if messages is None:
                raise InvalidRequest("there is nothing to answer: pass messages.", param="messages")
            if "max_tokens" in options:
                options.setdefault("max_new_tokens", options.pop("max_tokens"))
            if isinstance(options.get("tool_choice"), str | Mapping):
                options["tool_choice"] = read_tool_choice(options["tool_choice"])
            request = ModelRequest.build_request(model or "", messages, **options)
        if shape is not None:
            request.response_format = shape.format
        if tools is not None:
            request.tools = read_tools(tools)
        return request

    async def _prepared(
        self, request: ModelRequest, target: Target, message_converter: MessageConverter | None
    ) -> ModelRequest:
        prepared = merged_request(request, target.defaults) if target.defaults else copy.copy(request)
        prepared.model = target.model
        if message_converter is not None and target.route is not None:
            prepared.messages = message_converter.convert(request.messages, None)
        elif message_converter is not None:
            known = {each.model: each for each in await self._models_of(target.provider.name)}
            prepared.messages = message_converter.convert(request.messages, known.get(target.name))
        return prepared

    def _place(self, name: str) -> Place:
        """Find where a route's target leads, for attempts that the route repeats itself."""
        provider, _, model = self._meant(name).partition("/")
        return Place(
            provider=provider,
            model=model,
            keyed=[each.unrepeated() for each in self._keyed(provider)],
            defaults=self._aliases[name] if self._sets_more(name) else None,
            timeouts=self.timeouts(self.timeout),
            known_as=self._known_as(provider),
        )

    def _check_name(self, name: str) -> None:
        """See that a name can be one of a model's.

        Raises:
            InvalidConfig: it is none of yours, and no provider is named in it, or one that is unknown.

        """
        provider, slash, rest = self._meant(name).partition("/")
        if not slash or not rest:
            raise InvalidConfig(self._unknown_model(name))
        if provider != LOCAL:
            try:
                self._registry.lookup(provider)
            except NoSuchProvider as error:
                raise InvalidConfig(error.message) from error

    def _provider(self, name: str) -> Provider:
        return self._keyed(name)[0]

    def _keyed(self, name: str) -> list[GuardedProvider]:
        """Give a provider with each of its keys, all within one limit."""
        keyed = self._providers.get(name)
        if keyed is None:
            limit = self.limit()
            keyed = self._providers[name] = [self.guard(each, limit) for each in self._build(name)]
        return keyed

    def _build(self, name: str) -> Sequence[Provider]:
        if name == LOCAL:
            from interlingua.local.provider import LocalProvider  # noqa: PLC0415 - the model's code, loaded with it

            return [LocalProvider(**self.providers.get(LOCAL, {}))]
        settings = self._settings.get(name, ProviderSettings())
        endpoints = settings.endpoints(self._registry.lookup(name))
        return [
            RemoteProvider(
                endpoint,
                name=name,
                transport=self._transport,
                timeouts=self.timeouts(self.timeout),
                catalog=self._catalog,
                drain=settings.drain_policy(),
            )
            for endpoint in endpoints
        ]

    async def _models_of(self, name: str) -> list[ModelMetadata]:
        kept = self._listed.get(name)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        listed = await self._provider(name).models()
        full = [completed(each, provider=self._known_as(name), catalog=self._catalog) for each in listed]
        named = [msgspec.structs.replace(each, model=f"{name}/{each.model}", provider=name) for each in full]
        self._listed[name] = (time.monotonic() + _MODELS_LIFE, named)
        return named

    def _named(self, name: str, behind: Mapping[str, ModelMetadata]) -> ModelMetadata:
        """Describe a name of the user's own by the model behind it, which its provider lists or the catalog knows."""
        meant = self._meant(name)
        provider, _, model = meant.partition("/")
        known = behind.get(meant)
        if known is None:
            known = known_metadata(model, provider=self._known_as(provider), catalog=self._catalog)
        metadata = {**known.metadata, "alias_of": self._aliases[name].model}
        return msgspec.structs.replace(known, model=name, provider=provider, metadata=metadata)

    def _known_as(self, provider: str) -> tuple[str, ...]:
        """Give the names under which the catalog may know a provider."""
        return self._registry.lookup(provider).known_as if provider in self._registry else (provider,)

    def _meant(self, name: str) -> str:
        """Follow your own names to the `provider/model` behind them."""
        passed: list[str] = []
        while (alias := self._aliases.get(name)) is not None:
            if name in passed:
                circle = " → ".join([*passed, name])
                raise InvalidConfig(f"models.{name}: the names go round in a circle: {circle}.", param=f"models.{name}")
            passed.append(name)
            name = alias.model
        return name

    def _reachable(self) -> list[str]:
        """Name the providers that were set, and those whose key the environment has."""
        keyed = [row.id for row in self._registry if any(os.environ.get(name) for name in row.key_env)]
        return list(dict.fromkeys([*self._settings, *keyed]))

    def _sets_more(self, name: str) -> bool:
        """Whether a name of the user's own sets anything beside the model."""
        value = self.models_.get(name, name)
        return not isinstance(value, str) and len(value) > 1

    def _unknown_model(self, name: str) -> str:
        own = f" or one of {', '.join(self._aliases)}" if self._aliases else ""
        return f"no provider is named in {name!r}; write `provider/{name.strip('/')}`{own}."


async def _answer(target: Target, request: ModelRequest) -> ModelOutput:
    started = time.time()
    output = await target.provider.generate(request)
    output.provider = output.provider or target.provider.name
    return measured(output, started=started)


async def _repaired(
    target: Target, request: ModelRequest, output: ModelOutput, shape: OutputShape, error: InvalidOutput
) -> ModelOutput:
    """Show the model its answer and what is wrong with it, once; the usage is that of both rounds."""
    again = copy.copy(request)
    again.messages = [
        *request.messages,
        ModelMessage.assistant(error.text),
        ModelMessage.user(
            f"This answer is not valid: {error.message}\nGive the whole answer again, as valid JSON only."
        ),
    ]
    repaired = await _answer(target, again)
    if output.usage is not None and repaired.usage is not None:
        repaired.usage = output.usage + repaired.usage
    return shape.fill(repaired)


def _read_provider(name: str, settings: Mapping[str, Any]) -> ProviderSettings:
    build: Any = ProviderSettings
    try:
        return build(**settings)
    except InvalidConfig as error:
        raise InvalidConfig(f"providers.{name}: {error.message}", param=error.param) from error


def _read_alias(name: str, value: str | dict[str, Any]) -> ModelRequest:
    options: dict[str, Any] = {"model": value} if isinstance(value, str) else dict(value)
    model = options.pop("model", None)
    if not isinstance(model, str) or model == name:
        raise InvalidConfig(
            f"models.{name}: `model` must name another model, as `provider/model`.", param=f"models.{name}"
        )
    if "max_tokens" in options:
        options["max_new_tokens"] = options.pop("max_tokens")
    try:
        return ModelRequest.build_request(model, [], **options)
    except InvalidRequest as error:
        raise InvalidConfig(f"models.{name}: {error.message}", param=f"models.{name}.{error.param}") from error


def _check_table(config: ConfigFile, cls: type[Client], *, table: str, name: str, value: Any) -> None:
    """Build a client of one table alone, so that its error has that table's line."""
    build: Any = cls
    try:
        client: Client = build(**{table: {name: value}})
        if (table, name) == ("providers", LOCAL):
            client.resolve(f"{LOCAL}/any")
    except InvalidConfig as error:
        keys = (table, name, *([error.param.rpartition(".")[2]] if error.param else []))
        raise InvalidConfig(f"{config.where(*keys)}: {error.message}", param=error.param) from error
