"""Opaque state in a place that was made for another provider's.

A client of one wire may talk to a provider of another. What that provider wants back
untouched (a signature, encrypted reasoning, a block that nobody else knows) has no
place of its own on the client's wire, but every wire with reasoning has one for opaque
state of its own: a `redacted_thinking` block, a reasoning item's `encrypted_content`,
`reasoning_details`. There it travels as a sealed text, which the client keeps and
brings back, and which is opened when it comes.

A seal protects nothing: it is the client's own conversation. It marks whose it is.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interlingua.types.part import Extensions, OpaquePart, Part, TextPart, ThinkingPart, ToolCallPart

MARK: Final = "interlingua.1."
"""What every sealed text begins with; the number is the form's version."""

_ATTACHED: Final = "interlingua.attached"
_QUOTED: Final = b'"' + MARK.encode()
_CODED: Final = b'"' + base64.b64encode(MARK[:12].encode())  # of a length that the bytes after it do not change
_LONGEST: Final = 16 * 1024 * 1024


class _Sealed(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What is inside: the state of a reasoning part, a signature that belongs to another part, or a whole block."""

    wire: str | None = None
    signature: str | None = None
    encrypted: str | None = None
    field: str | None = None
    extensions: Extensions = {}
    call_id: str | None = None
    attached: bool = False
    data: dict[str, Any] | None = None
    text: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Sealed).decode


def seal(part: Part, *, whole: bool = False) -> str | None:
    """Seal what a client of another wire could not bring back of a part; None if there is nothing.

    Reasoning is sealed even if nothing in it is opaque, since only its own provider takes
    it back, in the place that it came from; reasoning of nobody is not. Its visible text
    stays outside, beside the sealed text, unless it is to be sealed `whole`. A signature
    on a tool call or a text is sealed with what it belongs to.

    Example:
        >>> text = seal(ThinkingPart(signature="EqQB…", wire="messages"))
        >>> unseal(text).signature
        'EqQB…'

    """
    if isinstance(part, ThinkingPart):
        wire = part.wire
        if wire is None and part.field is None:
            return None
        own = {name: fields for name, fields in part.extensions.items() if wire in (None, name)}
        text = part.text if whole else ""
        sealed = _Sealed(wire, part.signature, part.encrypted, part.field, own, text=text)
    elif isinstance(part, ToolCallPart) and part.signature is not None:
        sealed = _Sealed("generate_content", part.signature, call_id=part.id, attached=True)
    elif isinstance(part, TextPart) and part.signature is not None:
        sealed = _Sealed("generate_content", part.signature, attached=True)
    elif isinstance(part, OpaquePart):
        sealed = _Sealed(part.wire, data=part.data)
    else:
        return None
    return MARK + base64.urlsafe_b64encode(_encode(sealed)).decode("ascii").rstrip("=")


def unseal(text: str) -> Part | None:
    """Open a sealed text; None if it is none of ours.

    The part may be a signature that belongs to another part: give the whole message to
    `rejoin` afterwards.
    """
    if not text.startswith(MARK) or len(text) > _LONGEST:
        return None
    coded = text[len(MARK) :]
    try:
        sealed = _decode(base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if sealed.attached:
        return OpaquePart(_ATTACHED, {"call_id": sealed.call_id, "signature": sealed.signature})
    if sealed.data is not None:
        return OpaquePart(sealed.wire, sealed.data) if sealed.wire is not None else None
    return ThinkingPart(
        text=sealed.text,
        signature=sealed.signature,
        encrypted=sealed.encrypted,
        field=sealed.field,
        extensions=sealed.extensions,
        wire=sealed.wire,
    )


def carries_seal(body: bytes) -> bool:
    """Tell whether sealed state stands in the bytes of a request, as a text or coded as Gemini's signatures are."""
    return _QUOTED in body or _CODED in body


def rejoin(parts: Sequence[Part]) -> list[Part]:
    """Put signatures that were sealed apart onto the parts that they belong to: their call, or the next text."""
    if not any(isinstance(part, OpaquePart) and part.wire == _ATTACHED for part in parts):
        return list(parts)
    joined: list[Part] = []
    calls = {part.id: part for part in parts if isinstance(part, ToolCallPart)}
    waiting: str | None = None
    for part in parts:
        if isinstance(part, OpaquePart) and part.wire == _ATTACHED:
            call = calls.get(part.data["call_id"] or "")
            if call is not None:
                call.signature = part.data["signature"]
            elif part.data["call_id"] is None:
                waiting = part.data["signature"]
            continue
        if waiting is not None and isinstance(part, TextPart):
            part.signature, waiting = waiting, None
        joined.append(part)
    if waiting is not None:
        joined.append(TextPart("", signature=waiting))
    return joined


def is_foreign(part: Part, wire: str) -> bool:
    """Tell whether a part holds state that a provider of `wire` cannot use."""
    if isinstance(part, ThinkingPart):
        return part.wire is not None and part.wire != wire
    return isinstance(part, OpaquePart) and part.wire != wire
