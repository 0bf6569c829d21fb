"""Reading a provider's list of models, which everybody shapes a little differently."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from interlingua.catalog import Catalog, packaged_catalog
from interlingua.errors import ProtocolError
from interlingua.types import ModelMetadata
from interlingua.types.shape import is_object

_CONTEXT = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "inputTokenLimit",
)
_OUTPUT = ("max_completion_tokens", "max_output_length", "max_output_tokens", "max_tokens", "outputTokenLimit")
_NAMES = ("id", "name", "model")


def read_models(
    body: bytes, *, provider: str, catalog: Catalog | None = None, known_as: tuple[str, ...] | None = None
) -> list[ModelMetadata]:
    """Read `{"data": […]}`, `{"models": […]}` or a bare list; entries without a name are left out.

    What the provider does not say of a model is taken from the catalog, the packaged one unless given, which may have
    other names for the provider.

    Raises:
        ProtocolError: it is none of these.

    """
    try:
        decoded: Any = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"{provider}: the list of models is not JSON: {error}.", provider=provider) from error
    if isinstance(decoded, dict):
        fields = cast("dict[str, Any]", decoded)
        decoded = fields.get("data", fields.get("models"))
    if not isinstance(decoded, list):
        raise ProtocolError(f"{provider}: the list of models has no models in it.", provider=provider, body=body)
    entries = cast("list[Any]", decoded)
    listed = (_read_model(cast("dict[str, Any]", entry), provider) for entry in entries if isinstance(entry, dict))
    found = [described(model, catalog, known_as) for model in listed if model is not None]
    return sorted(found, key=lambda model: model.model)


def _read_model(entry: Mapping[str, Any], provider: str) -> ModelMetadata | None:
    name = next((entry[field] for field in _NAMES if isinstance(entry.get(field), str) and entry[field]), None)
    if name is None:
        return None
    name = name.removeprefix("models/")  # Gemini's list gives the names of its resources
    label = entry.get("display_name") or entry.get("displayName") or entry.get("name")
    description = entry.get("description")
    form = entry.get("architecture")  # OpenRouter's place for them
    places = (form, entry) if is_object(form) else (entry,)
    return ModelMetadata(
        model=name,
        provider=provider,
        context_length=_first_count(entry, _CONTEXT),
        max_output_length=_first_count(entry, _OUTPUT),
        label=label if isinstance(label, str) and label.removeprefix("models/") != name else None,
        description=description if isinstance(description, str) and description else None,
        input_modalities=_words(places, "input_modalities"),
        output_modalities=_words(places, "output_modalities"),
    )


def described(
    metadata: ModelMetadata, catalog: Catalog | None = None, known_as: tuple[str, ...] | None = None
) -> ModelMetadata:
    """Fill what is unknown of a model from the catalog, the packaged one unless given."""
    known = (catalog or packaged_catalog()).lookup(metadata.model, provider=known_as or metadata.provider)
    if known is None:
        return metadata
    metadata.context_length = metadata.context_length or known.context_length
    metadata.max_output_length = metadata.max_output_length or known.max_output_length
    metadata.function_calling = known.capabilities.tools
    metadata.vision = known.capabilities.vision
    metadata.reasoning = known.capabilities.reasoning
    metadata.structured_output = known.capabilities.structured_output
    metadata.input_modalities = metadata.input_modalities or known.reads
    metadata.output_modalities = metadata.output_modalities or known.writes
    return metadata


def _words(places: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """Give the first list of that name that is one of texts."""
    for fields in places:
        words = fields.get(name)
        if isinstance(words, list):
            return tuple(word for word in cast("list[Any]", words) if isinstance(word, str))
    return ()


def _first_count(entry: Mapping[str, Any], names: Iterable[str]) -> int | None:
    return next((entry[name] for name in names if type(entry.get(name)) is int and entry[name] > 0), None)
