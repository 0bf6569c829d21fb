"""What holds for every wire of vectors that callers speak: nothing is lost on the way, nothing foul comes through."""

import json
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import Error, InvalidRequest
from interlingua.types import Embedding, EmbeddingOutput, EmbeddingRequest, RankedDocument, RerankOutput, RerankRequest
from interlingua.types.shape import is_list, is_object
from interlingua.wires import embeddings, generate_content, ollama, rerank
from interlingua.wires.contract import RelayedEmbeddingWire

WIRES = {"embeddings": embeddings, "generate_content": generate_content, "ollama": ollama}
EACH_WIRE = pytest.mark.parametrize("name", WIRES)

TEXTS = st.lists(st.text(min_size=1), min_size=1, max_size=4)
NUMBERS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, dict[str, Any]] = {
    "embeddings": {"model": "m", "input": ["a", [1]], "dimensions": 3, "encoding_format": "float", "user": "u"},
    "generate_content": {
        "requests": [{"content": {"parts": [{"text": "a"}]}, "taskType": "CLUSTERING", "outputDimensionality": 3}]
    },
    "ollama": {"model": "m", "input": ["a"], "truncate": True, "dimensions": 3, "options": {}},
}


def wire_of(name: str) -> RelayedEmbeddingWire:
    return cast("RelayedEmbeddingWire", WIRES[name])


@EACH_WIRE
@given(inputs=TEXTS, dimensions=st.none() | st.integers(1, 9999))
def test_a_request_comes_back_as_it_went(name: str, inputs: list[str], dimensions: int | None) -> None:
    request = EmbeddingRequest(model="m", inputs=list(inputs), dimensions=dimensions)
    wire = wire_of(name)

    again = wire.parse_embedding_request(wire.render_embedding_request(request).body, model="m")

    assert (again.model, again.inputs, again.dimensions) == ("m", inputs, dimensions)


@EACH_WIRE
@given(vectors=st.lists(NUMBERS, min_size=1, max_size=3), coded=st.booleans())
def test_vectors_come_back_as_they_went(name: str, vectors: list[list[float]], coded: bool) -> None:
    request = EmbeddingRequest(model="m", inputs=["a"] * len(vectors), encoding="base64" if coded else None)
    request = wire_of(name).parse_embedding_request(wire_of(name).render_embedding_request(request).body, model="m")
    output = EmbeddingOutput(embeddings=[Embedding(index=index, vector=each) for index, each in enumerate(vectors)])

    assert wire_of(name).parse_embeddings(wire_of(name).render_embeddings(output, request=request)).vectors == vectors


@EACH_WIRE
@given(data=st.data())
def test_a_request_with_one_thing_changed_is_read_or_refused(name: str, data: st.DataObject) -> None:
    body: Any = json.loads(json.dumps(GOOD[name]))
    place, key = data.draw(st.sampled_from(places(body)))
    place[key] = data.draw(JSON)
    wire = wire_of(name)
    try:
        request = wire.parse_embedding_request(msgspec.json.encode(body), model="m")
    except InvalidRequest:
        return
    for other in WIRES:
        try:
            rendered = wire_of(other).render_embedding_request(request)
        except Error:
            continue
        assert is_object(msgspec.json.decode(rendered.body))


@EACH_WIRE
@given(body=st.binary() | JSON.map(msgspec.json.encode))
def test_bytes_of_any_kind_are_read_or_refused(name: str, body: bytes) -> None:
    for read in (wire_of(name).parse_embedding_request, wire_of(name).parse_embeddings):
        try:
            read(body)
        except Error:
            continue


@given(
    query=st.text(), documents=st.lists(st.text(), max_size=4), top=st.none() | st.integers(1, 9), shown=st.booleans()
)
def test_a_request_to_sort_comes_back_as_it_went(
    query: str, documents: list[str], top: int | None, shown: bool
) -> None:
    request = RerankRequest(model="m", query=query, documents=documents, top=top, return_documents=shown)

    assert rerank.parse_rerank_request(rerank.render_rerank_request(request).body) == request


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_ranking_comes_back_as_it_went(scores: list[float]) -> None:
    results = [RankedDocument(index=index, score=score) for index, score in enumerate(scores)]
    results.sort(key=lambda each: each.score, reverse=True)
    request = RerankRequest(model="m", query="q", documents=["d"] * len(scores))

    assert (
        rerank.parse_ranking(rerank.render_ranking(RerankOutput(results=results), request=request)).results == results
    )


@given(body=st.binary() | JSON.map(msgspec.json.encode))
def test_bytes_of_any_kind_are_a_ranking_or_refused(body: bytes) -> None:
    for read in (rerank.parse_rerank_request, rerank.parse_ranking):
        try:
            read(body)
        except Error:
            continue


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place in a JSON value that can be set."""
    keys: list[Any] = list(value) if is_object(value) else list(range(len(value))) if is_list(value) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]
