"""Where both sides speak the same wire, the bytes pass; where they do not, nothing is dropped in silence."""

import asyncio
from collections.abc import Callable

import pytest

from interlingua.testing import Reply, ScriptedProvider, SeenRequest
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post

pytestmark = pytest.mark.anyio

AUTHORIZATION = f"Authorization: Bearer {KEY}"
EVENT_STREAM = (("content-type", "text/event-stream"),)
CHUNK = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":%b}]}\n\n'
BODY = {"model": "relayed/tiny", "messages": [{"role": "user", "content": "Hello"}]}


async def test_a_request_passes_byte_for_byte_but_for_the_models_name() -> None:
    odd = (
        b'\n{ "futureField" : {"b":1.50,"a":[1e2,-0.0,12345678901234567890]} ,"messages":[ {"role":"user",'
        b'"content":"\\u00e9\xc3\xa9 \\/ \\"model\\": \\"x\\"" , "o" : null}],\t"model" :"relayed/tiny"   , "seed":0}\n'
    )
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(post("/v1/chat/completions", odd, AUTHORIZATION))
        assert (await caller.answer()).status == 200
        assert upstream.requests[0].body == odd.replace(b'"relayed/tiny"', b'"tiny"')


async def test_an_answer_passes_byte_for_byte() -> None:
    odd = b'{ "choices" : [ {"index":0,"message":{"role":"assistant","content":"\\u00e9"},"x":1.50} ],"new":[ ] }\n\n'
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        headers = (("content-type", "application/json"), ("set-cookie", "a=b"), ("openai-version", "2020"))
        upstream.send(Reply(pieces=[odd], headers=(*headers, ("x-request-id", "req_1"), ("keep-alive", "timeout=5"))))
        await caller.send(post("/v1/chat/completions", BODY, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.body == odd
        assert answer.headers["openai-version"] == "2020"
        assert answer.headers["x-request-id"] == "req_1"
        assert not {"set-cookie", "keep-alive"} & set(answer.headers)


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_stream_passes_byte_for_byte_however_it_was_cut(size: int) -> None:
    stream = (
        b": hello\r\n\r\nevent: message\r\nretry: 7\r\ndata: "
        b'{"choices":[{"index":0,"delta":{"content":"\\u2028\xe2\x80\xa8"},"finish_reason":null}],"new":1.50}\r\n\r\n'
        + CHUNK % (b" two", b'"stop"')
        + b"data: [DONE]\n\n"
    )
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        upstream.send(Reply(headers=EVENT_STREAM, pieces=pieces))
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.status, answer.body) == (200, stream)
        assert answer.headers["content-type"].startswith("text/event-stream")


async def test_each_event_arrives_before_the_next_is_made() -> None:
    gate = asyncio.Event()
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.stream("One", "two", gates={2: gate})
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        await caller.until(b'"One"')
        gate.set()
        assert b"[DONE]" in (await caller.answer()).body


async def test_a_stream_cut_within_an_event_ends_with_an_error_event_and_no_end_mark() -> None:
    whole, half = CHUNK % (b"One", b"null"), (CHUNK % (b"two", b"null"))[:30]
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.send(Reply(headers=EVENT_STREAM, pieces=[whole, half], ending="cut"))
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.body.startswith(whole + b'data: {"error":')
        assert answer.body.count(half) == 1
        assert b"[DONE]" not in answer.body
        await caller.end()


async def test_a_stream_that_stops_cleanly_without_its_end_is_an_error_too() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.send(Reply(headers=EVENT_STREAM, pieces=[CHUNK % (b"One", b"null")]))
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        answer = await caller.answer()
        assert b'data: {"error":' in answer.body
        assert b"[DONE]" not in answer.body


async def test_a_stream_without_the_end_mark_whose_model_had_finished_is_whole() -> None:
    stream = CHUNK % (b"One", b"null") + CHUNK % (b"", b'"stop"')
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.send(Reply(headers=EVENT_STREAM, pieces=[stream]))
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.body, answer.complete) == (stream, True)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(pieces=[b"<html>Bad gateway</html>"], headers=(("content-type", "text/html"),)),
        Reply(pieces=[b""]),
        Reply(pieces=[b"", b"{"]),
        Reply(pieces=[b"[]"]),
        Reply(pieces=[b'{"choices":['], length=500, ending="cut"),
        Reply(pieces=[b'{"error":{"message":"out of capacity","type":"server_error"}}']),
        Reply(status=0, pieces=[b"HTTP/1.1 200 OK\r\ncontent-le"], ending="cut"),
        Reply(status=0, pieces=[b"SSH-2.0-OpenSSH\r\n"], ending="cut"),
        Reply(status=0, ending="cut"),
        Reply(status=302, headers=(("location", "http://127.0.0.2:1/"),)),
    ],
    ids=["page", "nothing", "half json", "list", "cut body", "error in 200", "half a head", "ssh", "cut", "redirect"],
)
async def test_a_reply_that_is_no_answer_is_a_gateway_error(reply: Reply, model: str, stream: bool) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.send(reply)
        await caller.send(post("/v1/chat/completions", BODY | {"model": model, "stream": stream}, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.status in {500, 502, 503}
        assert answer.json()["error"]["message"]
        await caller.send(post("/v1/chat/completions", BODY, AUTHORIZATION))
        assert (await caller.answer()).status == 200


@pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])
async def test_a_stream_that_does_not_say_so_is_passed_and_a_whole_answer_is_not(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        upstream.stream("One", content_type="application/octet-stream")
        upstream.reply("Whole.")
        await caller.send(post("/v1/chat/completions", BODY | {"model": model, "stream": True}, AUTHORIZATION))
        assert b"One" in (await caller.answer()).body
        await caller.send(post("/v1/chat/completions", BODY | {"model": model, "stream": True}, AUTHORIZATION))
        answer = await caller.answer()
        assert (answer.status, answer.json()["error"]["code"]) == (502, "protocol_error")


@pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])
@pytest.mark.parametrize("phase", ["before the first byte", "within the stream", "not streamed"])
async def test_a_caller_that_leaves_closes_the_upstream(model: str, phase: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server:
        async with calling(server.port) as caller:
            arrived = asyncio.Event()
            upstream.send(_hanging(arrived, CHUNK % (b"One", b"null") if phase == "within the stream" else b""))
            body = BODY | {"model": model, "stream": phase != "not streamed"}
            await caller.send(post("/v1/chat/completions", body, AUTHORIZATION))
            if phase == "within the stream":
                await caller.until(b'"One"')
            else:
                await asyncio.wait_for(arrived.wait(), 5)
        await asyncio.wait_for(upstream.requests[0].left.wait(), 5)


def _hanging(arrived: asyncio.Event, beginning: bytes) -> Callable[[SeenRequest], Reply]:
    """Begin a reply, if there is a beginning, and never end it."""

    def behave(seen: SeenRequest) -> Reply:
        del seen
        arrived.set()
        return Reply(status=200 if beginning else 0, headers=EVENT_STREAM, pieces=[beginning], ending="hang")

    return behave


async def test_comments_keep_a_silent_stream_open_and_never_split_an_event() -> None:
    gate = asyncio.Event()
    event = CHUNK % (b"One", b'"stop"')
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, keep_alive_interval=0.02) as server,
        calling(server.port) as caller,
    ):
        upstream.send(Reply(headers=EVENT_STREAM, pieces=[event[:20], gate, event[20:], b"data: [DONE]\n\n"]))
        await caller.send(post("/v1/chat/completions", BODY | {"stream": True}, AUTHORIZATION))
        await caller.until(b": keep-alive\n\n: keep-alive\n\n")
        gate.set()
        answer = await caller.answer()
        assert answer.body.replace(b": keep-alive\n\n", b"") == event + b"data: [DONE]\n\n"


async def test_what_a_translation_changes_is_named_in_a_header() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        body = BODY | {"model": "translated/tiny", "top_k": 5}
        await caller.send(post("/v1/chat/completions", body, AUTHORIZATION))
        answer = await caller.answer()
        assert answer.status == 200
        assert answer.headers["x-interlingua-model"] == "openai/tiny"
        assert "top_k" in upstream.requests[0].json or "top_k" in answer.headers["x-interlingua-warnings"]


async def test_a_strict_caller_is_refused_what_would_be_dropped() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        strict = "X-Interlingua-Strict: true"
        body = BODY | {"model": "translated/tiny"}
        await caller.send(post("/v1/chat/completions", body | {"top_k": 5}, AUTHORIZATION, strict))
        answer = await caller.answer()
        assert answer.status == 400
        assert "top_k" in answer.json()["error"]["message"]
        await caller.send(
            post("/v1/completions", {"model": "relayed/tiny", "prompt": "a", "suffix": "b"}, AUTHORIZATION, strict)
        )
        answer = await caller.answer()
        assert answer.status == 400
        assert "suffix" in answer.json()["error"]["message"]
        assert upstream.requests == []
        await caller.send(post("/v1/chat/completions", body, AUTHORIZATION, strict))
        assert (await caller.answer()).status == 200


async def test_the_callers_headers_do_not_reach_the_provider() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(post("/v1/chat/completions", BODY, AUTHORIZATION, "Cookie: a=b", "X-Forwarded-For: 1.2.3.4"))
        await caller.answer()
        assert not {"cookie", "x-forwarded-for"} & set(upstream.requests[0].headers)
        assert KEY not in str(upstream.requests[0].headers)
