"""Failures, read (botocore 1.44 `bedrock-runtime` exceptions, read 2026-11-23)."""

from collections.abc import Mapping
from typing import Any, Final

from interlingua.errors import ProviderError
from interlingua.types.shape import is_object
from interlingua.wires.failure import error_of
from interlingua.wires.json_text import UNREADABLE, decode

_STATUS: Final = {
    "validationexception": 400,
    "accessdeniedexception": 403,
    "resourcenotfoundexception": 404,
    "modeltimeoutexception": 408,
    "modelerrorexception": 502,
    "modelstreamerrorexception": 502,
    "throttlingexception": 429,
    "modelnotreadyexception": 503,
    "internalserverexception": 500,
    "serviceunavailableexception": 503,
    "expiredtokenexception": 401,
    "unrecognizedclientexception": 401,
    "invalidsignatureexception": 401,
}
"""The status whose class each exception has; a model's own error is a fault of the server's."""


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Read an error reply, whose kind stands in a header or in `__type`."""
    named = {name.lower(): value for name, value in headers.items()}
    try:
        data = decode(body)
    except UNREADABLE:
        data = body.decode("utf-8", "replace").strip()
    fields: dict[str, Any] = dict(data) if is_object(data) else {}
    kind = named.get("x-amzn-errortype") or str(fields.get("__type") or fields.get("code") or "")
    message = fields.get("message") or fields.get("Message")
    if "x-amzn-requestid" in named:
        named.setdefault("x-request-id", named["x-amzn-requestid"])
    given = message if isinstance(message, str) else data if isinstance(data, str) else ""
    return _error(kind.partition(":")[0].rpartition("#")[2], given, status=status, headers=named, body=body)


def error_in_stream(kind: str, message: str, body: bytes) -> ProviderError:
    """Give the error that a message of a stream carries."""
    return _error(kind, message, status=200, headers={}, body=body)


def _error(kind: str, message: str, *, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    meant = _STATUS.get(kind.lower(), status)
    told = {"message": message or kind or f"The provider answered with status {status} and no message."}
    error = error_of({"error": told}, status=meant, headers=headers, body=body)
    error.status = status if status >= 300 else meant if meant >= 300 else None
    error.code = kind or None
    return error
