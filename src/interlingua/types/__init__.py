"""The language: what is asked, what is answered, and what is known of who answers."""

from interlingua.types.adaptation import Adaptation
from interlingua.types.assembly import OutputAssembly
from interlingua.types.content import is_content
from interlingua.types.converter import DefaultMessageConverter, MessageConverter
from interlingua.types.embedding import Embedding, EmbeddingInput, EmbeddingOutput, EmbeddingRequest, Purpose
from interlingua.types.event import (
    AudioDelta,
    CitationDelta,
    Event,
    Finish,
    FinishReason,
    OpaqueDelta,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    UsageReport,
)
from interlingua.types.message import ModelMessage, ModelMessageRoleType
from interlingua.types.metrics import ModelInferenceMetrics
from interlingua.types.model import ModelExtraMetadata, ModelMetadata
from interlingua.types.notation import read_message, read_messages, write_message, write_messages
from interlingua.types.output import Choice, ModelOutput
from interlingua.types.part import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    Extensions,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from interlingua.types.ranking import RankedDocument, RerankOutput, RerankRequest
from interlingua.types.request import ModelRequest, ModelRequestContext
from interlingua.types.route import RouteStep
from interlingua.types.secret import Secret
from interlingua.types.setting import Setting, declared, read_settings, setting, settings_of
from interlingua.types.thinking import ThinkingConfig
from interlingua.types.timeouts import Timeouts
from interlingua.types.tool import AnyTool, OpaqueTool, ResponseFormat, Tool, ToolChoice
from interlingua.types.usage import Usage

__all__ = [
    "Adaptation",
    "AnyTool",
    "AudioDelta",
    "AudioPart",
    "CacheBreakpoint",
    "Choice",
    "Citation",
    "CitationDelta",
    "DefaultMessageConverter",
    "Embedding",
    "EmbeddingInput",
    "EmbeddingOutput",
    "EmbeddingRequest",
    "Event",
    "Extensions",
    "FilePart",
    "Finish",
    "FinishReason",
    "ImagePart",
    "MessageConverter",
    "ModelExtraMetadata",
    "ModelInferenceMetrics",
    "ModelMessage",
    "ModelMessageRoleType",
    "ModelMetadata",
    "ModelOutput",
    "ModelRequest",
    "ModelRequestContext",
    "OpaqueDelta",
    "OpaquePart",
    "OpaqueTool",
    "OutputAssembly",
    "Part",
    "PartDelta",
    "Purpose",
    "RankedDocument",
    "RefusalDelta",
    "RefusalPart",
    "RerankOutput",
    "RerankRequest",
    "ResponseFormat",
    "RouteStep",
    "Secret",
    "Setting",
    "StreamEnd",
    "StreamStart",
    "TextDelta",
    "TextPart",
    "ThinkingConfig",
    "ThinkingDelta",
    "ThinkingPart",
    "Timeouts",
    "Tool",
    "ToolCallDelta",
    "ToolCallPart",
    "ToolChoice",
    "ToolResultPart",
    "Usage",
    "UsageReport",
    "declared",
    "is_content",
    "read_message",
    "read_messages",
    "read_settings",
    "setting",
    "settings_of",
    "write_message",
    "write_messages",
]
