"""What providers receive, held against the types or the schema that each of them publishes."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from anthropic.types.beta.message_create_params import MessageCreateParams as BetaMessageCreateParams
from anthropic.types.message_create_params import MessageCreateParams
from google.genai import types
from ollama import _types as ollama_types  # pyright: ignore[reportPrivateUsage]
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses.response_create_params import ResponseCreateParams
from openresponses_types import CreateResponseBody
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from tests.published import adapter_of
from tests.wires.converse.bedrock import complaints


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class _GeminiRequest(BaseModel, extra="forbid", alias_generator=to_camel):
    """The body of `generateContent` (ai.google.dev/api/generate-content, read 2026-11-25), of the SDK's own types."""

    contents: list[types.Content]
    system_instruction: types.Content | None = None
    tools: list[types.Tool] | None = None
    tool_config: types.ToolConfig | None = None
    safety_settings: list[types.SafetySetting] | None = None
    generation_config: types.GenerationConfig | None = None
    cached_content: str | None = None
    service_tier: str | None = None
    labels: dict[str, str] | None = None
    store: bool | None = None


def _generate_content(body: dict[str, Any]) -> None:
    _adapter(_GeminiRequest).validate_python(body)


def _responses_request(body: dict[str, Any]) -> None:
    """Take what the published schema of Open Responses takes, and what only OpenAI's own types have."""
    try:
        CreateResponseBody.model_validate(body)
    except ValidationError:
        adapter_of(ResponseCreateParams).validate_python(body)


def _messages_request(body: dict[str, Any]) -> None:
    """Take what either half of Anthropic's API takes."""
    try:
        adapter_of(MessageCreateParams).validate_python(body)
    except ValidationError:
        adapter_of(BetaMessageCreateParams).validate_python(body)


def _converse_request(body: dict[str, Any]) -> None:
    found = complaints(body)
    if found:
        raise ValueError(found)


CHECKS: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "chat_completions": lambda body: adapter_of(CompletionCreateParams).validate_python(body),
    "responses": _responses_request,
    "messages": _messages_request,
    "generate_content": _generate_content,
    "ollama": lambda body: _adapter(ollama_types.ChatRequest).validate_python(body),
    "converse": _converse_request,
}
"""Raises ValueError where a body is none that the provider would take, by its wire."""
