"""Failures as Cohere tells them: a `message`; `detail` says the same to Jina's and Voyage's clients."""

import msgspec

from interlingua.errors import Error
from interlingua.wires.failure import masked


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    message = masked(error.message)
    return msgspec.json.encode({"message": message, "detail": message, "code": error.code or error.kind})
