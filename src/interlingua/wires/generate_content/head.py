"""What a gateway looks at before it knows whether a body passes or is translated."""

import msgspec

from interlingua.types.shape import malformed
from interlingua.wires.json_text import UNREADABLE
from interlingua.wires.members import read_members
from interlingua.wires.request_head import RequestHead


class _Part(msgspec.Struct, gc=False):
    text: str | None = None


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False):
    content: _Content | None = None


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    candidates: list[_Candidate]
    error: msgspec.Raw | msgspec.UnsetType | None = msgspec.UNSET


_decode_answer = msgspec.json.Decoder(_Answer).decode


def read_head(body: bytes, *, model: str | None = None, stream: bool | None = None) -> RequestHead:
    """Read what a gateway acts on, all of which stands in the address; the body is only checked to be an object."""
    if model is None:
        raise malformed("model", "given in the address")
    read_members(body)
    return RequestHead(model, stream or False)


def is_answer(body: bytes) -> bool:
    """Tell quickly whether a whole reply is an answer; see `RelayedWire`."""
    try:
        return _decode_answer(body).error is msgspec.UNSET
    except UNREADABLE:
        return False
