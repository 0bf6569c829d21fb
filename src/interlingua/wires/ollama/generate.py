"""Ollama's `/api/generate`: one prompt, one text (ollama 0.6.3 `GenerateRequest`, read 2026-11-23).

It satisfies `RelayedWire` like its sister. A prompt is read as a conversation of a
system's and a user's message; `suffix`, `template`, `context`, `raw` and the sizes of
images have no neutral name and stand in the extensions under `ollama_generate`, so that
another operation says that it left them out.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import Unsupported
from interlingua.types import Adaptation, Choice, ModelMessage, ModelOutput, ModelRequest, Part, TextPart
from interlingua.types.shape import malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import JSON_LINES, Framing
from interlingua.wires.ollama.content import WIRE, read_images, write_message
from interlingua.wires.ollama.errors import parse_error, render_error
from interlingua.wires.ollama.options import write_settings
from interlingua.wires.ollama.relay import StreamWatch
from interlingua.wires.ollama.request import finish_reading, finish_request, read_model
from interlingua.wires.ollama.response import ending_of, output_of, read_answer, write_answer, write_moment
from interlingua.wires.ollama.stream import OllamaStreamParser, plain_generation
from interlingua.wires.ollama.stream_writing import GenerateStreamRenderer
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body

name: Final = WIRE
framing: Final[Framing] = JSON_LINES
PATH: Final = "/api/generate"
PLACE: Final = "ollama_generate"
"""The extensions' name for what only this operation knows."""

_OWN: Final = ("suffix", "template", "context", "raw", "width", "height", "steps")
_MESSAGE: Final = ("thinking", "images")

_encode = msgspec.json.Encoder().encode


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    response: str
    thinking: str | None = None
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_answer = msgspec.json.Decoder(_Answer).decode


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model, stream
    return PATH


def render_request(
    request: ModelRequest, *, dialect: Dialect = SPECIFICATION, stream: bool | None = None
) -> RenderedRequest:
    """Write a request of at most a system's message and a user's.

    Raises:
        Unsupported: the conversation is longer, or the request is strict and something cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {"model": request.model}
    for message in request.messages:
        role = "system" if message.role in ("system", "developer") else message.role
        field = {"system": "system", "user": "prompt"}.get(role)
        if field is None or field in body or (field == "system" and "prompt" in body):
            raise Unsupported("messages", wire=WIRE, model=request.model, remedy="(this operation takes one prompt)")
        fields = write_message(message.parts, dropped, joint="\n")
        body[field] = fields["content"]
        if field == "prompt" and "images" in fields:
            body["images"] = fields["images"]
    write_settings(request, body, dropped)
    if body.pop("tools", None) is not None:
        dropped.append(Adaptation("dropped", "tools", "this operation has no tools"))
    body["stream"] = request.stream if stream is None else stream
    body |= request.extensions.get(PLACE) or {}
    return finish_request(request, body, dropped, path=PATH, dialect=dialect, known=(WIRE, PLACE))


def parse_request(body: bytes, *, model: str | None = None, stream: bool | None = None) -> ModelRequest:
    """Read a request; a stream is wanted unless it says otherwise.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model, stream  # this operation has both in the body
    fields = read_object(body)
    request = ModelRequest(read_model(fields), [])
    system, prompt = _text(fields, "system"), _text(fields, "prompt")
    if system:
        request.messages.append(ModelMessage("system", system))
    images = fields.pop("images", None)
    if images:
        parts: list[Part] = [TextPart(prompt)] if prompt else []
        request.messages.append(ModelMessage("user", [*parts, *read_images(images, "images")]))
    elif prompt:
        request.messages.append(ModelMessage("user", prompt))
    beyond = {key: fields.pop(key) for key in _OWN if key in fields}
    beyond = {key: value for key, value in beyond.items() if value not in (None, "", False)}
    if beyond:
        request.extensions = {PLACE: beyond}
    return finish_reading(request, fields)


def parse_response(body: bytes, *, dialect: Dialect = SPECIFICATION) -> ModelOutput:
    """Read a whole reply.

    Raises:
        ProviderError: the reply carries an error.
        ProtocolError: it is not an answer.

    """
    del dialect
    return output_of(_as_chat(read_answer(body)), body)


def render_response(output: ModelOutput, *, request: ModelRequest | None = None) -> bytes:
    """Write a whole reply; calls of tools have no place in it, which is told in `output.warnings`."""
    choice = output.choices[0] if output.choices else Choice()
    message = write_answer(output, choice)
    body: dict[str, Any] = {
        "model": output.model or (request.model if request is not None else ""),
        "created_at": write_moment(output.created),
        "response": message["content"],
    }
    if "thinking" in message:
        body["thinking"] = message["thinking"]
    if "images" in message:  # one has a place here
        body["image"] = message["images"][0]
    if "tool_calls" in message:
        output.warnings.append(Adaptation("dropped", "tool_calls", "this operation has no tools"))
    return _encode(body | ending_of(choice, output))


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on; a stream is wanted unless the body says otherwise."""
    del model, stream
    return read_head_of_body(body, stream=True)


def is_answer(body: bytes) -> bool:
    """Tell quickly whether a whole reply is an answer; see `RelayedWire`."""
    try:
        return _decode_answer(body).error is msgspec.UNSET
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def stream_watch() -> StreamWatch:
    """Begin to look at a stream that passes by."""
    return StreamWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> OllamaStreamParser:
    """Begin reading a streamed reply."""
    del dialect
    return OllamaStreamParser(_as_chat, plain=plain_generation)


def stream_renderer(request: ModelRequest) -> GenerateStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return GenerateStreamRenderer(request)


def _as_chat(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a reply the form of the chat's."""
    if not any(key in fields for key in ("response", "thinking", "image")):
        return fields
    rest = {key: value for key, value in fields.items() if key not in ("response", "image", *_MESSAGE)}
    message = {key: fields[key] for key in _MESSAGE if key in fields}
    if fields.get("image"):  # a drawn one, alone
        message["images"] = [fields["image"]]
    return {**rest, "message": {"role": "assistant", "content": fields.get("response"), **message}}


def _text(fields: dict[str, Any], key: str) -> str | None:
    value = fields.pop(key, None)
    if value is not None and not isinstance(value, str):
        raise malformed(key, "a string")
    return value


__all__ = [
    "framing",
    "is_answer",
    "name",
    "parse_error",
    "parse_request",
    "parse_response",
    "path",
    "read_head",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
    "stream_watch",
]
