"""OpenAI's Chat Completions, as OpenAI and all who imitate it speak it; see `wires.contract`."""

from typing import Final

from interlingua.types import ModelRequest
from interlingua.wires.chat_completions.errors import parse_error, render_error
from interlingua.wires.chat_completions.request import parse_request, render_request
from interlingua.wires.chat_completions.response import parse_response, render_response
from interlingua.wires.chat_completions.stream import ChatStreamParser
from interlingua.wires.chat_completions.stream_writing import ChatStreamRenderer
from interlingua.wires.dialect import SPECIFICATION, Dialect

name: Final = "chat_completions"


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> ChatStreamParser:
    """Begin reading a streamed reply."""
    return ChatStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> ChatStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return ChatStreamRenderer(request)


__all__ = [
    "ChatStreamParser",
    "ChatStreamRenderer",
    "name",
    "parse_error",
    "parse_request",
    "parse_response",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
]
