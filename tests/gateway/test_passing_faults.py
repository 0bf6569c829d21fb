"""Between two speakers of one wire, what cannot be read does not pass: it is an error like any other."""

import asyncio
from collections.abc import Sequence

import pytest

from interlingua.testing import Reply, ScriptedProvider
from tests.gateway.house import gateway_over
from tests.gateway.raw import Answer, calling
from tests.gateway.test_content_clocks import ASKED, Asked
from tests.signs import ARRAY

pytestmark = pytest.mark.anyio

EACH = pytest.mark.parametrize("asked", [pytest.param(asked, id=name) for name, asked in ASKED.items()])


async def answered(asked: Asked, pieces: Sequence[bytes], *later: bytes) -> Answer:
    """Ask for a stream, and let the provider answer with these pieces; with what is `later` once they have come."""
    signs, gate = asked.signs, asyncio.Event()
    async with (
        ScriptedProvider() as upstream,
        gateway_over(upstream, wire=signs.wire) as gateway,
        calling(gateway.port) as caller,
    ):
        upstream.send(Reply(headers=[("content-type", signs.media_type)], pieces=[*pieces, gate, *later]))
        await caller.send(asked.request("relayed"))
        if later:
            await caller.until(pieces[-1])
        gate.set()
        return await caller.answer()


def broken(asked: Asked) -> bytes:
    return asked.signs.one.replace(b'"One"', b"[4,2]")


@EACH
async def test_an_event_that_is_broken_first_is_a_status(asked: Asked) -> None:
    answer = await answered(asked, [*asked.signs.opening, broken(asked), asked.signs.ending])

    assert (answer.status, answer.complete) == (502, True)
    assert b"[4,2]" not in answer.body.partition(b"(")[0]


@EACH
@pytest.mark.parametrize("together", [True, False])
async def test_an_event_that_is_broken_later_is_an_error_in_the_stream(asked: Asked, together: bool) -> None:
    signs = asked.signs
    begun = [*signs.opening, signs.one, *([] if asked.signs is not ARRAY else [b"\n,\r\n"])]
    rest = [signs.one, broken(asked), signs.one, signs.ending]

    answer = await answered(asked, begun, *([b"".join(rest)] if together else rest))

    assert answer.status == 200
    assert answer.body.startswith(b"".join(begun))
    assert b"of the provider's stream" in answer.body
    assert answer.body.count(b"One") <= 2
    assert signs.ending not in answer.body


@EACH
async def test_a_byte_that_is_no_utf_8_is_replaced(asked: Asked) -> None:
    signs = asked.signs
    odd = signs.one.replace(b"One", b"O\xffe")

    answer = await answered(asked, [*signs.opening, odd, signs.one, signs.ending])

    assert answer.body == b"".join([*signs.opening, odd.replace(b"\xff", b"\xef\xbf\xbd"), signs.one, signs.ending])


@pytest.mark.parametrize("name", ["chat_completions", "messages"])
async def test_an_end_without_an_answer_is_a_status(name: str) -> None:
    asked = ASKED[name]
    end = b"".join(asked.signs.ending.splitlines(keepends=True)[-3 if name == "messages" else -2 :])

    answer = await answered(asked, [end])

    assert answer.status == 502
    assert b"the stream was empty" in answer.body


async def test_nothing_passes_after_the_end() -> None:
    asked = ASKED["messages"]
    signs = asked.signs
    stream = b"".join([*signs.opening, signs.one, signs.ending])

    answer = await answered(asked, [stream + signs.one])

    assert (answer.body, answer.complete) == (stream, True)


async def test_an_error_in_the_providers_form_ends_the_stream() -> None:
    asked = ASKED["chat_completions"]
    signs, error = asked.signs, b'data: {"error":{"message":"busy"},"new":[1.50]}\n\n'

    answer = await answered(asked, [*signs.opening, signs.one], error + signs.ending)

    assert answer.body == b"".join([*signs.opening, signs.one, error])


async def test_an_error_that_ollamas_reader_fails_on_is_told_as_a_text() -> None:
    asked = ASKED["ollama"]

    answer = await answered(asked, [asked.signs.one], b'{"error":{"message":"busy","code":502}}\n')

    assert answer.body == asked.signs.one + b'{"error":"busy"}\n'


@pytest.mark.parametrize("name", ["chat_completions", "responses", "messages", "generate_content", "ollama"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_stream_that_holds_nothing_but_odd_lines_is_cut(name: str, streamed: bool) -> None:
    asked = ASKED[name]
    lines = b"\n" if name == "ollama" else b"data:\n\n"

    answer = await answered(asked, [lines * 1000] * 50 if streamed else [lines])

    assert answer.status == 502
