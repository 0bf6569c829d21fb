"""What is known about models, and how many tokens a text is; no network, and nothing read before it is asked for."""

from interlingua.catalog.entry import Capabilities, ModelEntry
from interlingua.catalog.models import (
    Catalog,
    lifecycle_of,
    lookup,
    packaged_catalog,
    price_of,
)
from interlingua.catalog.tokens import TokenCount, count_message_tokens, count_tokens

__all__ = [
    "Capabilities",
    "Catalog",
    "ModelEntry",
    "TokenCount",
    "count_message_tokens",
    "count_tokens",
    "lifecycle_of",
    "lookup",
    "packaged_catalog",
    "price_of",
]
