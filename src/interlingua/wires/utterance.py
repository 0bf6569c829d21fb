"""Telling the pieces of a passing stream that say something from its signs of life."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from interlingua.types.shape import is_object
from interlingua.wires.json_text import UNREADABLE, decode

_DATA: Final = re.compile(rb"^data: ?(.*)$", re.MULTILINE)

Says = Callable[[dict[str, Any]], bool]
"""Tells whether an object of a wire says something."""


def event_says(data: bytes, says: Says) -> bool:
    r"""Tell whether one of these server-sent events says something; comments and empty events do not.

    Example:
        >>> event_says(b": keep-alive\n\n", lambda fields: True)
        False

    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return any_says(_DATA.findall(data), says)


def any_says(payloads: Iterable[bytes], says: Says) -> bool:
    """Tell whether one of these JSON texts says something, as an error does, and what is no object."""
    for payload in payloads:
        if not payload or payload.isspace():
            continue
        try:
            fields = decode(payload)
        except UNREADABLE:
            return True
        if not is_object(fields) or fields.get("error") or says(dict(fields)):
            return True
    return False
