"""Passing bytes on between a client and a provider that both speak this wire.

Nothing is written anew: of a request only the fields that are replaced change, and the
events of a stream go on as they came, each looked at once.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from interlingua.errors import InvalidRequest, StreamInterrupted
from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.chat_completions.response import text_or_none
from interlingua.wires.chat_completions.stray import is_stray
from interlingua.wires.chat_completions.usage import read_usage
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.members import Member, edit_of, edited, read_members, typed_value, value_of
from interlingua.wires.passage import EventWatch, broken
from interlingua.wires.sse import render_event

_encode = msgspec.json.Encoder().encode


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway acts on in a request: the rest of the body stays unread."""

    model: str
    stream: bool = False
    include_usage: bool = False
    n: int | None = None
    max_tokens: int | None = None
    user: str | None = None


def read_head(body: bytes) -> Head:
    """Read what a gateway acts on.

    Example:
        >>> read_head(b'{"model": "gpt-6.2-sol", "stream": true, "messages": []}').stream
        True

    Raises:
        InvalidRequest: the body is not a JSON object, has a field twice, or one of
            these fields has the wrong type.

    """
    return head_of(read_members(body))


def head_of(members: Sequence[Member]) -> Head:
    """Read the same from members that have been read already; see `read_head`."""
    given = {member.name: member.value for member in members}
    options = value_of(given, "stream_options")
    if options is not None and not is_object(options):
        raise malformed("stream_options", "an object")
    maximum = "max_completion_tokens" if "max_completion_tokens" in given else "max_tokens"
    model = typed_value(given, "model", str, "given as a string")
    if model is None:
        raise malformed("model", "given as a string")
    return Head(
        model=model,
        stream=typed_value(given, "stream", bool, "true or false") or False,
        include_usage=options is not None and options.get("include_usage") is True,
        n=typed_value(given, "n", int, "an integer"),
        max_tokens=typed_value(given, maximum, int, "an integer"),
        user=typed_value(given, "user", str, "a string"),
    )


def replace_fields(
    body: bytes,
    *,
    model: str | None = None,
    include_usage: bool | None = None,
    members: Sequence[Member] | None = None,
) -> bytes:
    """Replace the model, or whether usage is wanted at the end of a stream, and no other byte.

    `members` are the body's, where they have been read already.

    Raises:
        InvalidRequest: the body is not a JSON object, or has a field twice.

    """
    edits: list[tuple[int, int, bytes]] = []
    if members is None:
        members = read_members(body)
    if model is not None:
        edits.append(edit_of(body, members, "model", _encode(model)))
    if include_usage is not None:
        known = next((member for member in members if member.name == "stream_options"), None)
        wanted = _encode(include_usage)
        if known is not None and known.value.startswith(b"{"):
            inner = read_members(known.value)
            start, end, value = edit_of(known.value, inner, "include_usage", wanted)
            edits.append((known.start + start, known.start + end, value))
        elif include_usage or known is not None:
            edits.append(edit_of(body, members, "stream_options", b'{"include_usage":%b}' % wanted))
    return edited(body, edits)


class _Block(msgspec.Struct, gc=False):
    """A block of a text: any object."""


class _Delta(msgspec.Struct, gc=False):
    """As much of a delta as is looked at: the texts that nearly all deltas are."""

    content: str | list[_Block] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    """As much of a chunk as is looked at."""

    choices: list[_Choice]
    usage: Any = None
    error: Any = None


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class StreamWatch(EventWatch):
    r"""Looks at a stream that passes by; see `wires.contract.StreamWatch`.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
        b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
        >>> watch.said, watch.finished
        (True, False)

    """

    __slots__ = ("_first", "_started", "_usage", "finish_reason", "marked")

    def __init__(self) -> None:
        super().__init__()
        self.finish_reason: str | None = None
        """The provider's word for why a choice ended."""
        self.marked = False
        """Whether `[DONE]` was there."""
        self._first = b""
        self._started = False
        self._usage: Any = None

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        return read_usage(self._usage)

    def _look(self, data: bytes, name: bytes | None) -> bytes | None:
        try:
            chunk = _decode_chunk(data)
        except UNREADABLE:
            return self._look_closely(data, name)
        if chunk.error or name == b"error":
            return self._look_closely(data, name)
        said = self.said
        for choice in chunk.choices:
            delta = choice.delta
            if choice.finish_reason:
                self.finish_reason = choice.finish_reason
                self.finished = said = True
            elif delta is not None and (delta.content or delta.reasoning_content or delta.reasoning):
                said = True
            if not self._started:
                self._started, self._first = True, data
        if chunk.usage is not None:
            self._usage = chunk.usage
        self.said = said or (bool(chunk.choices) and _says(decode(data)))
        return None

    def _look_closely(self, data: bytes, name: bytes | None) -> bytes | None:
        """Look at an event that is no usual chunk."""
        if data.strip() == b"[DONE]":
            if not self._started:
                raise StreamInterrupted("the stream was empty")
            self.marked = self.finished = self.ended = True
            return None
        try:
            chunk = decode(data)
        except UNREADABLE as error:
            if self._first and is_stray(data, text_or_none(decode(self._first).get("id"))):
                return b""
            raise broken(f"is not valid JSON: {error}", data) from error
        if not is_object(chunk):
            raise broken("is not an object", data)
        if chunk.get("error") or name == b"error" or chunk.get("object") == "error":
            failure = error_of(chunk, body=data)
            if not chunk.get("error"):  # which is where readers look for it
                raise failure
            self._told(failure)
            return None
        choices = chunk.get("choices")
        self._take_choices(() if choices is None else choices, data)
        self._first = self._first or data
        if chunk.get("usage") is not None:
            self._usage = chunk["usage"]
        self.said = self.said or _says(dict(chunk))
        return render_event(_with_choices(data), name) if choices is None else None

    def _take_choices(self, choices: object, data: bytes) -> None:
        if not is_list(choices):
            raise broken("has choices that are no list", data)
        for choice in choices:
            if not is_object(choice):
                raise broken("has a choice that is no object", data)
            delta: object = choice.get("delta") or {}
            if not is_object(delta):
                raise broken("has a delta that is no object", data)
            if not _is_content(delta.get("content")):
                raise broken("has a content that is no text", data)
            word = choice.get("finish_reason")
            if isinstance(word, str) and word:
                self.finish_reason = word
                self.finished = True
            self._started = True


class UsageFilter:
    """Takes the usage event out of a stream for a client that did not ask for it.

    An event whose end has not come is held back; all others pass as they came.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Give what may pass of the next bytes."""
        if self._held:
            data = self._held + data
            self._held = b""
        if not data.endswith(b"\n\n"):
            cut = max(data.rfind(b"\n\n") + 2, data.rfind(b"\r\n\r\n") + 4, 0)
            cut = cut if cut >= 2 and data[:cut].endswith((b"\n\n", b"\r\n\r\n")) else 0
            self._held = data[cut:]
            data = data[:cut]
        if b'"choices":[]' not in data and b'"choices": []' not in data:
            return data
        mark = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
        return b"".join(block + mark for block in data.split(mark)[:-1] if not _is_usage(block))

    def close(self) -> bytes:
        """Give what was held back."""
        held, self._held = self._held, b""
        return b"" if _is_usage(held) else held


def _is_content(content: object) -> bool:
    return content is None or isinstance(content, str) or (is_list(content) and all(map(is_object, content)))


def _with_choices(data: bytes) -> bytes:
    """Write that a chunk has no choices into one that does not say so, since its readers look through them."""
    try:
        return edited(data, [edit_of(data, read_members(data), "choices", b"[]")])
    except InvalidRequest as error:  # a name stands there twice
        raise broken(f"is malformed: {error.message}", data) from error


def _says(chunk: dict[str, Any]) -> bool:
    """Tell whether a chunk says more than whose turn it is."""
    choices = chunk.get("choices")
    return is_list(choices) and any(is_object(each) and _choice_says(dict(each)) for each in choices)


def _choice_says(choice: dict[str, Any]) -> bool:
    if choice.get("finish_reason"):
        return True
    delta = choice.get("delta") or choice.get("message")
    return is_object(delta) and any(value and name != "role" for name, value in delta.items())


def _payload(block: bytes) -> bytes:
    if block.startswith(b"data: ") and b"\n" not in block:
        return block[6:].strip()
    lines = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)


def _is_usage(block: bytes) -> bool:
    payload = _payload(block.replace(b"\r\n", b"\n"))
    if not payload.startswith(b"{"):
        return False
    try:
        chunk = decode(payload)
    except UNREADABLE:
        return False
    return is_object(chunk) and chunk.get("choices") == [] and is_object(chunk.get("usage")) and not chunk.get("error")
