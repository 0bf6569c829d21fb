"""What a scripted provider says, and what each wire makes of it.

A voice writes bodies by hand, without the wire's own code, so that a test compares two
hands. It is a module of `testing.voices` with the names of `Voice`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec

ToolCall: TypeAlias = tuple[str, str]
"""A tool's name and its arguments as JSON text; its id is `call_` and its number."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a scripted model says, in words of no wire.

    `pieces` are the text as it is streamed. `signature` is the opaque state of the
    thinking (a signature, encrypted reasoning, a thought signature: what the wire has);
    `redacted` is thinking that cannot be seen at all. `finish` is `stop`, `length`,
    `tool_calls` or `content_filter`. `usage` is the wire's own object and replaces the
    one made of `input_tokens`, `output_tokens`, `cached_tokens` (part of the input) and
    `reasoning_tokens` (part of the output). `extra` are fields of the wire's answer that
    go out as they are.
    """

    pieces: Sequence[str] = ()
    thinking: str | None = None
    signature: str | None = None
    redacted: str | None = None
    tool_calls: Sequence[ToolCall] = ()
    refusal: str | None = None
    citation_url: str | None = None
    finish: str | None = None
    input_tokens: int = 3
    output_tokens: int = 2
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    usage: Mapping[str, Any] | None = None
    number: int = 1
    extra: Mapping[str, Any] = {}


class Voice(Protocol):
    """How one wire's provider answers.

    `HEARTBEAT` is a sign of life that says nothing, empty where the wire has none. The
    first event of a stream with `FINISH_MARK` in it tells why the answer ends. The last
    `END_MARKS` events only say that the stream is over.
    """

    WIRE: str
    CONTENT_TYPE: str
    STREAM_CONTENT_TYPE: str
    HEARTBEAT: bytes
    FINISH_MARK: bytes
    END_MARKS: int

    def hears(self, method: str, path: str) -> bool:
        """Tell whether a request is for this voice."""
        ...

    def model_of(self, path: str, body: Mapping[str, Any]) -> str:
        """Give the model that is asked for."""
        ...

    def wants_stream(self, path: str, body: Mapping[str, Any]) -> bool:
        """Tell whether the answer is to be streamed."""
        ...

    def key_of(self, headers: Mapping[str, str]) -> str | None:
        """Give the key that a request carries where this wire's providers look for it."""
        ...

    def whole(self, line: Line, *, model: str, body: Mapping[str, Any]) -> bytes:
        """Write a whole answer to the request with that body."""
        ...

    def streamed(self, line: Line, *, model: str, body: Mapping[str, Any]) -> Sequence[bytes]:
        """Write a streamed answer, an event each."""
        ...

    def failure(self, status: int, message: str, *, kind: str | None = None, code: str | None = None) -> bytes:
        """Write the body of an error; `kind` is the wire's word for its type, by default the status's usual one."""
        ...

    def failure_in_stream(self, message: str, *, code: str | None = None) -> bytes:
        """Write an error as an event of a stream."""
        ...
