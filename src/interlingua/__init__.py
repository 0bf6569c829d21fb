"""One language for every model.

Call any model in three lines:

    async with interlingua.Client() as client:
        output = await client.generate("local/smollm2", "Hello")
        print(output.text)

The language itself is loaded at once; the clients and the palette are loaded when they
are first used, so that importing the package loads no network code.
"""

import importlib
from typing import TYPE_CHECKING, Any

from interlingua.errors import (
    BadRequest,
    ConcurrencyExceeded,
    ConfigError,
    ConnectFailed,
    ContentBlocked,
    ContextTooLong,
    Error,
    Forbidden,
    InvalidConfig,
    InvalidOutput,
    InvalidRequest,
    LimitError,
    MissingKey,
    NoSuchModel,
    NoSuchProvider,
    NoTarget,
    NotFound,
    Overloaded,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
    TransportError,
    Unauthorized,
    Unsupported,
)
from interlingua.types import (
    Adaptation,
    AudioPart,
    Choice,
    DefaultMessageConverter,
    Embedding,
    EmbeddingOutput,
    EmbeddingRequest,
    FilePart,
    ImagePart,
    MessageConverter,
    ModelExtraMetadata,
    ModelInferenceMetrics,
    ModelMessage,
    ModelMessageRoleType,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    ModelRequestContext,
    OpaquePart,
    RankedDocument,
    RefusalPart,
    RerankOutput,
    RerankRequest,
    ResponseFormat,
    RouteStep,
    Secret,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    Usage,
)

if TYPE_CHECKING:
    from interlingua.client import (
        AnthropicLLMClient,
        BedrockLLMClient,
        Client,
        CohereLLMClient,
        GeminiLLMClient,
        LLMClient,
        OllamaLLMClient,
        OpenAILLMClient,
        ProxyLLMClient,
        ProxyModel,
        ProxyModelParameters,
        ProxyTokenizer,
        SyncClient,
        chatgpt_generate_stream,
        tool_of,
    )
    from interlingua.flow.resources import Parameter, ResourceCategory, register_resource

__version__ = "0.1.0"

__all__ = [
    "Adaptation",
    "AnthropicLLMClient",
    "AudioPart",
    "BadRequest",
    "BedrockLLMClient",
    "Choice",
    "Client",
    "CohereLLMClient",
    "ConcurrencyExceeded",
    "ConfigError",
    "ConnectFailed",
    "ContentBlocked",
    "ContextTooLong",
    "DefaultMessageConverter",
    "Embedding",
    "EmbeddingOutput",
    "EmbeddingRequest",
    "Error",
    "FilePart",
    "Forbidden",
    "GeminiLLMClient",
    "ImagePart",
    "InvalidConfig",
    "InvalidOutput",
    "InvalidRequest",
    "LLMClient",
    "LimitError",
    "MessageConverter",
    "MissingKey",
    "ModelExtraMetadata",
    "ModelInferenceMetrics",
    "ModelMessage",
    "ModelMessageRoleType",
    "ModelMetadata",
    "ModelOutput",
    "ModelRequest",
    "ModelRequestContext",
    "NoSuchModel",
    "NoSuchProvider",
    "NoTarget",
    "NotFound",
    "OllamaLLMClient",
    "OpaquePart",
    "OpenAILLMClient",
    "Overloaded",
    "Parameter",
    "ProtocolError",
    "ProviderError",
    "ProxyLLMClient",
    "ProxyModel",
    "ProxyModelParameters",
    "ProxyTokenizer",
    "QuotaExhausted",
    "RankedDocument",
    "RefusalPart",
    "RerankOutput",
    "RerankRequest",
    "ResourceCategory",
    "ResponseFormat",
    "RouteStep",
    "Secret",
    "ServerFault",
    "StreamInterrupted",
    "SyncClient",
    "TextPart",
    "ThinkingPart",
    "Throttled",
    "TimedOut",
    "Tool",
    "ToolCallPart",
    "ToolChoice",
    "ToolResultPart",
    "TransportError",
    "Unauthorized",
    "Unsupported",
    "Usage",
    "chatgpt_generate_stream",
    "register_resource",
    "tool_of",
]

_LAZY = {
    "Client": "interlingua.client",
    "LLMClient": "interlingua.client",
    "OpenAILLMClient": "interlingua.client",
    "AnthropicLLMClient": "interlingua.client",
    "BedrockLLMClient": "interlingua.client",
    "CohereLLMClient": "interlingua.client",
    "GeminiLLMClient": "interlingua.client",
    "OllamaLLMClient": "interlingua.client",
    "ProxyLLMClient": "interlingua.client",
    "ProxyModel": "interlingua.client",
    "ProxyModelParameters": "interlingua.client",
    "ProxyTokenizer": "interlingua.client",
    "SyncClient": "interlingua.client",
    "chatgpt_generate_stream": "interlingua.client",
    "tool_of": "interlingua.client",
    "Parameter": "interlingua.flow.resources",
    "ResourceCategory": "interlingua.flow.resources",
    "register_resource": "interlingua.flow.resources",
}


def __getattr__(name: str) -> Any:
    home = _LAZY.get(name)
    if home is None:
        raise AttributeError(f"module 'interlingua' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
