"""What of a provider's reply passes to the caller, and what shows that it is no answer."""

from collections.abc import AsyncIterator

import msgspec

from interlingua.errors import ProtocolError
from interlingua.transport.contract import HTTPResponse
from interlingua.wires.contract import Wire

_PASSING = frozenset({"x-request-id", "retry-after", "retry-after-ms", "x-should-retry"})
_PASSING_FAMILIES = ("openai-", "x-ratelimit-")
"""Headers that tell the caller something; all others are the connection's, or nobody's business (cookies)."""

_PREFIX = b"\xef\xbb\xbf \t\r\n"


class _Answer(msgspec.Struct):
    """As much of an answer as shows that it is one."""

    choices: msgspec.Raw
    error: msgspec.Raw | msgspec.UnsetType | None = msgspec.UNSET


def passing_headers(response: HTTPResponse) -> list[tuple[bytes, bytes]]:
    """Give the reply's headers that the caller gets."""
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name in _PASSING or name.startswith(_PASSING_FAMILIES)
    ]


def check_answer(wire: Wire, body: bytes) -> None:
    """See that a whole reply is an answer before any of it is sent.

    Raises:
        ProviderError: it is an error, though its status says otherwise.
        ProtocolError: it is something else (a proxy's page, half an answer, nothing).

    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError):
        answer = None
    if answer is None or answer.error is not msgspec.UNSET:
        wire.parse_response(body)


async def checked_events(wire: Wire, response: HTTPResponse, provider: str) -> AsyncIterator[bytes]:
    """Give a streamed reply's bytes, having seen that a reply which does not say that it is a stream is one.

    Many servers forget to say so. A page or a JSON object is not a stream.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is a whole answer, or something else.

    """
    chunks = aiter(response)
    if (response.header("content-type") or "").startswith("text/event-stream"):
        return chunks
    start = b""
    async for chunk in chunks:
        start += chunk
        if start.strip(_PREFIX):
            break
    if start.lstrip(_PREFIX)[:1] not in {b"{", b"[", b"<", b""}:
        return _chained(start, chunks)
    body = start + await _rest(chunks)
    check_answer(wire, body)
    raise ProtocolError(f"{provider} answered whole, though a stream was asked for.", body=body)


async def _rest(chunks: AsyncIterator[bytes], *, limit: int = 1024 * 1024) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > limit:
            break
    return b"".join(pieces)


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
