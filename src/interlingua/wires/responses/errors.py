"""Failures in OpenAI's shape; they are read by `wires.failure`, whatever their shape."""

from typing import Any, Final

import msgspec

from interlingua.errors import (
    BadRequest,
    ContextTooLong,
    Error,
    Forbidden,
    InvalidRequest,
    LimitError,
    NoSuchModel,
    NoSuchProvider,
    NotFound,
    Overloaded,
    QuotaExhausted,
    Throttled,
    Unauthorized,
)
from interlingua.wires.failure import masked, parse_error

_WRITTEN: Final[dict[type[Error], tuple[str, str | None]]] = {
    ContextTooLong: ("invalid_request_error", "context_length_exceeded"),
    BadRequest: ("invalid_request_error", None),
    InvalidRequest: ("invalid_request_error", None),
    Unauthorized: ("authentication_error", "invalid_api_key"),
    Forbidden: ("permission_error", "permission_denied"),
    NotFound: ("invalid_request_error", "model_not_found"),
    NoSuchModel: ("invalid_request_error", "model_not_found"),
    NoSuchProvider: ("invalid_request_error", "model_not_found"),
    QuotaExhausted: ("insufficient_quota", "insufficient_quota"),
    Throttled: ("rate_limit_error", "rate_limit_exceeded"),
    LimitError: ("rate_limit_error", "rate_limit_exceeded"),
    Overloaded: ("overloaded_error", "overloaded"),
}


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    return msgspec.json.encode({"error": error_fields(error)})


def error_fields(error: Error) -> dict[str, Any]:
    """Give the object of an error reply."""
    kind, code = next((_WRITTEN[cls] for cls in type(error).__mro__ if cls in _WRITTEN), ("server_error", error.kind))
    return {"message": masked(error.message), "type": kind, "param": error.param, "code": error.code or code}


__all__ = ["error_fields", "parse_error", "render_error"]
