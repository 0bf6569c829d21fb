"""Requests to `/api/chat`, both ways (ollama 0.6.3 `ChatRequest`, read 2026-11-23)."""

from collections.abc import Sequence
from typing import Any, Final

from interlingua.types import Adaptation, ModelRequest, ModelRequestContext
from interlingua.types.shape import is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.ollama.content import WIRE, own, read_messages, write_messages
from interlingua.wires.ollama.options import read_settings, write_settings
from interlingua.wires.outgoing import finished, without

PATH: Final = "/api/chat"

_PROTECTED: Final = ("messages", "model", "stream")


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request; `stream` is the request's own wish unless it is given, and always said, being true by default.

    Raises:
        Unsupported: the request is strict, and something in it cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {"model": request.model, "messages": write_messages(request.messages, dropped)}
    write_settings(request, body, dropped)
    body["stream"] = request.stream if stream is None else stream
    return finish_request(request, body, dropped, path=PATH, dialect=dialect)


def finish_request(
    request: ModelRequest,
    body: dict[str, Any],
    dropped: list[Adaptation],
    *,
    path: str,
    dialect: Dialect,
    known: Sequence[str] = (WIRE,),
) -> RenderedRequest:
    """Add what only this wire knows and apply the provider's own ways; `known` are the extensions that were written."""
    for name, value in own(request.extensions).items():
        there = body.get(name)
        if is_object(there) and is_object(value):
            body[name] = {**there, **value}
        elif name not in body:
            body[name] = value
    dropped += foreign_fields(request.extensions, *known)
    without(body, dialect.drop, dropped)
    return finished(request, body, dropped, path=path, wire=WIRE, protected=_PROTECTED)


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request; a stream is wanted unless it says otherwise.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model, stream  # this wire has both in the body
    fields = read_object(body)
    name = read_model(fields)
    messages = fields.pop("messages", None)
    request = ModelRequest(name, [] if messages is None else read_messages(messages))
    return finish_reading(request, fields)


def finish_reading(request: ModelRequest, fields: dict[str, Any]) -> ModelRequest:
    """Read what the two operations have in common; the rest stays as extensions."""
    read_settings(request, fields)
    streamed = fields.pop("stream", None)
    if streamed is not None and not isinstance(streamed, bool):
        raise malformed("stream", "true or false")
    request.context = ModelRequestContext(stream=streamed is not False)
    if fields:
        request.extensions = {**request.extensions, WIRE: fields}
    return request


def read_model(fields: dict[str, Any]) -> str:
    """Take the model out of a body."""
    model = fields.pop("model", None)
    if not isinstance(model, str):
        raise malformed("model", "given as a string")
    return model
