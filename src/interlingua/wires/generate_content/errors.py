"""Failures in Google's shape (google-genai 3.4 `errors.py`, google.rpc.Status and its details, read 2026-11-25)."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import Error, ProviderError, QuotaExhausted, Throttled, Unauthorized
from interlingua.types.shape import is_list, is_object
from interlingua.wires.failure import error_of as error_of_any
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
_KEY_REASONS: Final = ("API_KEY_INVALID", "CREDENTIALS_MISSING", "ACCESS_TOKEN_EXPIRED")
"""Words of google.api.ErrorReason for a key that is refused, which the Gemini API says with status 400."""

_DELAY: Final = re.compile(r"(\d+(?:\.\d+)?)s")


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Read an error reply; its details say how long to wait, and what a 429 and a 400 mean."""
    return _told(parse_any_error(status, headers, body), _decoded(body))


def error_of(data: object, *, body: bytes | None = None) -> ProviderError:
    """Read an error that a reply or a stream carries, decoded."""
    return _told(error_of_any(data, body=body), data)


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    return msgspec.json.encode(error_object(error))


def error_object(error: Error) -> dict[str, Any]:
    """Give the object of an error reply, or of an error in a stream."""
    status = error.status if error.status is not None and 400 <= error.status < 600 else error.status_hint
    word = _WORDS.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return {"error": {"code": status, "message": masked(error.message), "status": word}}


def _told(error: ProviderError, data: object) -> ProviderError:
    """Give the error that the details in Google's shape make of what any provider could have said."""
    details = _details_of(data)
    if error.retry_after is None:
        error.retry_after = next((delay for each in details if (delay := _delay(each)) is not None), None)
    if any(each.get("reason") in _KEY_REASONS for each in details):
        return _as(Unauthorized, error)
    if isinstance(error, Throttled):
        limits = [word for each in details for word in _quotas(each)]
        if any("PerDay" in word for word in limits):
            return _as(QuotaExhausted, error)
        if limits or error.retry_after is not None:  # its message is that of an account without money
            return _as(Throttled, error)
    return error


def _as(kind: type[ProviderError], error: ProviderError) -> ProviderError:
    if type(error) is kind:
        return error
    return kind(
        error.message,
        status=error.status,
        code=error.code,
        param=error.param,
        request_id=error.request_id,
        retry_after=error.retry_after,
        body=error.body,
    )


def _decoded(body: bytes) -> object:
    try:
        return decode(body)
    except UNREADABLE:
        return None


def _details_of(data: object) -> list[Mapping[str, Any]]:
    if is_list(data):
        data = data[0] if data else None
    inner = data.get("error") if is_object(data) else None
    details = inner.get("details") if is_object(inner) else None
    return [each for each in details if is_object(each)] if is_list(details) else []


def _quotas(detail: Mapping[str, Any]) -> list[str]:
    """Give the names of the limits that were passed (`GenerateRequestsPerMinutePerProjectPerModel-FreeTier`)."""
    violations = detail.get("violations")
    names = [each.get("quotaId") for each in violations if is_object(each)] if is_list(violations) else []
    return [name for name in names if isinstance(name, str)]


def _delay(detail: Mapping[str, Any]) -> float | None:
    delay = detail.get("retryDelay")
    match = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
    return float(match[1]) if match is not None else None
