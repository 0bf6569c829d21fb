"""Clients named after a provider, for those who speak another wire than OpenAI's."""

from concurrent.futures import Executor
from typing import Any, Literal, Self

from interlingua.client.parameters import ProxyModelParameters
from interlingua.client.remote_client import RemoteLLMClient
from interlingua.errors import InvalidConfig, InvalidRequest
from interlingua.providers import REGISTRY, Endpoint, RemoteProvider, resolve
from interlingua.providers.contract import Provider
from interlingua.providers.endpoint import AWSAccess
from interlingua.types import ModelRequest, Secret, declared, setting


@declared
class VendorLLMClient(RemoteLLMClient):
    """What `AnthropicLLMClient` and its siblings have in common: everything but their provider and its own settings.

    What is not given comes from the environment (each provider's usual variables), then
    from the provider's row. No SDK is needed.
    """

    provider = ""

    api_key: Secret | str | None = setting(
        "Key of the provider; else its usual environment variable.",
        default=None,
        aliases=("proxy_api_key",),
        secret=True,
    )
    api_base: str | None = setting(
        "Base URL; else the provider's usual variable, then its own.",
        default=None,
        aliases=("base_url", "proxy_api_base"),
    )
    model: str | None = setting("The provider's name of the model for requests that name none.", default=None)
    proxies: str | dict[str, str] | None = setting(
        "URL of an HTTP proxy, or one for each of http, https and all.", default=None, aliases=("http_proxy", "proxy")
    )
    timeout: float = setting("Longest time for a whole answer.", default=240.0, minimum=0, unit="seconds")
    model_alias: str = setting("The name that `models()` gives for `model`.", default="proxyllm")
    context_length: int | None = setting(
        "Context window; else what is known of the model.", default=None, minimum=1, unit="tokens"
    )
    request_defaults: dict[str, Any] = setting(
        "Fields of every request that it does not set itself.", default={}, kw_only=True
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
        given = {**self.own_defaults(), **self.request_defaults}
        try:
            self._defaults = ModelRequest.build_request("", [], **given)
        except InvalidRequest as error:
            raise InvalidConfig(f"request_defaults: {error.message}", param="request_defaults") from error
        self.name_models()

    @classmethod
    def new_client(cls, model_params: ProxyModelParameters, default_executor: Executor | None = None) -> Self:
        """Build a client from a worker's parameters."""
        return cls(
            api_key=model_params.proxy_api_key,
            api_base=model_params.proxy_api_base,
            model=model_params.proxyllm_backend,
            proxies=model_params.http_proxy,
            model_alias=model_params.model_name,
            context_length=model_params.max_context_size,
            executor=default_executor,
        )

    def own_defaults(self) -> dict[str, Any]:
        """Give the fields of a request that the settings of one provider stand for."""
        return {}

    def own_headers(self) -> dict[str, str]:
        """Give the headers that the settings of one provider stand for."""
        return {}

    def endpoint(self) -> Endpoint:
        """Complete the provider's row with these settings."""
        return resolve(
            REGISTRY.lookup(self.provider),
            api_key=self.api_key,
            base_url=self.api_base,
            headers={**self.own_headers(), **self.default_headers},
        )

    def build_provider(self) -> Provider:
        """Build the provider behind the client."""
        return RemoteProvider(
            self.endpoint(),
            transport=self.build_transport(self.proxies),
            timeouts=self.timeouts(self.timeout),
            owns_transport=self.transport is None,
        )


@declared
class AnthropicLLMClient(VendorLLMClient):
    """A client for Anthropic's Messages API, and servers that speak it.

    Example:
        >>> async with AnthropicLLMClient(model="claude-sonnet-5-5") as client:  # reads ANTHROPIC_API_KEY
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))

    """

    provider = "anthropic"

    model_alias: str = setting("The name that `models()` gives for `model`.", default="claude_proxyllm")
    max_tokens: int | None = setting(
        "Bound of the answers to requests that set none, which this API wants.",
        default=None,
        minimum=1,
        unit="tokens",
        kw_only=True,
    )
    effort: str | None = setting("How much the model thinks, where it knows effort.", default=None, kw_only=True)
    thinking_budget: int | None = setting(
        "Bound of the thinking, for models that take one.", default=None, minimum=1024, unit="tokens", kw_only=True
    )
    betas: list[str] = setting("Beta features to ask for, by Anthropic's names.", default=[], kw_only=True)

    def own_defaults(self) -> dict[str, Any]:
        """Give the fields of a request that these settings stand for."""
        budget = None if self.thinking_budget is None else {"mode": "enabled", "budget_tokens": self.thinking_budget}
        return {"max_new_tokens": self.max_tokens, "reasoning_effort": self.effort, "thinking": budget}

    def own_headers(self) -> dict[str, str]:
        """Give the header that asks for beta features."""
        return {"anthropic-beta": ",".join(self.betas)} if self.betas else {}


@declared
class GeminiLLMClient(VendorLLMClient):
    """A client for Google's Gemini API.

    Example:
        >>> async with GeminiLLMClient(model="gemini-4-carbon") as client:  # reads GEMINI_API_KEY
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))

    """

    provider = "gemini"

    model_alias: str = setting("The name that `models()` gives for `model`.", default="gemini_proxyllm")
    thinking_level: str | None = setting("How much the model thinks.", default=None, kw_only=True)
    safety_settings: list[dict[str, str]] = setting(
        "Thresholds of the content filters, in Gemini's form.", default=[], kw_only=True
    )

    def own_defaults(self) -> dict[str, Any]:
        """Give the fields of a request that these settings stand for."""
        filters = {"safetySettings": self.safety_settings} if self.safety_settings else None
        return {"reasoning_effort": self.thinking_level, "extra_body": filters}


@declared
class OllamaLLMClient(VendorLLMClient):
    """A client for Ollama's own API, on this machine unless told otherwise.

    Example:
        >>> async with OllamaLLMClient(model="qwen3.6") as client:
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))

    """

    provider = "ollama"

    model_alias: str = setting("The name that `models()` gives for `model`.", default="ollama_proxyllm")
    keep_alive: str | None = setting(
        "How long the model stays in memory, such as 5m; -1 is for ever.", default=None, kw_only=True
    )
    num_ctx: int | None = setting(
        "Window that the model is loaded with.", default=None, minimum=1, unit="tokens", kw_only=True
    )

    def own_defaults(self) -> dict[str, Any]:
        """Give the fields of a request that these settings stand for."""
        kept = {"keep_alive": self.keep_alive} if self.keep_alive is not None else None
        return {"context_len": self.num_ctx, "extra_body": kept}


@declared
class CohereLLMClient(VendorLLMClient):
    """A client for Cohere, through its endpoint that speaks Chat Completions.

    Example:
        >>> async with CohereLLMClient(model="command-a-03-2025") as client:  # reads COHERE_API_KEY
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))

    """

    provider = "cohere"

    model_alias: str = setting("The name that `models()` gives for `model`.", default="cohere_proxyllm")


@declared
class BedrockLLMClient(VendorLLMClient):
    """A client for Amazon Bedrock's Converse API.

    With `api_key` (or AWS_BEARER_TOKEN_BEDROCK) nothing else is needed. Otherwise
    requests are signed with the credentials given here or found where AWS's own tools
    find them, for which `interlingua[bedrock]` is to be installed.

    Example:
        >>> async with BedrockLLMClient(model="anthropic.claude-sonnet-5-5-v1:0", region="eu-central-1") as client:
        ...     output = await client.generate(ModelRequest.build_request("", "Hello"))

    """

    provider = "bedrock"

    model_alias: str = setting("The name that `models()` gives for `model`.", default="bedrock_proxyllm")
    region: str | None = setting("AWS region; else AWS_REGION or AWS_DEFAULT_REGION.", default=None, kw_only=True)
    access_key_id: str | None = setting("Access key; else AWS's usual places.", default=None, kw_only=True)
    secret_access_key: Secret | str | None = setting(
        "Secret of the access key.", default=None, secret=True, kw_only=True
    )
    session_token: Secret | str | None = setting(
        "Token of temporary credentials.", default=None, secret=True, kw_only=True
    )
    profile: str | None = setting("Profile of AWS's configuration files.", default=None, kw_only=True)

    def endpoint(self) -> Endpoint:
        """Complete the provider's row with these settings."""
        return resolve(
            REGISTRY.lookup(self.provider),
            api_key=self.api_key,
            base_url=self.api_base,
            headers=self.default_headers,
            aws=AWSAccess(
                region=self.region,
                access_key=self.access_key_id,
                secret_key=Secret(self.secret_access_key) if self.secret_access_key else None,
                session_token=Secret(self.session_token) if self.session_token else None,
                profile=self.profile,
            ),
        )
