"""What agents ask beside the conversation: lengths, titles, models, and whether anybody is there."""

import json

import msgspec
import pytest

from interlingua.testing import Reply, ScriptedProvider
from tests.agents import claude_code, codex, gemini_cli, workshop
from tests.agents.exchange import ask, send, warnings
from tests.agents.test_sessions import AGENTS, EACH_WIRE
from tests.conformance.shapes import CHECKS
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, get

pytestmark = pytest.mark.anyio

CLAUDE_CODE, CODEX, GEMINI_CLI = AGENTS
COUNTED = {
    "messages": b'{"input_tokens":1234}',
    "responses": b'{"object":"response.input_tokens","input_tokens":1234}',
    "generate_content": b'{"totalTokens":1234}',
}


@EACH_WIRE
async def test_claude_code_learns_how_long_the_conversation_is(wire: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.send(Reply(pieces=[COUNTED.get(wire, b"{}")]))
        body = claude_code.count("relayed/tiny")
        answer = await send(CLAUDE_CODE, server.port, "/v1/messages/count_tokens?beta=true", body)

        assert answer.status == 200
        if wire in COUNTED:
            assert claude_code.counted(answer.body) == 1234
            sent = upstream.requests[0].body.decode()
            assert workshop.TOOLS[23][0] in sent
            assert "Why does the build" in sent
        else:
            assert claude_code.counted(answer.body) > 5000
            assert warnings(answer) == ["estimated input_tokens: counted offline"]


@EACH_WIRE
async def test_gemini_cli_learns_how_long_a_content_is(wire: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.send(Reply(pieces=[COUNTED.get(wire, b"{}")]))
        answer = await send(
            GEMINI_CLI, server.port, "/v1beta/models/relayed/tiny:countTokens", gemini_cli.count("relayed/tiny")
        )

        assert answer.status == 200
        tokens = answer.json()["totalTokens"]
        assert tokens == 1234 if wire in COUNTED else tokens > 200


@EACH_WIRE
async def test_claude_code_gets_a_title_in_the_shape_that_it_asks_for(wire: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.reply('{"title":"A gear is missing"}')
        asked = claude_code.title("relayed/tiny")
        answer = await ask(CLAUDE_CODE, server.port, asked, stream=False)
        body = upstream.requests[0].fields

    CHECKS[wire](body)
    assert json.loads(claude_code.hear(answer.body, stream=False).text) == {"title": "A gear is missing"}
    assert msgspec.json.encode(asked["output_config"]["format"]["schema"]) in msgspec.json.encode(body)


@EACH_WIRE
async def test_gemini_cli_learns_who_speaks_next(wire: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=wire) as server:
        upstream.reply('{"reasoning":"It is done.","next_speaker":"user"}')
        asked = gemini_cli.next_speaker("relayed/tiny")
        answer = await ask(GEMINI_CLI, server.port, asked, stream=False)
        body = upstream.requests[0].fields

    CHECKS[wire](body)
    assert json.loads(gemini_cli.hear(answer.body, stream=False).text)["next_speaker"] == "user"
    assert msgspec.json.encode(asked["generationConfig"]["responseJsonSchema"]) in msgspec.json.encode(body)


@pytest.mark.parametrize("headers", [claude_code.HEADERS, codex.HEADERS, gemini_cli.HEADERS])
async def test_agents_learn_which_models_there_are(headers: tuple[str, ...]) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        await caller.send(get("/v1/models?client_version=0.156.0", f"Authorization: Bearer {KEY}", *headers))
        answer = await caller.answer()

    assert answer.status == 200
    assert "relayed/tiny" in answer.body.decode()


@pytest.mark.parametrize("path", ["/", "/v1/models"])
async def test_a_probe_is_answered_and_the_connection_goes_on(path: str) -> None:
    """Claude Code asks its base URL for the head alone when it starts."""
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        head = f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\r\n"
        await caller.send(head.encode() + get("/health"))
        await caller.until(b'"status"')
