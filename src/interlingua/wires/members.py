"""The members of a JSON object, found in its bytes without reading their values.

A body that passes between two speakers of one wire is not written anew: what a gateway
acts on is found by its place, and only the bytes of that place are replaced.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.errors import InvalidRequest
from interlingua.types.shape import malformed
from interlingua.wires.json_text import UNREADABLE, decode, mend

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode

_NAME: Final = re.compile(
    rb'[ \t\n\r]*,?[ \t\n\r]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*:[ \t\n\r]*',
    re.DOTALL,
)
_END: Final = re.compile(rb"[ \t\n\r]*}")


class Member(msgspec.Struct, frozen=True, gc=False):
    """A member of an object, and where in its bytes the value stands."""

    name: str
    start: int
    end: int
    value: bytes


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


def edited(body: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Give the body with the bytes of some places replaced, each given as start, end and new bytes."""
    for start, end, value in sorted(edits, reverse=True):
        body = body[:start] + value + body[end:]
    return body


def edit_of(body: bytes, members: Sequence[Member], name: str, value: bytes) -> tuple[int, int, bytes]:
    """Give the place of a member's value and its new bytes, or of a new member at the object's end."""
    for member in members:
        if member.name == name:
            return member.start, member.end, value
    new = b"%b:%b" % (_encode(name), value)
    if members:
        return members[-1].end, members[-1].end, b"," + new
    place = body.index(b"{") + 1
    return place, place, new


def value_of(given: dict[str, bytes], name: str) -> Any:
    """Read one member's value, given the bytes of all; None if it is not there.

    Raises:
        InvalidRequest: it is not valid JSON after all.

    """
    if name not in given:
        return None
    try:
        return decode(given[name])
    except UNREADABLE as error:
        raise InvalidRequest(f"{name} is not valid JSON: {error}.", param=name) from error


def typed_value(given: dict[str, bytes], name: str, kind: type, needed: str) -> Any:
    """Read one member's value, which is of that kind or null; `needed` is how an error calls the kind.

    Raises:
        InvalidRequest: it is of another kind.

    """
    if name not in given:
        return None
    value = value_of(given, name)
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


def _start_of_value(body: bytes, place: int, name: str) -> int:
    """Give where the value of the member at `place` starts; -1 if that member has another name."""
    match = _NAME.match(body, place)
    if match is None:
        return -1
    found = match[1]
    if found != name.encode() and (b"\\" not in found or _decode_text(b'"%b"' % found) != name):
        return -1
    return match.end()
