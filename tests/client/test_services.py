"""Vectors and rankings, asked for through the client."""

from typing import Any

import pytest

from interlingua import (
    Client,
    EmbeddingRequest,
    InvalidRequest,
    RerankRequest,
    SyncClient,
    TextPart,
    Throttled,
    Unsupported,
)
from interlingua.testing import ScriptedProvider
from interlingua.testing.vectors import vector_of

pytestmark = pytest.mark.anyio

TEXTS = ["A cat sat.", "Two dogs"]


def client_of(server: ScriptedProvider, **settings: Any) -> Client:
    table: dict[str, Any] = {"acme": {"base_url": server.base_url, "api_key": "k", "rerank": {}}}
    return Client(providers=table, **settings)


async def test_texts_become_vectors(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        output = await client.embed("acme/tiny", TEXTS, dimensions=3, user="u")

    assert output.vectors == [vector_of(text) for text in TEXTS]
    assert (output.provider, output.model) == ("acme", "tiny")
    assert output.usage is not None
    assert output.usage.prompt_tokens == 5
    assert server.requests[0].json == {"model": "tiny", "input": TEXTS, "dimensions": 3, "user": "u"}


async def test_one_text_need_not_stand_in_a_list(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        assert (await client.embed("acme/tiny", "A cat")).vectors == [vector_of("A cat")]
        assert (await client.embed("acme/tiny", [[TextPart("A cat")], [65, 66]])).vectors[0] == vector_of("A cat")


async def test_a_name_of_ones_own_and_a_default_model_are_embedded_by_too(server: ScriptedProvider) -> None:
    async with client_of(server, models={"near": "acme/tiny"}, default_model="near") as client:
        await client.embed(inputs=TEXTS)
        await client.rerank(query="a", documents=TEXTS)

    assert [request.json["model"] for request in server.requests] == ["tiny", "tiny"]


async def test_a_request_is_taken_as_it_is(server: ScriptedProvider) -> None:
    request = EmbeddingRequest(model="acme/tiny", inputs=["a"], purpose="query")
    async with client_of(server) as client:
        output = await client.embed(request)
        with pytest.raises(InvalidRequest, match="already holds"):
            await client.embed(request, "b")
        with pytest.raises(InvalidRequest, match="already holds"):
            await client.rerank(RerankRequest(model="acme/tiny", query="a", documents=["b"]), top=1)

    assert [each.feature for each in output.warnings] == ["purpose"]
    assert request.model == "acme/tiny"


async def test_documents_are_sorted(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        output = await client.rerank(
            "acme/tiny", "a cat", ["one dog", "the cat", "a cat"], top=2, return_documents=True
        )

    assert [(each.index, each.score, each.document) for each in output.results] == [
        (2, 1.0, "a cat"),
        (1, 0.5, "the cat"),
    ]
    assert (output.provider, output.search_units) == ("acme", 1)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"inputs": None}, "inputs"),
    ({"inputs": []}, "inputs"),
    ({"inputs": [7]}, "inputs[0]"),
    ({"inputs": ["a", []]}, "inputs[1]"),
    ({"inputs": [[1, "a"]]}, "inputs[0]"),
    ({"inputs": "a", "dimension": 3}, "dimension"),
    ({"inputs": "a", "dimensions": "3"}, "dimensions"),
    ({"inputs": "a", "purpose": "fun"}, "purpose"),
]


@pytest.mark.parametrize(("given", "param"), WRONG)
async def test_what_cannot_be_embedded_is_refused_by_name(
    server: ScriptedProvider, given: dict[str, Any], param: str
) -> None:
    async with client_of(server) as client:
        with pytest.raises(InvalidRequest) as caught:
            await client.embed("acme/tiny", **given)

    assert caught.value.param == param
    assert server.requests == []


@pytest.mark.parametrize(
    ("query", "documents", "param"),
    [(None, ["a"], "query"), ("a", None, "documents"), ("a", "text", "documents"), ("a", ["b", 1], "documents[1]")],
)
async def test_what_cannot_be_sorted_is_refused_by_name(
    server: ScriptedProvider, query: Any, documents: Any, param: str
) -> None:
    async with client_of(server) as client:
        with pytest.raises(InvalidRequest) as caught:
            await client.rerank("acme/tiny", query, documents)

    assert caught.value.param == param


async def test_a_failure_that_may_pass_is_tried_again(server: ScriptedProvider) -> None:
    async with client_of(server, max_retries=1) as client:
        server.fail(429, "slow down", headers={"retry-after": "0"})
        assert len((await client.embed("acme/tiny", TEXTS)).vectors) == 2
        for _ in range(2):
            server.fail(429, "slow down", headers={"retry-after": "0"})
        with pytest.raises(Throttled, match="slow down"):
            await client.rerank("acme/tiny", "a", ["b"])


async def test_a_provider_without_vectors_says_so(server: ScriptedProvider) -> None:
    async with Client(providers={"anthropic": {"base_url": server.base_url, "api_key": "k"}}) as client:
        with pytest.raises(Unsupported, match="embeddings"):
            await client.embed("anthropic/tiny", "a")


def test_code_that_is_not_asynchronous_asks_the_same_way() -> None:
    with SyncClient() as client, pytest.raises(InvalidRequest, match="nothing to embed"):
        client.embed("local/smollm2", [])


@pytest.mark.model
async def test_the_model_inside_makes_vectors_and_sorts() -> None:
    async with Client() as client:
        output = await client.embed("local/smollm2", ["A cat sleeps.", "A kitten naps.", "Share prices fell."])
        ranking = await client.rerank("local/smollm2", "A cat sleeps.", ["Share prices fell.", "A kitten naps."])

    assert [len(vector) for vector in output.vectors] == [576, 576, 576]
    assert [each.index for each in ranking.results] == [1, 0]
    assert [each.kind for each in ranking.warnings] == ["emulated"]
