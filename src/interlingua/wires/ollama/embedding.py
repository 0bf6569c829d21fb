"""Embeddings in Ollama's words, both ways: `/api/embed` and the older `/api/embeddings` (ollama 0.6.3, 2026-11-25)."""

from typing import Any, Final

import msgspec

from interlingua.errors import Unsupported
from interlingua.types import Adaptation, TextPart, Usage
from interlingua.types.embedding import Embedding, EmbeddingInput, EmbeddingOutput, EmbeddingRequest
from interlingua.types.shape import is_list, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.outgoing import finished
from interlingua.wires.request_head import RequestHead
from interlingua.wires.unary import count_of, needed, read_list, read_reply, read_vector, taken

WIRE: Final = "ollama"
EMBED_PATH: Final = "/api/embed"

_UNSAID: Final = ("user", "title", "purpose")
_OLDER: Final = "plain"
"""Marks a request of the older operation, which has one `prompt` and answers one `embedding`."""

_KNOWN: Final = ("model", "embeddings", "prompt_eval_count")

_encode = msgspec.json.Encoder().encode


def embedding_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return EMBED_PATH


def render_embedding_request(
    request: EmbeddingRequest, *, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION
) -> RenderedRequest:
    """Write a request.

    Raises:
        Unsupported: an input is no text, or the request is strict and something cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    del dialect
    dropped: list[Adaptation] = []
    body: dict[str, Any] = {"model": request.model, "input": [_text(each, request.model) for each in request.inputs]}
    if request.truncate is not None:
        body["truncate"] = request.truncate
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    unsaid = [name for name in _UNSAID if getattr(request, name) is not None]
    dropped += [Adaptation("dropped", name, "not a field of Ollama's embed") for name in unsaid]
    own = request.extensions.get(WIRE) or {}
    body |= {name: value for name, value in own.items() if name not in (*body, _OLDER)}
    dropped += foreign_fields(request.extensions, WIRE)
    return finished(request, body, dropped, path=EMBED_PATH, wire=WIRE, protected=("model", "input"))


def parse_embedding_request(body: bytes, *, model: str | None = None) -> EmbeddingRequest:
    """Read a request of either operation.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model
    fields = read_object(body)
    name, given, prompt = needed(fields, "model"), fields.pop("input", None), taken(fields, "prompt", str)
    if given is None and prompt is not None:
        given, fields[_OLDER] = prompt, True
    if isinstance(given, str):
        given = [given]
    if not is_list(given) or not all(isinstance(each, str) for each in given):
        raise malformed("input", "a text or a list of texts")
    request = EmbeddingRequest(model=name, inputs=list(given))
    request.truncate = taken(fields, "truncate", bool)
    request.dimensions = taken(fields, "dimensions", int)
    if fields:
        request.extensions = {WIRE: fields}
    return request


def relayed_embedding_request(body: bytes, *, head: RequestHead, model: str) -> RenderedRequest:
    """Give a request as it passes to a provider, with that one's name of the model."""
    return RenderedRequest(EMBED_PATH, head.with_model(body, model))


def parse_embeddings(body: bytes) -> EmbeddingOutput:
    """Read a reply.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is something else.

    """
    fields = read_reply(body)
    vectors = read_list(fields, "embeddings", body)
    name, rest = fields.get("model"), {name: value for name, value in fields.items() if name not in _KNOWN}
    tokens = count_of(fields.get("prompt_eval_count"))
    return EmbeddingOutput(
        embeddings=[Embedding(index=index, vector=read_vector(each, body)) for index, each in enumerate(vectors)],
        model=name if isinstance(name, str) else None,
        usage=Usage(input_tokens=tokens) if "prompt_eval_count" in fields else None,
        extensions={WIRE: rest} if rest else {},
        raw=body,
    )


def render_embeddings(output: EmbeddingOutput, *, request: EmbeddingRequest) -> bytes:
    """Write a reply to a request of either operation."""
    if (request.extensions.get(WIRE) or {}).get(_OLDER) is True:
        return _encode({"embedding": output.embeddings[0].vector if output.embeddings else []})
    body: dict[str, Any] = {"model": output.model or request.model, "embeddings": output.vectors}
    if output.usage is not None:
        body["prompt_eval_count"] = output.usage.prompt_tokens
    return _encode({**body, **(output.extensions.get(WIRE) or {})})


def _text(given: EmbeddingInput, model: str) -> str:
    if isinstance(given, str):
        return given
    parts = [each for each in given if isinstance(each, TextPart)]
    if not given or len(parts) != len(given):
        raise Unsupported("inputs", wire=WIRE, model=model, remedy="(only texts can be embedded here)")
    return "\n".join(part.text for part in parts)
