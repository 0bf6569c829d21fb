"""DB-GPT's OpenAI client, done right."""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec

from interlingua.client.llm_client import ProxyModel
from interlingua.client.parameters import ProxyModelParameters
from interlingua.client.remote_client import RemoteLLMClient
from interlingua.client.sdk_provider import SDKProvider
from interlingua.errors import InvalidConfig, InvalidRequest
from interlingua.providers import REGISTRY, Endpoint, RemoteProvider, resolve
from interlingua.providers.contract import Provider
from interlingua.types import (
    ModelOutput,
    ModelRequest,
    ModelRequestContext,
    Secret,
    declared,
    setting,
)
from interlingua.wires import chat_completions

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_PROTECTED = ("model", "messages", "stream", "stream_options")
_BESIDE_THE_BODY = ("extra_headers", "extra_body", "timeout")


async def chatgpt_generate_stream(
    model: ProxyModel,
    tokenizer: Any,  # noqa: ARG001 - part of the worker's protocol
    params: Mapping[str, Any],
    device: Any,  # noqa: ARG001 - part of the worker's protocol
    context_len: int | None = None,
) -> AsyncGenerator[ModelOutput]:
    """Stream an answer for a model worker of DB-GPT's.

    `params` is the worker's request: `messages`, and any field of `ModelRequest`, the
    `model` among them, so that one worker serves several models. `tokenizer` and
    `device` are part of the worker's protocol and mean nothing to a remote model.

    Raises:
        InvalidRequest: a field is unknown or has the wrong type.

    """
    options = {name: value for name, value in params.items() if name in ModelRequest.__struct_fields__}
    messages = options.pop("messages")
    given: Any = options.pop("context", None) or {}
    fields: dict[str, Any] = msgspec.structs.asdict(given) if isinstance(given, ModelRequestContext) else dict(given)
    context = {"user_name": params.get("user_name"), **fields, "stream": True}
    options.setdefault("context_len", context_len)
    client = model.proxy_llm_client
    request = ModelRequest.build_request(
        options.pop("model", None) or client.default_model, messages, context=context, **options
    )
    stream = client.generate_stream(request)
    try:
        async for output in stream:
            yield output
    finally:
        await stream.aclose()


@declared
class OpenAILLMClient(RemoteLLMClient):
    """A client for OpenAI, Azure OpenAI, and every server that speaks their Chat Completions.

    What is not given comes from the environment, then from the provider's row. No SDK is
    needed; an `openai_client` of the official SDK (version 1, 2 or 3) is used if given.

    Requests name a model by `model_alias`, by a name in `aliases`, or by the provider's
    own name. Settings of a request win over `openai_kwargs`, and these over the row.
    Failures are raised, streamed or not; with `on_error="return"` they come as an output
    whose `error` is set, streamed or not.

    Example:
        >>> async with OpenAILLMClient(api_key="sk-…", model="gpt-6.2-sol") as client:
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))
        ...     print(output.text, output.usage.total_tokens)

    """

    api_key: Secret | str | None = setting(
        "Key of the provider; else its usual variable (OPENAI_API_KEY, AZURE_OPENAI_API_KEY).",
        default=None,
        aliases=("apk_key", "proxy_api_key"),
        secret=True,
    )
    api_base: str | None = setting(
        "Base URL; else OPENAI_BASE_URL or OPENAI_API_BASE, then the provider's own.",
        default=None,
        aliases=("base_url", "proxy_api_base"),
    )
    api_type: str | None = setting(
        "Kind of API.", default=None, env=("OPENAI_API_TYPE",), choices=("open_ai", "openai", "azure")
    )
    api_version: str | None = setting(
        "Version of Azure's API; else OPENAI_API_VERSION, unless the address is of the unversioned API.", default=None
    )
    model: str | None = setting("The provider's name of the model for requests that name none.", default=None)
    proxies: str | dict[str, str] | None = setting(
        "URL of an HTTP proxy, or one for each of http, https and all.", default=None, aliases=("http_proxy", "proxy")
    )
    timeout: float = setting("Longest time for a whole answer.", default=240.0, minimum=0, unit="seconds")
    model_alias: str = setting("The name that `models()` gives for `model`.", default="chatgpt_proxyllm")
    context_length: int | None = setting(
        "Context window; else what is known of the model.", default=None, minimum=1, unit="tokens"
    )
    openai_client: "AsyncOpenAI | None" = setting(
        "An asynchronous client of the official SDK to send through.", default=None, runtime=True
    )
    openai_kwargs: dict[str, Any] | None = setting(
        "Fields of every request that it does not set itself; also extra_headers and extra_body.", default=None
    )
    full_url: str | None = setting(
        "Whole URL of the chat endpoint, instead of a base URL.",
        default=None,
        aliases=("proxy_server_url",),
        kw_only=True,
    )
    provider: str = setting("Row of the provider table.", default="openai", kw_only=True)
    azure_deployment: str | None = setting(
        "Deployment on Azure; else the model's name.",
        default=None,
        env=("AZURE_OPENAI_DEPLOYMENT", "API_AZURE_DEPLOYMENT"),
        aliases=("api_azure_deployment",),
        kw_only=True,
    )
    azure_ad_token_provider: Callable[[], str | Awaitable[str]] | None = setting(
        "Function that gives a token of Microsoft Entra ID, asked for each request.",
        default=None,
        runtime=True,
        kw_only=True,
    )
    aliases: dict[str, str] = setting(
        "Further names of models, and the provider's names for them.", default={}, kw_only=True
    )
    default_headers: dict[str, str] = setting("Headers of every request.", default={}, kw_only=True)
    on_error: Literal["raise", "return"] = setting(
        "Whether a failure is raised or returned as an output.", default="raise", kw_only=True
    )
    executor_: Executor | None = setting(
        "Threads for blocking work of subclasses.",
        default=None,
        alias="executor",
        aliases=("default_executor",),
        runtime=True,
        kw_only=True,
    )

    def __post_init__(self) -> None:
        if self.api_type == "azure" and self.provider == "openai":
            self.provider = "azure"
        self._defaults = _read_defaults(self.openai_kwargs or {})
        self.name_models()

    @classmethod
    def new_client(cls, model_params: ProxyModelParameters, default_executor: Executor | None = None) -> Self:
        """Build a client from a worker's parameters."""
        return cls(
            api_key=model_params.proxy_api_key,
            api_base=model_params.proxy_api_base,
            api_type=model_params.proxy_api_type,
            api_version=model_params.proxy_api_version,
            model=model_params.proxyllm_backend,
            proxies=model_params.http_proxy,
            model_alias=model_params.model_name,
            context_length=model_params.max_context_size,
            full_url=model_params.proxy_server_url,
            executor=default_executor,
        )

    @property
    def default_model(self) -> str:
        """The provider's name of the model for requests that name none."""
        return self.model or self.azure_deployment or REGISTRY.lookup(self.provider).default_model or self.model_alias

    @functools.cached_property
    def client(self) -> "AsyncOpenAI":
        """The official SDK's client by the same settings: the one passed in, or a new one.

        Raises:
            InvalidConfig: the SDK is not installed.

        """
        if self.openai_client is not None:
            return self.openai_client
        return _build_sdk_client(self)

    def build_provider(self) -> Provider:
        """Build the provider behind the client."""
        row = REGISTRY.lookup(self.provider)
        if self.openai_client is not None:
            return SDKProvider(self.openai_client, name=self.provider, dialect=row.dialect)
        return RemoteProvider(
            _endpoint(self),
            transport=self.build_transport(self.proxies),
            timeouts=self.timeouts(self.timeout),
            owns_transport=self.transport is None,
        )


def _read_defaults(kwargs: Mapping[str, Any]) -> ModelRequest:
    """Read `openai_kwargs`, which are fields of the wire, as a request to complete others from."""
    for name in _PROTECTED:
        if name in kwargs:
            raise InvalidConfig(f"openai_kwargs: {name!r} is set by each request.", param="openai_kwargs")
    own = {
        "extra_headers": kwargs.get("extra_headers"),
        "extra_body": kwargs.get("extra_body"),
        "timeout": kwargs.get("timeout"),
    }
    fields = {name: value for name, value in kwargs.items() if name not in own}
    try:
        body = msgspec.json.encode({"model": "", "messages": [], **fields})
        defaults = chat_completions.parse_request(body)
    except (InvalidRequest, TypeError) as error:
        raise InvalidConfig(f"openai_kwargs: {error}", param="openai_kwargs") from error
    for name in _BESIDE_THE_BODY:
        setattr(defaults, name, kwargs.get(name))
    return defaults


def _endpoint(settings: OpenAILLMClient) -> Endpoint:
    row = REGISTRY.lookup(settings.provider)
    # A deployment that the environment names for Azure means nothing to anybody else.
    deployed = row.deployments is not None
    return resolve(
        row,
        api_key=settings.api_key,
        base_url=settings.api_base,
        full_url=settings.full_url,
        headers=settings.default_headers,
        api_version=settings.api_version if deployed else None,
        deployment=settings.azure_deployment if deployed else None,
        token_provider=settings.azure_ad_token_provider,
    )


def _build_sdk_client(settings: OpenAILLMClient) -> "AsyncOpenAI":
    try:
        import openai  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InvalidConfig("the openai SDK is not installed; `pip install 'interlingua[openai]'`.") from error
    endpoint = _endpoint(settings)
    return openai.AsyncOpenAI(
        api_key=endpoint.key.reveal() if endpoint.key else "none",
        base_url=endpoint.base_url,
        timeout=settings.timeout,
        max_retries=settings.max_retries,
        default_headers=settings.default_headers or None,
    )
