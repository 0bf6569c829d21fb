"""What SDKs can do beside asking a model for an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from interlingua.testing.vectors import vector_of
from tests.conformance.asked import MODEL

TEXTS: Final = ["A cat sat.", "Two dogs"]
_VECTORS: Final = [vector_of(text) for text in TEXTS]

Does: TypeAlias = Callable[[Any], Awaitable[bool]]
"""Does it with the SDK's client, and tells whether what came is right."""


class Operation(msgspec.Struct, kw_only=True):
    """One thing to do: how, by the wire that the SDK speaks, and what a warning calls what is missing behind."""

    name: str
    done: Mapping[str, Does]
    said: str = "^$"
    unsaid: Mapping[str, str] = {}


async def _openai_models(client: Any) -> bool:
    return MODEL in [model.id async for model in client.models.list()]


async def _anthropic_models(client: Any) -> bool:
    listed = [model async for model in client.models.list()]
    return MODEL in [model.id for model in listed] and all(model.type == "model" for model in listed)


async def _google_models(client: Any) -> bool:
    return f"models/{MODEL}" in [model.name async for model in await client.models.list()]


async def _ollama_models(client: Any) -> bool:
    return MODEL in [model.model for model in (await client.list()).models]


async def _openai_count(client: Any) -> bool:
    return (await client.responses.input_tokens.count(model=MODEL, input="Hello")).input_tokens > 0


async def _anthropic_count(client: Any) -> bool:
    messages = [{"role": "user", "content": "Hello"}]
    return (await client.messages.count_tokens(model=MODEL, messages=messages)).input_tokens > 0


async def _google_count(client: Any) -> bool:
    return (await client.models.count_tokens(model=MODEL, contents="Hello")).total_tokens > 0


async def _openai_vectors(client: Any) -> bool:
    reply = await client.embeddings.create(model=MODEL, input=TEXTS)
    return [each.embedding for each in reply.data] == _VECTORS


async def _google_vectors(client: Any) -> bool:
    reply = await client.models.embed_content(model=MODEL, contents=TEXTS)
    return [each.values for each in reply.embeddings] == _VECTORS


async def _ollama_vectors(client: Any) -> bool:
    reply = await client.embed(model=MODEL, input=TEXTS)
    return [list(each) for each in reply.embeddings] == _VECTORS


OPERATIONS: Final = (
    Operation(
        name="list of models",
        done={
            "chat_completions": _openai_models,
            "messages": _anthropic_models,
            "generate_content": _google_models,
            "ollama": _ollama_models,
        },
    ),
    Operation(
        name="count of tokens",
        done={"responses": _openai_count, "messages": _anthropic_count, "generate_content": _google_count},
        said="estimated",
    ),
    Operation(
        name="embeddings",
        done={"chat_completions": _openai_vectors, "generate_content": _google_vectors, "ollama": _ollama_vectors},
        said="estimated|usage",
        unsaid=dict.fromkeys(("responses", "messages", "converse"), "this API has no embeddings"),
    ),
)
"""Everything that is done."""
