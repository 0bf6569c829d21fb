"""Sorting documents by a query, as Cohere, Jina, Voyage and many servers have it, both ways."""

from typing import Final

from interlingua.wires.failure import parse_error
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body
from interlingua.wires.rerank.errors import render_error
from interlingua.wires.rerank.request import PATH, parse_rerank_request, render_rerank_request, rerank_path
from interlingua.wires.rerank.response import parse_ranking, render_ranking

name: Final = "rerank"


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on."""
    del model, stream
    return read_head_of_body(body)


__all__ = [
    "PATH",
    "name",
    "parse_error",
    "parse_ranking",
    "parse_rerank_request",
    "read_head",
    "render_error",
    "render_ranking",
    "render_rerank_request",
    "rerank_path",
]
