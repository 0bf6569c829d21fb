"""Passing bytes on between a client and a provider that both speak this wire.

Nothing is written anew: of a request only the fields that are replaced change, and a
stream goes on as it came, while its end is looked at on the side.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import ProviderError
from interlingua.types import Usage
from interlingua.types.shape import is_list, is_object, malformed
from interlingua.wires.chat_completions.usage import read_usage
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode
from interlingua.wires.members import Member, edit_of, edited, read_members, typed_value, value_of
from interlingua.wires.utterance import event_says

_encode = msgspec.json.Encoder().encode

_TAIL: Final = 64 * 1024
_END_MARK: Final = b"data: [DONE]\n\n"
_PLAIN: Final = re.compile(rb'"content": ?"[^"]').search


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


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    Only the last bytes are kept, and they are not read before somebody asks.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b"data: [DONE]\n\n")
        True
        >>> watch.finished
        True

    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self._reading: _Tail | None = None

    def feed(self, data: bytes) -> bool:
        """Take bytes as they pass; tell whether `[DONE]` was the last of them."""
        self._kept.append(data)
        self._size += len(data)
        if self._size > 2 * _TAIL:
            self._trim()
        return data.endswith(_END_MARK)

    @staticmethod
    def is_content(data: bytes) -> bool:
        """Tell whether some of these bytes say something; see `wires.contract.StreamWatch`."""
        return _PLAIN(data) is not None or event_says(data, _says)

    @property
    def finished(self) -> bool:
        """Whether the stream said how it ended: by `[DONE]`, a finish reason or an error."""
        tail = self._tail()
        return tail.marked or tail.finish_reason is not None or tail.error is not None

    @property
    def marked(self) -> bool:
        """Whether `[DONE]` was there."""
        return self._tail().marked

    @property
    def finish_reason(self) -> str | None:
        """The provider's word for why a choice ended."""
        return self._tail().finish_reason

    @property
    def usage(self) -> Usage | None:
        """The last usage that was told."""
        return read_usage(self._tail().usage)

    @property
    def error(self) -> ProviderError | None:
        """The error that the stream ended in."""
        return self._tail().error

    def _trim(self) -> None:
        tail = b"".join(self._kept)[-_TAIL:]
        self._kept = [tail]
        self._size = len(tail)

    def _tail(self) -> "_Tail":
        if self._reading is None or self._reading.size != self._size:
            self._reading = _Tail(b"".join(self._kept), self._size)
        return self._reading


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


class _Tail:
    """The last events of a stream, read from the end until one says how it ended."""

    def __init__(self, data: bytes, size: int) -> None:
        self.size = size
        self.marked = False
        self.finish_reason: str | None = None
        self.usage: Any = None
        self.error: ProviderError | None = None
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        for block in reversed(data.split(b"\n\n")):
            payload = _payload(block)
            if payload == b"[DONE]":
                self.marked = True
            elif payload:
                self._take(payload)
            if self.finish_reason is not None or self.error is not None:
                return

    def _take(self, payload: bytes) -> None:
        try:
            chunk = decode(payload)
        except UNREADABLE:
            return  # the rest of an event whose beginning was not kept, or one that was cut
        if not is_object(chunk):
            return
        if chunk.get("error"):
            self.error = error_of(chunk, body=payload)
            return
        if self.usage is None:
            self.usage = chunk.get("usage")
        choices = chunk.get("choices")
        for choice in choices if is_list(choices) else ():
            word = choice.get("finish_reason") if is_object(choice) else None
            if isinstance(word, str) and word:
                self.finish_reason = word


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
