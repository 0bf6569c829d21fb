"""Streamed replies, written as Ollama writes them (ollama 0.6.3, read 2026-11-23)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from interlingua.errors import Error
from interlingua.types import (
    AudioDelta,
    Choice,
    Event,
    Finish,
    ModelOutput,
    ModelRequest,
    OpaqueDelta,
    PartDelta,
    RefusalDelta,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.types.shape import is_object
from interlingua.wires.ndjson import on_one_line
from interlingua.wires.ollama.content import WIRE, own, write_call, write_message
from interlingua.wires.ollama.errors import render_error
from interlingua.wires.ollama.response import ending_of, write_logprobs, write_moment

_encode = msgspec.json.Encoder().encode


class OllamaStreamRenderer:
    """Turns events into the lines of a streamed reply; see `StreamRenderer`.

    Calls of tools are written whole, before the last line. Of several choices the first
    is written, since there is one message; state of another wire has no place here.
    """

    __slots__ = ("_calls", "_created", "_ending", "_finish", "_model", "_prefix", "_usage")

    def __init__(self, request: ModelRequest) -> None:
        self._model = request.model
        self._created = write_moment(None)
        self._calls: dict[int, ToolCallPart] = {}
        self._finish: Finish | None = None
        self._usage: Usage | None = None
        self._ending: dict[str, Any] = {}
        self._prefix = on_one_line(self._plain_prefix())

    def render(self, event: Event) -> bytes:
        """Give the line for one event; it may be empty."""
        if type(event) is TextDelta:
            if event.choice:
                return b""
            if event.logprobs is not None:
                return on_one_line(self._line({"content": event.text}, **write_logprobs(event.logprobs)))
            return b"%b%b%b" % (self._prefix, on_one_line(_encode(event.text)), self._SUFFIX) if event.text else b""
        if getattr(event, "choice", None):
            return b""
        writer = _WRITERS.get(type(event))
        return b"" if writer is None else on_one_line(writer(self, event))

    def render_error(self, error: Error) -> bytes:
        """Give the failure as a line that the SDK raises; nothing may follow."""
        return on_one_line(render_error(error)) + b"\n"

    _SUFFIX = b'},"done":false}\n'

    def _plain_prefix(self) -> bytes:
        head = _encode({"model": self._model, "created_at": self._created})
        return head[:-1] + b',"message":{"role":"assistant","content":'

    def _head(self) -> dict[str, Any]:
        return {"model": self._model, "created_at": self._created}

    def _line(self, message: dict[str, Any], **fields: Any) -> bytes:
        """Write a line in the middle of the answer."""
        shown = {"role": "assistant", "content": "", **message}
        return _encode({**self._head(), "message": shown, "done": False, **fields}) + b"\n"

    def _last(self, choice: Choice, output: ModelOutput) -> bytes:
        message = {"role": "assistant", "content": ""}
        return _encode({**self._head(), "message": message, **ending_of(choice, output)}) + b"\n"

    def _start(self, event: StreamStart) -> bytes:
        self._model = event.model or self._model
        self._created = write_moment(event.created)
        self._ending |= own(event.extensions)
        self._prefix = on_one_line(self._plain_prefix())
        return b""

    def _thinking(self, event: ThinkingDelta) -> bytes:
        return self._line({"thinking": event.text}) if event.text else b""

    def _refusal(self, event: RefusalDelta) -> bytes:
        return self.render(TextDelta(event.text))

    def _audio(self, event: AudioDelta) -> bytes:
        return self.render(TextDelta(event.transcript)) if event.transcript else b""

    def _tool_call(self, event: ToolCallDelta) -> bytes:
        call = self._calls.get(event.index)
        if call is None:
            call = self._calls[event.index] = ToolCallPart(id="", name="", extensions=event.extensions)
        call.name += event.name or ""
        call.kind = event.kind or call.kind
        call.arguments += event.arguments
        return b""

    def _part(self, event: PartDelta) -> bytes:
        message = write_message([event.part], [], joint="")
        return self._line(message) if message != {"content": ""} else b""

    def _opaque(self, event: OpaqueDelta) -> bytes:
        if event.wire != WIRE:
            return b""
        if event.choice is None:
            self._ending |= event.data
            return b""
        message = event.data.get("message")
        return self._line(dict(message)) if is_object(message) else b""

    def _ended(self, event: Finish) -> bytes:
        self._finish = event
        calls, self._calls = self._calls, {}
        if not calls:
            return b""
        return self._line({"tool_calls": [write_call(calls[index], []) for index in sorted(calls)]})

    def _report(self, event: UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _end(self, event: StreamEnd) -> bytes:
        del event
        finish = self._finish or Finish("stop")
        choice = Choice(finish_reason=finish.reason, raw_finish_reason=finish.raw)
        data = self._ended(finish) if self._calls else b""
        return data + self._last(choice, ModelOutput(usage=self._usage, extensions={WIRE: self._ending}))


_WRITERS: Final[dict[type, Callable[[OllamaStreamRenderer, Any], bytes]]] = {
    StreamStart: OllamaStreamRenderer._start,  # pyright: ignore[reportPrivateUsage]
    ThinkingDelta: OllamaStreamRenderer._thinking,  # pyright: ignore[reportPrivateUsage]
    RefusalDelta: OllamaStreamRenderer._refusal,  # pyright: ignore[reportPrivateUsage]
    ToolCallDelta: OllamaStreamRenderer._tool_call,  # pyright: ignore[reportPrivateUsage]
    AudioDelta: OllamaStreamRenderer._audio,  # pyright: ignore[reportPrivateUsage]
    PartDelta: OllamaStreamRenderer._part,  # pyright: ignore[reportPrivateUsage]
    OpaqueDelta: OllamaStreamRenderer._opaque,  # pyright: ignore[reportPrivateUsage]
    Finish: OllamaStreamRenderer._ended,  # pyright: ignore[reportPrivateUsage]
    UsageReport: OllamaStreamRenderer._report,  # pyright: ignore[reportPrivateUsage]
    StreamEnd: OllamaStreamRenderer._end,  # pyright: ignore[reportPrivateUsage]
}


class GenerateStreamRenderer(OllamaStreamRenderer):
    """The same for `/api/generate`, whose lines have the text and the thinking themselves."""

    __slots__ = ()
    _SUFFIX = b',"done":false}\n'

    def _plain_prefix(self) -> bytes:
        return _encode({"model": self._model, "created_at": self._created})[:-1] + b',"response":'

    def _line(self, message: dict[str, Any], **fields: Any) -> bytes:
        shown = {name: value for name, value in message.items() if name != "content"}
        text = message.get("content", "")
        return _encode({**self._head(), "response": text, **shown, "done": False, **fields}) + b"\n"

    def _last(self, choice: Choice, output: ModelOutput) -> bytes:
        return _encode({**self._head(), "response": "", **ending_of(choice, output)}) + b"\n"
