"""What stands in `extensions` under this wire's name."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types.part import Extensions

WIRE: Final = "messages"


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}
