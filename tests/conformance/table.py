"""Running every SDK over every wire behind, and writing down what became of each feature."""

# pyright: basic

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

import anthropic
import msgspec
import ollama
import openai
from google.genai import errors
from pydantic import ValidationError

from interlingua.testing import ScriptedProvider
from tests.conformance.answered import ANSWERS, Answer
from tests.conformance.asked import FEATURES, Feature
from tests.conformance.callers import CALLERS
from tests.conformance.recorder import Recorder, recorded
from tests.conformance.shapes import CHECKS
from tests.gateway.house import gateway_over

BEHIND: Final = ("chat_completions", "responses", "messages", "generate_content", "ollama", "converse")
_REFUSALS: Final = (openai.BadRequestError, anthropic.BadRequestError, errors.ClientError, ollama.ResponseError)


class Cell(msgspec.Struct, frozen=True):
    """What became of a feature: `ok`, `adapted`, `refused`, `placeless` (an API has no such thing) or `lost`."""

    outcome: str
    detail: str = ""


class Pair:
    """A caller's SDK, and a gateway over a scripted provider of one wire."""

    def __init__(self, caller: str, behind: str, upstream: ScriptedProvider, recorder: Recorder) -> None:
        self.caller = caller
        self.behind = behind
        self._upstream = upstream
        self._recorder = recorder

    async def ask(self, feature: Feature, *, stream: bool) -> Cell | None:
        """Ask for a feature; None where the SDK has no words for it."""
        given = feature.asked.get(self.caller)
        if given is None:
            return None
        self._recorder.forget()
        self._upstream.requests.clear()
        try:
            await CALLERS[self.caller](self._recorder.url, dict(given), stream)
        except _REFUSALS as error:
            named = re.search(feature.said, str(error))
            return Cell("refused" if named else "lost", str(error)[:200])
        body = self._upstream.requests[-1].fields
        text = msgspec.json.encode(body).decode()
        named = [each for each in self._recorder.warnings.split(", ") if re.search(feature.said, each)]
        arrived = all(re.search(mark, text) for mark in feature.marks)
        if feature.name not in _UNPUBLISHED:
            try:
                CHECKS[self.behind](body)
            except (ValueError, ValidationError) as error:
                return Cell("lost", f"the provider would not take it: {str(error)[:300]}")
        if named:
            return Cell("adapted", ", ".join(named))
        if not arrived and self.behind in feature.lacking:
            return Cell("placeless", feature.lacking[self.behind])
        return Cell("ok") if arrived else Cell("lost", f"{text[:300]} | {self._recorder.warnings}")

    async def answer(self, answer: Answer, *, stream: bool) -> Cell | None:
        """Let the provider answer something; None where its API cannot."""
        if self.behind in answer.unsaid:
            return None
        self._upstream.say(answer.line)
        given = FEATURES[0].asked[self.caller]
        if answer.line.tool_calls:
            given = next(each for each in FEATURES if each.name == "tools").asked[self.caller]
        heard = await CALLERS[self.caller](self._recorder.url, dict(given), stream)
        if answer.heard(heard):
            return Cell("ok")
        placeless = answer.placeless.get(self.caller)
        return Cell("placeless", placeless) if placeless else Cell("lost", heard.shown[:400])


_UNPUBLISHED: Final = ("unknown field", "unknown block")
"""Features that no published type can know."""


@asynccontextmanager
async def paired(caller: str, behind: str) -> AsyncGenerator[Pair]:
    """Open a gateway between a caller's SDK and a provider of the wire `behind`."""
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=behind) as server,
        recorded(server.port) as recorder,
    ):
        yield Pair(caller, behind, upstream, recorder)


async def cells(caller: str, behind: str) -> dict[tuple[str, str, bool], Cell]:
    """Run every feature between a caller and a wire behind, whole and streamed."""
    found: dict[tuple[str, str, bool], Cell] = {}
    async with paired(caller, behind) as pair:
        for stream in (False, True):
            for feature in FEATURES:
                cell = await pair.ask(feature, stream=stream)
                if cell is not None:
                    found["asked", feature.name, stream] = cell
            for answer in ANSWERS:
                cell = await pair.answer(answer, stream=stream)
                if cell is not None:
                    found["answered", answer.name, stream] = cell
    return found


def lost(found: dict[tuple[str, str, bool], Cell]) -> Iterable[str]:
    """Name every cell that nothing explains."""
    for (part, name, stream), cell in found.items():
        if cell.outcome == "lost":
            yield f"{part} {name} ({'streamed' if stream else 'whole'}): {cell.detail}"


def outcome_of(found: dict[tuple[str, str, bool], Cell], part: str, name: str) -> list[Any]:
    """Give what became of a feature, whole and streamed."""
    return [cell for stream in (False, True) if (cell := found.get((part, name, stream))) is not None]
