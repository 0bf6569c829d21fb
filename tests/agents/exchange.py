"""Sending an agent's request through the gateway, as its own bytes."""

from typing import Any

from tests.agents.turn import Agent
from tests.gateway.house import KEY
from tests.gateway.raw import Answer, calling, post


async def send(agent: Agent, port: int, path: str, body: bytes | dict[str, Any]) -> Answer:
    """Post a body with the agent's headers and key, and wait for the answer, whatever it is."""
    secret = f"Bearer {KEY}" if agent.KEY == "Authorization" else KEY
    async with calling(port) as caller:
        await caller.send(post(path, body, *agent.HEADERS, f"{agent.KEY}: {secret}"))
        return await caller.answer()


async def ask(
    agent: Agent, port: int, body: bytes | dict[str, Any], *, stream: bool, model: str = "relayed/tiny"
) -> Answer:
    """Ask for an answer, and get one."""
    answer = await send(agent, port, agent.path(model, stream=stream), body)
    assert answer.status == 200, answer.body
    return answer


def warnings(answer: Answer) -> list[str]:
    """Give what the answer says was left out or changed."""
    told = answer.headers.get("x-interlingua-warnings", "")
    return told.split(", ") if told else []
