"""Vectors of local models, from llama.cpp's replies to sorted documents."""

import asyncio
import math
import threading
from pathlib import Path

import pytest

from interlingua.errors import (
    BadRequest,
    ContextTooLong,
    Error,
    InvalidRequest,
    NoSuchModel,
    ProtocolError,
    ServerFault,
    StreamInterrupted,
    TimedOut,
    Unsupported,
)
from interlingua.local import LocalProvider
from interlingua.local.engine import Engine
from interlingua.local.gguf import GGUFMetadata
from interlingua.local.vectors import joined, ranked, read_vectors
from interlingua.types import Adaptation, ImagePart, TextPart, Usage
from interlingua.types.embedding import Embedding, EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankRequest
from tests.local.llamas import OPTIONS, ScriptedServer

pytestmark = pytest.mark.anyio

CAT, KITTEN, STOCKS = (
    "The cat sleeps on the sofa",
    "A kitten naps on the couch",
    "The stock market fell by two percent today",
)


def output(*vectors: list[float], tokens: int = 1) -> EmbeddingOutput:
    embeddings = [Embedding(index=index, vector=vector) for index, vector in enumerate(vectors)]
    return EmbeddingOutput(embeddings=embeddings, usage=Usage(input_tokens=tokens))


def test_vectors_are_read_with_their_usage() -> None:
    reply = (
        b'{"model":"tiny","object":"list","usage":{"prompt_tokens":6,"total_tokens":6},'
        b'"data":[{"embedding":"AAAAPwAAgL4=","index":0,"object":"embedding","encoding_format":"base64"}]}'
    )

    read = read_vectors(reply, longest=64)

    assert read.vectors == [[0.5, -0.25]]
    assert read.usage is not None
    assert read.usage.prompt_tokens == 6


@pytest.mark.parametrize(
    ("code", "message", "kind", "told"),
    [
        (500, "input (601 tokens) is too large to process. increase it", ContextTooLong, "it may have 64 tokens"),
        (400, "Input content cannot be empty", BadRequest, "Input content cannot be empty"),
        (500, "out of memory", ServerFault, "out of memory"),
    ],
)
def test_a_refusal_is_an_error_of_its_kind(code: int, message: str, kind: type[Error], told: str) -> None:
    reply = f'{{"error":{{"code":{code},"message":"{message}","type":"server_error"}}}}'.encode()

    with pytest.raises(kind, match=told):
        read_vectors(reply, longest=64)


@pytest.mark.parametrize("reply", [b"", b"[]", b'{"data":{}}', b'{"error"', b'{"error":7}'])
def test_a_reply_that_is_none_is_an_error(reply: bytes) -> None:
    with pytest.raises((ProtocolError, ServerFault)):
        read_vectors(reply, longest=64)


def test_outputs_are_joined_in_order_and_their_usage_is_added() -> None:
    request = EmbeddingRequest(model="tiny", inputs=["a", "b", "c"])

    whole = joined([output([1.0, 0.0], [0.0, 1.0], tokens=3), output([0.5, 0.5], tokens=4)], request, ())

    assert [(each.index, each.vector) for each in whole.embeddings] == [
        (0, [1.0, 0.0]),
        (1, [0.0, 1.0]),
        (2, [0.5, 0.5]),
    ]
    assert whole.usage == Usage(input_tokens=7)
    assert whole.warnings == []


def test_another_length_is_told_and_refused_when_strict() -> None:
    request = EmbeddingRequest(model="tiny", inputs=["a"], dimensions=256)

    whole = joined([output([1.0, 0.0])], request, ())

    assert whole.warnings == [Adaptation("dropped", "dimensions", "the model's vectors have 2 numbers")]
    request.strict = True
    with pytest.raises(Unsupported, match="dimensions"):
        joined([output([1.0, 0.0])], request, ())
    request.dimensions = 2
    assert joined([output([1.0, 0.0])], request, ()).warnings == []


def test_documents_are_sorted_by_the_cosine_to_the_query() -> None:
    request = RerankRequest(model="tiny", query="q", documents=["far", "near", "between"], top=2, return_documents=True)

    sorted_ = ranked(request, output([2.0, 0.0], [0.0, 3.0], [5.0, 0.0], [1.0, 1.0], tokens=9))

    assert [(each.index, each.document) for each in sorted_.results] == [(1, "near"), (2, "between")]
    assert [each.score for each in sorted_.results] == [1.0, pytest.approx(math.sqrt(0.5))]
    assert sorted_.usage == Usage(input_tokens=9)
    assert [each.kind for each in sorted_.warnings] == ["emulated"]


def test_a_vector_of_zeros_is_near_to_nothing() -> None:
    request = RerankRequest(model="tiny", query="q", documents=["nothing"])

    assert ranked(request, output([1.0, 0.0], [0.0, 0.0])).results[0].score == 0.0


def test_a_file_that_names_its_pooling_is_one_for_vectors() -> None:
    assert GGUFMetadata(pooling=1).pools
    assert not GGUFMetadata(pooling=4).pools
    assert not GGUFMetadata().pools


async def test_an_engine_gives_the_reply_whole_and_its_failure_as_an_error() -> None:
    server = ScriptedServer(b"reply")
    engine = Engine(Path("tiny.gguf"), OPTIONS, load=server.load)

    assert await engine.embeddings(b"body") == b"reply"
    server.steps = (ValueError("no input"),)
    with pytest.raises(BadRequest, match="no input"):
        await engine.embeddings(b"body")

    assert server.bodies == [b"body", b"body"]
    await engine.aclose()


async def test_closing_an_engine_ends_the_wait_for_vectors() -> None:
    held = threading.Event()
    server = ScriptedServer(held, b"reply")
    engine = Engine(Path("tiny.gguf"), OPTIONS, load=server.load)
    asked = asyncio.create_task(engine.embeddings(b"body"))
    await server.begun()

    closing = asyncio.create_task(engine.aclose())
    with pytest.raises(StreamInterrupted, match="was closed"):
        await asked
    held.set()
    await closing


async def test_nothing_to_do_is_refused(tmp_path: Path) -> None:
    provider = LocalProvider(cache_dir=tmp_path)

    with pytest.raises(InvalidRequest, match="no inputs"):
        await provider.embed(EmbeddingRequest(model="smollm2", inputs=[]))
    with pytest.raises(InvalidRequest, match="no documents"):
        await provider.rerank(RerankRequest(model="smollm2", query="q", documents=[]))


async def test_an_image_has_no_vector_here(tmp_path: Path) -> None:
    request = EmbeddingRequest(model="smollm2", inputs=[[ImagePart(url="https://pictures.example/cat.png")]])

    with pytest.raises(Unsupported) as caught:
        await LocalProvider(cache_dir=tmp_path).embed(request)

    assert (caught.value.provider, caught.value.model) == ("local", "smollm2")


async def test_only_allowed_models_give_vectors(tmp_path: Path) -> None:
    provider = LocalProvider(cache_dir=tmp_path, allowed=["tiny"])

    with pytest.raises(NoSuchModel, match="not among those allowed"):
        await provider.embed(EmbeddingRequest(model="smollm2", inputs=["Hi"]))


@pytest.mark.model
async def test_near_texts_have_near_vectors(local: LocalProvider) -> None:
    result = await local.embed(EmbeddingRequest(model="smollm2", inputs=[CAT, KITTEN, STOCKS], purpose="document"))

    cat, kitten, stocks = result.vectors
    assert len(cat) == 576
    assert sum(each * each for each in cat) == pytest.approx(1.0, abs=1e-4)
    assert sum(a * b for a, b in zip(cat, kitten, strict=True)) > sum(a * b for a, b in zip(cat, stocks, strict=True))
    assert (result.provider, result.model) == ("local", "smollm2")
    assert result.usage is not None
    assert result.usage.prompt_tokens > 15
    assert [each.feature for each in result.warnings] == ["purpose"]


@pytest.mark.model
async def test_many_inputs_keep_their_order(local: LocalProvider) -> None:
    inputs = [f"number {n}" for n in range(20)]

    many = await local.embed(EmbeddingRequest(model="smollm2", inputs=[*inputs]))
    one = await local.embed(EmbeddingRequest(model="smollm2", inputs=[[TextPart("number 18")]]))

    assert [each.index for each in many.embeddings] == list(range(20))
    assert many.vectors[18] == pytest.approx(one.vectors[0], abs=1e-5)


@pytest.mark.model
async def test_tokens_are_taken_and_foolish_ones_refused(local: LocalProvider) -> None:
    result = await local.embed(EmbeddingRequest(model="smollm2", inputs=[[504, 2644]], strict=True))

    assert len(result.vectors) == 1
    assert [(each.kind, each.feature) for each in result.warnings] == [("unverified", "inputs")]
    with pytest.raises(BadRequest, match="tokens"):
        await local.embed(EmbeddingRequest(model="smollm2", inputs=[[99_999_999]]))


@pytest.mark.model
async def test_an_input_that_is_too_long_is_refused(local: LocalProvider) -> None:
    with pytest.raises(ContextTooLong, match="it may have 1024 tokens") as caught:
        await local.embed(EmbeddingRequest(model="smollm2", inputs=["word " * 1100]))

    assert (caught.value.provider, caught.value.model, caught.value.status_hint) == ("local", "smollm2", 400)


@pytest.mark.model
async def test_a_timeout_ends_the_wait(local: LocalProvider) -> None:
    with pytest.raises(TimedOut):
        await local.embed(EmbeddingRequest(model="smollm2", inputs=["word " * 200], timeout=0.001))


@pytest.mark.model
async def test_documents_are_sorted_and_it_is_said_how(local: LocalProvider) -> None:
    request = RerankRequest(model="smollm2", query=CAT, documents=[STOCKS, KITTEN], return_documents=True)

    result = await local.rerank(request)

    assert [(each.index, each.document) for each in result.results] == [(1, KITTEN), (0, STOCKS)]
    assert (result.provider, result.model) == ("local", "smollm2")
    assert [(each.kind, each.feature) for each in result.warnings] == [("emulated", "rerank")]
