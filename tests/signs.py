"""What a provider says and what it sends when it says nothing, in each wire: whole pieces of streams."""

from collections.abc import Iterator, Sequence

import msgspec

from interlingua.testing.reply import Pause, Piece, Reply
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named

BEAT = Pause(0.005)
"""Between two signs of life."""

_CONVERSE = voice_named("converse").streamed(Line(pieces=["One"]), model="tiny", body={})


class Signs(msgspec.Struct, frozen=True):
    """In one wire: how a stream opens, what keeps it open, a piece of the answer, and how it ends."""

    wire: str
    opening: Sequence[bytes]
    signs: Sequence[bytes]
    one: bytes
    ending: bytes
    media_type: str = "text/event-stream"

    def beating(self, *said: bytes) -> Reply:
        """Open, say that, and give signs of life for ever."""
        return Reply(headers=[("content-type", self.media_type)], pieces=self._for_ever([*self.opening, *said]))

    def paused(self, pause: Pause, *, times: int = 1) -> Reply:
        """Say something, say the same again after a pause, and end."""
        pieces: list[Piece] = [*self.opening, self.one * times, pause, self.one, self.ending]
        return Reply(headers=[("content-type", self.media_type)], pieces=pieces)

    def _for_ever(self, pieces: Sequence[bytes]) -> Iterator[Piece]:
        yield from pieces
        while True:
            for sign in self.signs:
                yield BEAT
                yield sign


def _chunk(choice: bytes) -> bytes:
    return b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[%b]}\n\n' % choice


def _event(kind: bytes, fields: bytes = b"") -> bytes:
    return b'event: %b\ndata: {"type":"%b"%b}\n\n' % (kind, kind, fields)


_ROLE = _chunk(b'{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}')
_RESPONSE = (
    b',"response":{"id":"r","object":"response","created_at":1,"model":"tiny","status":"in_progress","output":[]}'
)
_MESSAGE = (
    b',"output_index":0,"item":{"type":"message","id":"i","role":"assistant","status":"in_progress","content":[]}'
)
_USAGE = b'{"usageMetadata":{"promptTokenCount":3},"modelVersion":"tiny"}'
_TEXT = b'{"candidates":[{"content":{"role":"model","parts":[{"text":"One"}]},"index":0}]}'
_STOP = b'{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}]}'
_LINE = (
    b'{"model":"tiny","created_at":"2026-11-25T10:00:00Z","message":{"role":"assistant","content":"%b"},"done":%b}\n'
)

EACH = (
    Signs(
        wire="chat_completions",
        opening=(_ROLE,),
        signs=(
            b": keep-alive\n\n",
            _ROLE,
            b": one\r\n\r\n",
            b'data: {"choices":[],"usage":null}\n\n',
        ),
        one=_chunk(b'{"index":0,"delta":{"content":"One"},"finish_reason":null}'),
        ending=_chunk(b'{"index":0,"delta":{},"finish_reason":"stop"}') + b"data: [DONE]\n\n",
    ),
    Signs(
        wire="messages",
        opening=(
            _event(
                b"message_start",
                b',"message":{"id":"m","type":"message","role":"assistant","model":"tiny","content":[],'
                b'"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}',
            ),
            _event(b"content_block_start", b',"index":0,"content_block":{"type":"text","text":""}'),
        ),
        signs=(_event(b"ping"), b": still here\n\n"),
        one=_event(b"content_block_delta", b',"index":0,"delta":{"type":"text_delta","text":"One"}'),
        ending=_event(b"content_block_stop", b',"index":0')
        + _event(b"message_delta", b',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}')
        + _event(b"message_stop"),
    ),
    Signs(
        wire="responses",
        opening=(
            _event(b"response.created", _RESPONSE),
            _event(b"response.in_progress", _RESPONSE),
            _event(b"response.output_item.added", _MESSAGE),
        ),
        signs=(_event(b"keepalive", b',"sequence_number":7'), _event(b"response.in_progress", _RESPONSE)),
        one=_event(b"response.output_text.delta", b',"item_id":"i","output_index":0,"content_index":0,"delta":"One"'),
        ending=_event(b"response.completed", _RESPONSE.replace(b"in_progress", b"completed")),
    ),
    Signs(
        wire="generate_content",
        opening=(),
        signs=(b"data: %b\n\n" % _USAGE,),
        one=b"data: %b\n\n" % _TEXT,
        ending=b"data: %b\n\n" % _STOP,
    ),
    Signs(
        wire="ollama",
        opening=(),
        signs=(_LINE % (b"", b"false"), b"\n"),
        one=_LINE % (b"One", b"false"),
        ending=_LINE % (b"", b'true,"done_reason":"stop"'),
        media_type="application/x-ndjson",
    ),
    Signs(
        wire="converse",
        opening=_CONVERSE[:1],
        signs=_CONVERSE[:1],
        one=next(each for each in _CONVERSE if b"One" in each),
        ending=b"".join(_CONVERSE[-3:]),
        media_type="application/vnd.amazon.eventstream",
    ),
)

ARRAY = Signs(
    wire="generate_content",
    opening=(b"[" + _USAGE,),
    signs=(b"\n,\r\n" + _USAGE,),
    one=b"\n,\r\n" + _TEXT,
    ending=b"\n,\r\n" + _STOP + b"\n]\n",
    media_type="application/json",
)
"""`streamGenerateContent` without `alt=sse`."""
