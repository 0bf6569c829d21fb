import pytest

from interlingua import Client
from interlingua.errors import InvalidConfig, MissingKey, Unauthorized
from interlingua.testing import ScriptedProvider

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
