r"""Reading JSON from other people.

A text that was cut inside an emoji has half of a surrogate pair (`\ud83d`). JavaScript
writes such texts and other readers take them, so they are taken here too, with U+FFFD in
the place of the half.
"""

import re
from typing import Any, Final

import msgspec

_ESCAPE: Final = re.compile(
    rb"\\(?:"
    rb"(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|.)",
    re.DOTALL,
)

_decode = msgspec.json.Decoder().decode

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What `decode` raises for bytes that are not JSON, or nested too deeply."""


def decode(data: bytes) -> Any:
    """Read JSON.

    Raises:
        msgspec.DecodeError: it is none.
        UnicodeDecodeError: a text is not UTF-8.
        RecursionError: it is nested too deeply.

    """
    try:
        return _decode(data)
    except msgspec.DecodeError:
        mended = mend(data)
        if mended == data:
            raise
    return _decode(mended)


def mend(data: bytes) -> bytes:
    """Replace halves of surrogate pairs; the length stays, and so does every other byte."""
    if b"\\ud" not in data and b"\\uD" not in data:
        return data
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match["half"] else match[0], data)
