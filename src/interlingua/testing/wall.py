"""A provider whose models are faults."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Self

import msgspec

from interlingua.testing import services
from interlingua.testing.acts.refusals import FOLLOWED
from interlingua.testing.attempt import Attempt
from interlingua.testing.canon import INPUT_TOKENS, PIECES, TOOL_CALL
from interlingua.testing.completions import models_body
from interlingua.testing.continuation import given_beginning, rest_of
from interlingua.testing.fault import Verdict
from interlingua.testing.faults import FAULTS, Choice, NoSuchFault, choose
from interlingua.testing.loopback import LoopbackServer
from interlingua.testing.reply import Reply, SeenRequest, json_reply
from interlingua.testing.scene import Scene, Unit
from interlingua.testing.unreachable import Unreachable
from interlingua.testing.voice import Line, Voice
from interlingua.testing.voices import voice_for, voice_named

_TOOLS: Final = "tools"
_NO_PREFILL: Final = "no-prefill"
_ENDS_WRONG: Final = "This model does not support prefill. The conversation must end with a user message."
_PLACE: Final = 3
_USUAL_BODY: Final[Mapping[str, Any]] = {"stream_options": {"include_usage": True}}


class FaultWall:
    """A server of every wire, where the name of the model says which fault befalls the answer.

    See `testing.faults` for the names. The model `tools` calls a tool, and any other
    name is a healthy model that says `canonical`, in forty pieces if it is streamed. A
    name that looks like a fault's and is none gets 404. A request whose last turn is the
    model's own, with the beginning of the text, is answered with the rest; the model
    `no-prefill` refuses it with 400, and is healthy else.

    `attempts` is the log of what it saw. `leaked` are the requests that came to another
    origin after a redirect to it, of which there should be none.

    Args:
        key: what a request must carry; anything is taken unless it is given.
        pieces: what a healthy model says.
        stall: how long a silence lasts, in seconds, before the answer goes on; until the caller leaves, unless given.
        second: how long the second of a fault that counts seconds lasts, in seconds.
        host: the address to listen on.
        port: the port to listen on; a free one unless given.

    Example:
        >>> async with FaultWall() as wall:
        ...     openai = {"base_url": wall.base_url, "api_key": "sk-none"}
        ...     async with Client(providers={"openai": openai}) as client:
        ...         output = await client.generate("openai/f20-503-once", "Hello")
        ...     assert output.text == wall.canonical
        ...     assert [attempt.failed for attempt in wall.attempts] == [True, False]

    """

    def __init__(
        self,
        *,
        key: str | None = None,
        pieces: Sequence[str] = PIECES,
        stall: float | None = None,
        second: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.key = key
        self.attempts: list[Attempt] = []
        self.leaked: list[SeenRequest] = []
        self.tool_call = TOOL_CALL
        self._pieces = tuple(pieces)
        self._stall = stall
        self._second = second
        self._host = host
        self._server = LoopbackServer(self._answer, host=host, port=port)
        self._elsewhere = LoopbackServer(self._leak, host=host)
        self._unreachable = Unreachable(host)
        self._stack = AsyncExitStack()
        self._arrived = asyncio.Event()
        self._start = 0.0
        self._failed_once: set[tuple[str, int]] = set()
        self._turns: dict[str, tuple[float, int]] = {}

    async def __aenter__(self) -> Self:
        self._start = asyncio.get_running_loop().time()
        for part in (self._server, self._elsewhere, self._unreachable):
            await self._stack.enter_async_context(part)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    @property
    def canonical(self) -> str:
        """The whole text that a caller must see; see `text_for` for the few faults that add to it."""
        return "".join(self._pieces)

    @property
    def origin(self) -> str:
        """Its address without a path."""
        port = self._server.port
        if port is None:
            raise RuntimeError("the wall does not stand: `async with FaultWall() as wall`")
        return f"http://{self._host}:{port}"

    @property
    def base_url(self) -> str:
        """Its address as providers write it, `…/v1`."""
        return f"{self.origin}/v1"

    @property
    def connections(self) -> int:
        """The connections that it has taken until now."""
        return self._server.connections

    @property
    def open(self) -> int:
        """The connections that stand now."""
        return self._server.open

    def base_url_for(self, model: str) -> str:
        """Give the address at which a model is found: the wall's, but for the faults of F01, which have their own."""
        choice = choose(model)
        port = self._unreachable.ports.get(choice.fault.id) if choice is not None else None
        return self.base_url if port is None else f"http://{self._host}:{port}/v1"

    def text_for(self, model: str) -> str:
        """Give the whole text that a caller of that model must see if it is answered."""
        return "".join(self._line(choose(model), model).pieces)

    def size(self, wire: str, unit: Unit, *, streamed: bool = True, model: str = "healthy") -> int:
        """Count the pieces, events or bytes of an answer, which are the places where it may be cut."""
        events = self._scene(voice_named(wire), model, _USUAL_BODY, streamed=streamed).events()
        if unit == "bytes":
            return len(b"".join(events))
        return len(self._pieces) if unit == "pieces" and streamed else len(events)

    def expected(
        self, model: str, *, wire: str, streamed: bool, fallback: bool = False, rescue: bool = False
    ) -> Verdict:
        """Say what a sound gateway gives the caller of a model.

        Args:
            model: the name of the fault, or of a healthy model.
            wire: what is spoken with the wall.
            streamed: whether the caller wants a stream.
            fallback: whether another target stands behind, which is healthy.
            rescue: whether the gateway may also go on with an answer that broke midway.

        """
        choice = choose(model)
        if choice is None:
            return "answered"
        fault = choice.fault
        verdict, midway = fault.streamed if streamed else fault.whole, fault.midway and streamed
        if verdict is None:
            raise ValueError(f"{fault.id} does not apply to answers that are {'' if streamed else 'not '}streamed")
        if fault.unit is not None:
            scene = self._scene(voice_named(wire), model, _USUAL_BODY, streamed=streamed)
            told = b"".join(scene.begun(fault.unit, choice.number)[0])
            midway = streamed and msgspec.json.encode(self._pieces[0]) in told
            if fault.breaks and len(told) >= scene.enough():
                return "either"
        if verdict == "answered" or fault.callers:
            return verdict
        if fallback and not midway:
            return fault.behind
        if fault.resumes and self._stall is not None:
            verdict = "either"
        if fallback and rescue:
            return "either" if fault.tools or verdict == "either" else "answered"
        # What broke midway has told nothing yet where all of it came at once, so that the other target may answer.
        return "either" if fallback or (choice.once and not midway) else verdict

    async def seen(self, count: int = 1) -> Attempt:
        """Wait until so many attempts were made, and give the last of them."""
        while len(self.attempts) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return self.attempts[count - 1]

    def _line(self, choice: Choice | None, model: str, beginning: str = "") -> Line:
        pieces = self._pieces
        if choice is not None and choice.fault.says:
            pieces = (*pieces[:_PLACE], choice.fault.says, *pieces[_PLACE:])
        if model.rpartition("/")[2] == _TOOLS or (choice is not None and choice.fault.tools):
            return Line(tool_calls=[TOOL_CALL], input_tokens=INPUT_TOKENS, output_tokens=len(pieces))
        pieces = rest_of(pieces, beginning)
        return Line(pieces=pieces, input_tokens=INPUT_TOKENS, output_tokens=len(pieces))

    def _scene(
        self,
        voice: Voice,
        model: str,
        asked: Mapping[str, Any],
        *,
        streamed: bool,
        target: str = "",
        number: int = 1,
    ) -> Scene:
        choice = choose(model)
        return Scene(
            voice=voice,
            line=msgspec.structs.replace(self._line(choice, model, given_beginning(asked)), number=number),
            model=model,
            body=asked,
            target=target,
            streamed=streamed,
            number=0 if choice is None else choice.number,
            second=self._second,
            stall=self._stall,
            elsewhere=f"http://{self._host}:{self._elsewhere.port}",
        )

    def _answer(self, seen: SeenRequest) -> Reply:
        voice = voice_for(seen.method, seen.path)
        if self.key is not None and voice.key_of(seen.headers) != self.key:
            return json_reply(401, voice.failure(401, "Incorrect API key provided.", code="invalid_api_key"))
        if seen.method == "GET" and seen.path.endswith("/models"):
            return json_reply(200, models_body(["healthy", _TOOLS, _NO_PREFILL, *FAULTS]))
        try:
            asked = msgspec.json.decode(seen.body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            return json_reply(400, voice.failure(400, str(error)))
        served = services.answer(seen.path, asked)
        return self._generate(voice, seen, asked) if served is None else json_reply(200, served)

    def _generate(self, voice: Voice, seen: SeenRequest, asked: Mapping[str, Any]) -> Reply:
        model, streamed = voice.model_of(seen.path, asked), voice.wants_stream(seen.path, asked)
        try:
            choice = choose(model)
        except NoSuchFault as error:
            return json_reply(404, voice.failure(404, str(error), code="model_not_found"))
        number = len(self.attempts) + 1
        attempt = Attempt(
            number, seen, wire=voice.WIRE, model=model, choice=choice, streamed=streamed, start=self._start
        )
        self.attempts.append(attempt)
        self._arrived.set()
        target = f"{seen.path}?{seen.query}" if seen.query else seen.path
        scene = self._scene(voice, model, asked, streamed=streamed, target=target, number=number)
        attempt.continued, attempt.pieces = given_beginning(asked), scene.line.pieces
        seen.kept = bytearray()
        if attempt.continued and model.rpartition("/")[2] == _NO_PREFILL:
            attempt.failed = True
            return json_reply(400, voice.failure(400, _ENDS_WRONG, code="invalid_prefill"))
        act = choice.fault.act if choice is not None and self._is_due(choice, model, seen) else None
        attempt.failed = act is not None
        return scene.healthy() if act is None else act(scene)

    def _is_due(self, choice: Choice, model: str, seen: SeenRequest) -> bool:
        """Tell whether the fault is to be shown now."""
        fault = choice.fault
        if seen.path.startswith(FOLLOWED) or not fault.applies(
            wire=self.attempts[-1].wire, streamed=self.attempts[-1].streamed
        ):
            return False
        if choice.once:
            asked = (model, hash((seen.path, seen.body)))
            first = asked not in self._failed_once
            self._failed_once.add(asked)
            return first
        if fault.schedule == "always":
            return True
        begun, count = self._turns.get(model, (seen.began, 0))
        self._turns[model] = (begun, count + 1)
        seconds = (seen.began - begun) / self._second if self._second else float(choice.number)
        if fault.schedule == "first_seconds":
            return seconds < choice.number
        return int((count if fault.schedule == "requests" else seconds) // max(1, choice.number)) % 2 == 0

    def _leak(self, seen: SeenRequest) -> Reply:
        self.leaked.append(seen)
        voice = voice_for(seen.method, seen.path)
        asked = seen.fields if seen.body else {}
        return self._scene(voice, "healthy", asked, streamed=voice.wants_stream(seen.path, asked)).healthy()
