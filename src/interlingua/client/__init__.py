"""Calling models: `Client` for most, `OpenAILLMClient` and its family for DB-GPT's users."""

from interlingua.client.client import Client, Target
from interlingua.client.config_file import ConfigFile
from interlingua.client.functions import tool_of
from interlingua.client.llm_client import LLMClient, ProxyLLMClient, ProxyModel, ProxyTokenizer
from interlingua.client.openai_client import OpenAILLMClient, chatgpt_generate_stream
from interlingua.client.parameters import ProxyModelParameters
from interlingua.client.sync import SyncClient
from interlingua.client.vendor_clients import (
    AnthropicLLMClient,
    BedrockLLMClient,
    CohereLLMClient,
    GeminiLLMClient,
    OllamaLLMClient,
)

__all__ = [
    "AnthropicLLMClient",
    "BedrockLLMClient",
    "Client",
    "CohereLLMClient",
    "ConfigFile",
    "GeminiLLMClient",
    "LLMClient",
    "OllamaLLMClient",
    "OpenAILLMClient",
    "ProxyLLMClient",
    "ProxyModel",
    "ProxyModelParameters",
    "ProxyTokenizer",
    "SyncClient",
    "Target",
    "chatgpt_generate_stream",
    "tool_of",
]
