"""What is known of a model, from the catalog."""

from interlingua.catalog import lookup
from interlingua.types import ModelMetadata


def known_metadata(model: str, *, provider: str | None = None) -> ModelMetadata:
    """Give what the catalog knows of a model; what it does not know is None."""
    entry = lookup(model, provider=provider)
    if entry is None:
        return ModelMetadata(model=model, provider=provider)
    return ModelMetadata(
        model=model,
        provider=provider,
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
    for name in ("context_length", "max_output_length", "function_calling", "vision", "reasoning", "structured_output"):
        if getattr(metadata, name) is None:
            setattr(metadata, name, getattr(known, name))
    return metadata
