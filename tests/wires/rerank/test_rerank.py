"""Rankings as Cohere, Jina and Voyage have them (their API references, read 2026-11-25)."""

from typing import Any

import msgspec
import pytest

from interlingua.errors import InvalidRequest, NoSuchModel, ProtocolError, Throttled, Unauthorized, Unsupported
from interlingua.types import Adaptation, RankedDocument, RerankOutput, RerankRequest, Usage
from interlingua.wires import rerank as wire
from interlingua.wires.dialect import RERANK_SPECIFICATION, RerankDialect

WHOLE: dict[str, Any] = {
    "model": "rerank-v4.0-pro",
    "query": "Who wrote it?",
    "documents": ["Ada did.", "It rains."],
    "top_n": 1,
    "return_documents": True,
}
VOYAGE = RerankDialect(top_field="top_k", truncate_field="truncation")
COHERE = RerankDialect(return_documents=False)


def read(body: Any) -> RerankRequest:
    return wire.parse_rerank_request(msgspec.json.encode(body))


def written(request: RerankRequest, dialect: RerankDialect = RERANK_SPECIFICATION) -> Any:
    return msgspec.json.decode(wire.render_rerank_request(request, dialect=dialect).body)


def test_a_request_is_read_and_written() -> None:
    request = read(WHOLE)

    assert request == RerankRequest(
        model="rerank-v4.0-pro",
        query="Who wrote it?",
        documents=["Ada did.", "It rains."],
        top=1,
        return_documents=True,
    )
    assert written(request) == WHOLE


def test_a_dialect_has_its_own_words() -> None:
    request = read({**WHOLE, "truncation": False})

    assert (written(request, VOYAGE)["top_k"], written(request, VOYAGE)["truncation"]) == (1, False)
    assert "return_documents" not in written(request, COHERE)
    assert read(written(request, VOYAGE)) == request


def test_documents_may_be_objects_with_a_text() -> None:
    assert read({**WHOLE, "documents": [{"text": "Ada did."}, "It rains."]}).documents == ["Ada did.", "It rains."]


def test_fields_that_nobody_knows_are_kept() -> None:
    body = {**WHOLE, "max_tokens_per_doc": 4096, "priority": 0}

    assert written(read(body)) == body


def test_what_cannot_be_said_is_told_or_refused() -> None:
    request = read({**WHOLE, "truncate": True})

    warnings = wire.render_rerank_request(request).warnings
    assert warnings == (Adaptation("dropped", "truncate", "the provider decides itself"),)
    request.strict = True
    with pytest.raises(Unsupported, match="truncate"):
        wire.render_rerank_request(request)


MALFORMED: list[tuple[Any, str]] = [
    ({"query": "q", "documents": ["a"]}, "model"),
    ({"model": "m", "documents": ["a"]}, "query"),
    ({"model": "m", "query": ["q"], "documents": ["a"]}, "query"),
    ({"model": "m", "query": "q"}, "documents"),
    ({"model": "m", "query": "q", "documents": "a"}, "documents"),
    ({"model": "m", "query": "q", "documents": ["a", 1]}, "documents[1]"),
    ({"model": "m", "query": "q", "documents": [{"title": "a"}]}, "documents[0]"),
    ({"model": "m", "query": "q", "documents": ["a"], "top_n": 0}, "top_n"),
    ({"model": "m", "query": "q", "documents": ["a"], "top_k": "1"}, "top_k"),
    ({"model": "m", "query": "q", "documents": ["a"], "return_documents": 1}, "return_documents"),
]


@pytest.mark.parametrize(("body", "param"), MALFORMED)
def test_a_request_that_is_none_is_refused_with_the_place(body: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body)

    assert caught.value.param == param


def test_a_ranking_of_cohere() -> None:
    body: dict[str, Any] = {
        "id": "07734bd2",
        "results": [{"index": 1, "relevance_score": 0.25}, {"index": 0, "relevance_score": 0.75}],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
    }
    output = wire.parse_ranking(msgspec.json.encode(body))

    assert [(each.index, each.score) for each in output.results] == [(0, 0.75), (1, 0.25)]
    assert (output.id, output.search_units, output.usage) == ("07734bd2", 1, None)
    again = msgspec.json.decode(wire.render_ranking(output, request=read({**WHOLE, "return_documents": False})))
    assert again["meta"] == body["meta"]
    assert again["results"] == list(reversed(body["results"]))


def test_a_ranking_of_jina() -> None:
    output = wire.parse_ranking(
        b'{"model": "jina-reranker-v3", "object": "list", "usage": {"total_tokens": 15},'
        b'"results": [{"index": 0, "relevance_score": 0.9, "document": {"text": "Ada did."}}]}'
    )

    assert output.results == [RankedDocument(index=0, score=0.9, document="Ada did.")]
    assert (output.model, output.usage) == ("jina-reranker-v3", Usage(input_tokens=15))


def test_a_ranking_of_voyage() -> None:
    output = wire.parse_ranking(
        b'{"object": "list", "data": [{"relevance_score": 0.4, "index": 1, "document": "It rains."}],'
        b'"model": "rerank-2.5-lite", "usage": {"total_tokens": 8}}'
    )

    assert output.results == [RankedDocument(index=1, score=0.4, document="It rains.")]
    assert output.usage == Usage(input_tokens=8)


def test_documents_are_shown_to_those_who_ask_for_them() -> None:
    output = RerankOutput(results=[RankedDocument(index=1, score=0.5)], usage=Usage(input_tokens=4))

    shown = msgspec.json.decode(wire.render_ranking(output, request=read(WHOLE)))
    plain = msgspec.json.decode(wire.render_ranking(output, request=read({**WHOLE, "return_documents": None})))

    assert shown["results"] == [{"index": 1, "relevance_score": 0.5, "document": {"text": "It rains."}}]
    assert plain["results"] == [{"index": 1, "relevance_score": 0.5}]
    assert shown["model"] == "rerank-v4.0-pro"
    assert shown["usage"] == {"prompt_tokens": 4, "total_tokens": 4}


def test_fields_of_a_ranking_that_nobody_knows_come_back() -> None:
    output = wire.parse_ranking(b'{"results": [{"index": 0, "relevance_score": 1, "why": "x"}], "note": {"a": 1}}')

    again = msgspec.json.decode(wire.render_ranking(output, request=read(WHOLE)))

    assert (again["results"][0]["why"], again["note"]) == ("x", {"a": 1})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"results": {}}',
        b'{"results": [1]}',
        b'{"results": [{"index": 0}]}',
        b'{"results": [{"index": -1, "relevance_score": 1}]}',
        b'{"results": [{"index": true, "relevance_score": 1}]}',
        b'{"results": [{"index": 0, "relevance_score": "1"}]}',
        b'{"results": [{"index": 0, "relevance_score": true}]}',
        b'{"results": ' + b"[" * 100_000,
    ],
)
def test_a_ranking_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.parse_ranking(body)


def test_failures_are_read_in_each_providers_shape_and_told_in_coheres() -> None:
    assert isinstance(wire.parse_error(401, {}, b'{"message": "invalid api token"}'), Unauthorized)
    error = wire.parse_error(429, {"retry-after": "3"}, b'{"detail": "Too many requests"}')
    assert isinstance(error, Throttled)
    assert (error.message, error.retry_after) == ("Too many requests", 3)

    told = msgspec.json.decode(wire.render_error(NoSuchModel("There is no model x.")))
    assert (told["message"], told["detail"]) == ("There is no model x.", "There is no model x.")
