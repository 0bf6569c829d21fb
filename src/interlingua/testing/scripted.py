"""A provider on the loopback that does what a test tells it to."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec

from interlingua.testing import services
from interlingua.testing.completions import error_body, models_body
from interlingua.testing.loopback import LoopbackServer
from interlingua.testing.reply import Behaviour, Ending, Piece, Reply, SeenRequest, json_reply
from interlingua.testing.voice import Line, ToolCall
from interlingua.testing.voices import voice_for


class ScriptedProvider:
    """A server of every wire, whose replies are scripted one after the other.

    The path of a request says which wire is spoken; see `testing.voices`.

    Each call of `reply`, `stream`, `fail`, `send` adds a behaviour for one request;
    when none is left, the server answers "Hello!", streamed if that was asked for, and
    requests for counts, embeddings and rerank as `testing.counts` and `testing.vectors`
    say. It
    keeps what it saw in `requests`. `GET …/models` is answered beside the script.

    It listens on a free port unless one is given. With a `key`, requests that do not
    carry it are refused as the official API does.

    Example:
        >>> async with ScriptedProvider() as server:
        ...     server.fail(429, "slow down", headers={"retry-after": "1"})
        ...     server.stream("Hel", "lo")
        ...     ...  # talk to server.base_url
        ...     assert server.requests[0].json["model"] == "tiny"

    """

    def __init__(
        self,
        *,
        key: str | None = None,
        models: Sequence[Mapping[str, Any] | str] = ("tiny",),
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.key = key
        self.models = models
        self.requests: list[SeenRequest] = []
        self._host = host
        self._script: deque[Behaviour] = deque()
        self._arrived = asyncio.Event()
        self._server = LoopbackServer(self._see, host=host, port=port)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    @property
    def connections(self) -> int:
        """The connections that it has taken."""
        return self._server.connections

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port = self._server.port
        if port is None:
            raise RuntimeError("the scripted provider has not been entered: `async with ScriptedProvider() as server`")
        return port

    @property
    def origin(self) -> str:
        """Its address without a path."""
        return f"http://{self._host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Its address as providers write it, `…/v1`."""
        return f"{self.origin}/v1"

    async def seen(self, count: int = 1) -> SeenRequest:
        """Wait until `count` requests have arrived, and give the last of them."""
        while len(self.requests) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return self.requests[count - 1]

    def reply(
        self,
        text: str | None,
        *,
        thinking: str | None = None,
        tool_calls: Sequence[ToolCall] = (),
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer whole, with a usage of 3 and 2 tokens unless one is given; a tool call is (name, JSON text)."""
        pieces = [text] if text is not None else []
        calls = list(tool_calls)
        line = Line(pieces=pieces, thinking=thinking, tool_calls=calls, finish=finish_reason, usage=usage)
        self.say(line, headers=headers, stream=False)

    def say(self, line: Line, *, headers: Mapping[str, str] | None = None, stream: bool | None = None) -> None:
        """Answer with a line, in the words of the wire that is asked, streamed as asked for or as `stream` says."""

        def behave(seen: SeenRequest) -> Reply:
            voice, body = voice_for(seen.method, seen.path), seen.fields
            numbered = msgspec.structs.replace(line, number=len(self.requests))
            model = voice.model_of(seen.path, body)
            if voice.wants_stream(seen.path, body) if stream is None else stream:
                given = (("content-type", voice.STREAM_CONTENT_TYPE), *(headers or {}).items())
                return Reply(headers=given, pieces=voice.streamed(numbered, model=model, body=body))
            return json_reply(200, voice.whole(numbered, model=model, body=body), headers)

        self._script.append(behave)

    def stream(
        self,
        *pieces: str,
        thinking: str | None = None,
        tool_calls: Sequence[ToolCall] = (),
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        gates: Mapping[int, asyncio.Event] | None = None,
        ending: Ending = "clean",
        keep: int | None = None,
        content_type: str = "text/event-stream",
    ) -> None:
        """Answer as a stream, usage only if it was asked for.

        `gates` holds the stream back before the event of that number until it is set.
        `keep` sends only that many events, after which `ending` follows.
        """
        line = Line(
            pieces=pieces,
            thinking=thinking,
            tool_calls=list(tool_calls),
            finish=finish_reason,
            usage=usage,
            output_tokens=len(pieces),
        )

        def behave(seen: SeenRequest) -> Reply:
            voice, body = voice_for(seen.method, seen.path), seen.fields
            numbered = msgspec.structs.replace(line, number=len(self.requests))
            events = voice.streamed(numbered, model=voice.model_of(seen.path, body), body=body)
            sent: list[Piece] = [*events[:keep]]
            for number in sorted(gates or {}, reverse=True):
                sent.insert(number, (gates or {})[number])
            return Reply(headers=(("content-type", content_type),), pieces=sent, ending=ending)

        self._script.append(behave)

    def fail(
        self,
        status: int,
        message: str = "scripted failure",
        *,
        type: str | None = None,  # noqa: A002 - the field's name
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer with an error in the shape of the wire that is asked; a `param` is OpenAI's alone."""

        def behave(seen: SeenRequest) -> Reply:
            voice = voice_for(seen.method, seen.path)
            body = voice.failure(status, message, kind=type, code=code)
            if param is not None:
                body = error_body(message, type=type or "invalid_request_error", code=code, param=param)
            return json_reply(status, body, headers)

        self._script.append(behave)

    def fail_in_stream(
        self, message: str = "scripted failure", *, after: Sequence[str] = (), code: str | None = None
    ) -> None:
        """Begin a stream, and send an error as an event of it after the given pieces."""

        def behave(seen: SeenRequest) -> Reply:
            voice, body = voice_for(seen.method, seen.path), seen.fields
            kept: Sequence[bytes] = ()
            if after:
                line = Line(pieces=after, number=len(self.requests))
                events = voice.streamed(line, model=voice.model_of(seen.path, body), body=body)
                end = 0
                for piece in after:
                    end = next(number for number in range(end, len(events)) if piece.encode() in events[number]) + 1
                kept = events[:end]
            error = voice.failure_in_stream(message, code=code)
            return Reply(headers=(("content-type", voice.STREAM_CONTENT_TYPE),), pieces=[*kept, error])

        self._script.append(behave)

    def send(self, reply: Reply | Behaviour) -> None:
        """Answer with exactly that, or with what the function makes of the request."""
        self._script.append(reply if callable(reply) else lambda _: reply)

    def hang(self) -> None:
        """Read the request and never answer."""
        self.send(Reply(status=0, ending="hang"))

    def cut(self) -> None:
        """Read the request and close the connection without an answer."""
        self.send(Reply(status=0, ending="cut"))

    def _see(self, seen: SeenRequest) -> Reply:
        self.requests.append(seen)
        self._arrived.set()
        return self._answer(seen)

    def _answer(self, seen: SeenRequest) -> Reply:
        voice = voice_for(seen.method, seen.path)
        if self.key is not None and voice.key_of(seen.headers) != self.key:
            return json_reply(401, voice.failure(401, "Incorrect API key provided.", code="invalid_api_key"))
        if seen.method == "GET" and seen.path.endswith("/models"):
            return json_reply(200, models_body(self.models))
        try:
            body = seen.body if seen.method == "POST" else seen.body or b"{}"
            asked = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            return json_reply(400, voice.failure(400, str(error)))
        if not self._script:
            served = services.answer(seen.path, asked)
            if served is not None:
                return json_reply(200, served)
            if voice.wants_stream(seen.path, asked):
                self.stream("Hello", "!", content_type=voice.STREAM_CONTENT_TYPE)
            else:
                self.reply("Hello!")
        return self._script.popleft()(seen)
