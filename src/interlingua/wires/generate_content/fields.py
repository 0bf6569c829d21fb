"""Fields that only this wire knows, on whatever they stand."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import Adaptation
from interlingua.types.part import Extensions
from interlingua.wires.foreign_fields import foreign_fields

WIRE: Final = "generate_content"


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def left_behind(extensions: Extensions, of: str = "") -> list[Adaptation]:
    """Tell the fields that only another wire knows; `of` is what they stand on, and nothing for the request itself."""
    return foreign_fields(extensions, WIRE, of=of)
