"""Failures in Anthropic's shape (anthropic 2.12 `types/shared/error_object.py` and `_client.py`, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import (
    BadRequest,
    ConfigError,
    Error,
    Forbidden,
    InvalidRequest,
    LimitError,
    NoSuchModel,
    NoSuchProvider,
    NotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    Throttled,
    TimedOut,
    Unauthorized,
)
from interlingua.types.shape import is_object
from interlingua.wires.failure import masked
from interlingua.wires.failure import parse_error as parse_failure
from interlingua.wires.json_text import UNREADABLE, decode

_KINDS: Final[dict[type[Error], str]] = {
    BadRequest: "invalid_request_error",
    InvalidRequest: "invalid_request_error",
    Unauthorized: "authentication_error",
    Forbidden: "permission_error",
    NotFound: "not_found_error",
    NoSuchModel: "not_found_error",
    NoSuchProvider: "not_found_error",
    QuotaExhausted: "billing_error",
    Throttled: "rate_limit_error",
    LimitError: "rate_limit_error",
    Overloaded: "overloaded_error",
    TimedOut: "timeout_error",
    ConfigError: "api_error",
}
_BY_STATUS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Read an error reply; its cause has a name of its own in `details`, and its request in the body too."""
    error = parse_failure(status, headers, body)
    fields = _given(body)
    if fields is not None:
        identity, details = fields.get("request_id"), fields["error"].get("details")
        code = details.get("error_code") if is_object(details) else None
        if error.request_id is None and isinstance(identity, str):
            error.request_id = identity
        if isinstance(code, str):
            error.code = code
    return error


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    return msgspec.json.encode(error_object(error))


def error_object(error: Error) -> dict[str, Any]:
    """Give the object of an error reply, or of an error in a stream; one that came in this form stays as it came."""
    given = _given(error.body)
    if given is not None:
        return given
    kind = _BY_STATUS.get(error.status or 0)
    if kind is None:
        kind = next((_KINDS[cls] for cls in type(error).__mro__ if cls in _KINDS), "api_error")
    fields: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": masked(error.message)}}
    if error.request_id is not None:
        fields["request_id"] = error.request_id
    return fields


def _given(body: bytes | None) -> dict[str, Any] | None:
    if body is None or b'"error"' not in body:
        return None
    try:
        fields = decode(body)
    except UNREADABLE:
        return None
    told = fields.get("error") if is_object(fields) and fields.get("type") == "error" else None
    if not is_object(told) or not isinstance(told.get("type"), str) or not isinstance(told.get("message"), str):
        return None
    return {**fields, "error": {**told, "message": masked(told["message"])}}


__all__ = ["error_object", "parse_error", "render_error"]
