"""The models that can be asked for, in OpenAI's shape."""

from urllib.parse import unquote

import msgspec

from interlingua.errors import NoSuchModel
from interlingua.gateway.exchange import Exchange
from interlingua.gateway.failures import JSON
from interlingua.gateway.resolver import Resolver
from interlingua.types import ModelMetadata


class ModelEntry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A model in the list; what OpenAI's shape has no name for stands beside its four fields."""

    id: str
    object: str
    created: int
    owned_by: str
    context_length: int | None = None
    max_output_length: int | None = None


class ModelList(msgspec.Struct, kw_only=True):
    """The list."""

    object: str
    data: list[ModelEntry]


class ModelDoors:
    """List models, and describe one."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def listing(self, exchange: Exchange) -> None:
        """Answer `GET /v1/models`."""
        entries = [_entry(model) for model in await self._resolver.models()]
        exchange.answer(200, (JSON,), msgspec.json.encode(ModelList(object="list", data=entries)))

    async def description(self, exchange: Exchange) -> None:
        """Answer `GET /v1/models/{id}`; the id may hold slashes, written as they are or as %2F."""
        name = unquote(exchange.request.path.removeprefix("/v1/models/"))
        exchange.model = name
        for model in await self._resolver.models():
            if model.model == name:
                exchange.answer(200, (JSON,), msgspec.json.encode(_entry(model)))
                return
        raise NoSuchModel(f"There is no model {name!r}; GET /v1/models lists them.", model=name, code="model_not_found")


def _entry(model: ModelMetadata) -> ModelEntry:
    created = model.metadata.get("created")
    return ModelEntry(
        id=model.model,
        object="model",
        created=created if isinstance(created, int) else 0,
        owned_by=model.provider or "interlingua",
        context_length=model.context_length,
        max_output_length=model.max_output_length,
    )
