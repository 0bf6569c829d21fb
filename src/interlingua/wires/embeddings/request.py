"""Requests for embeddings, both ways (types of openai 3.54 `embedding_create_params`, read 2026-11-25).

Jina's `task`, and Voyage's and NVIDIA's `input_type` are words of the dialect; they are
read from callers whatever the provider.
"""

from typing import Any, Final, cast

from interlingua.errors import Unsupported
from interlingua.types import Adaptation, TextPart
from interlingua.types.embedding import EmbeddingInput, EmbeddingRequest, Purpose
from interlingua.types.shape import is_list, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.outgoing import finished
from interlingua.wires.request_head import RequestHead
from interlingua.wires.unary import needed, taken

WIRE: Final = "embeddings"
PATH: Final = "/embeddings"

_PURPOSES: Final[dict[str, Purpose]] = {
    "query": "query",
    "search_query": "query",
    "retrieval.query": "query",
    "document": "document",
    "passage": "document",
    "search_document": "document",
    "retrieval.passage": "document",
    "text-matching": "similarity",
    "classification": "classification",
    "clustering": "clustering",
    "separation": "clustering",
    "code.query": "code_query",
    "nl2code.query": "code_query",
}
"""The words of `task` and `input_type` that are in use (Jina, Voyage, Cohere, NVIDIA; read 2026-11-25)."""


def embedding_path(model: str) -> str:
    """Give where the operation is, below a provider's base URL."""
    del model
    return PATH


def render_embedding_request(
    request: EmbeddingRequest, *, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION
) -> RenderedRequest:
    """Write a request.

    Raises:
        Unsupported: an input is no text, or the request is strict and something cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    dropped: list[Adaptation] = []
    inputs = [_input(each, request.model) for each in request.inputs]
    body: dict[str, Any] = {"model": request.model, "input": inputs[0] if _is_single(request) else inputs}
    for field, name in (("dimensions", dialect.dimensions_field), ("user", "user")):
        value = getattr(request, field)
        if value is not None and field in dialect.drop:
            dropped.append(Adaptation("dropped", field, "the provider refuses it"))
        elif value is not None:
            body[name] = value
    if request.encoding == "base64" and dialect.base64:  # numbers come unasked, and Voyage refuses the word for them
        body["encoding_format"] = request.encoding
    if request.title is not None:
        dropped.append(Adaptation("dropped", "title", "not a field of embeddings"))
    _write_purpose(request, body, dialect, dropped)
    if request.truncate is not None:
        if dialect.truncate_field is not None:
            body[dialect.truncate_field] = request.truncate
        else:
            dropped.append(Adaptation("dropped", "truncate", "the provider decides itself"))
    body |= {name: value for name, value in _own(request).items() if name not in (*body, _SINGLE)}
    dropped += foreign_fields(request.extensions, WIRE)
    return finished(request, body, dropped, path=PATH, wire=WIRE, protected=("model", "input"))


def parse_embedding_request(body: bytes, *, model: str | None = None) -> EmbeddingRequest:
    """Read a request.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    del model
    fields = read_object(body)
    name, given = needed(fields, "model"), fields.pop("input", None)
    inputs, single = _read_inputs(given)
    request = EmbeddingRequest(model=name, inputs=inputs)
    request.dimensions = taken(fields, "dimensions", int)
    if request.dimensions is None:
        request.dimensions = taken(fields, "output_dimension", int)
    encoding = taken(fields, "encoding_format", str)
    if encoding not in (None, "float", "base64"):
        raise malformed("encoding_format", "float or base64")
    request.encoding = cast("Any", encoding)
    request.user = taken(fields, "user", str)
    for field in ("task", "input_type"):
        word = fields.get(field)
        if isinstance(word, str) and word in _PURPOSES:
            request.purpose = _PURPOSES[fields.pop(field)]
    for field in ("truncate", "truncation"):
        if isinstance(fields.get(field), bool):
            request.truncate = fields.pop(field)
    if single:
        fields[_SINGLE] = True
    if fields:
        request.extensions = {WIRE: fields}
    return request


def relayed_embedding_request(body: bytes, *, head: RequestHead, model: str) -> RenderedRequest:
    """Give a request as it passes to a provider, with that one's name of the model."""
    return RenderedRequest(PATH, head.with_model(body, model))


_SINGLE: Final = "plain"
"""Marks a request whose `input` was no list of inputs, so that it goes out as it came."""


def _own(request: EmbeddingRequest) -> dict[str, Any]:
    return request.extensions.get(WIRE) or {}


def _is_single(request: EmbeddingRequest) -> bool:
    return len(request.inputs) == 1 and _own(request).get(_SINGLE) is True


def _read_inputs(given: object) -> tuple[list[EmbeddingInput], bool]:
    if isinstance(given, str):
        return [given], True
    if not is_list(given) or not given:
        raise malformed("input", "a text, or a list of texts or of tokens that is not empty")
    if all(type(each) is int for each in given):
        return [list(given)], True
    inputs: list[EmbeddingInput] = []
    for index, each in enumerate(given):
        if isinstance(each, str):
            inputs.append(each)
        elif is_list(each) and each and all(type(token) is int for token in each):
            inputs.append(list(each))
        else:
            raise malformed(f"input[{index}]", "a text or a list of tokens")
    return inputs, False


def _input(given: EmbeddingInput, model: str) -> "str | list[int]":
    if isinstance(given, str):
        return given
    if given and all(isinstance(each, int) for each in given):
        return cast("list[int]", given)
    parts = [each for each in given if isinstance(each, TextPart)]
    if len(parts) != len(given):
        raise Unsupported("inputs", wire=WIRE, model=model, remedy="(only texts and tokens can be embedded here)")
    return "\n".join(part.text for part in parts)


def _write_purpose(
    request: EmbeddingRequest, body: dict[str, Any], dialect: EmbeddingDialect, dropped: list[Adaptation]
) -> None:
    purpose = request.purpose or dialect.usual_purpose
    if purpose is None or dialect.purpose_field in _own(request):
        return
    word = dialect.purposes.get(purpose)
    if dialect.purpose_field is not None and word is not None:
        body[dialect.purpose_field] = word
        if request.purpose is None:
            dropped.append(Adaptation("emulated", "purpose", f"asked as {word}, since one is needed"))
    elif request.purpose is not None:
        dropped.append(Adaptation("dropped", "purpose", f"the provider has no word for {purpose}"))
