"""Gemini's operations, whose model stands in the address: `…/models/{model}:generateContent`."""

from typing import Final
from urllib.parse import unquote

from interlingua.errors import NotFound
from interlingua.gateway.doors.counting import CountingDoor
from interlingua.gateway.doors.generation import GenerationDoor
from interlingua.gateway.doors.services import EmbeddingDoor
from interlingua.gateway.exchange import Exchange, Request

_OPERATIONS: Final = ("generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents")

_EVENTS: Final = frozenset(("alt=sse", "$alt=sse", "%24alt=sse"))
"""Ways to ask for server-sent events (google.api system parameters, read 2026-11-25)."""

_EMBEDDINGS: Final = ("embedContent", "batchEmbedContents")


class GenerateContentDoor:
    """Reads the model and the operation from the address; the model may hold slashes, as they are or as %2F."""

    def __init__(
        self, generation: GenerationDoor, arrays: GenerationDoor, counting: CountingDoor, embedding: EmbeddingDoor
    ) -> None:
        self._generation = generation
        self._arrays = arrays
        self._counting = counting
        self._embedding = embedding

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request.

        Raises:
            NotFound: there is no such operation.
            Error: it failed; what has been sent until then says how it can be told.

        """
        model, operation = read_address(exchange.request.path)
        exchange.model = model
        if operation == "countTokens":
            await self._counting.answer(exchange, model=model)
            return
        if operation in _EMBEDDINGS:
            await self._embedding.answer(exchange, model=model)
            return
        stream = operation == "streamGenerateContent"
        door = self._arrays if asks_for_array(exchange.request) else self._generation
        await door.answer(exchange, model=model, stream=stream)


def asks_for_array(request: Request) -> bool:
    """Tell whether a request wants a stream as a JSON array, as it does unless it asks for server-sent events."""
    return request.path.endswith(":streamGenerateContent") and _EVENTS.isdisjoint(request.query.split("&"))


def read_address(path: str) -> tuple[str, str]:
    """Give the model and the operation that a path names.

    Example:
        >>> read_address("/v1beta/models/openai/gpt-6:generateContent")
        ('openai/gpt-6', 'generateContent')

    Raises:
        NotFound: there is no such operation.

    """
    name = path.partition("/models/")[2]
    model, _, operation = name.rpartition(":")
    if operation not in _OPERATIONS or not model:
        shown = operation[:100] or path[:100]
        raise NotFound(f"{shown!r} is not served here; use one of {', '.join(_OPERATIONS)}.", code="unknown_url")
    return unquote(model), operation
