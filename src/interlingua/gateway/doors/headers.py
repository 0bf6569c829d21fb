"""Which headers pass through the gateway, as data; all others are the connection's, or nobody's business (cookies)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from interlingua.gateway.exchange import Request
from interlingua.transport.contract import HTTPResponse
from interlingua.types import Adaptation, RouteStep
from interlingua.wires.framing import Framing

REQUEST_HEADERS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "chat_completions": (b"openai-beta",),
    "responses": (b"openai-beta",),
    "messages": (b"anthropic-version", b"anthropic-beta"),
}
"""Headers of a caller that change what its body means, by wire.

They reach a provider that speaks the same wire. A client's version, platform and
account (`x-stainless-*`, `x-goog-api-client`, `openai-organization`) stay behind.
"""

REQUEST_QUERIES: Final[Mapping[str, tuple[str, ...]]] = {"messages": ("beta=true",)}
"""Query parameters that do the same. Anthropic's SDK adds this one to every call of its `beta` half."""

_PASSING = frozenset({"request-id", "x-request-id", "retry-after", "retry-after-ms", "x-should-retry"})
_PASSING_FAMILIES = ("openai-", "x-ratelimit-", "anthropic-ratelimit-")
_STRICT = b"x-interlingua-strict"
_YES = (b"true", b"1")
_LONGEST = 2048
_LONGEST_WARNINGS = 6144
"""Most clients take heads of 8 KiB and more."""


def is_strict(request: Request) -> bool:
    """Tell whether a caller would rather be refused than have anything of its request left out."""
    return request.headers.get(_STRICT, b"").lower() in _YES


def forwarded_headers(request: Request, wire: str) -> dict[str, str] | None:
    """Give the caller's headers that belong to what it asks in `wire`; None where there are none."""
    names = REQUEST_HEADERS.get(wire)
    if names is None:
        return None
    given = request.headers
    found = {name.decode("ascii"): _printable(given[name]) for name in names if name in given}
    return found or None


def forwarded_path(path: str, request: Request, wire: str) -> str:
    """Give a provider's path with what of the caller's query belongs to what it asks."""
    if not request.query or wire not in REQUEST_QUERIES:
        return path
    given = request.query.split("&")
    for parameter in REQUEST_QUERIES[wire]:
        if parameter in given:
            path += ("&" if "?" in path else "?") + parameter
    return path


def passing_headers(response: HTTPResponse) -> list[tuple[bytes, bytes]]:
    """Give the reply's headers that the caller gets."""
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name in _PASSING or name.startswith(_PASSING_FAMILIES)
    ]


def adaptation_headers(model: str, warnings: Sequence[Adaptation | str]) -> list[tuple[bytes, bytes]]:
    """Say which model answered, as `provider/model`, and what was changed on the way to it."""
    return [(b"x-interlingua-model", header_text(model)), *warning_headers(warnings)]


def warning_headers(warnings: Sequence[Adaptation | str]) -> list[tuple[bytes, bytes]]:
    """Say what the caller has to know of its request; nothing where there is nothing to say."""
    if not warnings:
        return []
    told = dict.fromkeys(map(str, warnings))  # each once, since ten breakpoints of a cache are lost in one way
    return [(b"x-interlingua-warnings", header_text(", ".join(told), longest=_LONGEST_WARNINGS))]


def route_headers(steps: Sequence[object]) -> list[tuple[bytes, bytes]]:
    """Say whom a route has asked, in short: `near/tiny failed (overloaded 503), far/tiny answered`."""
    told = tuple([(step.target, step.outcome, step.reason) for step in steps if isinstance(step, RouteStep)])
    return [(b"x-interlingua-route", _route_text(told))] if told else []


@lru_cache(maxsize=256)
def _route_text(steps: Sequence[tuple[str, str, str]]) -> bytes:
    told = [f"{target} {outcome}" + (f" ({reason})" if reason else "") for target, outcome, reason in steps]
    return header_text(", ".join(told))


def stream_headers(framing: Framing) -> tuple[tuple[bytes, bytes], ...]:
    """Give the headers of a streamed answer."""
    charset = "; charset=utf-8" if framing.media_type.startswith("text/") else ""
    return (
        (b"content-type", f"{framing.media_type}{charset}".encode("ascii")),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
    )


def header_text(text: str, *, longest: int = _LONGEST) -> bytes:
    """Write a text as a header's value, whatever it holds."""
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text.encode("ascii")
    shown = "".join(character if " " <= character <= "~" else "?" for character in text[:longest])
    return shown.encode("ascii")


def _printable(value: bytes) -> str:
    return header_text(value.decode("latin-1")).decode("ascii")
