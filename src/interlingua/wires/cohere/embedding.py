"""Embeddings in Cohere's own words (docs.cohere.com/v2/reference/embed, read 2026-11-25)."""

from typing import Any, Final

from interlingua.errors import ProtocolError, Unsupported
from interlingua.types import Adaptation, ImagePart, TextPart, Usage
from interlingua.types.embedding import Embedding, EmbeddingInput, EmbeddingOutput, EmbeddingRequest
from interlingua.types.shape import is_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.outgoing import finished
from interlingua.wires.unary import count_of, read_list, read_reply, read_vector

WIRE: Final = "cohere"
PATH: Final = "/embed"

_PURPOSES: Final = {
    "query": "search_query",
    "document": "search_document",
    "classification": "classification",
    "clustering": "clustering",
}
_USUAL: Final = "search_document"
_UNSAID: Final = ("user", "title")


def embedding_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return PATH


def render_embedding_request(
    request: EmbeddingRequest, *, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION
) -> RenderedRequest:
    """Write a request; its purpose is needed, and is that of a document where none is named.

    Raises:
        Unsupported: an input is neither text nor image, or the request is strict and something cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    del dialect
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {"model": request.model}
    if all(isinstance(each, str) for each in request.inputs):
        body["texts"] = list(request.inputs)
    else:
        body["inputs"] = [{"content": _content(each, request.model)} for each in request.inputs]
    word = _PURPOSES.get(request.purpose or "")
    if word is None:
        kind = "emulated" if request.purpose is None else "dropped"
        detail = f"asked as {_USUAL}, since one is needed"
        dropped.append(
            Adaptation(kind, "purpose", detail if request.purpose is None else f"{request.purpose}; {detail}")
        )
    body |= {"input_type": word or _USUAL, "embedding_types": ["float"]}
    if request.dimensions is not None:
        body["output_dimension"] = request.dimensions
    if request.truncate is not None:
        body["truncate"] = "END" if request.truncate else "NONE"
    unsaid = [name for name in _UNSAID if getattr(request, name) is not None]
    dropped += [Adaptation("dropped", name, "not a field of Cohere's embed") for name in unsaid]
    dropped += foreign_fields(request.extensions, WIRE)
    return finished(request, body, dropped, path=PATH, wire=WIRE, protected=("model", "texts", "inputs"))


def parse_embeddings(body: bytes) -> EmbeddingOutput:
    """Read a reply.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is something else.

    """
    fields = read_reply(body)
    typed = fields.get("embeddings")
    if not is_object(typed):
        raise ProtocolError("the reply has no object `embeddings`.", body=body)
    vectors = read_list(typed, "float", body)
    identity, meta = fields.get("id"), fields.get("meta")
    billed = meta.get("billed_units") if is_object(meta) else None
    tokens = count_of(billed.get("input_tokens")) if is_object(billed) else 0
    images = count_of(billed.get("image_tokens")) if is_object(billed) else 0
    return EmbeddingOutput(
        embeddings=[Embedding(index=index, vector=read_vector(each, body)) for index, each in enumerate(vectors)],
        id=identity if isinstance(identity, str) else None,
        usage=Usage(input_tokens=tokens, input_image_tokens=images) if is_object(billed) else None,
        extensions={WIRE: {"meta": meta}} if meta is not None else {},
        raw=body,
    )


def _content(given: EmbeddingInput, model: str) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    content: list[dict[str, Any]] = []
    for part in given:
        if isinstance(part, TextPart):
            content.append({"type": "text", "text": part.text})
        elif isinstance(part, ImagePart) and part.url is not None:
            content.append({"type": "image_url", "image_url": {"url": part.url}})
        else:
            raise Unsupported("inputs", wire=WIRE, model=model, remedy="(only texts and images can be embedded here)")
    return content
