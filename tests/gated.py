"""Replies that wait for a gate, so that a test says when a provider goes on."""

import asyncio

from interlingua.testing.reply import Behaviour, Reply, SeenRequest
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_for

LINE = Line(pieces=["One", "two", "three"], input_tokens=11, output_tokens=7)


def held(gate: asyncio.Event) -> Behaviour:
    """Say the first piece of a stream, and the rest when the gate opens."""

    def behave(seen: SeenRequest) -> Reply:
        voice = voice_for(seen.method, seen.path)
        pieces = voice.streamed(LINE, model="tiny", body=seen.fields)
        place = next(number for number, piece in enumerate(pieces) if b"One" in piece) + 1
        kind = (("content-type", voice.STREAM_CONTENT_TYPE),)
        return Reply(headers=kind, pieces=[*pieces[:place], gate, *pieces[place:]])

    return behave


def held_whole(gate: asyncio.Event) -> Behaviour:
    """Say nothing, streamed or not, before the gate opens, not even that the request is taken."""

    def behave(seen: SeenRequest) -> Reply:
        voice = voice_for(seen.method, seen.path)
        streamed = voice.wants_stream(seen.path, seen.fields)
        write, kind = (voice.streamed, voice.STREAM_CONTENT_TYPE) if streamed else (voice.whole, voice.CONTENT_TYPE)
        written = write(LINE, model="tiny", body=seen.fields)
        body = written if isinstance(written, bytes) else b"".join(written)
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        return Reply(status=0, pieces=[gate, head.encode() + body])

    return behave
