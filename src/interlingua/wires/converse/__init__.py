"""Bedrock's Converse and ConverseStream, the side that speaks to the provider; see `wires.contract`."""

from typing import Final

from interlingua.wires.converse.errors import parse_error
from interlingua.wires.converse.request import path, render_request
from interlingua.wires.converse.response import parse_response
from interlingua.wires.converse.stream import ConverseStreamParser
from interlingua.wires.dialect import SPECIFICATION, Dialect
from interlingua.wires.framing import AWS_EVENT_STREAM, Framing

name: Final = "converse"
framing: Final[Framing] = AWS_EVENT_STREAM


def stream_parser(*, dialect: Dialect = SPECIFICATION) -> ConverseStreamParser:
    """Begin reading a streamed reply."""
    del dialect
    return ConverseStreamParser()


__all__ = [
    "ConverseStreamParser",
    "framing",
    "name",
    "parse_error",
    "parse_response",
    "path",
    "render_request",
    "stream_parser",
]
