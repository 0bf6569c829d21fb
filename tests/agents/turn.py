"""What an agent is told and what it says, in words of no wire."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Call(msgspec.Struct, frozen=True):
    """A tool that the model asks for; `arguments` are the object, or the text of a tool that takes text."""

    id: str
    name: str
    arguments: Any
    namespace: str | None = None


class Turn(msgspec.Struct, kw_only=True):
    """An answer as the agent's own SDK reads it; `kept` is what the agent brings back of it."""

    text: str = ""
    thinking: str = ""
    calls: list[Call] = []
    finish: str = ""
    tokens: tuple[int, int] = (0, 0)
    kept: list[Any] = []


class Agent(Protocol):
    """One agent: its requests, and how it reads what comes back."""

    WIRE: str
    KEY: str
    HEADERS: Sequence[str]

    def path(self, model: str, *, stream: bool) -> str:
        """Give where it sends its requests."""
        ...

    def first(self, model: str, *, stream: bool) -> dict[str, Any]:
        """Write its first request."""
        ...

    def second(self, asked: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
        """Write its next request, which has the results of the two tools that the first answer asked for."""
        ...

    def step(self, asked: Mapping[str, Any], turn: Turn, results: Sequence[str]) -> dict[str, Any]:
        """Go on after an answer that asked for tools, with a text for each."""
        ...

    def hear(self, body: bytes, *, stream: bool) -> Turn:
        """Read an answer with its own SDK, whole or streamed; raise what the SDK raises."""
        ...


def events(body: bytes) -> list[Any]:
    """Give the data of server-sent events."""
    lines = body.decode().splitlines()
    return [msgspec.json.decode(line[6:]) for line in lines if line.startswith("data: ") and line != "data: [DONE]"]
