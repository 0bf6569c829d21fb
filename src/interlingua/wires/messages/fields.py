"""What any block has beside its content: fields that only this wire knows, and a cache breakpoint."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.types import CacheBreakpoint
from interlingua.types.part import Extensions
from interlingua.types.shape import is_object

WIRE: Final = "messages"


def own(extensions: Extensions) -> dict[str, Any]:
    """Give the extensions of this wire."""
    return extensions.get(WIRE) or {}


def extensions_of(fields: Mapping[str, Any]) -> Extensions:
    """Give unknown fields as extensions of this wire."""
    return {WIRE: dict(fields)} if fields else {}


def read_cache(mark: object) -> CacheBreakpoint | None:
    """Read a `cache_control`."""
    if not is_object(mark):
        return None
    ttl = mark.get("ttl")
    known = {"type": "ephemeral", "ttl": ttl} if isinstance(ttl, str) else {"type": "ephemeral"}
    return CacheBreakpoint(
        ttl=ttl if isinstance(ttl, str) else None, extensions={} if mark == known else {WIRE: dict(mark)}
    )


def write_cache(cache: CacheBreakpoint) -> dict[str, Any]:
    """Write a `cache_control`; a life of another wire's becomes the next longer one that this API has."""
    given = own(cache.extensions)
    if given:
        return given
    if cache.ttl is None:
        return {"type": "ephemeral"}
    return {"type": "ephemeral", "ttl": cache.ttl if cache.ttl in ("5m", "1h") else "1h"}


def rest_of(block: Mapping[str, Any], *known: str) -> Extensions:
    """Give the fields of a block that were not read; its type is known."""
    return extensions_of({name: value for name, value in block.items() if name not in ("type", *known)})


def cache_of(block: Mapping[str, Any]) -> CacheBreakpoint | None:
    """Give the breakpoint that stands on a block."""
    return read_cache(block.get("cache_control"))


def with_cache(fields: dict[str, Any], cache: CacheBreakpoint | None, extensions: Extensions) -> dict[str, Any]:
    """Add the breakpoint and what only this wire knows to a block's fields."""
    if cache is not None:
        fields["cache_control"] = write_cache(cache)
    fields.update(own(extensions))
    return fields
