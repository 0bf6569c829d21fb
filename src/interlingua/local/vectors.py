"""Vectors of a local model, and what is made of them: pure functions, no I/O."""

import math
from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import Final

import msgspec

from interlingua.errors import BadRequest, ContextTooLong, Unsupported
from interlingua.types import Adaptation
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RankedDocument, RerankOutput, RerankRequest
from interlingua.wires import embeddings
from interlingua.wires.json_text import UNREADABLE, decode

LONGEST_INPUT: Final = 1024
"""Tokens of one input. Each takes memory (about 0.4 MB with the packaged model) as long as the model is loaded."""

_TOO_LONG: Final = "too large to process"
_BAD_REQUEST: Final = 400


def read_vectors(reply: bytes, *, longest: int) -> EmbeddingOutput:
    """Read what llama.cpp answers to a request for vectors.

    Raises:
        ContextTooLong: an input has more than `longest` tokens.
        BadRequest: llama.cpp refuses the request.
        ProviderError: llama.cpp failed.
        ProtocolError: the reply is none.

    """
    if reply.startswith(b'{"error"'):
        status, message = _refusal(reply)
        if _TOO_LONG in message:
            raise ContextTooLong(
                f"An input is too long: it may have {longest} tokens. Cut it into passages.",
                status=_BAD_REQUEST,
                param="input",
            )
        if status == _BAD_REQUEST:
            raise BadRequest(f"llama.cpp refused the request: {message}", status=status, param="input")
        raise embeddings.parse_error(status, {}, reply)
    return embeddings.parse_embeddings(reply)


def unverified(request: EmbeddingRequest) -> list[Adaptation]:
    """Tell what nobody can check: tokens of another model's vocabulary mean other words here."""
    if not any(not isinstance(each, str) and each and isinstance(each[0], int) for each in request.inputs):
        return []
    return [Adaptation("unverified", "inputs", "tokens are taken for those of the model's own vocabulary")]


def joined(
    outputs: Sequence[EmbeddingOutput], request: EmbeddingRequest, unsaid: Sequence[Adaptation]
) -> EmbeddingOutput:
    """Make one output of several, whose vectors follow each other.

    Raises:
        Unsupported: the request is strict and wants vectors of another length.

    """
    vectors = [each for output in outputs for each in output.embeddings]
    warnings = list(unsaid)
    length = len(vectors[0].vector)
    if request.dimensions is not None and request.dimensions != length:
        if request.strict:
            raise Unsupported("dimensions", model=request.model, remedy=f"(its vectors have {length} numbers)")
        warnings.append(Adaptation("dropped", "dimensions", f"the model's vectors have {length} numbers"))
    usages = [output.usage for output in outputs if output.usage is not None]
    return EmbeddingOutput(
        embeddings=[msgspec.structs.replace(each, index=index) for index, each in enumerate(vectors)],
        model=request.model,
        usage=reduce(add, usages) if usages else None,
        warnings=warnings,
    )


def ranked(request: RerankRequest, output: EmbeddingOutput) -> RerankOutput:
    """Sort documents by how near their vectors are to the query's, which is the first of `output`."""
    query, *documents = output.vectors
    results = [
        RankedDocument(
            index=index,
            score=_cosine(query, vector),
            document=request.documents[index] if request.return_documents else None,
        )
        for index, vector in enumerate(documents)
    ]
    results.sort(key=lambda each: each.score, reverse=True)
    emulated = Adaptation("emulated", "rerank", "by the cosine between the vectors of query and document")
    return RerankOutput(
        results=results[: request.top],
        model=request.model,
        usage=output.usage,
        warnings=[*output.warnings, emulated],
    )


def _refusal(reply: bytes) -> tuple[int, str]:
    try:
        error = decode(reply)["error"]
        return int(error["code"]), str(error["message"])
    except (*UNREADABLE, KeyError, TypeError, ValueError):
        return 500, ""


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(map(mul, one, other)) / lengths if lengths else 0.0
