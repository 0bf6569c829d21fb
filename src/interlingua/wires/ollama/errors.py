"""Failures as Ollama says them: one text (ollama 0.6.3 `ResponseError`, read 2026-11-23)."""

import msgspec

from interlingua.errors import Error
from interlingua.wires.failure import error_of, masked, parse_error


def render_error(error: Error) -> bytes:
    """Write an error reply, which is a line of a stream as well; what looks like a key is masked."""
    return msgspec.json.encode({"error": masked(error.message)})


__all__ = ["error_of", "parse_error", "render_error"]
