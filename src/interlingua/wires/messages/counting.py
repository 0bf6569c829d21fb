"""The question how many tokens a request has (anthropic 2.12 `message_count_tokens_params.py`, read 2026-11-23)."""

from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError
from interlingua.types import Adaptation, ModelRequest
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.messages.request import finish_request, parse_request, request_fields

PATH: Final = "/messages/count_tokens"

_TAKEN: Final = frozenset(
    ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control")
)


class _Count(msgspec.Struct):
    input_tokens: int


def count_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return PATH


def render_count_request(request: ModelRequest, *, dialect: Dialect = SPECIFICATION) -> RenderedRequest:
    """Write the question; what does not count is left out."""
    dropped: list[Adaptation] = []
    fields = request_fields(request, dropped)
    body: dict[str, Any] = {name: value for name, value in fields.items() if name in _TAKEN}
    return finish_request(request, body, dropped, path=PATH, dialect=dialect)


def parse_count_request(body: bytes, *, model: str | None = None) -> ModelRequest:
    """Read the question.

    Raises:
        InvalidRequest: it is malformed.

    """
    return parse_request(body, model=model)


def parse_count(body: bytes) -> int:
    """Read the answer.

    Raises:
        ProtocolError: it is none.

    """
    try:
        return msgspec.json.decode(body, type=_Count).input_tokens
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"the reply is no count of tokens: {error}.", body=body) from error


def render_count(tokens: int) -> bytes:
    """Write the answer."""
    return msgspec.json.encode({"input_tokens": tokens})
