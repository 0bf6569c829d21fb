"""OpenAI's official SDK with the Responses API against the gateway, over a provider of another wire."""

import re
from pathlib import Path

import openai
import pytest
from openai.types.responses import FunctionToolParam

from interlingua.testing import Reply, ScriptedProvider
from interlingua.wires.table import WIRES
from tests.gateway.house import KEY, gateway_over
from tests.gateway.test_official_sdk import sdk
from tests.gateway.test_same_wire import RESPONSE, RESPONSES

pytestmark = [pytest.mark.anyio, pytest.mark.skipif("responses" not in WIRES, reason="the wire is not there")]

MODEL = "translated/tiny"
OTHER_KEY = "another-key-0123456789"
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "strict": True,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


async def test_response() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("Hi there.")
        response = await client.responses.create(model=MODEL, input="Hello", instructions="Be brief.", temperature=0)
        assert (response.output_text, response.status) == ("Hi there.", "completed")
        assert response.usage is not None
        assert response.usage.total_tokens == 5
        asked = upstream.requests[0].json
        assert (asked["model"], asked["temperature"]) == ("tiny", 0)
        assert [each["role"] for each in asked["messages"]] == ["system", "user"]
        assert "store" not in asked


async def test_stream() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("One", " two", thinking="Hm.")
        async with client.responses.stream(model=MODEL, input="Hello") as stream:
            events = [event async for event in stream]
            response = await stream.get_final_response()
        assert (response.output_text, response.status) == ("One two", "completed")
        assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["One", " two"]
        assert (await client.responses.retrieve(response.id)).output_text == "One two"


async def test_tool_calls() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream(tool_calls=[("weather", '{"city":"Oslo"}')])
        async with client.responses.stream(model=MODEL, input="Hello", tools=[WEATHER]) as stream:
            response = await stream.get_final_response()
        calls = [item.arguments for item in response.output if item.type == "function_call"]
        assert calls == ['{"city":"Oslo"}']


@pytest.mark.parametrize("stream", [False, True])
async def test_a_conversation_goes_on_from_a_kept_answer(stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("Ada.")
        first = await client.responses.create(model=MODEL, input="Who?", instructions="Be brief.")
        upstream.stream("In 1815.") if stream else upstream.reply("In 1815.")
        if stream:
            async with client.responses.stream(model=MODEL, input="When?", previous_response_id=first.id) as manager:
                second = await manager.get_final_response()
        else:
            second = await client.responses.create(model=MODEL, input="When?", previous_response_id=first.id)
        assert second.previous_response_id == first.id
        assert upstream.requests[1].json["messages"] == [
            {"role": "user", "content": "Who?"},
            {"role": "assistant", "content": "Ada."},
            {"role": "user", "content": "When?"},
        ]
        third = await client.responses.create(model=MODEL, input="Where?", previous_response_id=second.id)
        assert len(upstream.requests[2].json["messages"]) == 5
        items = [item async for item in client.responses.input_items.list(third.id, limit=2, order="asc")]
        assert [item.type for item in items] == ["message"] * 5
        assert len({item.id for item in items}) == 5


async def test_tool_results_go_on_from_a_kept_call() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply(None, tool_calls=[("weather", '{"city":"Oslo"}')])
        first = await client.responses.create(model=MODEL, input="Weather?", tools=[WEATHER])
        call = next(item for item in first.output if item.type == "function_call")
        await client.responses.create(
            model=MODEL,
            previous_response_id=first.id,
            input=[{"type": "function_call_output", "call_id": call.call_id, "output": "rain"}],
            tools=[WEATHER],
        )
        messages = upstream.requests[1].json["messages"]
        assert [each["role"] for each in messages] == ["user", "assistant", "tool"]
        assert messages[2]["tool_call_id"] == messages[1]["tool_calls"][0]["id"]


async def test_a_kept_answer_is_read_listed_and_deleted() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        response = await client.responses.create(model=MODEL, input="Hello")
        assert re.fullmatch(r"resp_[0-9a-f]{50}", response.id)
        assert await client.responses.retrieve(response.id) == response
        with pytest.raises(openai.BadRequestError, match="background"):
            await client.responses.cancel(response.id)
        await client.responses.delete(response.id)
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(response.id)


async def test_an_answer_that_is_not_to_be_kept_is_not() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        response = await client.responses.create(model=MODEL, input="Hello", store=False)
        assert response.output_text == "Hello!"
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(response.id)
        with pytest.raises(openai.BadRequestError) as raised:
            await client.responses.create(model=MODEL, input="More", previous_response_id=response.id)
        assert (raised.value.code, raised.value.param) == ("previous_response_not_found", "previous_response_id")


async def test_another_key_finds_nothing() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, api_keys=[KEY, OTHER_KEY]) as server,
        sdk(server) as client,
        sdk(server, OTHER_KEY) as other,
    ):
        response = await client.responses.create(model=MODEL, input="Hello")
        for ask in (other.responses.retrieve, other.responses.delete, other.responses.cancel):
            with pytest.raises(openai.NotFoundError):
                await ask(response.id)
        with pytest.raises(openai.NotFoundError):
            await other.responses.input_items.list(response.id)
        with pytest.raises(openai.BadRequestError):
            await other.responses.create(model=MODEL, input="More", previous_response_id=response.id)
        assert (await client.responses.retrieve(response.id)).id == response.id


async def test_a_file_outlives_the_gateway(tmp_path: Path) -> None:
    path = str(tmp_path / "responses.db")
    async with ScriptedProvider() as upstream:
        async with gateway_over(upstream, response_store=path) as server, sdk(server) as client:
            response = await client.responses.create(model=MODEL, input="Hello")
        async with gateway_over(upstream, response_store=path) as server, sdk(server) as client:
            assert await client.responses.retrieve(response.id) == response


@pytest.mark.parametrize("extra", [{"background": True}, {"conversation": "conv_1"}])
async def test_what_only_a_provider_of_the_wire_can_do_is_refused_by_name(extra: dict[str, object]) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(openai.BadRequestError, match=next(iter(extra))):
            await client.responses.create(model=MODEL, input="Hello", extra_body=extra)
        assert upstream.requests == []


async def test_a_providers_own_answers_are_asked_of_it() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="responses", api_keys=[KEY, OTHER_KEY]) as server,
        sdk(server) as client,
        sdk(server, OTHER_KEY) as other,
    ):
        upstream.send(Reply(pieces=[RESPONSES.answer]))
        response = await client.responses.create(model="relayed/tiny", input="Hello")
        assert response.id == RESPONSE["id"]
        upstream.send(Reply(pieces=[RESPONSES.answer]))
        assert (await client.responses.retrieve(response.id)).id == response.id
        assert (upstream.requests[1].method, upstream.requests[1].path) == ("GET", "/v1/responses/resp_1")
        upstream.send(Reply(pieces=[b'{"object":"list","data":[],"has_more":false,"first_id":"","last_id":""}']))
        assert (await client.responses.input_items.list(response.id, limit=3)).data == []
        assert upstream.requests[2].query == "limit=3"
        with pytest.raises(openai.NotFoundError):
            await other.responses.retrieve(response.id)
        with pytest.raises(openai.BadRequestError):
            await other.responses.create(model="relayed/tiny", input="More", previous_response_id=response.id)
        assert len(upstream.requests) == 3
        upstream.send(Reply(pieces=[RESPONSES.answer]))
        await client.responses.create(model="relayed/tiny", input="More", previous_response_id=response.id)
        assert upstream.requests[3].json["previous_response_id"] == response.id
        upstream.send(Reply(pieces=[b'{"id":"resp_1","object":"response","deleted":true}']))
        await client.responses.delete(response.id)
        assert upstream.requests[4].method == "DELETE"


async def test_a_streamed_answer_of_a_provider_is_found_again() -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="responses") as server,
        sdk(server) as client,
    ):
        stream = b"".join(RESPONSES.events)
        pieces = [stream[:30], stream[30:90], stream[90:]]
        upstream.send(Reply(headers=(("content-type", "text/event-stream"),), pieces=pieces))
        async for _ in await client.responses.create(model="relayed/tiny", input="Hello", stream=True):
            pass
        upstream.send(Reply(pieces=[RESPONSES.answer]))
        assert (await client.responses.retrieve("resp_1")).id == "resp_1"


async def test_failures_are_typed() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(openai.NotFoundError):
            await client.responses.create(model="nobody", input="Hello")
        upstream.fail(429, "slow down")
        with pytest.raises(openai.RateLimitError, match="slow down"):
            await client.responses.create(model=MODEL, input="Hello")
        upstream.fail_in_stream("out of capacity", after=["One"])
        with pytest.raises(openai.APIError, match="out of capacity"):
            async for _ in await client.responses.create(model=MODEL, input="Hello", stream=True):
                pass
        async with sdk(server, "wrong-key-0123") as stranger:
            with pytest.raises(openai.AuthenticationError):
                await stranger.responses.create(model=MODEL, input="Hello")
