"""OpenAI's Responses, as Open Responses specifies it; see `wires.contract`."""

from typing import Final

import msgspec

from interlingua.types import ModelRequest
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import parse_error
from interlingua.wires.framing import SERVER_SENT_EVENTS, Framing
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.openai_errors import render_error
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body
from interlingua.wires.responses.counting import (
    count_path,
    parse_count,
    parse_count_request,
    render_count,
    render_count_request,
)
from interlingua.wires.responses.relay import StreamWatch
from interlingua.wires.responses.request import PATH, parse_request, render_request
from interlingua.wires.responses.response import parse_response, render_response
from interlingua.wires.responses.stream import ResponseStreamParser
from interlingua.wires.responses.stream_writing import ResponseStreamRenderer

name: Final = "responses"
framing: Final[Framing] = SERVER_SENT_EVENTS


class _Block(msgspec.Struct, gc=False):
    text: str | None = None


class _Item(msgspec.Struct, gc=False):
    content: list[_Block] | None = None


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    output: list[_Item]
    error: msgspec.Raw | None = None


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
        return _decode_answer(body).error in (None, msgspec.Raw(b"null"))
    except UNREADABLE:
        return False


def stream_watch() -> StreamWatch:
    """Begin to look at a stream that passes by."""
    return StreamWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> ResponseStreamParser:
    """Begin reading a streamed reply."""
    return ResponseStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> ResponseStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return ResponseStreamRenderer(request)


__all__ = [
    "ResponseStreamParser",
    "ResponseStreamRenderer",
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
