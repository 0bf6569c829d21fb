"""Reading and writing anew the JSON of a stream's events, of a line of JSON, or of a whole answer."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

_DATA: Final = b"data: "


def data_of(event: bytes) -> Any:
    """Give what an event says, or None where that is no object of JSON."""
    try:
        return msgspec.json.decode(_split(event)[1], type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def with_data(event: bytes, data: bytes) -> bytes:
    """Give an event with other data in the same frame."""
    head, _, tail = _split(event)
    return head + data + tail


def edited(event: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Give an event whose data was changed in place; one that says no object stays as it is."""
    data = data_of(event)
    if data is None:
        return event
    change(data)
    return with_data(event, msgspec.json.encode(data))


def _split(event: bytes) -> tuple[bytes, bytes, bytes]:
    start = event.find(_DATA)
    start = 0 if start < 0 else start + len(_DATA)
    body = event[start:].rstrip(b"\r\n")
    return event[:start], body, event[start + len(body) :]
