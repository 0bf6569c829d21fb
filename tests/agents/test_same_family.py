"""Between an agent and a provider of its own family the bytes pass, and the headers that change what they mean."""

import json
from typing import Any

import msgspec
import pytest

from interlingua.testing import Reply, ScriptedProvider
from interlingua.testing.voices import voice_for
from tests.agents import behind, claude_code, codex, gemini_cli
from tests.agents.behind import STATE
from tests.agents.exchange import ask, warnings
from tests.agents.test_sessions import AGENTS, ANSWERS, EACH_AGENT, STREAMED, thinks
from tests.agents.turn import Agent
from tests.gateway.house import UPSTREAM_KEY, gateway_over

pytestmark = pytest.mark.anyio


@STREAMED
@EACH_AGENT
async def test_the_bytes_pass_but_for_the_name_of_the_model(agent: Agent, stream: bool) -> None:
    asked = agent.first("relayed/tiny", stream=stream)
    body = json.dumps(asked, indent=1).encode()  # with spaces and escapes that nobody would write again
    async with ScriptedProvider() as upstream, gateway_over(upstream, wire=agent.WIRE) as server:
        voice = voice_for("POST", agent.path("tiny", stream=stream).partition("?")[0])
        answered = b"".join(voice.streamed(thinks(agent.WIRE), model="tiny", body=asked)) if stream else voice.whole(
            thinks(agent.WIRE), model="tiny", body=asked
        )  # fmt: skip
        kind = voice.STREAM_CONTENT_TYPE if stream else voice.CONTENT_TYPE
        upstream.send(Reply(headers=(("content-type", kind),), pieces=[answered]))

        answer = await ask(agent, server.port, body, stream=stream)

        seen = upstream.requests[0]
    assert seen.body == body.replace(b'"relayed/tiny"', b'"tiny"')
    assert answer.body == answered
    assert warnings(answer) == []


FORWARDED = {
    claude_code.WIRE: {"anthropic-beta": claude_code.BETAS, "anthropic-version": "2023-06-01"},
    codex.WIRE: {"openai-beta": "responses=experimental"},
    gemini_cli.WIRE: {},
}
KEPT_BACK = ("x-app", "x-stainless-lang", "x-claude-code-session-id", "originator", "session-id", "chatgpt-account-id",
             "x-codex-turn-metadata", "x-goog-api-client", "x-gemini-api-privileged-user-id")  # fmt: skip


@STREAMED
@EACH_AGENT
async def test_headers_that_change_the_meaning_pass_and_those_that_name_the_user_stay(
    agent: Agent, stream: bool
) -> None:
    async with ScriptedProvider(key=UPSTREAM_KEY) as upstream, gateway_over(upstream, wire=agent.WIRE) as server:
        await ask(agent, server.port, agent.first("relayed/tiny", stream=stream), stream=stream)
        seen = upstream.requests[0]

    for name, value in FORWARDED[agent.WIRE].items():
        assert seen.headers[name] == value
    assert seen.headers.keys().isdisjoint(KEPT_BACK)
    assert "claude-cli" not in seen.headers.get("user-agent", "")
    assert ("beta=true" in seen.query) is (agent is AGENTS[0])


@STREAMED
@pytest.mark.parametrize("came_from", ["messages", "responses", "generate_content", "chat_completions"])
@EACH_AGENT
async def test_a_conversation_that_moves_to_the_agents_own_family_leaves_foreign_state_behind(
    agent: Agent, came_from: str, stream: bool
) -> None:
    if came_from == agent.WIRE:
        pytest.skip("it does not move")
    asked = agent.first("relayed/tiny", stream=stream)
    async with ScriptedProvider() as first, gateway_over(first, wire=came_from) as server:
        first.say(thinks(came_from))
        heard = agent.hear((await ask(agent, server.port, asked, stream=stream)).body, stream=stream)
    async with ScriptedProvider() as second, gateway_over(second, wire=agent.WIRE) as server:
        second.say(ANSWERS)
        answer = await ask(agent, server.port, agent.second(asked, heard), stream=stream)
        body: dict[str, Any] = second.requests[0].fields

    received = behind.read(agent.WIRE, body)
    assert [state for state in received.state if state != gemini_cli.UNSIGNED] == []
    assert STATE[came_from] not in msgspec.json.encode(body).decode()
    assert "interlingua" not in msgspec.json.encode(body).decode()
    assert any(each.startswith("dropped thinking") for each in warnings(answer))
    assert [result.name for result in received.results] == ["read_file", "run_command"]
    assert agent.hear(answer.body, stream=stream).text == "".join(ANSWERS.pieces)
