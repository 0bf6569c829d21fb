"""The clients in the palette: labels for settings that the clients themselves declare."""

from interlingua.client import LLMClient, OpenAILLMClient
from interlingua.flow.resources.category import ResourceCategory
from interlingua.flow.resources.parameter import Parameter
from interlingua.flow.resources.registry import register_resource
from interlingua.flow.resources.text import Text
from interlingua.types import settings_of

LABELS = {
    "api_key": Text("OpenAI API Key"),
    "api_base": Text("OpenAI API Base"),
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
}
"""What a form calls each setting of a client; a setting without a label does not pass the tests."""

register_resource(
    Text("OpenAI LLM Client"),
    name="openai_llm_client",
    category=ResourceCategory.LLM_CLIENT,
    description=Text("A client for OpenAI, Azure OpenAI and every compatible server."),
    parameters=[
        Parameter.of(setting, LABELS[setting.name]) for setting in settings_of(OpenAILLMClient) if not setting.runtime
    ],
    alias=["resource_dbgpt.model.proxy.llms.chatgpt.OpenAILLMClient"],
    documentation_url="https://github.com/openai/openai-python",
    parents=[cls for cls in OpenAILLMClient.__mro__ if issubclass(cls, LLMClient)],
)(OpenAILLMClient)
