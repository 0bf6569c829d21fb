"""OpenAI's `/embeddings`, which nearly everybody speaks, both ways; see `wires.contract.EmbeddingWire`."""

from typing import Final

from interlingua.wires.embeddings.request import (
    PATH,
    embedding_path,
    parse_embedding_request,
    relayed_embedding_request,
    render_embedding_request,
)
from interlingua.wires.embeddings.response import parse_embeddings, render_embeddings
from interlingua.wires.failure import parse_error
from interlingua.wires.openai_errors import render_error
from interlingua.wires.request_head import RequestHead
from interlingua.wires.request_head import read_head as read_head_of_body

name: Final = "embeddings"


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on."""
    del model, stream
    return read_head_of_body(body)


__all__ = [
    "PATH",
    "embedding_path",
    "name",
    "parse_embedding_request",
    "parse_embeddings",
    "parse_error",
    "read_head",
    "relayed_embedding_request",
    "render_embedding_request",
    "render_embeddings",
    "render_error",
]
