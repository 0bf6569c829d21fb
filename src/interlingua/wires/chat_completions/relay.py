"""Passing bytes on between a client and a provider that both speak this wire.

Nothing is written anew: of a request only the fields that are replaced change, and a
stream goes on as it came, while its end is looked at on the side.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest, ProviderError
from interlingua.types import Usage
from interlingua.types.chat_content import is_list, is_object, malformed
from interlingua.wires.chat_completions.errors import error_of
from interlingua.wires.chat_completions.usage import read_usage
from interlingua.wires.json_text import UNREADABLE, decode, mend

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode

_MODEL: Final = re.compile(rb'"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*")')
_NAME: Final = re.compile(
    rb'[ \t\n\r]*,?[ \t\n\r]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*:[ \t\n\r]*',
    re.DOTALL,
)
_END: Final = re.compile(rb"[ \t\n\r]*}")
_TAIL: Final = 64 * 1024


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway acts on in a request: the rest of the body stays unread."""

    model: str
    stream: bool = False
    include_usage: bool = False
    n: int | None = None
    max_tokens: int | None = None
    user: str | None = None


class PlainHead(msgspec.Struct, frozen=True, gc=False):
    """The head of a body that names its model once and plainly; `start` and `end` are that name's place."""

    model: str
    stream: bool
    start: int
    end: int

    def with_model(self, body: bytes, model: str) -> bytes:
        """Give the body with another model, and no other byte changed."""
        return b"".join((body[: self.start], _encode(model), body[self.end :]))


class _Acted(msgspec.Struct, gc=False):
    model: str
    stream: bool = False


class Member(msgspec.Struct, frozen=True, gc=False):
    """A member of an object, and where in its bytes the value stands."""

    name: str
    start: int
    end: int
    value: bytes


def plain_head(body: bytes) -> PlainHead | None:
    r"""Read the model and whether a stream is wanted, several times faster than `read_head`; None if it cannot.

    It can where `"model"` stands in the body once, `"stream"` at most once, and nothing
    is escaped that could be one of them: then that one place is the field's own. Other
    fields are checked to be JSON and left to the provider, even if they stand twice.

    Example:
        >>> plain_head(b'{"model": "gpt-6.2-sol", "messages": []}')
        PlainHead(model='gpt-6.2-sol', stream=False, start=10, end=23)

    """
    if body.count(b'"model"') != 1 or body.count(b'"stream"') > 1 or b"\\u00" in body:
        return None
    try:
        acted = _decode_acted(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    match = _MODEL.search(body)
    return None if match is None else PlainHead(acted.model, acted.stream, match.start(1), match.end(1))


_decode_acted = msgspec.json.Decoder(_Acted).decode


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
    options = _read(given, "stream_options")
    if options is not None and not is_object(options):
        raise malformed("stream_options", "an object")
    maximum = "max_completion_tokens" if "max_completion_tokens" in given else "max_tokens"
    model = _typed(given, "model", str, "given as a string")
    if model is None:
        raise malformed("model", "given as a string")
    return Head(
        model=model,
        stream=_typed(given, "stream", bool, "true or false") or False,
        include_usage=options is not None and options.get("include_usage") is True,
        n=_typed(given, "n", int, "an integer"),
        max_tokens=_typed(given, maximum, int, "an integer"),
        user=_typed(given, "user", str, "a string"),
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
        edits.append(_edit(body, members, "model", _encode(model)))
    if include_usage is not None:
        known = next((member for member in members if member.name == "stream_options"), None)
        wanted = _encode(include_usage)
        if known is not None and known.value.startswith(b"{"):
            inner = read_members(known.value)
            start, end, value = _edit(known.value, inner, "include_usage", wanted)
            edits.append((known.start + start, known.start + end, value))
        elif include_usage or known is not None:
            edits.append(_edit(body, members, "stream_options", b'{"include_usage":%b}' % wanted))
    for start, end, value in sorted(edits, reverse=True):
        body = body[:start] + value + body[end:]
    return body


def read_members(body: bytes) -> list[Member]:
    """Give the members of the object that `body` is, each with its place.

    The values are checked to be JSON and not read.

    Raises:
        InvalidRequest: it is not one JSON object, or has a name twice.

    """
    try:
        values, body = _read_values(body)
    except RecursionError as error:
        raise InvalidRequest("the body is nested too deeply.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the body is not a JSON object: {error}.") from error
    members: list[Member] = []
    place = body.index(b"{") + 1
    for name, raw in values.items():
        value = bytes(raw)
        start = _start_of_value(body, place, name)
        if start < 0 or not body.startswith(value, start):
            raise InvalidRequest(f"the body has a field twice (at or before {name!r}).", param=name)
        place = start + len(value)
        members.append(Member(name, start, place, value))
    if not _END.match(body, place):
        raise InvalidRequest("the body has a field twice.")
    return members


class StreamWatch:
    r"""Looks at a stream that passes by, and says at its end whether it was whole.

    Only the last bytes are kept, and they are not read before somebody asks.

    Example:
        >>> watch = StreamWatch()
        >>> watch.feed(b"data: [DONE]\n\n")
        >>> watch.finished
        True

    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self._reading: _Tail | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes as they pass."""
        self._kept.append(data)
        self._size += len(data)
        if self._size > 2 * _TAIL:
            self._trim()

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


def _read(given: dict[str, bytes], name: str) -> Any:
    if name not in given:
        return None
    try:
        return decode(given[name])
    except UNREADABLE as error:
        raise InvalidRequest(f"{name} is not valid JSON: {error}.", param=name) from error


def _typed(given: dict[str, bytes], name: str, kind: type, needed: str) -> Any:
    if name not in given:
        return None
    value = _read(given, name)
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise malformed(name, needed)
    return value


def _read_values(body: bytes) -> tuple[dict[str, msgspec.Raw], bytes]:
    """Give the values and the bytes that they are of, which may have been mended."""
    try:
        return _decode_members(body), body
    except msgspec.DecodeError:
        mended = mend(body)
        if mended == body:
            raise
    return _decode_members(mended), mended


def _edit(body: bytes, members: Sequence[Member], name: str, value: bytes) -> tuple[int, int, bytes]:
    """Give the place of a member's value and its new bytes, or of a new member at the object's end."""
    for member in members:
        if member.name == name:
            return member.start, member.end, value
    new = b"%b:%b" % (_encode(name), value)
    if members:
        return members[-1].end, members[-1].end, b"," + new
    place = body.index(b"{") + 1
    return place, place, new


def _start_of_value(body: bytes, place: int, name: str) -> int:
    """Give where the value of the member at `place` starts; -1 if that member has another name."""
    match = _NAME.match(body, place)
    if match is None:
        return -1
    found = match[1]
    if found != name.encode() and (b"\\" not in found or _decode_text(b'"%b"' % found) != name):
        return -1
    return match.end()
