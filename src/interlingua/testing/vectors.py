"""Embeddings and rankings of a scripted provider, in each API's shape, written by hand.

A text's vector tells its length, its number of words and its first letter, so that a
test can work it out; a document's score is the share of the query's words that it has.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

_encode = msgspec.json.Encoder().encode
_OPERATIONS: Final = ("/embeddings", "/embed", ":embedContent", ":batchEmbedContents", "/rerank")


def hears(path: str) -> bool:
    """Tell whether a request is for vectors or a ranking."""
    return path.endswith(_OPERATIONS)


def vector_of(text: str) -> list[float]:
    """Give the vector of a text.

    Example:
        >>> vector_of("A cat")
        [5.0, 2.0, 65.0]

    """
    return [float(len(text)), float(len(text.split())), float(ord(text[0])) if text else 0.0]


def answer(path: str, asked: Mapping[str, Any]) -> bytes:
    """Answer a request whose body is `asked`."""
    if path.endswith("/rerank"):
        return _ranking(asked)
    if path.endswith((":embedContent", ":batchEmbedContents")):
        return _gemini(asked)
    if path.endswith("/api/embed"):
        texts = _texts(asked.get("input"))
        vectors = [vector_of(text) for text in texts]
        return _encode({"model": asked.get("model"), "embeddings": vectors, "prompt_eval_count": _tokens(texts)})
    if "texts" in asked or "inputs" in asked:
        return _typed(asked)
    return _openai(asked)


def _openai(asked: Mapping[str, Any]) -> bytes:
    texts = _texts(asked.get("input"))
    vectors: list[Any] = [vector_of(text) for text in texts]
    if asked.get("encoding_format") == "base64":
        vectors = [base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in vectors]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    usage = {"prompt_tokens": _tokens(texts), "total_tokens": _tokens(texts)}
    return _encode({"object": "list", "data": data, "model": asked.get("model"), "usage": usage})


def _typed(asked: Mapping[str, Any]) -> bytes:
    texts = asked.get("texts") or [_joined(each["content"]) for each in asked["inputs"]]
    meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": _tokens(texts)}}
    vectors = {"float": [vector_of(text) for text in texts]}
    body = {"id": "emb_1", "embeddings": vectors, "texts": texts, "meta": meta, "response_type": "embeddings_by_type"}
    return _encode(body)


def _gemini(asked: Mapping[str, Any]) -> bytes:
    if "requests" in asked:
        texts = [_joined(each["content"]["parts"]) for each in asked["requests"]]
        return _encode({"embeddings": [{"values": vector_of(text)} for text in texts]})
    text = _joined(asked["content"]["parts"])
    usage = {"promptTokenCount": _tokens([text])}
    return _encode({"embedding": {"values": vector_of(text)}, "usageMetadata": usage})


def _ranking(asked: Mapping[str, Any]) -> bytes:
    words = set(asked["query"].lower().split())
    scores = [len(words & set(text.lower().split())) / max(1, len(words)) for text in asked["documents"]]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    top = asked.get("top_n", asked.get("top_k", len(order)))
    results: list[dict[str, Any]] = [{"index": index, "relevance_score": scores[index]} for index in order[:top]]
    if asked.get("return_documents"):
        for each in results:
            each["document"] = {"text": asked["documents"][each["index"]]}
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    return _encode({"id": "rank_1", "results": results, "meta": meta})


def _texts(given: Any) -> Sequence[str]:
    """Give the texts of an input: one or some of them, as they are or as tokens."""
    if isinstance(given, str):
        return [given]
    several = [given] if given and isinstance(given[0], int) else given
    return [each if isinstance(each, str) else "".join(chr(token % 0x110000) for token in each) for each in several]


def _joined(parts: Sequence[Mapping[str, Any]]) -> str:
    return "".join(part.get("text", "") for part in parts)


def _tokens(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
