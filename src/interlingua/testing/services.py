"""What a provider answers beside generations: counts, vectors, rankings."""

from collections.abc import Mapping
from typing import Any

from interlingua.testing import counts, vectors


def answer(path: str, asked: Mapping[str, Any]) -> bytes | None:
    """Answer a request whose body is `asked`, or None if it is for a generation."""
    if counts.hears(path):
        return counts.answer(path)
    return vectors.answer(path, asked) if vectors.hears(path) else None
