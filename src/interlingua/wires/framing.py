"""How a wire cuts a stream into pieces."""

from typing import Final

import msgspec


class Framing(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a stream.

    `media_type` is its content type. `ends` are the byte sequences that one piece ends
    with. `keep_alive` is a sign of life that every reader of it skips; empty where there
    is none.
    """

    media_type: str
    ends: tuple[bytes, ...] = ()
    keep_alive: bytes = b""


SERVER_SENT_EVENTS: Final = Framing(
    media_type="text/event-stream", ends=(b"\n\n", b"\n\r\n", b"\r\r"), keep_alive=b": keep-alive\n\n"
)
"""Events of `data:` lines, each ended by an empty line; see `wires.sse`."""

BARE_EVENTS: Final = Framing(media_type="text/event-stream", ends=SERVER_SENT_EVENTS.ends, keep_alive=b"\n\n")
"""The same for readers that know no line but `data:` and the empty one (google-genai 3.4, read 2026-11-25)."""

JSON_LINES: Final = Framing(media_type="application/x-ndjson", ends=(b"\n",))
"""One JSON object a line. An empty line breaks Ollama's own reader (ollama 0.6.3), so there is no sign of life."""

JSON_ARRAY: Final = Framing(media_type="application/json", ends=(b",\r\n",))
"""One JSON array whose elements come one by one, as Google writes it: a line with a comma stands between them.

A relayed piece ends after that line, so that an error may follow it as the last element.
"""

AWS_EVENT_STREAM: Final = Framing(media_type="application/vnd.amazon.eventstream")
"""Binary messages with a length in front and checksums."""
