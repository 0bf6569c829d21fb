"""Embeddings in Gemini's words (ai.google.dev/api/embeddings; google-genai 3.4 `models.py`, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest
from google.genai import types

from interlingua.errors import BadRequest, InvalidRequest, ProtocolError, Unsupported
from interlingua.types import Adaptation, Embedding, EmbeddingOutput, EmbeddingRequest, ImagePart, TextPart, Usage
from interlingua.wires import generate_content as wire
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect

VERTEX = EmbeddingDialect(nested_settings=True)
ONE: dict[str, Any] = {
    "content": {"parts": [{"text": "A cat."}]},
    "taskType": "RETRIEVAL_DOCUMENT",
    "title": "Cats",
    "outputDimensionality": 256,
}
SEVERAL: dict[str, Any] = {
    "requests": [
        {"model": "models/m", "content": {"parts": [{"text": text}]}, "taskType": "SEMANTIC_SIMILARITY"}
        for text in ("A cat.", "A dog.")
    ]
}


def read(body: Any) -> EmbeddingRequest:
    return wire.parse_embedding_request(msgspec.json.encode(body), model="m")


def written(request: EmbeddingRequest, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION) -> tuple[str, Any]:
    rendered = wire.render_embedding_request(request, dialect=dialect)
    return rendered.path, msgspec.json.decode(rendered.body)


def test_a_request_for_one_vector() -> None:
    request = read(ONE)

    assert request == EmbeddingRequest(model="m", inputs=["A cat."], purpose="document", title="Cats", dimensions=256)
    assert written(request) == ("/models/m:embedContent", ONE)


def test_a_request_for_several_vectors() -> None:
    request = read(SEVERAL)

    assert (request.inputs, request.purpose) == (["A cat.", "A dog."], "similarity")
    assert written(request) == ("/models/m:batchEmbedContents", SEVERAL)


def test_a_request_for_several_that_holds_one_stays_what_it_is() -> None:
    body = {"requests": SEVERAL["requests"][:1]}

    assert written(read(body)) == ("/models/m:batchEmbedContents", body)


def test_names_in_snake_case_are_read() -> None:
    body = {"content": ONE["content"], "task_type": "CLUSTERING", "output_dimensionality": 8}

    assert read(body) == EmbeddingRequest(model="m", inputs=["A cat."], purpose="clustering", dimensions=8)


def test_vertex_has_settings_in_an_object_of_their_own() -> None:
    body = {
        "content": ONE["content"],
        "embedContentConfig": {"taskType": "RETRIEVAL_QUERY", "outputDimensionality": 8, "autoTruncate": False},
    }
    request = read(body)

    assert request == EmbeddingRequest(model="m", inputs=["A cat."], purpose="query", dimensions=8, truncate=False)
    assert written(request, VERTEX) == ("/models/m:embedContent", body)
    request.inputs = ["A cat.", "A dog."]
    path, said = written(request, VERTEX)
    assert path == "/models/m:batchEmbedContents"
    assert said["requests"][1] == {**body, "content": {"parts": [{"text": "A dog."}]}}


def test_a_task_that_nobody_knows_and_fields_that_are_new_are_kept() -> None:
    body = {**ONE, "taskType": "TASK_OF_TOMORROW", "newField": {"a": 1}}

    assert read(body).purpose is None
    assert written(read(body))[1] == body


def test_an_image_is_a_part_like_any_other() -> None:
    parts = [{"text": "A cat."}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]
    request = read({"content": {"parts": parts}})

    (given,) = request.inputs
    assert isinstance(given, list)
    assert [type(part) for part in given] == [TextPart, ImagePart]
    assert written(request)[1] == {"content": {"parts": parts}}


def test_what_cannot_be_said_is_told_or_refused() -> None:
    request = EmbeddingRequest(model="m", inputs=["a"], user="u", truncate=True)

    assert wire.render_embedding_request(request).warnings == (
        Adaptation("dropped", "user", "not a field of embedContent"),
        Adaptation("dropped", "truncate", "not a field of Gemini's embedContent"),
    )
    request.strict = True
    with pytest.raises(Unsupported, match="user"):
        wire.render_embedding_request(request)
    with pytest.raises(Unsupported, match="no tokens"):
        wire.render_embedding_request(EmbeddingRequest(model="m", inputs=[[1, 2]]))


MALFORMED: list[tuple[Any, str]] = [
    ({}, "content"),
    ({"content": {"parts": []}}, "content.parts"),
    ({"content": {"parts": [{"text": 1}]}}, "content.parts[0].text"),
    ({"requests": []}, "requests"),
    ({"requests": [{}]}, "requests[0].content"),
    ({**ONE, "outputDimensionality": "8"}, "outputDimensionality"),
    ({**ONE, "embedContentConfig": []}, "embedContentConfig"),
    ({"requests": [SEVERAL["requests"][0], {"content": ONE["content"], "title": "x"}]}, "requests[1]"),
]


@pytest.mark.parametrize(("body", "param"), MALFORMED)
def test_a_request_that_is_none_is_refused_with_the_place(body: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body)

    assert (caught.value.param or "").startswith(param)


def test_replies_are_read_and_written_as_the_sdk_reads_them() -> None:
    one = b'{"embedding": {"values": [0.5, -1]}, "usageMetadata": {"promptTokenCount": 3}}'
    several = b'{"embeddings": [{"values": [0.5], "statistics": {"tokenCount": 2}}, {"values": [1]}]}'

    output = wire.parse_embeddings(one)
    assert (output.vectors, output.usage) == ([[0.5, -1.0]], Usage(input_tokens=3))
    assert msgspec.json.decode(wire.render_embeddings(output, request=read(ONE))) == msgspec.json.decode(one)
    output = wire.parse_embeddings(several)
    assert (output.vectors, output.usage) == ([[0.5], [1.0]], None)
    again = msgspec.json.decode(wire.render_embeddings(output, request=read(SEVERAL)))
    assert again == msgspec.json.decode(several)
    shown: Any = types.EmbedContentResponse.model_validate(again)
    assert [each.values for each in shown.embeddings] == output.vectors


def test_a_reply_without_vectors_is_an_error() -> None:
    for body in (b"{}", b'{"embedding": 1}', b'{"embedding": {"values": ["a"]}}', b'{"embeddings": {}}', b"<html>"):
        with pytest.raises(ProtocolError):
            wire.parse_embeddings(body)
    with pytest.raises(BadRequest, match="too long"):
        wire.parse_embeddings(b'{"error": {"code": 400, "message": "too long", "status": "INVALID_ARGUMENT"}}')


def test_one_vector_is_written_for_one_input() -> None:
    output = EmbeddingOutput(embeddings=[Embedding(index=0, vector=[0.5])], usage=Usage(input_tokens=2))

    assert msgspec.json.decode(wire.render_embeddings(output, request=read(ONE))) == {
        "embedding": {"values": [0.5]},
        "usageMetadata": {"promptTokenCount": 2},
    }
