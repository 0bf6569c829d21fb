"""What the SDK says of Messages: the types of requests and of replies (anthropic 2.12)."""

# pyright: basic

from functools import cache
from typing import Any

from anthropic.types import Message
from anthropic.types.beta import BetaMessage
from anthropic.types.beta.message_create_params import MessageCreateParams as BetaParams
from anthropic.types.message_count_tokens_params import MessageCountTokensParams
from anthropic.types.message_create_params import MessageCreateParams
from pydantic import TypeAdapter

KINDS: dict[str, Any] = {
    "request": MessageCreateParams,
    "beta request": BetaParams,
    "count": MessageCountTokensParams,
    "reply": Message,
    "beta reply": BetaMessage,
}


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])


def check(kind: str, body: dict[str, Any]) -> None:
    """Hold a body against a type; raise ValueError where it is none of that kind."""
    _walk(_adapter(kind).validate_python(body))


def _walk(value: Any) -> None:
    """Look at all of a value: what is typed as iterable is checked when it is looked at."""
    if isinstance(value, dict):
        for each in value.values():
            _walk(each)
    elif hasattr(value, "__iter__") and not isinstance(value, str | bytes):
        for each in value:
            _walk(each)
