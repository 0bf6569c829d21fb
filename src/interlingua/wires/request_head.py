"""What a gateway acts on in a request, read without reading the rest of the body."""

import re
from typing import Final

import msgspec

from interlingua.types.shape import malformed
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.members import Member, read_members, typed_value

_MODEL: Final = re.compile(rb'"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*")')


class RequestHead(msgspec.Struct, frozen=True, gc=False):
    """The model that is asked for, and whether the answer is to be streamed.

    `start` and `end` are the place of the model's name in the body; where it stands in
    the address instead, both are 0 and the body never changes.
    """

    model: str
    stream: bool
    start: int = 0
    end: int = 0

    def with_model(self, body: bytes, model: str) -> bytes:
        """Give the body with another model, and no other byte changed."""
        if self.end == 0:
            return body
        return b"".join((body[: self.start], _encode(model), body[self.end :]))


class _Acted(msgspec.Struct, gc=False):
    model: str
    stream: bool | None = None


_encode = msgspec.json.Encoder().encode
_decode_acted = msgspec.json.Decoder(_Acted).decode


def read_head(body: bytes, *, stream: bool = False) -> RequestHead:
    """Read the model and whether a stream is wanted, for wires that say both in the body.

    `stream` is what is meant where the body does not say. A name that stands in the body
    once and plainly is found several times faster than one that needs care; then other
    fields are left to the provider, even if they stand twice.

    Example:
        >>> read_head(b'{"model": "gpt-6.2-sol", "messages": []}')
        RequestHead(model='gpt-6.2-sol', stream=False, start=10, end=23)

    Raises:
        InvalidRequest: the body is not a JSON object, has a field twice, or one of the
            two has the wrong type.

    """
    return plain_head(body, stream=stream) or head_of(read_members(body), stream=stream)


def plain_head(body: bytes, *, stream: bool = False) -> RequestHead | None:
    r"""Read the head of a body that names its model once and plainly; None for any other.

    It can where `"model"` stands in the body once, `"stream"` at most once, and nothing
    is escaped that could be one of them: then that one place is the field's own.
    """
    if body.count(b'"model"') != 1 or body.count(b'"stream"') > 1 or b"\\u00" in body:
        return None
    try:
        acted = _decode_acted(body)
    except UNREADABLE:
        return None
    match = _MODEL.search(body)
    if match is None:
        return None
    return RequestHead(acted.model, stream if acted.stream is None else acted.stream, match.start(1), match.end(1))


def head_of(members: list[Member], *, stream: bool = False) -> RequestHead:
    """Read the head from members that have been read already; see `read_head`."""
    given = {member.name: member.value for member in members}
    model = typed_value(given, "model", str, "given as a string")
    if model is None:
        raise malformed("model", "given as a string")
    wanted = typed_value(given, "stream", bool, "true or false")
    place = next(member for member in members if member.name == "model")
    return RequestHead(model, stream if wanted is None else wanted, place.start, place.end)
