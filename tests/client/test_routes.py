from typing import Any

import pytest

from interlingua import Client
from interlingua.errors import InvalidConfig, MissingKey, Unauthorized
from interlingua.testing import ScriptedProvider
from interlingua.testing.vectors import vector_of

pytestmark = pytest.mark.anyio


def keys_seen(server: ScriptedProvider) -> list[str]:
    return [seen.headers["authorization"].removeprefix("Bearer ") for seen in server.requests]


async def test_a_route_is_asked_by_its_name_and_its_answer_says_who_gave_it() -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far:
        near.fail(401)
        providers = {
            "near": {"base_url": near.base_url, "api_key": "k"},
            "far": {"base_url": far.base_url, "api_key": "k"},
        }
        async with Client(providers=providers, routes={"smart": {"targets": ["near/tiny", "far/tiny"]}}) as client:
            output = await client.generate("smart", "Hello")
            pieces = [piece async for piece in client.generate_stream("smart", "Hello")]

    assert (output.text, output.provider) == ("Hello!", "far")
    assert [step.outcome for step in output.route] == ["failed", "answered"]
    assert (pieces[-1].text, pieces[-1].provider) == ("Hello!", "far")
    assert str(pieces[-1].route[0]) == "near/tiny skipped (unauthorized 401)"


async def test_a_target_without_its_key_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    async with ScriptedProvider() as far:
        providers = {"far": {"base_url": far.base_url, "api_key": "k"}}
        routes = {"smart": {"targets": ["openai/gpt-6-luna", "far/tiny"]}, "poor": {"targets": ["groq/any"]}}
        async with Client(providers=providers, routes=routes) as client:
            output = await client.generate("smart", "Hello")
            with pytest.raises(MissingKey, match="GROQ_API_KEY"):
                await client.generate("poor", "Hello")

    assert [step.reason for step in output.route] == ["missing_key", ""]


async def test_routes_may_lead_to_routes_and_to_names_with_settings_of_their_own() -> None:
    async with ScriptedProvider() as server:
        server.fail(404)
        async with Client(
            providers={"near": {"base_url": server.base_url, "api_key": "k"}},
            models={"cold": {"model": "near/other", "temperature": 0}},
            routes={"smart": {"targets": ["near/gone", "inner"]}, "inner": {"targets": ["cold"]}},
        ) as client:
            await client.generate("smart", "Hello")

    asked = [(seen.json["model"], seen.json.get("temperature")) for seen in server.requests]
    assert asked == [("gone", None), ("other", 0)]


async def test_keys_of_one_provider_take_turns_and_a_refused_one_rests() -> None:
    async with ScriptedProvider() as server:
        server.fail(401)
        providers = {"near": {"base_url": server.base_url, "api_keys": ["first-key", "second-key"]}}
        async with Client(providers=providers) as client:
            answers = [await client.generate("near/tiny", "Hello") for _ in range(3)]

    refused, *used = keys_seen(server)
    assert [answer.text for answer in answers] == ["Hello!"] * 3
    assert {refused, *used} == {"first-key", "second-key"}
    assert refused not in used


async def test_keys_of_one_provider_share_the_work() -> None:
    async with ScriptedProvider() as server:
        providers = {"near": {"base_url": server.base_url, "api_keys": ["first-key", "second-key"]}}
        async with Client(providers=providers) as client:
            for number in range(40):
                await client.generate("near/tiny", f"Hello {number}")

    assert set(keys_seen(server)) == {"first-key", "second-key"}


async def test_vectors_and_rankings_are_asked_of_the_next_target_too() -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far:
        near.fail(503)
        near.fail(503)
        service: dict[str, Any] = {"wire": "chat_completions", "embeddings": {}, "rerank": {}, "api_key": "k"}
        providers = {"near": {"base_url": near.base_url, **service}, "far": {"base_url": far.base_url, **service}}
        routes = {"smart": {"targets": ["near/tiny", "far/tiny"], "retry_delay": 0.01}}
        async with Client(providers=providers, routes=routes) as client:
            vectors = await client.embed("smart", ["Hello"])
            ranking = await client.rerank("smart", "cat", ["a dog", "a cat"])

    assert (vectors.vectors, vectors.provider) == ([vector_of("Hello")], "far")
    assert ranking.results[0].index == 1
    assert [seen.path for seen in (*near.requests, *far.requests)] == [
        *("/v1/embeddings", "/v1/embeddings", "/v1/rerank", "/v1/embeddings")
    ]


async def test_conditions_choose_by_the_request() -> None:
    async with ScriptedProvider() as server:
        targets = [{"model": "near/small", "when": {"max_tokens": 10}}, "near/large"]
        providers = {"near": {"base_url": server.base_url, "api_key": "k"}}
        async with Client(providers=providers, routes={"smart": {"targets": targets}}) as client:
            await client.generate("smart", "Hello")
            long = await client.generate("smart", "Hello " * 100)

    assert [seen.json["model"] for seen in server.requests] == ["small", "large"]
    assert [str(step) for step in long.route[:1]] == ["near/small skipped (for prompts up to 10 tokens)"]


async def test_a_key_without_money_is_replaced_by_the_next() -> None:
    async with ScriptedProvider() as server:
        server.fail(429, "You exceeded your current quota", code="insufficient_quota")
        providers = {"near": {"base_url": server.base_url, "api_keys": ["first-key", "second-key"]}}
        async with Client(providers=providers) as client:
            output = await client.generate("near/tiny", "Hello")

    assert output.text == "Hello!"
    assert len(set(keys_seen(server))) == 2


async def test_when_every_key_is_refused_the_refusal_is_told() -> None:
    async with ScriptedProvider() as server:
        server.fail(401)
        server.fail(401)
        providers = {"near": {"base_url": server.base_url, "api_keys": ["first-key", "second-key"]}}
        async with Client(providers=providers) as client:
            with pytest.raises(Unauthorized):
                await client.generate("near/tiny", "Hello")

    assert len(server.requests) == 2


def test_a_key_beside_keys_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="either these or api_key"):
        Client(providers={"near": {"base_url": "http://127.0.0.1:1/v1", "api_key": "a", "api_keys": ["b"]}})
