"""Embeddings in Gemini's words, both ways: `embedContent`, and `batchEmbedContents` for several.

Facts: ai.google.dev/api/embeddings and google-genai 3.4 `models.embed_content`, read 2026-11-25. Vertex
has the settings in an object of their own, and knows `autoTruncate`. Its older `predict`, which
models before Gemini's are asked by, is another API.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError, Unsupported
from interlingua.types import Adaptation, TextPart, Usage
from interlingua.types.embedding import Embedding, EmbeddingInput, EmbeddingOutput, EmbeddingRequest, Purpose
from interlingua.types.part import Part
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.body import read_object
from interlingua.wires.contract import RenderedRequest
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect
from interlingua.wires.foreign_fields import foreign_fields
from interlingua.wires.generate_content.content import CallNames, read_parts, write_parts
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.members import Member, edited, read_members
from interlingua.wires.outgoing import finished
from interlingua.wires.path_text import quoted
from interlingua.wires.request_head import RequestHead
from interlingua.wires.unary import count_of, read_list, read_reply, read_vector

WIRE: Final = "generate_content"

_PURPOSES: Final[dict[Purpose, str]] = {
    "query": "RETRIEVAL_QUERY",
    "document": "RETRIEVAL_DOCUMENT",
    "similarity": "SEMANTIC_SIMILARITY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "question_answering": "QUESTION_ANSWERING",
    "fact_verification": "FACT_VERIFICATION",
    "code_query": "CODE_RETRIEVAL_QUERY",
}
_OURS: Final[dict[str, Purpose]] = {word: purpose for purpose, word in _PURPOSES.items()}
_CAMEL: Final = {
    "task_type": "taskType",
    "output_dimensionality": "outputDimensionality",
    "embed_content_config": "embedContentConfig",
    "auto_truncate": "autoTruncate",
}
_SETTINGS: Final = "embedContentConfig"
_TRUNCATE: Final = "autoTruncate"
_BATCH: Final = "block"
"""Marks a request of the operation for several, which answers a list."""

_encode = msgspec.json.Encoder().encode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def embedding_path(model: str, *, batch: bool = False) -> str:
    """Give where the operation is, below a provider's base URL."""
    return f"/models/{quoted(model)}:{'batchEmbedContents' if batch else 'embedContent'}"


def render_embedding_request(
    request: EmbeddingRequest, *, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION
) -> RenderedRequest:
    """Write a request for one input, or for several.

    Raises:
        Unsupported: an input is made of tokens, or the request is strict and something cannot be said.
        InvalidRequest: `extra_body` has a protected field, or a value is no JSON.

    """
    nested = dialect.nested_settings
    dropped: list[Adaptation] = []
    settings: dict[str, Any] = {}
    if request.purpose is not None:
        settings["taskType"] = _PURPOSES[request.purpose]
    if request.title is not None:
        settings["title"] = request.title
    if request.dimensions is not None:
        settings["outputDimensionality"] = request.dimensions
    if request.user is not None:
        dropped.append(Adaptation("dropped", "user", "not a field of embedContent"))
    if request.truncate is not None and nested:
        settings[_TRUNCATE] = request.truncate
    elif request.truncate is not None:
        dropped.append(Adaptation("dropped", "truncate", "not a field of Gemini's embedContent"))
    own = request.extensions.get(WIRE) or {}
    settings |= {name: value for name, value in own.items() if name not in (*settings, _BATCH)}
    if nested and settings:
        settings = {_SETTINGS: settings}
    dropped += foreign_fields(request.extensions, WIRE)
    contents = [{"parts": _parts(each, request.model, dropped)} for each in request.inputs]
    batch = len(contents) != 1 or own.get(_BATCH) is True
    body: dict[str, Any]
    if batch:
        named = {} if nested else {"model": f"models/{request.model}"}
        body = {"requests": [{**named, "content": content, **settings} for content in contents]}
    else:
        body = {"content": contents[0], **settings}
    path = embedding_path(request.model, batch=batch)
    return finished(request, body, dropped, path=path, wire=WIRE, protected=("content", "requests"))


def parse_embedding_request(body: bytes, *, model: str | None = None) -> EmbeddingRequest:
    """Read a request of either operation; the model stands in its address.

    The settings of several must be the same, since a request has them once.

    Raises:
        InvalidRequest: it is not JSON, or a field has the wrong type; `param` names it.

    """
    fields = _camel(read_object(body))
    several = fields.get("requests")
    if several is None:
        inputs = [_read_input(fields.pop("content", None), "content")]
        return _with_settings(EmbeddingRequest(model=model or "", inputs=inputs), fields)
    if not is_list(several) or not several or not all(is_object(each) for each in several):
        raise malformed("requests", "a list of objects that is not empty")
    inputs: list[EmbeddingInput] = []
    settings: dict[str, Any] | None = None
    for index, each in enumerate(several):
        given = _camel(each)
        inputs.append(_read_input(given.pop("content", None), f"requests[{index}].content"))
        given.pop("model", None)
        if settings is not None and given != settings:
            raise malformed(f"requests[{index}]", "set as the first request is")
        settings = given
    return _with_settings(EmbeddingRequest(model=model or "", inputs=inputs), {**(settings or {}), _BATCH: True})


def relayed_embedding_request(body: bytes, *, head: RequestHead, model: str) -> RenderedRequest:
    """Give a request as it passes to a provider: each of several may repeat the model, which is renamed there too.

    Raises:
        InvalidRequest: it is no JSON object, or has a field twice.

    """
    del head
    name = _encode(f"models/{model}")
    members = read_members(body)
    edits = _renamed(members, name)
    several = next((member for member in members if member.name == "requests"), None)
    if several is not None:
        edits += _renamed_within(several, name)
    return RenderedRequest(embedding_path(model, batch=several is not None), edited(body, edits))


def parse_embeddings(body: bytes) -> EmbeddingOutput:
    """Read a reply to either operation.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is something else.

    """
    fields = read_reply(body)
    given = [fields["embedding"]] if "embedding" in fields else read_list(fields, "embeddings", body)
    embeddings: list[Embedding] = []
    for index, each in enumerate(given):
        if not is_object(each):
            raise ProtocolError("the reply has no vector where one should be.", body=body)
        rest = {name: value for name, value in each.items() if name != "values"}
        vector = read_vector(each.get("values"), body)
        embeddings.append(Embedding(index=index, vector=vector, extensions={WIRE: rest} if rest else {}))
    usage = fields.get("usageMetadata")
    rest = {name: value for name, value in fields.items() if name not in ("embedding", "embeddings", "usageMetadata")}
    return EmbeddingOutput(
        embeddings=embeddings,
        usage=Usage(input_tokens=count_of(usage.get("promptTokenCount"))) if is_object(usage) else None,
        extensions={WIRE: rest} if rest else {},
        raw=body,
    )


def render_embeddings(output: EmbeddingOutput, *, request: EmbeddingRequest) -> bytes:
    """Write a reply to a request of either operation."""
    vectors = [{"values": each.vector, **(each.extensions.get(WIRE) or {})} for each in output.embeddings]
    batch = (request.extensions.get(WIRE) or {}).get(_BATCH) is True
    body: dict[str, Any] = {"embeddings": vectors} if batch else {"embedding": vectors[0]}
    if output.usage is not None:
        body["usageMetadata"] = {"promptTokenCount": output.usage.prompt_tokens}
    return _encode({**body, **(output.extensions.get(WIRE) or {})})


def _renamed(members: Sequence[Member], name: bytes, *, offset: int = 0) -> list[tuple[int, int, bytes]]:
    return [(offset + each.start, offset + each.end, name) for each in members if each.name == "model"]


def _renamed_within(several: Member, name: bytes) -> list[tuple[int, int, bytes]]:
    """Give the places of the model's name in a list of requests."""
    try:
        requests = _decode_list(several.value)
    except UNREADABLE as error:
        raise malformed("requests", "a list of objects") from error
    edits: list[tuple[int, int, bytes]] = []
    place = 0
    for each in requests:
        value = bytes(each)
        place = several.value.index(value, place)
        edits += _renamed(read_members(value), name, offset=several.start + place)
        place += len(value)
    return edits


def _camel(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {_CAMEL.get(name, name): value for name, value in fields.items()}


def _with_settings(request: EmbeddingRequest, fields: dict[str, Any]) -> EmbeddingRequest:
    fields.pop("model", None)
    nested = fields.pop(_SETTINGS, None)
    if is_object(nested):
        fields |= _camel(nested)
    elif nested is not None:
        raise malformed(_SETTINGS, "an object")
    word, title, dimensions = (fields.get(name) for name in ("taskType", "title", "outputDimensionality"))
    if isinstance(fields.get(_TRUNCATE), bool):
        request.truncate = fields.pop(_TRUNCATE)
    if isinstance(word, str) and word in _OURS:
        request.purpose = _OURS[word]
        del fields["taskType"]
    if isinstance(title, str):
        request.title = fields.pop("title")
    if dimensions is not None:
        if type(dimensions) is not int:
            raise malformed("outputDimensionality", "an integer")
        request.dimensions = fields.pop("outputDimensionality")
    if fields:
        request.extensions = {WIRE: fields}
    return request


def _read_input(content: object, where: str) -> EmbeddingInput:
    if not is_object(content):
        raise malformed(where, "an object with parts")
    parts: list[Part] = read_parts(content.get("parts", []), f"{where}.parts", CallNames())
    if not parts:
        raise malformed(f"{where}.parts", "a list that is not empty")
    if len(parts) == 1 and isinstance(first := parts[0], TextPart) and not first.extensions:
        return first.text
    return parts


def _parts(given: EmbeddingInput, model: str, dropped: list[Adaptation]) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return [{"text": given}]
    parts = [each for each in given if not isinstance(each, int)]
    if not given or len(parts) != len(given):
        raise Unsupported("inputs", wire=WIRE, model=model, remedy="(texts are taken, and no tokens)")
    return write_parts(parts, dropped, CallNames())
