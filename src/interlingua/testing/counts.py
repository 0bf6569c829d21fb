"""Counts of tokens as a scripted provider tells them, in each API's shape."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

TOKENS: Final = 7
"""Every request has as many."""

_REPLIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/messages/count_tokens": {"input_tokens": TOKENS},
    "/responses/input_tokens": {"object": "response.input_tokens", "input_tokens": TOKENS},
    ":countTokens": {"totalTokens": TOKENS},
}


def hears(path: str) -> bool:
    """Tell whether a request asks for a count."""
    return path.endswith(tuple(_REPLIES))


def answer(path: str) -> bytes:
    """Answer one."""
    return msgspec.json.encode(next(reply for end, reply in _REPLIES.items() if path.endswith(end)))
