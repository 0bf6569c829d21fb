"""What providers receive, held against the types or the schema that each of them publishes."""

# pyright: basic
# ruff: noqa: N815

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore
from anthropic.types.message_create_params import MessageCreateParams
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from google.genai import types
from ollama import _types as ollama_types  # pyright: ignore[reportPrivateUsage]
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses.response_create_params import ResponseCreateParams
from openresponses_types import CreateResponseBody
from pydantic import BaseModel, TypeAdapter, ValidationError


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _converse() -> Any:
    folder = Path(botocore.__file__).parent / "data" / "bedrock-runtime"
    path = next(folder.glob("*/service-2.json*"))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    model: Any = ServiceModel(json.loads(data), "bedrock-runtime")
    return model.operation_model("Converse").input_shape


class _GeminiRequest(BaseModel, extra="forbid"):
    """The body of `generateContent` (ai.google.dev/api/generate-content, read 2026-11-25), of the SDK's own types."""

    contents: list[types.Content]
    systemInstruction: types.Content | None = None
    tools: list[types.Tool] | None = None
    toolConfig: types.ToolConfig | None = None
    safetySettings: list[types.SafetySetting] | None = None
    generationConfig: types.GenerationConfig | None = None
    cachedContent: str | None = None
    serviceTier: str | None = None
    labels: dict[str, str] | None = None
    store: bool | None = None


def _generate_content(body: dict[str, Any]) -> None:
    _adapter(_GeminiRequest).validate_python(body)


def _responses_request(body: dict[str, Any]) -> None:
    """Take what the published schema of Open Responses takes, and what only OpenAI's own types have."""
    try:
        CreateResponseBody.model_validate(body)
    except ValidationError:
        _adapter(ResponseCreateParams).validate_python(body)


def _converse_request(body: dict[str, Any]) -> None:
    report: Any = ParamValidator().validate(body | {"modelId": "tiny"}, _converse())
    if report.has_errors():
        raise ValueError(report.generate_report())


CHECKS: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "chat_completions": lambda body: _adapter(CompletionCreateParams).validate_python(body),
    "responses": _responses_request,
    "messages": lambda body: _adapter(MessageCreateParams).validate_python(body),
    "generate_content": _generate_content,
    "ollama": lambda body: _adapter(ollama_types.ChatRequest).validate_python(body),
    "converse": _converse_request,
}
"""Raises ValueError where a body is none that the provider would take, by its wire."""
