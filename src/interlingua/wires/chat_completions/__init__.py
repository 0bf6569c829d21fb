"""OpenAI's Chat Completions, as OpenAI and all who imitate it speak it; see `wires.contract`."""

from typing import Final

import msgspec

from interlingua.types import ModelRequest
from interlingua.wires.chat_completions.relay import StreamWatch
from interlingua.wires.chat_completions.request import PATH, parse_request, render_request
from interlingua.wires.chat_completions.response import parse_response, render_response
from interlingua.wires.chat_completions.stream import ChatStreamParser
from interlingua.wires.chat_completions.stream_writing import ChatStreamRenderer
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.failure import parse_error
from interlingua.wires.framing import SERVER_SENT_EVENTS, Framing
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.openai_errors import render_error
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body

name: Final = "chat_completions"
framing: Final[Framing] = SERVER_SENT_EVENTS


class _Block(msgspec.Struct, gc=False):
    """A block of a text: any object."""


class _Message(msgspec.Struct, gc=False):
    content: str | list[_Block] | None = None


class _Choice(msgspec.Struct, gc=False):
    message: _Message | None = None


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    choices: list[_Choice]
    error: msgspec.Raw | msgspec.UnsetType | None = msgspec.UNSET


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
        return _decode_answer(body).error is msgspec.UNSET
    except UNREADABLE:
        return False


def stream_watch() -> StreamWatch:
    """Begin to look at a stream that passes by."""
    return StreamWatch()


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> ChatStreamParser:
    """Begin reading a streamed reply."""
    return ChatStreamParser(dialect)


def stream_renderer(request: ModelRequest) -> ChatStreamRenderer:
    """Begin writing a streamed reply to `request`."""
    return ChatStreamRenderer(request)


__all__ = [
    "ChatStreamParser",
    "ChatStreamRenderer",
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
