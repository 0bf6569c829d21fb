"""The gateway in front of the client that everybody uses: one object graph, in process and as a server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.testing import ScriptedProvider
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

ODD = b'{ "model":"acme/tiny" ,"messages":[{"role":"user","content":"Hello"}], "futureField":1.50 }'


@asynccontextmanager
async def gateway_of(upstream: ScriptedProvider, **settings: Any) -> AsyncGenerator[HTTPServer]:
    """Run a gateway whose client knows the upstream as `acme`."""
    providers = {"acme": {"base_url": upstream.base_url, "api_key": "k"}}
    given: dict[str, Any] = {"providers": providers, "max_retries": 0} | settings
    async with Client(**given) as client:
        server = HTTPServer(Gateway(ServerSettings(port=0), client), ServerSettings(port=0))
        await server.start()
        try:
            yield server
        finally:
            await server.stop(within=0)


async def test_bytes_pass_through_limits_and_retries() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream, max_concurrency=1) as server,
        calling(server.port) as caller,
    ):
        for _ in range(3):
            await caller.send(post("/v1/chat/completions", ODD))
            assert (await caller.answer()).status == 200
    assert [seen.body for seen in upstream.requests] == [ODD.replace(b'"acme/tiny"', b'"tiny"')] * 3
    assert upstream.requests[0].headers["authorization"] == "Bearer k"


async def test_a_relay_is_tried_again_before_its_first_byte() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream, max_retries=1, max_concurrency=1) as server,
        calling(server.port) as caller,
    ):
        upstream.fail(503, headers={"retry-after-ms": "1"})
        await caller.send(post("/v1/chat/completions", ODD))
        assert (await caller.answer()).status == 200
        upstream.fail(503, "still busy", headers={"retry-after-ms": "1"})
        upstream.fail(503, "still busy", headers={"retry-after-ms": "1"})
        await caller.send(post("/v1/chat/completions", ODD))
        refused = await caller.answer()
        assert (refused.status, b"still busy" in refused.body) == (503, True)
        await caller.send(post("/v1/chat/completions", ODD))
        assert (await caller.answer()).status == 200
    assert len(upstream.requests) == 5


async def test_a_name_that_only_renames_passes_bytes_and_one_that_sets_more_is_translated() -> None:
    models = {"same": "acme/tiny", "calm": {"model": "acme/tiny", "temperature": 0}}
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream, models=models) as server,
        calling(server.port) as caller,
    ):
        for name in (b'"same"', b'"calm"'):
            await caller.send(post("/v1/chat/completions", ODD.replace(b'"acme/tiny"', name)))
            assert (await caller.answer()).status == 200
    assert upstream.requests[0].body == ODD.replace(b'"acme/tiny"', b'"tiny"')
    assert upstream.requests[1].json["temperature"] == 0
    assert upstream.requests[1].json["futureField"] == 1.5


async def test_callers_cannot_name_files_of_this_machine() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream) as server,
        openai.AsyncOpenAI(api_key="any", base_url=f"{server.url}/v1") as sdk,
    ):
        for name in ("local//etc/passwd", "local/./x.gguf", "local/owner/repository"):
            with pytest.raises(openai.NotFoundError, match="not among those allowed"):
                await sdk.chat.completions.create(model=name, messages=[{"role": "user", "content": "Hello"}])
        listed = [model.id for model in (await sdk.models.list()).data]
    assert {"acme/tiny", "local/smollm2"} <= set(listed)


async def test_an_unknown_model_and_a_missing_key_of_ours_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    async with (
        ScriptedProvider() as upstream,
        gateway_of(upstream) as server,
        openai.AsyncOpenAI(api_key="any", base_url=f"{server.url}/v1", max_retries=0) as sdk,
    ):
        with pytest.raises(openai.NotFoundError, match="no provider is named"):
            await sdk.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
        with pytest.raises(openai.InternalServerError, match="GROQ_API_KEY"):
            await sdk.chat.completions.create(model="groq/x", messages=[{"role": "user", "content": "Hello"}])
