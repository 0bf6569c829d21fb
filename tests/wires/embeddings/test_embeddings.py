"""OpenAI's embeddings (openai 3.54 `embedding_create_params.py`, `create_embedding_response.py`, read 2026-11-25)."""

import base64
import struct
from typing import Any

import msgspec
import pytest
from openai.types import CreateEmbeddingResponse

from interlingua.errors import BadRequest, InvalidRequest, ProtocolError, Throttled, Unsupported
from interlingua.types import Adaptation, Embedding, EmbeddingOutput, EmbeddingRequest, ImagePart, TextPart, Usage
from interlingua.wires import embeddings as wire
from interlingua.wires.dialect import EMBEDDING_SPECIFICATION, EmbeddingDialect

WHOLE: dict[str, Any] = {
    "model": "text-embedding-3-small",
    "input": ["A cat.", "A dog."],
    "dimensions": 256,
    "encoding_format": "base64",
    "user": "user-1",
}
REPLY: dict[str, Any] = {
    "object": "list",
    "data": [
        {"object": "embedding", "index": 0, "embedding": [0.5, -0.25]},
        {"object": "embedding", "index": 1, "embedding": [1, 0]},
    ],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 6, "total_tokens": 6},
}
OWN = EmbeddingDialect(
    dimensions_field="output_dimension",
    purpose_field="input_type",
    purposes={"query": "query", "document": "passage"},
    usual_purpose="document",
    truncate_field="truncation",
    base64=False,
)


def read(body: Any) -> EmbeddingRequest:
    return wire.parse_embedding_request(msgspec.json.encode(body))


def written(request: EmbeddingRequest, dialect: EmbeddingDialect = EMBEDDING_SPECIFICATION) -> Any:
    return msgspec.json.decode(wire.render_embedding_request(request, dialect=dialect).body)


def coded(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def test_every_field_that_is_published_is_read_and_written() -> None:
    request = read(WHOLE)

    assert request == EmbeddingRequest(
        model="text-embedding-3-small",
        inputs=["A cat.", "A dog."],
        dimensions=256,
        encoding="base64",
        user="user-1",
    )
    assert written(request) == WHOLE


@pytest.mark.parametrize("given", ["A cat.", ["A cat."], [1, 2, 3], [[1, 2], [3]], ["A cat.", [1, 2]]])
def test_inputs_go_out_as_they_came(given: Any) -> None:
    assert written(read({"model": "m", "input": given})) == {"model": "m", "input": given}


def test_fields_that_nobody_knows_are_kept() -> None:
    body = {"model": "m", "input": ["a"], "late_chunking": True, "task": "task.of.tomorrow"}

    assert written(read(body)) == body


@pytest.mark.parametrize(
    ("said", "purpose"),
    [
        ({"task": "retrieval.query"}, "query"),
        ({"task": "retrieval.passage"}, "document"),
        ({"task": "text-matching"}, "similarity"),
        ({"input_type": "document"}, "document"),
        ({"input_type": "search_query"}, "query"),
        ({"input_type": "passage"}, "document"),
    ],
)
def test_a_purpose_is_read_in_the_words_that_are_in_use(said: dict[str, str], purpose: str) -> None:
    request = read({"model": "m", "input": ["a"], **said})

    assert (request.purpose, request.extensions) == (purpose, {})


def test_a_dialect_has_its_own_words() -> None:
    request = EmbeddingRequest(
        model="m", inputs=["a"], dimensions=8, purpose="query", truncate=False, encoding="base64"
    )

    assert written(request, OWN) == {
        "model": "m",
        "input": ["a"],
        "output_dimension": 8,
        "input_type": "query",
        "truncation": False,
    }


def test_a_purpose_that_is_needed_is_said_for_those_who_name_none() -> None:
    rendered = wire.render_embedding_request(EmbeddingRequest(model="m", inputs=["a"], strict=True), dialect=OWN)

    assert msgspec.json.decode(rendered.body)["input_type"] == "passage"
    assert [str(each) for each in rendered.warnings] == ["emulated purpose: asked as passage, since one is needed"]


def test_fields_that_a_provider_refuses_are_left_out_and_told() -> None:
    request = EmbeddingRequest(model="m", inputs=["a"], user="u", dimensions=8)
    dialect = EmbeddingDialect(drop=("user",))

    assert written(request, dialect) == {"model": "m", "input": ["a"], "dimensions": 8}
    warnings = wire.render_embedding_request(request, dialect=dialect).warnings
    assert warnings == (Adaptation("dropped", "user", "the provider refuses it"),)


def test_what_cannot_be_said_is_told_or_refused() -> None:
    request = EmbeddingRequest(
        model="m", inputs=["a"], purpose="query", truncate=True, title="t", extensions={"ollama": {"keep_alive": 1}}
    )

    assert wire.render_embedding_request(request).warnings == (
        Adaptation("dropped", "title", "not a field of embeddings"),
        Adaptation("dropped", "purpose", "the provider has no word for query"),
        Adaptation("dropped", "truncate", "the provider decides itself"),
        Adaptation("dropped", "keep_alive", "a field of ollama"),
    )
    request.strict = True
    with pytest.raises(Unsupported, match="title"):
        wire.render_embedding_request(request)


def test_parts_are_a_text_if_they_are_texts() -> None:
    assert written(EmbeddingRequest(model="m", inputs=[[TextPart("a"), TextPart("b")]]))["input"] == ["a\nb"]

    with pytest.raises(Unsupported, match="only texts and tokens"):
        written(EmbeddingRequest(model="m", inputs=[[TextPart("a"), ImagePart(url="data:image/png;base64,AA==")]]))


MALFORMED: list[tuple[Any, str]] = [
    ({"input": ["a"]}, "model"),
    ({"model": 1, "input": ["a"]}, "model"),
    ({"model": "m"}, "input"),
    ({"model": "m", "input": []}, "input"),
    ({"model": "m", "input": {"text": "a"}}, "input"),
    ({"model": "m", "input": ["a", None]}, "input[1]"),
    ({"model": "m", "input": ["a", []]}, "input[1]"),
    ({"model": "m", "input": [[1, "a"]]}, "input[0]"),
    ({"model": "m", "input": ["a"], "dimensions": True}, "dimensions"),
    ({"model": "m", "input": ["a"], "dimensions": "8"}, "dimensions"),
    ({"model": "m", "input": ["a"], "encoding_format": "hex"}, "encoding_format"),
    ({"model": "m", "input": ["a"], "user": 1}, "user"),
]


@pytest.mark.parametrize(("body", "param"), MALFORMED)
def test_a_request_that_is_none_is_refused_with_the_place(body: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body)

    assert caught.value.param == param


def test_extra_body_is_merged_and_may_not_replace_the_inputs() -> None:
    assert written(EmbeddingRequest(model="m", inputs=["a"], extra_body={"x": 1}))["x"] == 1

    with pytest.raises(InvalidRequest, match="input"):
        written(EmbeddingRequest(model="m", inputs=["a"], extra_body={"input": "b"}))


def test_a_reply_is_read_and_written_as_the_sdk_reads_it() -> None:
    output = wire.parse_embeddings(msgspec.json.encode(REPLY))

    assert output.vectors == [[0.5, -0.25], [1.0, 0.0]]
    assert (output.model, output.usage) == ("text-embedding-3-small", Usage(input_tokens=6))
    again = msgspec.json.decode(wire.render_embeddings(output, request=read({**WHOLE, "encoding_format": "float"})))
    assert again == REPLY
    CreateEmbeddingResponse.model_validate(again, strict=True)


def test_numbers_in_base64_are_little_endian_floats_of_four_bytes() -> None:
    output = wire.parse_embeddings(msgspec.json.encode(REPLY))
    sent = msgspec.json.decode(wire.render_embeddings(output, request=read(WHOLE)))

    assert [each["embedding"] for each in sent["data"]] == [coded(0.5, -0.25), coded(1, 0)]
    assert wire.parse_embeddings(msgspec.json.encode(sent)).vectors == output.vectors


def test_vectors_are_put_in_the_order_of_the_inputs() -> None:
    reply = {**REPLY, "data": list(reversed(REPLY["data"]))}

    assert wire.parse_embeddings(msgspec.json.encode(reply)).vectors == [[0.5, -0.25], [1.0, 0.0]]


def test_fields_of_a_reply_that_nobody_knows_come_back() -> None:
    reply = {**REPLY, "usage": {**REPLY["usage"], "image_tokens": 3}, "id": "emb_1", "note": {"a": 1}}
    output = wire.parse_embeddings(msgspec.json.encode(reply))

    again = msgspec.json.decode(wire.render_embeddings(output, request=read({"model": "m", "input": "a"})))

    assert output.id == "emb_1"
    assert (again["note"], again["usage"]["image_tokens"]) == ({"a": 1}, 3)


def test_a_reply_without_numbers_of_its_usage_has_none() -> None:
    output = wire.parse_embeddings(b'{"data": [{"embedding": [1]}]}')

    assert (output.usage, output.embeddings[0].index) == (None, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": {}}',
        b'{"data": [1]}',
        b'{"data": [{"embedding": null}]}',
        b'{"data": [{"embedding": ["a"]}]}',
        b'{"data": [{"embedding": "not base64!"}]}',
        b'{"data": [{"embedding": "AAAA"}]}',
        b'{"data": ' + b"[" * 100_000,
    ],
)
def test_a_reply_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.parse_embeddings(body)


def test_an_error_is_raised_whatever_the_status_was() -> None:
    with pytest.raises(BadRequest, match="no such model"):
        wire.parse_embeddings(b'{"error": {"message": "no such model", "type": "invalid_request_error"}}')

    error = wire.parse_error(429, {"retry-after": "2"}, b'{"detail": "slow down"}')
    assert isinstance(error, Throttled)
    assert (error.message, error.retry_after) == ("slow down", 2)


def test_a_large_reply_is_read_and_written_without_loss() -> None:
    vectors = [[(row * 31 + column) / 4096 - 1 for column in range(1024)] for row in range(64)]
    output = EmbeddingOutput(embeddings=[Embedding(index=index, vector=each) for index, each in enumerate(vectors)])

    body = wire.render_embeddings(output, request=read(WHOLE))

    assert wire.parse_embeddings(body).vectors == vectors
