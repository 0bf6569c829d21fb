"""The question how many tokens a request has (google-genai 3.4 `models.count_tokens`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProtocolError
from interlingua.types import ModelRequest
from interlingua.types.shape import is_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.generate_content.request import parse_request, request_fields
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.path_text import quoted

_TAKEN: Final = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig")


class _Count(msgspec.Struct):
    totalTokens: int = 0  # noqa: N815 - the wire's word; a count of nothing is left out


def count_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    return f"/models/{quoted(model)}:countTokens"


def render_count_request(request: ModelRequest, *, dialect: Dialect = SPECIFICATION) -> RenderedRequest:
    """Write the question; what does not count is left out."""
    del dialect
    fields = request_fields(request, [])
    asked: dict[str, Any] = {name: value for name, value in fields.items() if name in _TAKEN}
    body = {"generateContentRequest": {"model": f"models/{request.model}", **asked}}
    return RenderedRequest(count_path(request.model), msgspec.json.encode(body))


def parse_count_request(body: bytes, *, model: str | None = None) -> ModelRequest:
    """Read the question, which is the contents alone or a whole request.

    Raises:
        InvalidRequest: it is malformed.

    """
    try:
        fields = decode(body)
    except UNREADABLE as error:
        raise InvalidRequest(f"the body is not valid JSON: {error}.") from error
    inner: Mapping[str, Any] | None = None
    if is_object(fields):
        inner = fields.get("generateContentRequest") or fields.get("generate_content_request")
    if not is_object(inner):
        return parse_request(body, model=model)
    asked = {name: value for name, value in inner.items() if name != "model"}
    return parse_request(msgspec.json.encode(asked), model=model)


def parse_count(body: bytes) -> int:
    """Read the answer.

    Raises:
        ProtocolError: it is none.

    """
    try:
        return msgspec.json.decode(body, type=_Count).totalTokens
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolError(f"the reply is no count of tokens: {error}.", body=body) from error


def render_count(tokens: int) -> bytes:
    """Write the answer."""
    return msgspec.json.encode({"totalTokens": tokens})
