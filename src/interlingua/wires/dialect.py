"""How one provider's use of a wire differs from the wire's own specification.

The words here are the closed vocabulary that a provider's row may use. A new word
needs two providers that want it.
"""

from typing import Literal

import msgspec


class Dialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The differences, each with the value that the specification implies as its default."""

    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The name that bounds the answer. OpenAI's own reasoning models refuse `max_tokens`."""

    max_completion_tokens_models: tuple[str, ...] = ()
    """Models (shell patterns) that take `max_completion_tokens`, whatever `max_tokens_field` says."""

    developer_role: bool = True
    """Whether the role `developer` is known; elsewhere it is sent as `system`."""

    stream_usage: bool = True
    """Whether `stream_options.include_usage` may be sent; some servers refuse the field."""

    reasoning_field: str | None = None
    """The message field that reasoning goes back in (`reasoning_content`, `reasoning`); None: where it came from."""

    think_tags: bool = False
    """Whether reasoning stands in the text between `<think>` tags, from which it is taken."""

    drop: tuple[str, ...] = ()
    """Request fields that the provider refuses; they are dropped with a warning."""

    temperature_range: tuple[float, float] | None = None
    """The temperatures that are taken; others are clamped with a warning."""

    cache_field: Literal["prompt_cache_breakpoint", "cache_control"] | None = None
    """The field of a block that marks a cache breakpoint: OpenAI's, or the one of OpenRouter and others."""

    thought_signatures: bool = False
    """Whether Gemini's signatures go back in `extra_content`, as its compatible endpoints want them."""

    custom_tools: bool = True
    """Whether tools that take text instead of JSON are known; elsewhere they are functions with one argument."""

    tool_media: bool = False
    """Whether a tool's message may hold images and files; elsewhere they follow it as the user's."""

    extra_fields: tuple[str, ...] = ()
    """Fields beyond the specification that are taken.

    `top_k`, `min_p`, `repetition_penalty`, `stop_token_ids`, `echo`.
    """


SPECIFICATION = Dialect()
"""No differences at all."""


class EmbeddingDialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a provider's `/embeddings` differs from OpenAI's."""

    dimensions_field: Literal["dimensions", "output_dimension"] = "dimensions"
    """The name of the vectors' length."""

    purpose_field: Literal["task", "input_type"] | None = None
    """The field that says what vectors are for; None: there is none, and a purpose is left out with a warning."""

    purposes: dict[str, str] = {}
    """The provider's words for purposes, by ours; a purpose without one is left out with a warning."""

    usual_purpose: str | None = None
    """The purpose of a request that names none, by our word, for a provider that needs one; that is told."""

    truncate_field: Literal["truncate", "truncation"] | None = None
    """The field that says whether long inputs are cut."""

    base64: bool = True
    """Whether vectors may be asked for in base64."""

    drop: tuple[Literal["user", "dimensions"], ...] = ()
    """Fields that the provider refuses; they are dropped with a warning."""

    nested_settings: bool = False
    """Whether `embedContent` has its settings in an object of their own, as Vertex does."""


class RerankDialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a provider's `/rerank` differs from Cohere's and Jina's."""

    top_field: Literal["top_n", "top_k"] = "top_n"
    """The name of how many documents are wanted."""

    return_documents: bool = True
    """Whether the texts can be asked for; elsewhere they are put beside their places here."""

    truncate_field: Literal["truncate", "truncation"] | None = None
    """The field that says whether what is too long is cut."""


EMBEDDING_SPECIFICATION = EmbeddingDialect()
RERANK_SPECIFICATION = RerankDialect()
