"""Gemini's generateContent, as the Gemini API and Vertex AI speak it; see `wires.contract`."""

from typing import Final

from interlingua.types import ModelRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import BARE_EVENTS, Framing
from interlingua.wires.generate_content.counting import (
    count_path,
    parse_count,
    parse_count_request,
    render_count,
    render_count_request,
)
from interlingua.wires.generate_content.embedding import (
    embedding_path,
    parse_embedding_request,
    parse_embeddings,
    relayed_embedding_request,
    render_embedding_request,
    render_embeddings,
)
from interlingua.wires.generate_content.errors import parse_error, render_error
from interlingua.wires.generate_content.head import is_answer, read_head
from interlingua.wires.generate_content.relay import StreamWatch
from interlingua.wires.generate_content.request import parse_request, path, render_request
from interlingua.wires.generate_content.response import parse_response, render_response
from interlingua.wires.generate_content.stream import ContentStreamParser
from interlingua.wires.generate_content.stream_writing import ContentStreamRenderer

name: Final = "generate_content"
framing: Final[Framing] = BARE_EVENTS


def stream_watch() -> StreamWatch:
    """Begin to look at a stream that passes by."""
    return StreamWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> ContentStreamParser:
    """Begin reading a streamed reply."""
    return ContentStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> ContentStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return ContentStreamRenderer(request)


__all__ = [
    "ContentStreamParser",
    "ContentStreamRenderer",
    "count_path",
    "embedding_path",
    "framing",
    "is_answer",
    "name",
    "parse_count",
    "parse_count_request",
    "parse_embedding_request",
    "parse_embeddings",
    "parse_error",
    "parse_request",
    "parse_response",
    "path",
    "read_head",
    "relayed_embedding_request",
    "render_count",
    "render_count_request",
    "render_embedding_request",
    "render_embeddings",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
    "stream_watch",
]
