"""Failures in OpenAI's shape, which its APIs and those made like them have; `wires.failure` reads them."""

from typing import Any, Final

import msgspec

from interlingua.errors import (
    BadRequest,
    ConcurrencyExceeded,
    ContentBlocked,
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
    TimedOut,
    Unauthorized,
    Unsupported,
)
from interlingua.wires.failure import masked

_WRITTEN: Final[dict[type[Error], tuple[str, str | None]]] = {
    ContextTooLong: ("invalid_request_error", "context_length_exceeded"),
    ContentBlocked: ("invalid_request_error", "content_filter"),
    BadRequest: ("invalid_request_error", None),
    InvalidRequest: ("invalid_request_error", None),
    Unsupported: ("invalid_request_error", "unsupported_parameter"),
    Unauthorized: ("authentication_error", "invalid_api_key"),
    Forbidden: ("permission_error", "permission_denied"),
    NotFound: ("invalid_request_error", "model_not_found"),
    NoSuchModel: ("invalid_request_error", "model_not_found"),
    NoSuchProvider: ("invalid_request_error", "model_not_found"),
    QuotaExhausted: ("insufficient_quota", "insufficient_quota"),
    Throttled: ("rate_limit_error", "rate_limit_exceeded"),
    ConcurrencyExceeded: ("rate_limit_error", "concurrency_exceeded"),
    LimitError: ("rate_limit_error", "rate_limit_exceeded"),
    Overloaded: ("overloaded_error", "overloaded"),
    TimedOut: ("server_error", "timed_out"),
}
"""The `type` and `code` of each class; any other is a `server_error` with its kind as the code."""


def render_error(error: Error) -> bytes:
    """Write an error reply; what looks like a key in its message is masked."""
    return msgspec.json.encode({"error": error_fields(error)})


def error_fields(error: Error) -> dict[str, Any]:
    """Give the object that an error reply holds."""
    kind, code = next((_WRITTEN[cls] for cls in type(error).__mro__ if cls in _WRITTEN), ("server_error", error.kind))
    return {"message": masked(error.message), "type": kind, "param": error.param, "code": error.code or code}
