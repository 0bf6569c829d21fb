"""Vectors, both ways (types of openai 3.54 `create_embedding_response`, read 2026-11-25)."""

import base64
import binascii
import sys
from array import array
from typing import Any, Final

import msgspec

from interlingua.errors import ProtocolError
from interlingua.types import Usage
from interlingua.types.embedding import Embedding, EmbeddingOutput, EmbeddingRequest
from interlingua.types.shape import is_object
from interlingua.wires.unary import count_of, read_list, read_reply, read_vector

WIRE: Final = "embeddings"
_KNOWN: Final = ("object", "data", "model", "usage", "id")
_TOTALS: Final = ("prompt_tokens", "total_tokens")

_encode = msgspec.json.Encoder().encode


def parse_embeddings(body: bytes) -> EmbeddingOutput:
    """Read a reply; vectors in base64 are read too.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is something else.

    """
    fields = read_reply(body)
    embeddings = [_read_embedding(each, place, body) for place, each in enumerate(read_list(fields, "data", body))]
    embeddings.sort(key=lambda each: each.index)
    name, identity = fields.get("model"), fields.get("id")
    rest = {field: value for field, value in fields.items() if field not in _KNOWN}
    return EmbeddingOutput(
        embeddings=embeddings,
        model=name if isinstance(name, str) else None,
        id=identity if isinstance(identity, str) else None,
        usage=_read_usage(fields.get("usage")),
        extensions={WIRE: rest} if rest else {},
        raw=body,
    )


def render_embeddings(output: EmbeddingOutput, *, request: EmbeddingRequest) -> bytes:
    """Write a reply, the vectors in base64 if the request asked for them so (little-endian, 4 bytes a number).

    Fields of this wire that nobody knows come back where they stood.
    """
    coded = request.encoding == "base64"
    data = [
        {"object": "embedding", "index": each.index, "embedding": _coded(each.vector) if coded else each.vector}
        for each in output.embeddings
    ]
    body: dict[str, Any] = {"object": "list", "data": data, "model": output.model or request.model}
    tokens = output.usage.prompt_tokens if output.usage is not None else 0
    rest = output.usage.extensions.get(WIRE) if output.usage is not None else None
    body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens, **(rest or {})}
    return _encode({**body, **(output.extensions.get(WIRE) or {})})


def _read_embedding(item: object, place: int, body: bytes) -> Embedding:
    if not is_object(item):
        raise ProtocolError("the reply has no vector where one should be.", body=body)
    given, index = item.get("embedding"), item.get("index")
    vector = _decoded(given, body) if isinstance(given, str) else read_vector(given, body)
    return Embedding(index=index if type(index) is int else place, vector=vector)


def _decoded(text: str, body: bytes) -> list[float]:
    try:
        numbers = array("f", base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"the reply has a vector that cannot be read: {error}.", body=body) from error
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _coded(vector: list[float]) -> str:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def _read_usage(fields: object) -> Usage | None:
    if not is_object(fields):
        return None
    tokens = next((count for name in _TOTALS if (count := count_of(fields.get(name)))), 0)
    rest = {name: value for name, value in fields.items() if name not in _TOTALS}
    return Usage(input_tokens=tokens, extensions={WIRE: rest} if rest else {})
