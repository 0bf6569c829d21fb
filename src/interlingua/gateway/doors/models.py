"""The models that can be asked for, in the shape of whoever asks."""

from urllib.parse import unquote

import msgspec

from interlingua.errors import NoSuchModel
from interlingua.gateway.doors.model_lists import (
    anthropic_entry,
    anthropic_list,
    gemini_entry,
    gemini_list,
    openai_entry,
    openai_list,
)
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver
from interlingua.gateway.speech import SpokenWires
from interlingua.types import ModelMetadata

_ABOVE = "/v1/models/"
_ABOVE_GEMINI = "/v1beta/models/"


class ModelDoors:
    """List models, and describe one."""

    def __init__(self, resolver: Resolver, wires: SpokenWires) -> None:
        self._resolver = resolver
        self._wires = wires

    async def listing(self, exchange: Exchange) -> None:
        """Answer `GET /v1/models`, in Anthropic's shape if its client asks."""
        models = await self._resolver.models()
        asker = self._wires.of(exchange.request).name
        if asker == "messages":
            body = anthropic_list(models, exchange.request.query)
        elif asker == "generate_content":
            body = gemini_list(models, exchange.request.query)
        else:
            body = openai_list(models)
        exchange.answer(200, (JSON,), body)

    async def description(self, exchange: Exchange) -> None:
        """Answer `GET /v1/models/{id}`; the id may hold slashes, written as they are or as %2F."""
        model = await described(self._resolver, exchange, unquote(exchange.request.path.removeprefix(_ABOVE)))
        asker = self._wires.of(exchange.request).name
        write = {"messages": anthropic_entry, "generate_content": gemini_entry}.get(asker, openai_entry)
        exchange.answer(200, (JSON,), msgspec.json.encode(write(model)))

    async def gemini_listing(self, exchange: Exchange) -> None:
        """Answer `GET /v1beta/models`."""
        exchange.answer(200, (JSON,), gemini_list(await self._resolver.models(), exchange.request.query))

    async def gemini_description(self, exchange: Exchange) -> None:
        """Answer `GET /v1beta/models/{id}`."""
        model = await described(self._resolver, exchange, unquote(exchange.request.path.removeprefix(_ABOVE_GEMINI)))
        exchange.answer(200, (JSON,), msgspec.json.encode(gemini_entry(model)))


async def described(resolver: Resolver, exchange: Exchange, name: str) -> ModelMetadata:
    """Find the model that an exchange asks about.

    Raises:
        NoSuchModel: there is none of that name.

    """
    exchange.model = name
    for model in await resolver.models():
        if model.model == name:
            return model
    raise NoSuchModel(f"There is no model {name!r}; GET /v1/models lists them.", model=name, code="model_not_found")
