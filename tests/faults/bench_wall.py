"""The provider of the sixteen scenarios: the name of a model says which fault befalls its answers.

What each does is what Failover Bench publishes of its own wall (methodology 0.1, read 2026-11-25); the words, the text
and the code are ours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Self

import msgspec

from interlingua.testing.completions import completion_body, error_body, server_sent_event, usage_of
from interlingua.testing.loopback import LoopbackServer
from interlingua.testing.reply import Ending, Pause, Piece, Reply, SeenRequest, json_reply

TEXT: Final = (
    "Every morning the ferry to the northern islands waits until the baker has carried his last warm basket on board,"
    " because nobody up there will forgive a captain who arrives on time but without bread. The gulls know this too,"
    " and they circle patiently above the pier while the ropes are loosened and the engine begins its slow, familiar"
    " song."
)
"""What a healthy model says, in sixty words."""

PROMPT: Final = "Please tell me in about sixty words why the ferry to the northern islands never leaves early."

WORDS: Final = TEXT.split(" ")
CUT_AFTER: Final = 40
STALL_AFTER: Final = 20
BROKEN_AFTER: Final = 10


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long the wall waits, in seconds."""

    retry_after: int = 2
    slow_first_token: float = 20.0
    stall: float = 30.0
    no_response: float = 120.0
    down: float = 60.0
    between_words: float = 0.015


class Sight(msgspec.Struct, kw_only=True):
    """One request as the wall saw it; `at` is in seconds since the scenario began."""

    model: str
    number: int
    at: float
    action: str = "answered"
    prompt_tokens: int = 0


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and what its answer needs."""

    model: str
    number: int
    at: float
    streamed: bool
    counted: bool
    words: Sequence[str]
    timing: Timing
    honest: bool
    prompt_tokens: int

    def events(self, words: Sequence[str], *, finished: bool) -> Iterator[Piece]:
        """Give a stream, a word an event; one that is not finished stops there."""
        yield self._event({"role": "assistant", "content": ""})
        for word in words:
            yield self._event({"content": word})
            yield Pause(self.timing.between_words)
        if finished:
            yield self._event({}, finish="stop")
            if self.counted:
                usage = usage_of(self.prompt_tokens, len(words))
                yield server_sent_event({**self._head(), "choices": [], "usage": usage})

    def stream(self, pieces: Iterator[Piece], *, ending: Ending = "clean") -> Reply:
        """Answer with a stream; a wall that is not honest ends in good order what should be cut."""
        fields = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
        return Reply(headers=fields, pieces=pieces, ending=ending if self.honest else "clean")

    def _head(self) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self.model}-{self.number}",
            "object": "chat.completion.chunk",
            "created": 1_795_600_000,
            "model": self.model,
        }

    def _event(self, delta: Mapping[str, Any], *, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return server_sent_event({**self._head(), "choices": [choice]})


Act = Callable[[Call], Reply | None]
"""Makes the answer with the fault; None where it is not this request's turn."""


def _done() -> Iterator[Piece]:
    yield b"data: [DONE]\n\n"


def _healthy(call: Call) -> Reply:
    if not call.streamed:
        usage = usage_of(call.prompt_tokens, len(call.words))
        return json_reply(
            200, completion_body("".join(call.words).strip(), number=call.number, model=call.model, usage=usage)
        )

    def pieces() -> Iterator[Piece]:
        yield from call.events(call.words, finished=True)
        yield from _done()

    return call.stream(pieces())


def _refusal(status: int, kind: str, code: str | None, *, param: str | None = None, **headers: str) -> Reply:
    message = f"The wall refuses this request with a status of {status}."
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return json_reply(status, error_body(message, type=kind, code=code, param=param), fields)


def _throttled_once(call: Call) -> Reply | None:
    if call.number > 1:
        return None
    return _refusal(429, "rate_limit_error", "rate_limit_exceeded", retry_after=str(call.timing.retry_after))


def _throttled(call: Call) -> Reply:
    del call
    return _refusal(429, "rate_limit_error", "rate_limit_exceeded")


def _broken_once(call: Call) -> Reply | None:
    return _refusal(500, "server_error", None) if call.number == 1 else None


def _overloaded(call: Call) -> Reply:
    del call
    return _refusal(503, "server_error", "overloaded")


def _reset_once(call: Call) -> Reply | None:
    return Reply(status=0, ending="reset") if call.number == 1 else None


def _mute(call: Call) -> Reply:
    return Reply(status=0, pieces=[Pause(call.timing.no_response)], ending="cut")


def _slow(call: Call) -> Reply:
    def pieces() -> Iterator[Piece]:
        yield Pause(call.timing.slow_first_token)
        yield from call.events(call.words, finished=True)
        yield from _done()

    return call.stream(pieces())


def _cut(call: Call) -> Reply:
    return call.stream(call.events(call.words[:CUT_AFTER], finished=False), ending="cut")


def _stalled(call: Call) -> Reply:
    def pieces() -> Iterator[Piece]:
        yield from call.events(call.words[:STALL_AFTER], finished=False)
        yield Pause(call.timing.stall)

    return call.stream(pieces(), ending="cut")


def _with_broken_event(call: Call) -> Reply:
    def pieces() -> Iterator[Piece]:
        told = 0
        for piece in call.events(call.words, finished=True):
            if isinstance(piece, bytes):
                if told == 1 + BROKEN_AFTER:
                    yield b'data: {"id": "chatcmpl-broken", "choices": [{"index": 0, "delta": {"con\n\n'
                told += 1
            yield piece
        yield from _done()

    return call.stream(pieces())


def _without_end_mark(call: Call) -> Reply:
    return call.stream(call.events(call.words, finished=True))


def _too_long(call: Call) -> Reply:
    del call
    return _refusal(400, "invalid_request_error", "context_length_exceeded", param="messages")


def _filtered(call: Call) -> Reply:
    del call
    return _refusal(400, "invalid_request_error", "content_policy_violation")


def _flapping(call: Call) -> Reply | None:
    return _overloaded(call) if call.at < call.timing.down else None


ACTS: Final[dict[str, Act]] = {
    "s01": _throttled_once,
    "s02": _throttled,
    "s03": _broken_once,
    "s04": _overloaded,
    "s05": _reset_once,
    "s06": _mute,
    "s07": _slow,
    "s08": _cut,
    "s09": _stalled,
    "s10": _with_broken_event,
    "s11": _without_end_mark,
    "s12": _too_long,
    "s13": _filtered,
    "s14": _cut,
    "s15": _flapping,
    "s16": _overloaded,
}

REFUSED_BEGINNING: Final = "refused a beginning"


class BenchWall:
    """A server of Chat Completions that keeps a log of what it is asked.

    A wall that is not `honest` ends in good order what should have been cut: what a gateway passes on that takes
    every end for a good one.
    """

    def __init__(self, timing: Timing, *, honest: bool = True) -> None:
        self.log: list[Sight] = []
        self._timing = timing
        self._honest = honest
        self._begun: dict[str, float] = {}
        self._server = LoopbackServer(self._answer)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._server.__aexit__(None, None, None)

    @property
    def base_url(self) -> str:
        """Its address as providers write it."""
        return f"http://127.0.0.1:{self._server.port}/v1"

    def begin(self, model: str) -> None:
        """Let the clock of a scenario run from now on."""
        self._begun[model] = monotonic()

    def seen(self, model: str) -> list[Sight]:
        """Give what was asked of a model."""
        return [each for each in self.log if each.model == model]

    def _answer(self, seen: SeenRequest) -> Reply:
        body = seen.fields if seen.method == "POST" else {}
        model = str(body.get("model", "")).rpartition("/")[2].lower()
        fault = model.split("-")[1] if model.startswith("fb-") else ""
        if not seen.path.endswith("/chat/completions") or (fault not in ACTS and fault != "ok"):
            return _refusal(404, "invalid_request_error", "model_not_found")
        messages: list[dict[str, Any]] = body["messages"]
        number = 1 + len(self.seen(model))
        at = monotonic() - self._begun.setdefault(model, monotonic())
        tokens = sum(len(str(each.get("content") or "").split()) + 4 for each in messages)
        sight = Sight(model=model, number=number, at=at, prompt_tokens=tokens)
        self.log.append(sight)
        beginning = str(messages[-1].get("content")) if messages[-1]["role"] == "assistant" else ""
        if beginning and model == "fb-ok-noprefill":
            sight.action = REFUSED_BEGINNING
            return _refusal(400, "invalid_request_error", "invalid_prefill", param="messages")
        options: Mapping[str, Any] = body.get("stream_options") or {}
        call = Call(
            model=model,
            number=number,
            at=at,
            streamed=body.get("stream") is True,
            counted=options.get("include_usage") is True,
            words=_rest(beginning.strip()),
            timing=self._timing,
            honest=self._honest,
            prompt_tokens=tokens,
        )
        reply = ACTS[fault](call) if fault in ACTS else None
        if reply is not None:
            sight.action = f"failed ({reply.status})" if reply.status != 200 else "failed"
        return reply or _healthy(call)


def _rest(beginning: str) -> list[str]:
    """Give the words that are left after a beginning, each with its space; all if the text does not begin so."""
    words = [word if place == 0 else f" {word}" for place, word in enumerate(WORDS)]
    for count in range(1, len(words)) if beginning else ():
        if "".join(words[:count]) == beginning:
            return words[count:]
    return words
