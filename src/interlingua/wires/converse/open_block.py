"""A block that arrives in pieces, put together as it would have come whole."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

from interlingua.types import OpaquePart, Part
from interlingua.types.accumulation import accumulate
from interlingua.types.shape import is_list, is_object
from interlingua.wires.converse.content import read_block
from interlingua.wires.converse.fields import WIRE
from interlingua.wires.json_text import UNREADABLE, decode


class OpenBlock:
    """A block that is being read: its call's number, or what is known of another kind."""

    __slots__ = ("arguments", "call", "deltas", "redacted", "start")

    def __init__(self, call: int | None = None, start: Mapping[str, Any] | None = None) -> None:
        self.call = call
        self.start = dict(start or {})
        self.arguments = False
        self.deltas: list[Mapping[str, Any]] = []
        self.redacted: list[str] = []

    def part(self) -> Part | None:
        """Give the part that the pieces make; None if there are none."""
        if self.call is not None or not (self.start or self.deltas):
            return None
        block: dict[str, Any] = {}
        for kind in dict.fromkeys(name for piece in (self.start, *self.deltas) for name in piece):
            pieces = [delta[kind] for delta in self.deltas if kind in delta]
            put_together = _KINDS.get(kind)
            begun = self.start.get(kind)
            if put_together is not None and (begun is None or is_object(begun)):
                block[kind] = put_together(begun or {}, pieces)
                continue
            whole: dict[str, Any] = {} if begun is None else {kind: begun}
            for piece in pieces:
                accumulate(whole, {kind: piece})
            block |= whole
        return read_block(block, "content") if len(block) == 1 else OpaquePart(WIRE, block)

    def encrypted(self) -> str | None:
        """Give the redacted reasoning; its pieces are bytes, each of them coded for itself."""
        return join_coded(self.redacted) if self.redacted else None


def join_coded(pieces: Sequence[str]) -> str:
    """Join bytes that stand in texts of base64; one text is left as it came.

    Example:
        >>> join_coded(["YQ==", "Yg=="])
        'YWI='

    """
    if len(pieces) == 1:
        return pieces[0]
    try:
        return base64.b64encode(b"".join(base64.b64decode(piece, validate=True) for piece in pieces)).decode()
    except (binascii.Error, ValueError):
        return "".join(pieces)


def _call_of_a_server(begun: Mapping[str, Any], pieces: Sequence[Any]) -> dict[str, Any]:
    inputs = [piece.get("input") for piece in pieces if is_object(piece)]
    text = "".join(each for each in inputs if isinstance(each, str))
    try:
        given = decode((text or "{}").encode())
    except UNREADABLE:
        given = {"input": text}
    return {**begun, "input": given}


def _result(begun: Mapping[str, Any], pieces: Sequence[Any]) -> dict[str, Any]:
    content: list[Any] = []
    for piece in pieces:
        for number, each in enumerate(piece if is_list(piece) else [piece]):
            last = content[-1] if content and number == 0 else None
            if is_object(last) and is_object(each) and set(last) == set(each) == {"text"}:
                content[-1] = {"text": f"{last['text']}{each['text']}"}
            else:
                content.append(each)
    return {**begun, "content": content}


def _image(begun: Mapping[str, Any], pieces: Sequence[Any]) -> dict[str, Any]:
    whole: dict[str, Any] = dict(begun)
    coded: list[str] = []
    for piece in pieces:
        source = piece.get("source") if is_object(piece) else None
        data = source.get("bytes") if is_object(source) else None
        if isinstance(data, str):
            coded.append(data)
        elif is_object(piece):
            accumulate(whole, piece)
    return whole | ({"source": {"bytes": join_coded(coded)}} if coded else {})


_KINDS: Final = {"toolUse": _call_of_a_server, "toolResult": _result, "image": _image}
