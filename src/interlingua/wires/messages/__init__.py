"""Anthropic's Messages, as Anthropic and those who imitate it speak it; see `wires.contract`."""

from typing import Final

import msgspec

from interlingua.types import ModelRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import SERVER_SENT_EVENTS, Framing
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.messages.counting import (
    count_path,
    parse_count,
    parse_count_request,
    render_count,
    render_count_request,
)
from interlingua.wires.messages.errors import parse_error, render_error
from interlingua.wires.messages.relay import StreamWatch
from interlingua.wires.messages.request import PATH, parse_request, render_request
from interlingua.wires.messages.response import parse_response, render_response
from interlingua.wires.messages.stream import MessageStreamParser
from interlingua.wires.messages.stream_writing import MessageStreamRenderer
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body

name: Final = "messages"
framing: Final[Framing] = SERVER_SENT_EVENTS


class _Block(msgspec.Struct, gc=False):
    text: str | None = None
    thinking: str | None = None


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    content: list[_Block]
    type: str = "message"


_decode_answer = msgspec.json.Decoder(_Answer).decode


def path(model: str, *, stream: bool) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model, stream
    return PATH


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on; see `RelayedWire`."""
    del model, stream
    return read_head_of_body(body)


def is_answer(body: bytes) -> bool:
    """Tell quickly whether a whole reply is an answer; see `RelayedWire`."""
    try:
        return _decode_answer(body).type == "message"
    except UNREADABLE:
        return False


def stream_watch() -> StreamWatch:
    """Begin to look at a stream that passes by."""
    return StreamWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> MessageStreamParser:
    """Begin reading a streamed reply."""
    return MessageStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> MessageStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return MessageStreamRenderer(request)


__all__ = [
    "MessageStreamParser",
    "MessageStreamRenderer",
    "count_path",
    "framing",
    "is_answer",
    "name",
    "parse_count",
    "parse_count_request",
    "parse_error",
    "parse_request",
    "parse_response",
    "path",
    "read_head",
    "render_count",
    "render_count_request",
    "render_error",
    "render_request",
    "render_response",
    "stream_parser",
    "stream_renderer",
    "stream_watch",
]
