import asyncio
from typing import Any

import msgspec
import pytest

from interlingua.testing import Reply, ScriptedProvider
from interlingua.transport import HTTPRequest, HTTPTransport

pytestmark = pytest.mark.anyio


async def ask(server: ScriptedProvider, *, key: str = "sk", **fields: Any) -> tuple[int, bytes]:
    body = msgspec.json.encode({"model": "tiny", "messages": [], **fields})
    transport = HTTPTransport()
    headers = (("authorization", f"Bearer {key}"),)
    request = HTTPRequest(method="POST", url=f"{server.base_url}/chat/completions", headers=headers, body=body)
    response = await transport.send(request)
    async with response:
        reply = await response.read()
    await transport.aclose()
    return response.status, reply


def events_of(body: bytes) -> list[Any]:
    lines = [line.removeprefix(b"data: ") for line in body.split(b"\n\n") if line]
    return [line.decode() if line == b"[DONE]" else msgspec.json.decode(line) for line in lines]


async def test_without_a_script_it_answers_politely() -> None:
    async with ScriptedProvider() as server:
        status, whole = await ask(server)
        _, streamed = await ask(server, stream=True)

    assert status == 200
    assert msgspec.json.decode(whole)["choices"][0]["message"]["content"] == "Hello!"
    assert [event["choices"][0]["delta"].get("content") for event in events_of(streamed)[:-1]] == [
        "",
        "Hello",
        "!",
        None,
    ]
    assert events_of(streamed)[-1] == "[DONE]"


async def test_the_script_is_followed_in_order() -> None:
    async with ScriptedProvider() as server:
        server.reply("one")
        server.fail(503, "two", code="overloaded", headers={"retry-after": "1"})
        server.send(lambda seen: Reply(status=418, pieces=(seen.body,)))

        replies = [await ask(server) for _ in range(3)]

    assert [status for status, _ in replies] == [200, 503, 418]
    assert msgspec.json.decode(replies[1][1])["error"] == {
        "message": "two",
        "type": "server_error",
        "param": None,
        "code": "overloaded",
    }
    assert replies[2][1] == server.requests[2].body


async def test_it_keeps_what_it_saw() -> None:
    async with ScriptedProvider() as server:
        await ask(server, temperature=0)

    seen = server.requests[0]
    assert (seen.method, seen.path, seen.query) == ("POST", "/v1/chat/completions", "")
    assert seen.headers["authorization"] == "Bearer sk"
    assert seen.json["temperature"] == 0
    assert repr(seen).startswith("SeenRequest(POST /v1/chat/completions")


async def test_usage_is_streamed_only_where_it_was_asked_for() -> None:
    async with ScriptedProvider() as server:
        server.stream("Hi")
        server.stream("Hi")
        _, plain = await ask(server, stream=True)
        _, asked = await ask(server, stream=True, stream_options={"include_usage": True})

    assert not any(event.get("usage") for event in events_of(plain)[:-1])
    assert events_of(asked)[-2]["usage"] == {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}


async def test_tool_calls_are_streamed_in_pieces() -> None:
    async with ScriptedProvider() as server:
        server.stream(tool_calls=[("look", '{"at": "sky"}')])
        _, body = await ask(server, stream=True)

    deltas = [event["choices"][0] for event in events_of(body)[:-1]]
    pieces = [call["function"]["arguments"] for delta in deltas for call in delta["delta"].get("tool_calls", [])]
    assert "".join(pieces) == '{"at": "sky"}'
    assert deltas[-1]["finish_reason"] == "tool_calls"


async def test_a_wrong_key_is_refused() -> None:
    async with ScriptedProvider(key="right") as server:
        wrong, body = await ask(server, key="wrong")
        right, _ = await ask(server, key="right")

    assert (wrong, right) == (401, 200)
    assert msgspec.json.decode(body)["error"]["code"] == "invalid_api_key"


async def test_a_body_that_is_no_json_object_is_refused() -> None:
    async with ScriptedProvider() as server:
        transport = HTTPTransport()
        request = HTTPRequest(method="POST", url=f"{server.base_url}/chat/completions", body=b"[]")
        response = await transport.send(request)
        await response.aclose()
        await transport.aclose()

    assert response.status == 400


async def test_a_status_of_its_own_invention_is_sent() -> None:
    async with ScriptedProvider() as server:
        server.send(Reply(status=599, pieces=(b"?",)))

        assert await ask(server) == (599, b"?")


async def test_waiting_for_requests_gives_the_one_that_was_waited_for() -> None:
    async with ScriptedProvider() as server:
        asking = asyncio.create_task(ask(server, user="me"))
        seen = await asyncio.wait_for(server.seen(), 10)
        await asking

    assert seen.json["user"] == "me"


async def test_leaving_ends_replies_that_hang() -> None:
    async with ScriptedProvider() as server:
        server.hang()
        asking = asyncio.create_task(ask(server))
        await server.seen()

    results = await asyncio.gather(asking, return_exceptions=True)

    assert isinstance(results[0], Exception)


def test_it_has_a_port_only_while_it_is_entered() -> None:
    server = ScriptedProvider()

    with pytest.raises(RuntimeError, match="async with"):
        _ = server.base_url
