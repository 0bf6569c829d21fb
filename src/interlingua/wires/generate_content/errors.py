"""Failures in Google's shape (google-genai 3.4 `errors.py`, and google.rpc.Status, read 2026-11-23)."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import Error, ProviderError
from interlingua.types.shape import is_list, is_object
from interlingua.wires.failure import masked
from interlingua.wires.failure import parse_error as parse_any_error
from interlingua.wires.json_text import UNREADABLE, decode

_WORDS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_DELAY: Final = re.compile(r"(\d+(?:\.\d+)?)s")


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Read an error reply; the time to wait stands in its details."""
    error = parse_any_error(status, headers, body)
    if error.retry_after is None:
        error.retry_after = _delay_of(body)
    return error


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    return msgspec.json.encode(error_object(error))


def error_object(error: Error) -> dict[str, Any]:
    """Give the object of an error reply, or of an error in a stream."""
    status = error.status if error.status is not None and 400 <= error.status < 600 else error.status_hint
    word = _WORDS.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return {"error": {"code": status, "message": masked(error.message), "status": word}}


def _delay_of(body: bytes) -> float | None:
    try:
        fields = decode(body)
    except UNREADABLE:
        return None
    inner = fields.get("error") if is_object(fields) else None
    details = inner.get("details") if is_object(inner) else None
    for detail in details if is_list(details) else ():
        delay = detail.get("retryDelay") if is_object(detail) else None
        match = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
        if match is not None:
            return float(match[1])
    return None
