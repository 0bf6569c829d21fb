"""Ollama's own API: `/api/chat`, both ways; see `wires.contract`. `generate` has the older `/api/generate`."""

from typing import Final

import msgspec

from interlingua.types import ModelRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import JSON_LINES, Framing
from interlingua.wires.ollama.embedding import (
    embedding_path,
    parse_embedding_request,
    parse_embeddings,
    relayed_embedding_request,
    render_embedding_request,
    render_embeddings,
)
from interlingua.wires.ollama.errors import parse_error, render_error
from interlingua.wires.ollama.relay import StreamWatch
from interlingua.wires.ollama.request import PATH, parse_request, render_request
from interlingua.wires.ollama.response import parse_response, render_response
from interlingua.wires.ollama.stream import OllamaStreamParser
from interlingua.wires.ollama.stream_writing import OllamaStreamRenderer
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body

name: Final = "ollama"
framing: Final[Framing] = JSON_LINES


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    message: _Message
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_answer = msgspec.json.Decoder(_Answer).decode


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is, below a provider's base URL, which has no version."""
    del model, stream
    return PATH


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
    return OllamaStreamParser()


def stream_renderer(request: ModelRequest) -> OllamaStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return OllamaStreamRenderer(request)


__all__ = [
    "OllamaStreamParser",
    "OllamaStreamRenderer",
    "embedding_path",
    "framing",
    "is_answer",
    "name",
    "parse_embedding_request",
    "parse_embeddings",
    "parse_error",
    "parse_request",
    "parse_response",
    "path",
    "read_head",
    "relayed_embedding_request",
    "render_embedding_request",
    "render_embeddings",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
    "stream_watch",
]
