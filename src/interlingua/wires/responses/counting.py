"""The question how many tokens a request has (openai 3.54 `resources/responses/input_tokens.py`, read 2026-11-25)."""

from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError
from interlingua.types import ModelRequest
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.outgoing import finished
from interlingua.wires.responses.blocks import WIRE
from interlingua.wires.responses.request import PROTECTED, parse_request, request_fields

PATH: Final = "/responses/input_tokens"

_TAKEN: Final = (
    *("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning"),
    *("previous_response_id", "conversation", "truncation", "personality"),
)


class _Count(msgspec.Struct):
    input_tokens: int


def count_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return PATH


def render_count_request(request: ModelRequest, *, dialect: Dialect = SPECIFICATION) -> RenderedRequest:
    """Write the question; what does not count is left out."""
    fields = request_fields(request, dialect, [])
    body: dict[str, Any] = {name: value for name, value in fields.items() if name in _TAKEN}
    return finished(request, body, [], path=PATH, wire=WIRE, protected=PROTECTED)


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
    return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})
