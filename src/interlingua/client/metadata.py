"""What is known of a model, from the catalog."""

from typing import Final

from interlingua.catalog import Catalog, packaged_catalog
from interlingua.catalog.models import Host
from interlingua.types import ModelMetadata

_KNOWN: Final = {
    "context_length": "context_length",
    "max_output_length": "max_output_length",
    "function_calling": "capabilities.tools",
    "vision": "capabilities.vision",
    "reasoning": "capabilities.reasoning",
    "structured_output": "capabilities.structured_output",
    "input_modalities": "input_modalities",
    "output_modalities": "output_modalities",
    "price": "price",
    "lifecycle": "lifecycle",
}
"""What the catalog knows of a model, and its own words for it."""


def known_metadata(model: str, *, provider: Host = None, catalog: Catalog | None = None) -> ModelMetadata:
    """Give what a catalog, the packaged one unless given, knows of a model; what it does not know is None."""
    catalog = catalog or packaged_catalog()
    entry = catalog.lookup(model, provider=provider)
    name = provider if isinstance(provider, str) or provider is None else provider[0]
    price, lifecycle = catalog.price(model, provider=provider), catalog.lifecycle(model, provider=provider)
    if entry is None:
        return ModelMetadata(model=model, provider=name, price=price, lifecycle=lifecycle)
    return ModelMetadata(
        model=model,
        provider=name,
        price=price,
        lifecycle=lifecycle,
        context_length=entry.context_length,
        max_output_length=entry.max_output_length,
        function_calling=entry.capabilities.tools,
        vision=entry.capabilities.vision,
        reasoning=entry.capabilities.reasoning,
        structured_output=entry.capabilities.structured_output,
        input_modalities=entry.reads,
        output_modalities=entry.writes,
    )


def completed(metadata: ModelMetadata, *, provider: Host = None, catalog: Catalog | None = None) -> ModelMetadata:
    """Fill in from the catalog what a list of `provider`, the metadata's unless given, does not say.

    What a row of the user's own says goes before the list.
    """
    catalog, whose = catalog or packaged_catalog(), provider or metadata.provider
    known = known_metadata(metadata.model, provider=whose, catalog=catalog)
    given = catalog.given(metadata.model, provider=whose)
    for name, word in _KNOWN.items():
        value = getattr(known, name)
        if value not in (None, ()) and (word in given or getattr(metadata, name) in (None, ())):
            setattr(metadata, name, value)
    return metadata
