"""Embeddings and rerank at a provider: what is asked in each API's words, and what comes back."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from interlingua.errors import InvalidRequest, ProtocolError, Throttled, Unsupported
from interlingua.providers import REGISTRY, ProviderRow, Registry, RemoteProvider, resolve
from interlingua.providers.contract import Service
from interlingua.testing import Reply, ScriptedProvider
from interlingua.testing.vectors import vector_of
from interlingua.transport import HTTPTransport
from interlingua.types import ImagePart, TextPart
from interlingua.types.embedding import EmbeddingRequest
from interlingua.types.ranking import RerankRequest

pytestmark = pytest.mark.anyio

TEXTS = ["A cat sat.", "Two dogs"]
DOCUMENTS = ["it rains today", "ada wrote the program", "the program"]


@asynccontextmanager
async def provider_of(
    row: ProviderRow, server: ScriptedProvider, *, base_url: str | None = None
) -> AsyncGenerator[RemoteProvider]:
    moved = Registry({row.id: {"base_url": base_url or server.base_url, **_services(row, server)}})
    endpoint = resolve(moved.lookup(row.id), api_key="test-key-0123456789", environ={"AWS_REGION": "eu-central-1"})
    provider = RemoteProvider(endpoint, transport=HTTPTransport(trust_env=False), owns_transport=True)
    try:
        yield provider
    finally:
        await provider.aclose()


def _services(row: ProviderRow, server: ScriptedProvider) -> dict[str, Any]:
    """Give the services whose address is their own at the server."""
    moved: dict[str, Any] = {}
    if row.embeddings is not None:
        moved["embeddings"] = {"wire": row.embeddings.wire, "base_url": f"{server.origin}/v2"}
    if row.rerank is not None:
        moved["rerank"] = {"base_url": f"{server.origin}/v2"}
    return moved


def texts(model: str = "tiny", **fields: Any) -> EmbeddingRequest:
    return EmbeddingRequest(model=model, inputs=list(TEXTS), **fields)


EMBEDDING = [
    row for row in REGISTRY if row.embeddings or row.wire in ("chat_completions", "generate_content", "ollama")
]
RANKING = [row for row in REGISTRY if row.rerank is not None]


@pytest.mark.parametrize("row", EMBEDDING, ids=lambda row: row.id)
async def test_every_provider_with_embeddings_gives_a_vector_for_each_text(row: ProviderRow) -> None:
    async with ScriptedProvider() as server, provider_of(row, server) as provider:
        output = await provider.embed(texts())
        assert output.vectors == [vector_of(text) for text in TEXTS]
        assert (output.provider, output.model) == (row.id, "tiny")

        server.fail(429, "slow down", headers={"retry-after": "2"})
        with pytest.raises(Throttled, match="slow down") as raised:
            await provider.embed(texts())
        assert (raised.value.retry_after, raised.value.provider, raised.value.model) == (2, row.id, "tiny")


@pytest.mark.parametrize("row", RANKING, ids=lambda row: row.id)
async def test_every_provider_that_sorts_gives_the_best_document_first(row: ProviderRow) -> None:
    async with ScriptedProvider() as server, provider_of(row, server) as provider:
        request = RerankRequest(
            model="tiny", query="who wrote the program", documents=DOCUMENTS, top=2, return_documents=True
        )
        output = await provider.rerank(request)
        assert [each.index for each in output.results] == [1, 2]
        assert [each.document for each in output.results] == [DOCUMENTS[1], DOCUMENTS[2]]
        assert output.results[0].score > output.results[1].score
        assert output.search_units == 1


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("openai", {"model": "tiny", "input": TEXTS, "dimensions": 3}),
        (
            "jina",
            {"model": "tiny", "input": TEXTS, "dimensions": 3, "task": "retrieval.query", "truncate": True},
        ),
        (
            "voyage",
            {"model": "tiny", "input": TEXTS, "output_dimension": 3, "input_type": "query", "truncation": True},
        ),
        (
            "cohere",
            {
                "model": "tiny",
                "texts": TEXTS,
                "input_type": "search_query",
                "embedding_types": ["float"],
                "output_dimension": 3,
                "truncate": "END",
            },
        ),
        ("ollama", {"model": "tiny", "input": TEXTS, "truncate": True, "dimensions": 3}),
        (
            "gemini",
            {
                "requests": [
                    {
                        "model": "models/tiny",
                        "content": {"parts": [{"text": text}]},
                        "taskType": "RETRIEVAL_QUERY",
                        "outputDimensionality": 3,
                    }
                    for text in TEXTS
                ]
            },
        ),
    ],
)
async def test_a_request_is_said_in_the_providers_words(name: str, asked: dict[str, Any]) -> None:
    async with ScriptedProvider() as server:
        endpoint = resolve(Registry().lookup(name), api_key="test-key-0123456789", base_url=server.base_url, environ={})
        row = Registry().lookup(name)
        services = row.embeddings is not None and row.embeddings.base_url is not None
        if services:  # it has an address of its own, which is not known beside another base URL
            moved = Registry({name: {"base_url": server.base_url, **_services(row, server)}})
            endpoint = resolve(moved.lookup(name), api_key="test-key-0123456789", environ={})
        provider = RemoteProvider(endpoint, transport=HTTPTransport(trust_env=False), owns_transport=True)
        await provider.embed(texts(dimensions=3, purpose="query", truncate=True))
        await provider.aclose()
        assert server.requests[0].json == asked


async def test_what_a_provider_has_no_word_for_is_told_or_refused() -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("openai"), server) as provider:
        output = await provider.embed(texts(purpose="query", truncate=False, title="A page"))
        assert [str(each) for each in output.warnings] == [
            "dropped title: not a field of embeddings",
            "dropped purpose: the provider has no word for query",
            "dropped truncate: the provider decides itself",
        ]
        with pytest.raises(Unsupported, match="purpose"):
            await provider.embed(texts(purpose="query", strict=True))
        assert len(server.requests) == 1


async def test_tokens_and_images_go_where_they_can() -> None:
    picture = [TextPart("A cat"), ImagePart(url="data:image/png;base64,iVBORw0KGgo=")]
    async with ScriptedProvider() as server:
        async with provider_of(Registry().lookup("openai"), server) as provider:
            await provider.embed(EmbeddingRequest(model="tiny", inputs=[[72, 105]]))
            assert server.requests[-1].json["input"] == [[72, 105]]
            with pytest.raises(Unsupported, match="inputs"):
                await provider.embed(EmbeddingRequest(model="tiny", inputs=[list(picture)]))
        async with provider_of(Registry().lookup("cohere"), server) as provider:
            await provider.embed(EmbeddingRequest(model="tiny", inputs=[list(picture)]))
            assert [each["type"] for each in server.requests[-1].json["inputs"][0]["content"]] == ["text", "image_url"]
        async with provider_of(Registry().lookup("gemini"), server) as provider:
            await provider.embed(EmbeddingRequest(model="tiny", inputs=[list(picture)]))
            assert server.requests[-1].json["content"]["parts"][1]["inlineData"]["mimeType"] == "image/png"


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"data": 1}', b'{"data": [{"embedding": "!!"}]}', b'{"data": []}', b"<html>", b'{"data": [[1]]}'],
)
async def test_a_reply_without_the_vectors_is_an_error(body: bytes) -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("openai"), server) as provider:
        server.send(Reply(pieces=[body]))
        with pytest.raises(ProtocolError):
            await provider.embed(texts())


@pytest.mark.parametrize(
    "body", [b"{}", b'{"results": [{"index": 9, "relevance_score": 1}]}', b'{"results": [{"index": "0"}]}']
)
async def test_a_ranking_with_places_that_are_none_is_an_error(body: bytes) -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("jina"), server) as provider:
        server.send(Reply(pieces=[body]))
        with pytest.raises(ProtocolError):
            await provider.rerank(RerankRequest(model="tiny", query="a", documents=["b"]))


async def test_a_provider_without_a_service_says_so() -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("anthropic"), server) as provider:
        with pytest.raises(Unsupported, match="embeddings"):
            await provider.embed(texts())
        with pytest.raises(Unsupported, match="rerank"):
            await provider.rerank(RerankRequest(model="tiny", query="a", documents=["b"]))
        assert server.requests == []


async def test_a_provider_of_vectors_alone_answers_no_conversation() -> None:
    from interlingua.types import ModelRequest  # noqa: PLC0415 - of this test alone

    async with ScriptedProvider() as server, provider_of(Registry().lookup("voyage"), server) as provider:
        with pytest.raises(Unsupported, match="no conversations"):
            await provider.generate(ModelRequest.build_request("tiny", "Hello"))
        assert server.requests == []
        assert not provider.relays("chat_completions")


PASSING: list[tuple[str, dict[str, Service]]] = [
    ("openai", {"embeddings": "embeddings"}),
    ("gemini", {"generate_content": "embeddings"}),
    ("ollama", {"ollama": "embeddings"}),
    ("jina", {"rerank": "rerank"}),
    ("vllm", {"embeddings": "embeddings", "rerank": "rerank"}),
    ("vertex", {}),
    ("voyage", {}),
]


@pytest.mark.parametrize(("name", "passing"), PASSING)
async def test_bytes_pass_to_a_service_that_has_no_words_of_its_own(name: str, passing: dict[str, Service]) -> None:
    wires = ("embeddings", "generate_content", "ollama", "rerank")
    services: tuple[Service, ...] = ("embeddings", "rerank")
    async with ScriptedProvider() as server, provider_of(Registry().lookup(name), server) as provider:
        found = {wire: each for wire in wires for each in services if provider.relays(wire, service=each)}

    assert found == passing


async def test_a_model_that_is_retired_is_told() -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("openai"), server) as provider:
        output = await provider.embed(texts(model="gpt-3.5-turbo"))

    assert [(each.kind, each.feature) for each in output.warnings] == [("retiring", "model")]


async def test_a_services_own_address_does_not_hold_elsewhere() -> None:
    async with ScriptedProvider() as server:
        endpoint = resolve(Registry().lookup("cohere"), api_key="test-key-0123456789", base_url=server.base_url)
        provider = RemoteProvider(endpoint, transport=HTTPTransport(trust_env=False), owns_transport=True)
        with pytest.raises(Unsupported):
            await provider.rerank(RerankRequest(model="tiny", query="a", documents=["b"]))
        await provider.aclose()
        assert server.requests == []


async def test_extra_body_may_not_replace_the_inputs() -> None:
    async with ScriptedProvider() as server, provider_of(Registry().lookup("openai"), server) as provider:
        with pytest.raises(InvalidRequest, match="input"):
            await provider.embed(texts(extra_body={"input": "other"}))
        await provider.embed(texts(extra_body={"priority": 1}))
        assert server.requests[0].json["priority"] == 1
