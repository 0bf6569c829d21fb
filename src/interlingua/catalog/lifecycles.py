"""When models are retired, from the rows of `data/lifecycle.toml`; nothing is read before the first lookup."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec

from interlingua.types.lifecycle import Lifecycle


class _Row(Lifecycle, frozen=True, kw_only=True, forbid_unknown_fields=True):
    providers: tuple[str, ...]
    models: tuple[str, ...]


@cache
def packaged_lifecycles() -> Mapping[tuple[str, str], Lifecycle]:
    """Give the rows that come with the package by provider and model, read once."""
    path = __file__.removesuffix("lifecycles.py") + "data/lifecycle.toml"
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs time
        document: Mapping[str, Any] = msgspec.toml.decode(file.read(), type=dict[str, Any])
    rows = [msgspec.convert(row, _Row) for row in document["lifecycle"]]
    return {(provider, model): row for row in rows for provider in row.providers for model in row.models}


@lru_cache(maxsize=1024)
def lifecycle_among(spellings: tuple[str, ...], provider: str) -> Lifecycle | None:
    """Give the lifecycle of the first of several spellings of a name that a provider has a row for."""
    rows = packaged_lifecycles()
    return next((row for spelling in spellings if (row := rows.get((provider, spelling))) is not None), None)
