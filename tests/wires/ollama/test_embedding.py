"""Ollama's embeddings, in the new operation and the old one (ollama 0.6.3 `_types.py`, read 2026-11-25)."""

from typing import Any

import msgspec
import ollama as sdk
import pytest
from ollama import _types as published

from interlingua.errors import InvalidRequest, NotFound, ProtocolError, Unsupported
from interlingua.types import Adaptation, Embedding, EmbeddingOutput, EmbeddingRequest, TextPart, Usage
from interlingua.wires import ollama as wire

WHOLE: dict[str, Any] = {
    "model": "nomic-embed-text",
    "input": ["A cat.", "A dog."],
    "truncate": False,
    "dimensions": 64,
    "options": {"num_ctx": 512},
    "keep_alive": "5m",
}
OLDER: dict[str, Any] = {"model": "nomic-embed-text", "prompt": "A cat.", "keep_alive": 0}


def read(body: Any) -> EmbeddingRequest:
    return wire.parse_embedding_request(msgspec.json.encode(body))


def written(request: EmbeddingRequest) -> Any:
    rendered = wire.render_embedding_request(request)
    assert rendered.path == "/api/embed"
    return msgspec.json.decode(rendered.body)


def test_every_field_that_is_published_is_read_and_written() -> None:
    request = read(WHOLE)

    assert (request.inputs, request.truncate, request.dimensions) == (["A cat.", "A dog."], False, 64)
    assert written(request) == WHOLE
    assert published.EmbedRequest.model_validate(written(request), extra="forbid").truncate is False


def test_the_older_operation_is_asked_as_the_new_one() -> None:
    assert written(read(OLDER)) == {"model": "nomic-embed-text", "input": ["A cat."], "keep_alive": 0}


def test_one_text_need_not_stand_in_a_list() -> None:
    assert read({"model": "m", "input": "A cat."}).inputs == ["A cat."]


def test_what_cannot_be_said_is_told_or_refused() -> None:
    request = EmbeddingRequest(model="m", inputs=[[TextPart("a"), TextPart("b")]], purpose="query", user="u")

    assert written(request)["input"] == ["a\nb"]
    assert wire.render_embedding_request(request).warnings == (
        Adaptation("dropped", "user", "not a field of Ollama's embed"),
        Adaptation("dropped", "purpose", "not a field of Ollama's embed"),
    )
    request.strict = True
    with pytest.raises(Unsupported, match="user"):
        written(request)
    with pytest.raises(Unsupported, match="only texts"):
        written(EmbeddingRequest(model="m", inputs=[[1, 2]]))


MALFORMED: list[tuple[Any, str]] = [
    ({"input": "a"}, "model"),
    ({"model": "m"}, "input"),
    ({"model": "m", "input": [1]}, "input"),
    ({"model": "m", "prompt": ["a"]}, "prompt"),
    ({"model": "m", "input": "a", "truncate": 1}, "truncate"),
    ({"model": "m", "input": "a", "dimensions": 1.5}, "dimensions"),
]


@pytest.mark.parametrize(("body", "param"), MALFORMED)
def test_a_request_that_is_none_is_refused_with_the_place(body: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body)

    assert caught.value.param == param


def test_replies_are_read_and_written_as_the_sdk_reads_them() -> None:
    body = (
        b'{"model": "nomic-embed-text", "embeddings": [[0.5, -1]], "prompt_eval_count": 3,'
        b'"total_duration": 9, "load_duration": 1}'
    )
    output = wire.parse_embeddings(body)

    assert (output.vectors, output.model, output.usage) == ([[0.5, -1.0]], "nomic-embed-text", Usage(input_tokens=3))
    again = msgspec.json.decode(wire.render_embeddings(output, request=read(WHOLE)))
    assert sdk.EmbedResponse.model_validate(again).embeddings == [[0.5, -1.0]]
    assert (again["prompt_eval_count"], again["total_duration"]) == (3, 9)
    older = msgspec.json.decode(wire.render_embeddings(output, request=read(OLDER)))
    assert older == {"embedding": [0.5, -1.0]}
    assert sdk.EmbeddingsResponse.model_validate(older).embedding == [0.5, -1.0]


def test_a_vector_of_another_wire_is_written() -> None:
    output = EmbeddingOutput(embeddings=[Embedding(index=0, vector=[0.5])])

    shown = msgspec.json.decode(wire.render_embeddings(output, request=read(WHOLE)))

    assert shown == {"model": "nomic-embed-text", "embeddings": [[0.5]]}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embeddings": 1}', b'{"embeddings": [["a"]]}', b'{"embeddings": [1]}'])
def test_a_reply_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.parse_embeddings(body)


def test_a_failure_is_read() -> None:
    assert isinstance(wire.parse_error(404, {}, b'{"error": "model \\"x\\" not found"}'), NotFound)
