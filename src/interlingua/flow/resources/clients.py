"""The clients in the palette: labels for settings that the clients themselves declare."""

import msgspec

from interlingua.client import (
    AnthropicLLMClient,
    BedrockLLMClient,
    CohereLLMClient,
    GeminiLLMClient,
    LLMClient,
    OllamaLLMClient,
    OpenAILLMClient,
    ProxyLLMClient,
)
from interlingua.client.remote_client import RemoteLLMClient
from interlingua.flow.resources.category import ResourceCategory
from interlingua.flow.resources.parameter import Parameter
from interlingua.flow.resources.registry import register_resource
from interlingua.flow.resources.text import Text
from interlingua.types import settings_of

LABELS = {
    "api_key": Text("API Key"),
    "api_base": Text("API Base"),
    "api_type": Text("API Type"),
    "api_version": Text("API Version"),
    "model": Text("Model"),
    "proxies": Text("Proxy"),
    "timeout": Text("Timeout"),
    "model_alias": Text("Model Alias"),
    "context_length": Text("Context Length"),
    "openai_kwargs": Text("Request Defaults"),
    "full_url": Text("Full URL"),
    "provider": Text("Provider"),
    "azure_deployment": Text("Azure Deployment"),
    "aliases": Text("Model Aliases"),
    "default_headers": Text("Headers"),
    "on_error": Text("On Error"),
    "connect_timeout": Text("Connect Timeout"),
    "first_token_timeout": Text("First Token Timeout"),
    "idle_timeout": Text("Idle Timeout"),
    "max_retries": Text("Retries"),
    "max_concurrency": Text("Concurrent Calls"),
    "max_waiting": Text("Waiting Calls"),
    "trust_env": Text("Proxy from Environment"),
    "ca_bundle": Text("CA Bundle"),
    "request_defaults": Text("Request Defaults"),
    "max_tokens": Text("Max Tokens"),
    "effort": Text("Effort"),
    "thinking_budget": Text("Thinking Budget"),
    "betas": Text("Beta Features"),
    "thinking_level": Text("Thinking Level"),
    "safety_settings": Text("Safety Settings"),
    "keep_alive": Text("Keep Alive"),
    "num_ctx": Text("Loaded Context"),
    "region": Text("Region"),
    "access_key_id": Text("Access Key ID"),
    "secret_access_key": Text("Secret Access Key"),
    "session_token": Text("Session Token"),
    "profile": Text("Profile"),
}
"""What a form calls each setting of a client; a setting without a label does not pass the tests."""

_OWN_LABELS = {
    ("OpenAILLMClient", "api_key"): Text("OpenAI API Key"),
    ("OpenAILLMClient", "api_base"): Text("OpenAI API Base"),
}
"""Labels that one client has for itself, which flows saved by DB-GPT show."""


class _Palette(msgspec.Struct, frozen=True):
    """How a client stands in the palette; `alias` is its id in flows that DB-GPT saved."""

    client: type[RemoteLLMClient]
    name: str
    label: Text
    description: Text
    documentation_url: str
    alias: tuple[str, ...] = ()


_CLIENTS = (
    _Palette(
        OpenAILLMClient,
        "openai_llm_client",
        Text("OpenAI LLM Client"),
        Text("A client for OpenAI, Azure OpenAI and every compatible server."),
        "https://github.com/openai/openai-python",
        ("resource_dbgpt.model.proxy.llms.chatgpt.OpenAILLMClient",),
    ),
    _Palette(
        AnthropicLLMClient,
        "anthropic_llm_client",
        Text("Anthropic LLM Client"),
        Text("A client for Anthropic's Messages API."),
        "https://docs.claude.com/en/api/messages",
        ("resource_dbgpt.model.proxy.llms.claude.ClaudeLLMClient",),
    ),
    _Palette(
        GeminiLLMClient,
        "gemini_llm_client",
        Text("Gemini LLM Client"),
        Text("A client for Google's Gemini API."),
        "https://ai.google.dev/api/generate-content",
        ("resource_dbgpt.model.proxy.llms.gemini.GeminiLLMClient",),
    ),
    _Palette(
        OllamaLLMClient,
        "ollama_llm_client",
        Text("Ollama LLM Client"),
        Text("A client for models that Ollama serves, on this machine or another."),
        "https://docs.ollama.com/api",
        ("resource_dbgpt.model.proxy.llms.ollama.OllamaLLMClient",),
    ),
    _Palette(
        CohereLLMClient,
        "cohere_llm_client",
        Text("Cohere LLM Client"),
        Text("A client for Cohere's models."),
        "https://docs.cohere.com/docs/compatibility-api",
    ),
    _Palette(
        BedrockLLMClient,
        "bedrock_llm_client",
        Text("Bedrock LLM Client"),
        Text("A client for Amazon Bedrock's Converse API."),
        "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html",
    ),
)

for _entry in _CLIENTS:
    register_resource(
        _entry.label,
        name=_entry.name,
        category=ResourceCategory.LLM_CLIENT,
        description=_entry.description,
        parameters=[
            Parameter.of(setting, _OWN_LABELS.get((_entry.client.__name__, setting.name), LABELS[setting.name]))
            for setting in settings_of(_entry.client)
            if not setting.runtime
        ],
        alias=list(_entry.alias),
        documentation_url=_entry.documentation_url,
        parents=[_entry.client, ProxyLLMClient, LLMClient],
    )(_entry.client)
