"""Routes at the front doors: bytes that pass, target by target, and what is told of the way."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings
from interlingua.testing import Reply, ScriptedProvider
from tests.gateway.raw import Answer, calling, post

pytestmark = pytest.mark.anyio

TURN = b'{"role":"user","content":"Hello"}'
ODD = b'{ "model":"smart" ,"messages":[%b], "futureField":1.50 }' % TURN
STREAMED = ODD.replace(b"1.50 }", b'1.50, "stream":true}')


@asynccontextmanager
async def gateway_of(
    near: ScriptedProvider, far: ScriptedProvider, *, wire: str = "chat_completions", **route: Any
) -> AsyncGenerator[HTTPServer]:
    """Run a gateway whose route `smart` asks `near` first, which speaks `wire`, and then `far`."""
    providers = {
        name: {"base_url": server.base_url, "api_key": "k", "wire": wire}
        for name, server in (("near", near), ("far", far))
    }
    given: dict[str, Any] = {"targets": ["near/tiny", "far/large"], "retry_delay": 0.01, "retries": 0, **route}
    async with Client(providers=providers, routes={"smart": given}) as client:
        server = HTTPServer(Gateway(ServerSettings(port=0), client), ServerSettings(port=0))
        await server.start()
        try:
            yield server
        finally:
            await server.stop(within=0)


async def asked(server: HTTPServer, body: bytes, path: str = "/v1/chat/completions") -> Answer:
    async with calling(server.port) as caller:
        await caller.send(post(path, body))
        return await caller.answer()


@pytest.mark.parametrize("body", [ODD, STREAMED], ids=["whole", "streamed"])
async def test_bytes_pass_to_the_target_that_answers(body: bytes) -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        near.fail(503)
        answer = await asked(server, body)

    assert answer.status == 200
    assert b"Hello" in answer.body
    assert near.requests[0].body == body.replace(b'"smart"', b'"tiny"')
    assert far.requests[0].body == body.replace(b'"smart"', b'"large"')
    assert answer.headers["x-interlingua-route"] == "near/tiny failed (overloaded 503), far/large answered"


@pytest.mark.parametrize("body", [ODD, STREAMED], ids=["whole", "streamed"])
async def test_an_answer_that_is_translated_tells_the_way_too(body: bytes) -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far, wire="messages") as server:
        near.fail(529)
        answer = await asked(server, body)

    assert answer.headers["x-interlingua-route"] == "near/tiny failed (overloaded 529), far/large answered"
    assert answer.headers["x-interlingua-model"] == "far/large"


async def test_a_failure_tells_the_way_too() -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        near.fail(500)
        far.fail(400)
        answer = await asked(server, ODD)

    assert answer.status == 400
    assert (
        answer.headers["x-interlingua-route"]
        == "near/tiny failed (server_fault 500), far/large failed (bad_request 400)"
    )


async def test_a_page_or_an_empty_stream_is_no_answer() -> None:
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        for pieces in ([b"<html>Welcome</html>"], [], [b": keep-alive\n\n"]):
            near.send(Reply(headers=(("content-type", "text/event-stream"),), pieces=pieces))
            answer = await asked(server, STREAMED)
            assert (answer.status, answer.headers["x-interlingua-route"].endswith("far/large answered")) == (200, True)
            assert b"data: [DONE]" in answer.body


@pytest.mark.parametrize("route", [{"rescue": "hold"}, {"hedge_after": 5.0}, {"coalesce": True}], ids=str)
async def test_headers_of_the_callers_wire_reach_targets_that_speak_it(route: dict[str, Any]) -> None:
    body, headers = STREAMED.replace(b" }", b', "max_tokens": 9 }'), ("anthropic-beta: files-api", "x-other: 1")
    async with (
        ScriptedProvider() as near,
        ScriptedProvider() as far,
        gateway_of(near, far, wire="messages", **route) as server,
        calling(server.port) as caller,
    ):
        await caller.send(post("/v1/messages", body, *headers))
        await caller.answer()

    assert near.requests[0].headers["anthropic-beta"] == "files-api"
    assert "x-other" not in near.requests[0].headers


@pytest.mark.parametrize("rescue", ["off", "restart"])
async def test_the_log_tells_the_way_with_its_times(caplog: pytest.LogCaptureFixture, rescue: str) -> None:
    caplog.set_level("INFO", "interlingua.gateway")
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far, rescue=rescue) as server:
        near.fail(401)
        await asked(server, STREAMED)
        near.fail(401)
        far.fail(400)
        await asked(server, ODD)

    told = [re.findall(r'route="([^"]*)"', record.getMessage()) for record in caplog.records]
    first, second = [each[0] for each in told if each]
    assert re.fullmatch(r"near/tiny failed \(unauthorized 401\) \d\.\d{3}s; far/large answered \d\.\d{3}s", first)
    assert re.fullmatch(
        r"near/tiny skipped \(unauthorized 401\); far/large failed \(bad_request 400\) \d\.\d{3}s", second
    )


async def test_a_request_without_a_route_has_none_in_its_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "interlingua.gateway")
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        await asked(server, ODD.replace(b"smart", b"near/tiny"))

    assert ["route=" in record.getMessage() for record in caplog.records if "method=POST" in record.getMessage()] == [
        False
    ]


async def test_conditions_look_at_the_body() -> None:
    targets = [{"model": "near/tiny", "when": {"tools": True}}, "far/large"]
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far, targets=targets) as server:
        plain = await asked(server, ODD)
        tools = b'"tools":[{"type":"function","function":{"name":"look"}}], "futureField"'
        armed = await asked(server, ODD.replace(b'"futureField"', tools))

    assert plain.headers["x-interlingua-route"] == "near/tiny skipped (for requests with tools), far/large answered"
    assert armed.headers["x-interlingua-route"] == "near/tiny answered"


async def test_a_conversation_goes_on_where_it_was_and_says_when_it_cannot() -> None:
    later = ODD.replace(TURN, TURN + b',{"role":"assistant","content":"Hi"},{"role":"user","content":"And?"}')
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        near.fail(500)
        await asked(server, ODD)
        there = await asked(server, later)
        far.fail(500)
        moved = await asked(server, later)

    assert there.headers["x-interlingua-route"] == "far/large answered"
    assert moved.headers["x-interlingua-route"] == "far/large failed (server_fault 500), near/tiny answered"
    assert moved.headers["x-interlingua-warnings"] == "moved affinity: from far/large; its cache stays there"


async def test_a_conversation_is_known_again_however_its_turns_are_written() -> None:
    answer = b' , {"content":"Hi {there}", "role":"assistant"},\n{"role":"user","content":"And?"}'
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        near.fail(500)
        await asked(server, ODD)
        there = await asked(server, ODD.replace(TURN, TURN + answer))

    assert there.headers["x-interlingua-route"] == "far/large answered"


async def test_a_file_that_was_uploaded_is_missed_where_a_conversation_moves_to() -> None:
    file = b',{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}'
    first = ODD.replace(TURN, TURN + file)
    later = ODD.replace(TURN, TURN + file + b',{"role":"assistant","content":"Hi"},{"role":"user","content":"And?"}')
    async with ScriptedProvider() as near, ScriptedProvider() as far, gateway_of(near, far) as server:
        await asked(server, first)
        near.fail(500)
        near.fail(500)
        moved = await asked(server, later)

    told = "dropped affinity: from near/tiny; its cache and its state stay there"
    assert moved.headers["x-interlingua-warnings"] == told


async def test_an_answer_that_a_provider_keeps_is_gone_on_with_there_and_nowhere_else() -> None:
    async with (
        ScriptedProvider() as near,
        ScriptedProvider() as far,
        gateway_of(near, far, wire="responses") as server,
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client,
    ):
        near.fail(500)
        first = await client.responses.create(model="smart", input="Hello")
        await client.responses.create(model="smart", input="And?", previous_response_id=first.id)
        far.fail(500)
        with pytest.raises(openai.InternalServerError):
            await client.responses.create(model="smart", input="And?", previous_response_id=first.id)

    assert (len(near.requests), len(far.requests)) == (1, 3)
