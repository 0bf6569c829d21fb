"""Embeddings and rerank at the gateway: official SDKs in front, any provider behind."""

import json
from typing import Any

import ollama
import openai
import pytest
from google import genai
from google.genai import types

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.providers.row import EmbeddingService, RerankService
from interlingua.testing import Reply, ScriptedProvider
from interlingua.testing.vectors import vector_of
from interlingua.wires.dialect import EmbeddingDialect, RerankDialect
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

TEXTS = ["A cat sat.", "Two dogs"]
VECTORS = [vector_of(text) for text in TEXTS]
BEHIND = ["chat_completions", "generate_content", "ollama"]
SEVERAL = b"""{ "requests": [ {"content":{"parts":[{"text":"\\u00e9"}]},"model" : "models/relayed/tiny", "title":"a"} ,
    {"model":"models/relayed/tiny","content":{"parts":[{"text":"models/relayed/tiny"}]},"title":"b"}]}"""
AUTHORIZATION = f"Authorization: Bearer {KEY}"


@pytest.mark.parametrize("encoding", ["base64", "float"])
@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("way", ["relayed", "translated"])
async def test_openai_sdk(way: str, behind: str, encoding: Any) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=behind) as server,
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        given: dict[str, Any] = {} if encoding == "base64" else {"encoding_format": encoding}  # its own default
        reply = await client.embeddings.create(model=f"{way}/tiny", input=TEXTS, **given)
        assert [each.embedding for each in reply.data] == VECTORS
        assert [each.index for each in reply.data] == [0, 1]
        assert reply.usage.total_tokens >= 5


async def test_one_text_may_come_as_its_tokens() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream) as server,
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        reply = await client.embeddings.create(model="translated/tiny", input=[72, 105])
        assert [each.embedding for each in reply.data] == [vector_of("Hi")]
        assert upstream.requests[0].json["input"] == [72, 105]


async def test_tokens_that_a_provider_does_not_tell_are_estimated_for_those_who_need_them() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/embeddings", {"model": "translated/tiny", "input": TEXTS}, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.headers["x-interlingua-warnings"] == "estimated usage: counted offline"
        assert answer.json()["usage"]["prompt_tokens"] >= 5
        body = {"requests": [{"model": "models/x", "content": {"parts": [{"text": text}]}} for text in TEXTS]}
        await caller.send(post("/v1beta/models/translated/tiny:batchEmbedContents", body, AUTHORIZATION))
        answer = await caller.answer()
        assert "x-interlingua-warnings" not in answer.headers
        assert "usageMetadata" not in answer.json()


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("way", ["relayed", "translated"])
async def test_google_sdk(way: str, behind: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=behind) as server:
        client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=server.url), vertexai=False)
        aio: Any = client.aio
        reply = await aio.models.embed_content(model=f"{way}/tiny", contents=TEXTS)
        assert [each.values for each in reply.embeddings] == VECTORS
        config = types.EmbedContentConfig(task_type="RETRIEVAL_QUERY", output_dimensionality=3)
        reply = await aio.models.embed_content(model=f"{way}/tiny", contents=TEXTS[0], config=config)
        assert [each.values for each in reply.embeddings] == VECTORS[:1]
        await aio.aclose()
        client.close()
        assert "relayed" not in upstream.requests[0].body.decode()


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("way", ["relayed", "translated"])
async def test_ollama_sdk(way: str, behind: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=behind) as server:
        client: Any = ollama.AsyncClient(host=server.url, headers={"authorization": f"Bearer {KEY}"})
        reply = await client.embed(model=f"{way}/tiny", input=TEXTS)
        assert [list(each) for each in reply.embeddings] == VECTORS
        older = await client.embeddings(model=f"{way}/tiny", prompt=TEXTS[0])
        assert list(older.embedding) == VECTORS[0]
        await client.close()


async def test_bytes_pass_between_speakers_of_one_wire() -> None:
    body = b'{ "input" : ["A cat sat."],\n "model": "relayed/tiny" , "odd": {"kept": [1.50]} }'
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/embeddings", body, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.status == 200
        assert upstream.requests[0].body == body.replace(b"relayed/tiny", b"tiny")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("embedContent", b'{ "content" : {"parts":[{"text":"a"}]}, "taskType": "NEW", "odd": 1.50 }'),
        ("embedContent", b'{"model": "models/relayed/tiny", "content" : {"parts":[{"text":"a"}]}}'),
        ("batchEmbedContents", SEVERAL),
        ("batchEmbedContents", b'{"requests": [{"content":{"parts":[{"text":"a"}]}}]}'),
    ],
)
async def test_bytes_pass_to_gemini_but_for_each_name_of_the_model(operation: str, body: bytes) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        await caller.send(post(f"/v1beta/models/relayed/tiny:{operation}", body, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.status == 200, answer.body
        seen = upstream.requests[0]
        assert seen.path.endswith(f"/models/tiny:{operation}")
        assert seen.body == (
            body.replace(b'"model" : "models/relayed/tiny"', b'"model" : "models/tiny"')
            .replace(b'"model":"models/relayed/tiny"', b'"model":"models/tiny"')
            .replace(b'"model": "models/relayed/tiny"', b'"model": "models/tiny"')
        )


@pytest.mark.parametrize(
    "body", [b'{"requests": 7}', b'{"requests": [7]}', b'{"requests": [{"model": "a", "model": "b"}]}', b"[]", b"{"]
)
async def test_what_cannot_pass_to_gemini_is_refused_in_its_words(body: bytes) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1beta/models/relayed/tiny:batchEmbedContents", body, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert upstream.requests == []


async def test_bytes_of_a_ranking_pass_both_ways() -> None:
    body = b'{ "query":"a cat", "documents" : ["dog", {"text": "cat"}],\n "model": "relayed/tiny" , "odd": [1.50] }'
    ranking = b'{ "results":[{"index":1, "relevance_score": 0.50, "odd":1}] , "odd": 2.0}'
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, rerank=RerankService()) as server,
        calling(server.port) as caller,
    ):
        upstream.send(Reply(pieces=[ranking]))
        await caller.send(post("/v2/rerank", body, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.status, answer.body) == (200, ranking)
        assert upstream.requests[0].body == body.replace(b"relayed/tiny", b"tiny")


@pytest.mark.parametrize("way", ["relayed", "translated"])
async def test_documents_are_sorted_by_a_provider_with_words_of_its_own(way: str) -> None:
    asked = {
        "model": f"{way}/tiny",
        "query": "a cat",
        "documents": ["a dog", "a cat"],
        "top_n": 1,
        "return_documents": True,
        "odd": 1,
    }
    service = RerankService(dialect=RerankDialect(top_field="top_k", return_documents=False))
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, rerank=service) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/rerank", asked, AUTHORIZATION))
        answer = await caller.answer()
        assert json.loads(answer.body)["results"] == [
            {"index": 1, "relevance_score": 1.0, "document": {"text": "a cat"}}
        ]
        assert upstream.requests[0].json == {
            "model": "tiny",
            "query": "a cat",
            "documents": ["a dog", "a cat"],
            "top_k": 1,
            "odd": 1,
        }


async def test_the_length_of_vectors_is_asked_for_in_the_providers_word() -> None:
    service = EmbeddingService(dialect=EmbeddingDialect(dimensions_field="output_dimension"))
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, embeddings=service) as server,
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        reply = await client.embeddings.create(model="relayed/tiny", input=TEXTS, dimensions=3)
        assert [each.embedding for each in reply.data] == VECTORS
        asked = {"model": "tiny", "input": TEXTS, "encoding_format": "base64", "output_dimension": 3}
        assert upstream.requests[0].json == asked


@pytest.mark.parametrize(
    ("path", "said"),
    [("/v1/embeddings", {"input": TEXTS}), ("/v1/rerank", {"query": "a", "documents": TEXTS})],
)
async def test_a_page_or_an_error_is_no_answer_though_its_status_says_so(path: str, said: dict[str, Any]) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, rerank=RerankService()) as server,
        calling(server.port) as caller,
    ):
        for body in (b"<html>Welcome</html>", b'{"error": {"message": "quota used up", "code": "no"}}'):
            upstream.send(Reply(pieces=[body]))
            await caller.send(post(path, {"model": "relayed/tiny", **said}, AUTHORIZATION))
            answer = await caller.answer()
            assert answer.status >= 400
            assert "error" in str(answer.json())


async def test_what_is_left_out_is_told_and_refused_to_the_strict() -> None:
    body = {"input": TEXTS, "model": "translated/tiny", "user": "u"}
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="ollama") as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/embeddings", body, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.headers["x-interlingua-warnings"] == "dropped user: not a field of Ollama's embed"
        await caller.send(post("/v1/embeddings", body, AUTHORIZATION, "x-interlingua-strict: true"))
        refused = await caller.answer()
        assert refused.status == 400
        assert "user" in json.loads(refused.body)["error"]["message"]
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
async def test_a_provider_that_sorts_nothing_is_named_in_coheres_shape(path: str) -> None:
    body = {"model": "relayed/tiny", "query": "a", "documents": ["b"]}
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post(path, body, AUTHORIZATION))
        answer = await caller.answer()
        told = json.loads(answer.body)
        assert answer.status == 400
        assert "rerank" in told["message"]
        assert told["detail"] == told["message"]
        await caller.send(post(path, {**body, "documents": [1]}, AUTHORIZATION))
        malformed = await caller.answer()
        assert (malformed.status, "documents[0]" in json.loads(malformed.body)["message"]) == (400, True)
        assert upstream.requests == []


async def test_a_path_that_is_not_served_is_told_in_openais_shape_though_it_ends_like_one() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(post("/rerank", {"model": "relayed/tiny"}, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["code"]) == (404, "unknown_url")


async def test_failures_of_a_provider_are_told_in_the_callers_words() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        upstream.fail(429, "slow down")
        with pytest.raises(openai.RateLimitError, match="slow down"):
            await client.embeddings.create(model="translated/tiny", input="Hello")
        with pytest.raises(openai.BadRequestError, match="input"):
            await client.embeddings.create(model="translated/tiny", input=[])
        with pytest.raises(openai.NotFoundError):
            await client.embeddings.create(model="nobody/tiny", input="Hello")


@pytest.mark.model
async def test_the_model_inside_answers_every_sdk() -> None:
    client = Client(providers={"local": {"context_length": 1024}})
    server = HTTPServer(Gateway(ServerSettings(port=0), client), ServerSettings(port=0))
    await server.start()
    try:
        async with (
            openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0) as sdk,
            calling(server.port) as caller,
        ):
            reply = await sdk.embeddings.create(model="local/smollm2", input=TEXTS)
            assert [len(each.embedding) for each in reply.data] == [576, 576]
            with pytest.raises(openai.NotFoundError):
                await sdk.embeddings.create(model="local//etc/passwd", input=TEXTS)
            body = {"model": "local/smollm2", "query": "A cat sat.", "documents": ["Prices fell.", "A kitten sat."]}
            await caller.send(post("/v2/rerank", body))
            answer = await caller.answer()
            assert [each["index"] for each in answer.json()["results"]] == [1, 0]
            assert answer.headers["x-interlingua-warnings"].startswith("emulated rerank")
    finally:
        await server.stop(within=0)
        await client.aclose()
