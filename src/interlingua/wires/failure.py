"""Reading failures, whoever tells them.

Shapes that are read: OpenAI's and Azure's `{"error": {"message", "type", "param",
"code"}}`, `error` as a bare string, FastAPI's `detail`, Google's list of one such
object, Anthropic's `{"type": "error", "error": {"type", "message"}}`, Ollama's text, a bare
`message`, plain text, a web page, nothing. Facts read 2026-11-22.
"""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interlingua.errors import (
    BadRequest,
    ContentBlocked,
    ContextTooLong,
    Forbidden,
    NotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    ServerFault,
    Throttled,
    Unauthorized,
)
from interlingua.types.shape import is_list, is_object
from interlingua.wires.json_text import UNREADABLE, decode

_BY_STATUS: Final[dict[int, type[ProviderError]]] = {
    401: Unauthorized,
    402: QuotaExhausted,
    403: Forbidden,
    404: NotFound,
    408: ProviderError,
    409: ProviderError,
    425: ProviderError,
    429: Throttled,
    498: Overloaded,  # Groq: no flex capacity
    503: Overloaded,
    529: Overloaded,
}
_RETRYABLE: Final = (408, 409, 425)

_BY_WORD: Final[dict[str, type[ProviderError]]] = {
    "context_length_exceeded": ContextTooLong,
    "exceed_context_size_error": ContextTooLong,
    "string_above_max_length": ContextTooLong,
    "content_filter": ContentBlocked,
    "content_policy_violation": ContentBlocked,
    "responsibleaipolicyviolation": ContentBlocked,
    "moderation_blocked": ContentBlocked,
    "data_inspection_failed": ContentBlocked,
    "insufficient_quota": QuotaExhausted,
    "billing_hard_limit_reached": QuotaExhausted,
    "billing_not_active": QuotaExhausted,
    "quota_exceeded": QuotaExhausted,
    "insufficient_balance": QuotaExhausted,
    "rate_limit_exceeded": Throttled,
    "rate_limit_error": Throttled,
    "too_many_requests": Throttled,
    "resource_exhausted": Throttled,
    "overloaded_error": Overloaded,
    "overloaded": Overloaded,
    "unavailable": Overloaded,
    "service_unavailable": Overloaded,
    "invalid_api_key": Unauthorized,
    "authentication_error": Unauthorized,
    "unauthenticated": Unauthorized,
    "api_key_invalid": Unauthorized,
    "permission_error": Forbidden,
    "permission_denied": Forbidden,
    "unsupported_country_region_territory": Forbidden,
    "model_not_found": NotFound,
    "deploymentnotfound": NotFound,
    "not_found_error": NotFound,
    "not_found": NotFound,
    "server_error": ServerFault,
    "internal_error": ServerFault,
    "internal_server_error": ServerFault,
    "api_error": ServerFault,
    "invalid_request_error": BadRequest,
    "bad_request": BadRequest,
    "invalid_argument": BadRequest,
}
"""Codes and types that say more than the status, in lower case."""

_SPECIFIC: Final = (ContextTooLong, ContentBlocked, QuotaExhausted, Unauthorized, NotFound)
"""Classes that a word in a 4xx may name although its status names another."""

_TOO_LONG: Final = (
    "maximum context length",
    "maximum prompt length",
    "context length exceeded",
    "context window",
    "exceeds the context",
    "exceeds the available context",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input length exceeds",
    "too many input tokens",
    "input token count",
    "reduce the length of the messages",
    "larger than the maximum context",
)
_BLOCKED: Final = ("content management policy", "content policy", "safety system", "flagged by", "content filter")
_QUOTA: Final = ("exceeded your current quota", "insufficient balance", "insufficient credit", "billing")

_RESET_HEADERS: Final = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset")
_REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "apim-request-id", "x-ms-request-id", "cf-ray")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_TEXT: Final = 600

_SECRET: Final = re.compile(r"\b(?:sk|pk|rk|gsk|xai|key|nvapi|hf|AIza|eyJ)[-_A-Za-z0-9.*]{12,}|(?i:bearer)\s+\S+")


def parse_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Read an error reply, whatever its shape; header names may be in any case.

    `status` is 200 for an error inside a reply that began well; its class then comes
    from its own words, and is `ServerFault` if they say nothing.
    """
    named = {name.lower(): value for name, value in headers.items()}
    return error_of(_decoded(body), status=status, headers=named, body=body)


def error_of(
    data: object, *, status: int = 200, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> ProviderError:
    """Read a decoded error; see `parse_error`."""
    named = headers or {}
    fields = _error_fields(data)
    code, kind = _word(fields.get("code")), _word(fields.get("type"))
    inner = fields.get("innererror")
    inner_code = _word(inner.get("code")) if is_object(inner) else None
    words = [word.lower() for word in (inner_code, code, kind, _word(fields.get("status"))) if word]
    message = _message(fields, data, status)
    own_status = fields.get("code") if status < 300 else status
    known_status = own_status if isinstance(own_status, int) and 300 <= own_status < 600 else None
    error = _class_of(known_status, words, message)(
        message,
        status=known_status or status,
        code=code or kind,
        param=_word(fields.get("param")),
        request_id=next((named[name] for name in _REQUEST_ID_HEADERS if name in named), None),
        retry_after=_retry_after(named, known_status),
        body=body,
    )
    if known_status in _RETRYABLE:
        error.retryable = True
    if named.get("x-should-retry") in ("true", "false"):
        error.retryable = named["x-should-retry"] == "true"
    return error


def masked(text: str) -> str:
    """Give a text in which what looks like a key is masked, for an answer that leaves the process."""
    return _SECRET.sub("***", text)


def _decoded(body: bytes) -> object:
    try:
        return decode(body)
    except UNREADABLE:
        return body.decode("utf-8", "replace").strip()


def _error_fields(data: object) -> Mapping[str, Any]:
    """Find the object that has the message, wherever it stands."""
    if is_list(data):
        data = data[0] if data else None
    if not is_object(data):
        return {}
    error = data.get("error")
    if is_object(error):
        return error
    if isinstance(error, str):
        return {**data, "message": data.get("message") or error}
    return data


def _message(fields: Mapping[str, Any], data: object, status: int) -> str:
    for name in ("message", "detail", "error_description", "msg", "title"):
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        if is_object(value) or is_list(value):
            return _shown(msgspec.json.encode(value).decode())
    if isinstance(data, str) and data and not data.startswith("<"):
        return _shown(data)
    page = " with a web page" if isinstance(data, str) and data.startswith("<") else ""
    return f"The provider answered with status {status}{page} and no message."


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _word(value: object) -> str | None:
    if isinstance(value, bool) or value is None or value == "":
        return None
    return str(value) if isinstance(value, str | int) else None


def _class_of(status: int | None, words: list[str], message: str) -> type[ProviderError]:
    named = next((_BY_WORD[word] for word in words if word in _BY_WORD), None)
    if status is None:
        return named if named is not None and named is not BadRequest else _by_message(message) or named or ServerFault
    if status >= 500:
        return _BY_STATUS.get(status, ServerFault)
    if status in (400, 413, 422) or status == 404:
        if named is not None and issubclass(named, _SPECIFIC):
            return named
        return _BY_STATUS.get(status) or _by_message(message) or BadRequest
    if status == 429:
        quota = named is QuotaExhausted or any(text in message.lower() for text in _QUOTA)
        return QuotaExhausted if quota else Throttled
    if named is ContentBlocked:
        return ContentBlocked
    return _BY_STATUS.get(status) or (BadRequest if 400 <= status < 500 else ProviderError)


def _by_message(message: str) -> type[ProviderError] | None:
    lowered = message.lower()
    if any(text in lowered for text in _TOO_LONG):
        return ContextTooLong
    if any(text in lowered for text in _BLOCKED):
        return ContentBlocked
    return None


def _retry_after(headers: Mapping[str, str], status: int | None) -> float | None:
    """Give the seconds to wait, as far as a header says so."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after")
    if given is not None:
        seconds = _number(given)
        return seconds if seconds is not None else _until(given)
    if status != 429:
        return None
    waits = [wait for name in _RESET_HEADERS if (wait := _duration(headers.get(name))) is not None]
    return max(waits) if waits else None


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def _until(date: str) -> float | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to load, and seldom needed

    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    return max(0.0, moment.timestamp() - time.time())


def _duration(text: str | None) -> float | None:
    """Read `6m0s`, `20ms`, a number of seconds, or a Unix time in seconds or milliseconds."""
    if text is None:
        return None
    number = _number(text) if "e" not in text.lower() else None
    if number is not None and number < 1e6:
        return number
    moment = float(text) if text.replace(".", "", 1).isdigit() else None
    if moment is not None:
        return max(0.0, (moment / 1000 if moment > 1e11 else moment) - time.time())
    pieces = _DURATION.findall(text)
    if not pieces or "".join(count + unit for count, unit in pieces) != text:
        return None
    return sum(float(count) * _UNITS[unit] for count, unit in pieces)
