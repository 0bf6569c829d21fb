"""What became of each feature between an SDK and a provider, whole and streamed."""

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
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
from tests.conformance.callers import CALLERS, Heard, Opened
from tests.conformance.failed import FAILURES, Failure
from tests.conformance.operations import OPERATIONS, Operation
from tests.conformance.recorder import Recorder, recorded
from tests.conformance.returned import STATES, State, next_turn
from tests.conformance.shapes import CHECKS
from tests.gateway.house import gateway_over

BEHIND: Final = ("chat_completions", "responses", "messages", "generate_content", "ollama", "converse")
"""The wires of the providers, in the order of the page."""

PARTS: Final[dict[str, tuple[Feature | Answer | State | Failure | Operation, ...]]] = {
    "asked": FEATURES,
    "answered": ANSWERS,
    "brought back": STATES,
    "failed": FAILURES,
    "done": OPERATIONS,
}
"""Everything that is looked at, by the part of the page that it stands in."""

_BAD_REQUESTS: Final = (openai.BadRequestError, anthropic.BadRequestError, errors.ClientError, ollama.ResponseError)
_BETWEEN: Final = re.compile(r", (?=(?:dropped|clamped|renamed|emulated|bridged|estimated|unverified|retiring) )")
"""Where one warning of a header ends and the next begins."""

_UNPUBLISHED: Final = ("unknown field", "unknown block")
"""Features that no published type can know."""

_TOOLS: Final = next(each for each in FEATURES if each.name == "tools")


class Cell(msgspec.Struct, frozen=True):
    """What became of a feature, and in whose words.

    `ok`; `adapted`, as a warning of the reply says; `refused` by name; `placeless`,
    since the API on one side has nothing like it; or `lost`, which nothing explains.
    """

    outcome: str
    detail: str = ""


class Key(msgspec.Struct, frozen=True):
    """Which cell: its part, its feature, and whether the answer was streamed."""

    part: str
    name: str
    stream: bool


Found = Mapping[Key, Cell]
"""The cells of one SDK and one wire behind; what an SDK has no words for is left out."""


class Pair:
    """A caller's SDK, and a gateway over a scripted provider of one wire."""

    def __init__(
        self, caller: str, behind: str, opened: Opened, upstream: ScriptedProvider, recorder: Recorder
    ) -> None:
        self.caller = caller
        self.behind = behind
        self._opened = opened
        self._upstream = upstream
        self._recorder = recorder
        self._whole: dict[str, Heard] = {}

    async def found(self) -> Found:
        """Look at everything."""
        cells: dict[Key, Cell] = {}
        for stream in (False, True):
            looked = [
                *[("asked", each.name, await self._asked(each, stream=stream)) for each in FEATURES],
                *[("answered", each.name, await self._answered(each, stream=stream)) for each in ANSWERS],
                *[("brought back", each.name, await self._returned(each, stream=stream)) for each in STATES],
                *[("failed", each.name, await self._failed(each, stream=stream)) for each in FAILURES],
            ]
            cells |= {Key(part, name, stream): cell for part, name, cell in looked if cell is not None}
        for each in OPERATIONS:
            cell = await self._done(each)
            if cell is not None:
                cells[Key("done", each.name, stream=False)] = cell
        return cells

    async def _ask(self, given: Mapping[str, object], *, stream: bool) -> Heard:
        self._recorder.forget()
        self._upstream.requests.clear()
        return await self._opened.ask(dict(given), stream)

    async def _asked(self, feature: Feature, *, stream: bool) -> Cell | None:
        given = feature.asked.get(self.caller)
        if given is None:
            return None
        try:
            await self._ask(given, stream=stream)
        except _BAD_REQUESTS as error:
            return Cell("refused" if re.search(feature.said, str(error)) else "lost", _message(error))
        body = self._upstream.requests[-1].fields
        if feature.name not in _UNPUBLISHED:
            try:
                CHECKS[self.behind](body)
            except (ValueError, ValidationError) as error:
                return Cell("lost", f"the provider would not take it: {str(error)[:300]}")
        named = self._warnings(feature.said)
        if named:
            return Cell("adapted", ", ".join(named))
        text = msgspec.json.encode(body).decode()
        if all(re.search(mark, text) for mark in feature.marks):
            return Cell("ok")
        if self.behind in feature.lacking:
            return Cell("placeless", feature.lacking[self.behind])
        return Cell("lost", f"{text[:300]} | {self._recorder.warnings}")

    def _warnings(self, said: str) -> list[str]:
        """Give the warnings that name a feature; what stands behind the colon is no name."""
        given = _BETWEEN.split(self._recorder.warnings)
        return [each for each in given if each and re.search(said, each.partition(":")[0])]

    async def _answered(self, answer: Answer, *, stream: bool) -> Cell | None:
        if self.behind in answer.unsaid:
            return Cell("placeless", answer.unsaid[self.behind])
        self._upstream.say(answer.line)
        given = (_TOOLS if answer.line.tool_calls else FEATURES[0]).asked[self.caller]
        heard = await self._ask(given, stream=stream)
        if not answer.heard(heard):
            placeless = answer.placeless.get(self.caller)
            return Cell("placeless", placeless) if placeless else Cell("lost", heard.shown[:400])
        whole = self._whole.setdefault(answer.name, heard)
        if not heard.cut_short and heard.gist != whole.gist:
            return Cell("lost", f"the stream adds up to {heard.gist}, the whole answer is {whole.gist}")
        return Cell("ok")

    async def _returned(self, state: State, *, stream: bool) -> Cell | None:
        if self.behind in state.unsaid:
            return Cell("placeless", state.unsaid[self.behind])
        self._upstream.say(state.line)
        given = _TOOLS.asked[self.caller]
        heard = await self._ask(given, stream=stream)
        await self._ask(next_turn(self.caller, given, heard), stream=False)
        text = self._upstream.requests[-1].body.decode()
        if all(re.search(mark, text) for mark in state.marks):
            return Cell("ok")
        placeless = state.placeless.get(self.caller)
        return Cell("placeless", placeless) if placeless else Cell("lost", text[:500])

    async def _failed(self, failure: Failure, *, stream: bool) -> Cell | None:
        if failure.in_stream and not stream:
            return None
        failure.happen(self._upstream)
        try:
            heard = await self._ask(FEATURES[0].asked[self.caller], stream=stream)
        except failure.raised[self.caller] as error:
            status = getattr(error, "status_code", None) or getattr(error, "code", None)
            told = failure.in_stream or status == failure.status
            return Cell("ok" if told else "lost", f"{type(error).__name__} {status}")
        return Cell("lost", f"nothing was raised: {heard.shown[:200]}")

    async def _done(self, operation: Operation) -> Cell | None:
        does = operation.done.get(self.caller)
        if does is None:
            return None
        self._recorder.forget()
        try:
            right = await does(self._opened.client)
        except _BAD_REQUESTS as error:
            told = operation.unsaid.get(self.behind)
            return Cell("placeless", told) if told and operation.name in _message(error) else Cell("lost", str(error))
        named = self._warnings(operation.said)
        if not right:
            return Cell("lost", f"something else came: {self._recorder.warnings}")
        return Cell("adapted", ", ".join(named)) if named else Cell("ok")


@asynccontextmanager
async def paired(caller: str, behind: str) -> AsyncGenerator[Pair]:
    """Open a gateway between a caller's SDK and a provider of the wire `behind`."""
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=behind) as server,
        recorded(server.port) as recorder,
        CALLERS[caller](recorder.url) as opened,
    ):
        yield Pair(caller, behind, opened, upstream=upstream, recorder=recorder)


async def look(caller: str, behind: str) -> Found:
    """Look at everything between an SDK and a wire behind."""
    async with paired(caller, behind) as pair:
        return await pair.found()


def losses(found: Found) -> Iterator[str]:
    """Name every cell that nothing explains."""
    for key, cell in found.items():
        if cell.outcome == "lost":
            yield f"{key.part}: {key.name} ({'streamed' if key.stream else 'whole'}): {cell.detail}"


def _message(error: Exception) -> str:
    """Give what the gateway said, wherever the SDK keeps it."""
    body: Any = getattr(error, "body", None) or getattr(error, "details", None)
    while hasattr(body, "get") and body.get("error"):
        body = body["error"]
    return str(body.get("message") if hasattr(body, "get") else body or error)[:200]
