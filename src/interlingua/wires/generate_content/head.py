"""What a gateway looks at before it knows whether a body passes or is translated."""

import msgspec

from interlingua.types.shape import malformed
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.members import read_members
from interlingua.wires.request_head import RequestHead


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    candidates: list[msgspec.Raw]
    error: msgspec.Raw | msgspec.UnsetType | None = msgspec.UNSET


_decode_answer = msgspec.json.Decoder(_Answer).decode


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on, all of which stands in the address; the body is only checked to be an object."""
    if model is None:
        raise malformed("model", "given in the address")
    read_members(body)
    return RequestHead(model, stream or False)


def is_answer(body: bytes) -> bool:
    """Tell quickly whether a whole reply looks like an answer."""
    try:
        return _decode_answer(body).error is msgspec.UNSET
    except UNREADABLE:
        return False
