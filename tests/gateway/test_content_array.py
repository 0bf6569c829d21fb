"""Gemini's streams without `?alt=sse`: one JSON array, an element at a time."""

import pytest

from interlingua.testing import Reply, ScriptedProvider
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import Answer, Caller, calling, post

pytestmark = pytest.mark.anyio

BODY = b'{ "contents":[{"parts":[{"text":"\\u00e9"}]}], "new":1.50}'
ONE = b'{\n  "candidates": [{"content": {"parts": [{"text": "},\\r\\n{"}],"role": "model"}}],"new":1.50\n}'
TWO = b'{\n  "candidates": [{"content": {"parts": [{"text": " two"}]},"finishReason": "STOP"}]\n}'
GOOGLES = b"[" + ONE + b"\n,\r\n" + TWO + b"\n]\n"
CRLF = GOOGLES.replace(b"}\n,", b"}\r\n,").replace(b"\n]", b"\r\n]")
SINGLE = b"[" + TWO + b"\n]\n"
COMPACT = b"[" + ONE + b"," + TWO + b"]"
JSON = (("content-type", "application/json; charset=UTF-8"),)


async def asked(caller: Caller, model: str = "relayed%2Ftiny", query: str = "") -> Answer:
    await caller.send(post(f"/v1beta/models/{model}:streamGenerateContent{query}", BODY, f"x-goog-api-key: {KEY}"))
    return await caller.answer()


@pytest.mark.parametrize("stream", [GOOGLES, CRLF, SINGLE, COMPACT])
@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("query", ["", "?alt=json"])
async def test_an_array_passes_byte_for_byte(stream: bytes, size: int, query: str) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        upstream.send(Reply(headers=JSON, pieces=pieces))
        answer = await asked(caller, query=query)
        assert (answer.status, answer.body, answer.complete) == (200, stream, True)
        assert answer.headers["content-type"] == "application/json"
        seen = upstream.requests[0]
        assert (seen.path, seen.query, seen.body) == ("/v1/models/tiny:streamGenerateContent", "", BODY)


@pytest.mark.parametrize("kept", [9, 40])
async def test_an_array_that_is_cut_ends_in_an_error(kept: int) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        whole = GOOGLES[: GOOGLES.index(TWO)]
        upstream.send(Reply(headers=JSON, pieces=[whole, TWO[:kept]], ending="cut"))
        answer = await asked(caller)
        assert answer.body.startswith(whole)
        assert set(answer.json()[-1]["error"]) == {"code", "message", "status"}


@pytest.mark.parametrize("body", [b'[{"error":{"code":429,"message":"slow","status":"X"}}]', b'{"error":"slow"}'])
async def test_an_error_of_the_provider_is_told_as_an_array(body: bytes) -> None:
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire="generate_content") as server,
        calling(server.port) as caller,
    ):
        upstream.send(Reply(status=429, headers=JSON, pieces=[body]))
        answer = await asked(caller)
        assert answer.status == 429
        assert b'"slow"' in answer.body


async def test_a_translated_stream_is_an_array() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.stream("One", " two")
        answer = await asked(caller, "translated/tiny")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        texts = [each["candidates"][0]["content"]["parts"][0]["text"] for each in answer.json()]
        assert texts == ["One", " two", ""]
        assert answer.json()[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_a_failure_in_a_translated_stream_is_the_last_element() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.fail_in_stream("out of capacity", after=["One"])
        answer = await asked(caller, "translated/tiny")
        first, last = answer.json()
        assert first["candidates"][0]["content"]["parts"] == [{"text": "One"}]
        assert "out of capacity" in last["error"]["message"]


async def test_what_is_refused_is_refused_as_an_array() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        answer = await asked(caller, "nobody")
        assert answer.status == 404
        [refusal] = answer.json()
        assert (refusal["error"]["code"], refusal["error"]["status"]) == (404, "NOT_FOUND")
        plain = await asked(caller, "nobody", "?alt=sse")
        assert plain.json()["error"]["code"] == 404


@pytest.mark.parametrize("query", ["?alt=sse", "?$alt=sse", "?key=x&%24alt=sse"])
async def test_server_sent_events_are_asked_for_in_googles_ways(query: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.stream("One")
        answer = await asked(caller, "translated/tiny", query)
        assert answer.body.startswith(b"data: ")
