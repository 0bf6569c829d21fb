"""What is known of a model, from the catalog."""

from typing import Final

from interlingua.catalog import lifecycle_of, lookup, price_of
from interlingua.types import ModelMetadata

_KNOWN: Final = (
    "context_length",
    "max_output_length",
    "function_calling",
    "vision",
    "reasoning",
    "structured_output",
    "price",
    "lifecycle",
)


def known_metadata(model: str, *, provider: str | None = None) -> ModelMetadata:
    """Give what the catalog knows of a model; what it does not know is None."""
    entry = lookup(model, provider=provider)
    price, lifecycle = price_of(model, provider=provider), lifecycle_of(model, provider=provider)
    if entry is None:
        return ModelMetadata(model=model, provider=provider, price=price, lifecycle=lifecycle)
    return ModelMetadata(
        model=model,
        provider=provider,
        price=price,
        lifecycle=lifecycle,
        context_length=entry.context_length,
        max_output_length=entry.max_output_length,
        function_calling=entry.capabilities.tools,
        vision=entry.capabilities.vision,
        reasoning=entry.capabilities.reasoning,
        structured_output=entry.capabilities.structured_output,
    )


def completed(metadata: ModelMetadata) -> ModelMetadata:
    """Fill in from the catalog what a provider's own list does not say."""
    known = known_metadata(metadata.model, provider=metadata.provider)
    for name in _KNOWN:
        if getattr(metadata, name) is None:
            setattr(metadata, name, getattr(known, name))
    return metadata
