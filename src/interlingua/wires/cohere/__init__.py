"""Cohere's own `/v2/embed`: the provider's side; see `wires.contract.EmbeddingWire`. Its rerank is `wires.rerank`."""

from typing import Final

from interlingua.wires.cohere.embedding import (
    PATH,
    embedding_path,
    parse_embeddings,
    render_embedding_request,
)
from interlingua.wires.failure import parse_error

name: Final = "cohere"

__all__ = ["PATH", "embedding_path", "name", "parse_embeddings", "parse_error", "render_embedding_request"]
