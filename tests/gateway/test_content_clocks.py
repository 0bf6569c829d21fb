"""A stream whose provider goes silent is told as such, in the caller's wire, whatever keeps its connection open."""

import asyncio

import msgspec
import pytest

from interlingua.testing import ScriptedProvider
from interlingua.testing.reply import Pause
from interlingua.types import Timeouts
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post
from tests.signs import ARRAY, EACH, Signs

pytestmark = pytest.mark.anyio

SOON = 0.05
AUTHORIZATION = f"Authorization: Bearer {KEY}"
CHAT = b'{"model":"%b/tiny","stream":true,"messages":[{"role":"user","content":"a"}]}'
CONTENTS = b'{"contents":[{"parts":[{"text":"a"}]}]}'


class Asked(msgspec.Struct, frozen=True):
    """How a stream is asked for, and what its provider sends; `%b` stands for who serves it."""

    signs: Signs
    path: str
    body: bytes

    def request(self, server: str) -> bytes:
        body = self.body % server.encode() if b"%b" in self.body else self.body
        return post(self.path.replace("SERVER", server), body, AUTHORIZATION)


CHAT_COMPLETIONS, MESSAGES, RESPONSES, GENERATE_CONTENT, OLLAMA, _ = EACH
ASKED = {
    "chat_completions": Asked(CHAT_COMPLETIONS, "/v1/chat/completions", CHAT),
    "messages": Asked(MESSAGES, "/v1/messages", CHAT.replace(b"{", b'{"max_tokens":5,', 1)),
    "responses": Asked(RESPONSES, "/v1/responses", b'{"model":"%b/tiny","stream":true,"input":"a"}'),
    "generate_content": Asked(GENERATE_CONTENT, "/v1beta/models/SERVER/tiny:streamGenerateContent?alt=sse", CONTENTS),
    "array": Asked(ARRAY, "/v1beta/models/SERVER/tiny:streamGenerateContent", CONTENTS),
    "ollama": Asked(OLLAMA, "/api/chat", CHAT),
}
EACH_WAY = pytest.mark.parametrize(
    ("asked", "server"),
    [
        *(pytest.param(asked, "relayed", id=f"{name}-relayed") for name, asked in ASKED.items()),
        *(pytest.param(asked, "translated", id=f"{name}-translated") for name, asked in ASKED.items()),
    ],
)


def replied(asked: Asked, server: str) -> Signs:
    """Give what the provider sends: a translated stream is always asked for as events."""
    return GENERATE_CONTENT if asked.signs is ARRAY and server == "translated" else asked.signs


def clocks(**given: float) -> Timeouts:
    return Timeouts(**{"first_token": 10.0, "idle": 10.0, "total": 10.0, **given})


@EACH_WAY
async def test_a_provider_that_never_says_anything_is_a_504(asked: Asked, server: str) -> None:
    signs = replied(asked, server)
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=signs.wire, timeouts=clocks(first_token=SOON)) as gateway,
        calling(gateway.port) as caller,
    ):
        upstream.send(signs.beating())
        await caller.send(asked.request(server))
        answer = await caller.answer()

        assert answer.status == 504
        assert b"the first_token clock" in answer.body
        await asyncio.wait_for(upstream.requests[0].left.wait(), 5)


@EACH_WAY
async def test_a_provider_that_stops_saying_anything_is_an_error_in_the_stream(asked: Asked, server: str) -> None:
    signs = replied(asked, server)
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=signs.wire, timeouts=clocks(idle=SOON)) as gateway,
        calling(gateway.port) as caller,
    ):
        upstream.send(signs.beating(signs.one, *signs.signs))
        await caller.send(asked.request(server))
        answer = await caller.answer()

        assert answer.status == 200
        assert b"One" in answer.body
        assert b"the idle clock" in answer.body.rpartition(b"One")[2]
        await asyncio.wait_for(upstream.requests[0].left.wait(), 5)


@EACH_WAY
async def test_a_caller_that_does_not_read_is_no_silent_provider(asked: Asked, server: str) -> None:
    signs, times, read = replied(asked, server), 160, asyncio.Event()
    long = msgspec.structs.replace(signs, one=signs.one.replace(b"One", b"One" + b"." * 60_000))
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=signs.wire, timeouts=clocks(idle=SOON)) as gateway,
        calling(gateway.port) as caller,
    ):
        upstream.send(long.paused(Pause(0.0), times=times))
        await caller.send(asked.request(server))
        await upstream.seen()
        asyncio.get_running_loop().call_later(6 * SOON, read.set)
        await read.wait()
        answer = await caller.answer()

        assert (answer.status, answer.complete) == (200, True)
        assert answer.body.count(b"One") > times
        assert b"clock" not in answer.body
