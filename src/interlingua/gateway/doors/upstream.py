"""What shows that a provider's reply is no answer, before any of it passes."""

from collections.abc import AsyncIterator

from interlingua.errors import ProtocolError
from interlingua.transport.contract import HTTPResponse
from interlingua.wires.contract import RelayedWire
from interlingua.wires.framing import SERVER_SENT_EVENTS
from interlingua.wires.passage import in_utf8

_PREFIX = b"\xef\xbb\xbf \t\r\n"


def checked_answer(wire: RelayedWire, body: bytes) -> bytes:
    """Give a whole reply, having seen that it is an answer; bytes in it that are no UTF-8 become U+FFFD.

    Raises:
        ProviderError: it is an error, though its status says otherwise.
        ProtocolError: it is something else (a proxy's page, half an answer, nothing).

    """
    body = in_utf8(body)
    if not wire.is_answer(body):
        wire.parse_response(body)
    return body


async def checked_events(wire: RelayedWire, response: HTTPResponse, provider: str) -> AsyncIterator[bytes]:
    """Give a streamed reply's bytes, having seen that a reply which does not say that it is a stream is one.

    Many servers forget to say so. A page is not a stream, nor is a JSON object where a
    stream is made of events.

    Raises:
        ProviderError: it is an error.
        ProtocolError: it is a whole answer, or something else.

    """
    chunks = aiter(response)
    framing = wire.framing
    if (response.header("content-type") or "").startswith(framing.media_type):
        return chunks
    start = b""
    async for chunk in chunks:
        start += chunk
        if start.strip(_PREFIX):
            break
    in_events = framing.media_type == SERVER_SENT_EVENTS.media_type
    no_stream = {b"{", b"[", b"<", b""} if in_events else {b"[", b"<", b""}
    if start.lstrip(_PREFIX)[:1] not in no_stream:
        return _chained(start, chunks)
    body = start + await _rest(chunks)
    checked_answer(wire, body)
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
