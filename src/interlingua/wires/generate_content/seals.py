"""State of other wires in an answer of this one, in the signature of a part that every client brings back.

Clients must bring back the signatures of calls and texts, but many leave out thoughts
(Gemini CLI does). So what is sealed does not stand on a thought, but on the next part
after it, of which nobody but Gemini looks into the signature; where none follows, on the
last call, or else on a text that is empty, as Gemini itself does it.
"""

import base64
import binascii
from typing import Any, Final

import msgspec

from interlingua.types import OpaquePart, Part, TextPart, ThinkingPart, ToolCallPart
from interlingua.types.seal import seal, unseal

WIRE: Final = "generate_content"

_BEGINNING: Final = base64.b64encode(b"interlingua.").decode()
"""What a sealed signature begins with: the beginning of `types.seal.MARK`."""

_BETWEEN: Final = "\n"
_SIGNED: Final = (TextPart, ToolCallPart, ThinkingPart)


class Seals:
    """What was sealed and waits for a part to stand on."""

    __slots__ = ("_sealed",)

    def __init__(self) -> None:
        self._sealed: list[str] = []

    def add(self, part: Part) -> None:
        """Seal a part, its text included, if it is reasoning or a block of another wire."""
        if not isinstance(part, ThinkingPart | OpaquePart) or part.wire == WIRE:
            return
        sealed = seal(part, whole=True)
        if sealed is not None:
            self._sealed.append(sealed)

    def put_on(self, part: dict[str, Any]) -> list[dict[str, Any]]:
        """Put what waits on a written part, or in front of it where it has a signature of its own."""
        if not self._sealed:
            return [part]
        if "thoughtSignature" in part:
            return [self.alone(), part]
        part["thoughtSignature"] = self._coded()
        return [part]

    def alone(self) -> dict[str, Any]:
        """Write what waits as a text that is empty."""
        return {"text": "", "thoughtSignature": self._coded()}

    def end(self, last: dict[str, Any] | None) -> list[dict[str, Any]]:
        """Put what waits on the answer's last part if that is a call, or else give a part for it."""
        if not self._sealed:
            return []
        if last is None or "functionCall" not in last:
            return [self.alone()]
        there: str = last.get("thoughtSignature", "")
        if there and not there.startswith(_BEGINNING):
            return [self.alone()]
        if there:  # what was sealed before the call stands on it already
            self._sealed.insert(0, base64.b64decode(there).decode("ascii"))
        last["thoughtSignature"] = self._coded()
        return []

    def _coded(self) -> str:
        sealed, self._sealed = self._sealed, []
        return base64.b64encode(_BETWEEN.join(sealed).encode()).decode("ascii")


def opened(signature: str) -> list[Part]:
    """Open a signature; nothing is in Gemini's own."""
    if not signature.startswith(_BEGINNING):
        return []
    try:
        text = base64.b64decode(signature, altchars=b"-_", validate=False).decode("ascii")
    except (binascii.Error, ValueError):
        return []
    return [part for each in text.split(_BETWEEN) if (part := unseal(each)) is not None]


def unsealed(parts: list[Part]) -> list[Part]:
    """Give the parts with what was sealed on them in front of them, where it stood.

    Thoughts that were shown before it are its text, if the client brought them back,
    and texts after it that have nothing else are one, as they were before they were
    streamed.
    """
    for part in parts:
        if isinstance(part, _SIGNED) and part.signature and part.signature.startswith(_BEGINNING):
            break
    else:
        return parts
    read: list[Part] = []
    joins = False
    for given in parts:
        part = given
        found = opened(_signature_of(part))
        if found:
            shown = _taken_thoughts(read) + (part.text if isinstance(part, ThinkingPart) else "")
            if isinstance(found[0], ThinkingPart) and not found[0].text:
                found[0].text = shown
            read += found
            if not isinstance(part, TextPart | ToolCallPart):
                continue
            if isinstance(part, TextPart) and not part.text and not part.extensions:
                continue
            part = msgspec.structs.replace(part, signature=None)
            joins = isinstance(part, TextPart)
        elif joins and isinstance(part, TextPart) and _is_plain(part) and isinstance(last := read[-1], TextPart):
            last.text += part.text
            continue
        else:
            joins = False
        read.append(part)
    return read


def _signature_of(part: Part) -> str:
    return (part.signature or "") if isinstance(part, _SIGNED) else ""


def _is_plain(part: TextPart) -> bool:
    return part.signature is None and not part.extensions


def _taken_thoughts(read: list[Part]) -> str:
    """Take the thoughts without a signature from the end, and give their text."""
    texts: list[str] = []
    while read and isinstance(last := read[-1], ThinkingPart) and last.wire == WIRE and last.signature is None:
        texts.insert(0, last.text)
        read.pop()
    return "".join(texts)
