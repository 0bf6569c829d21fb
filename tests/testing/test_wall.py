"""What the wall says it does is what a caller gets over the connection."""

import asyncio
import re
import zlib
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import msgspec
import pytest

from interlingua.testing import FAULTS, FaultWall, ScriptedProvider
from interlingua.testing.canon import PIECES
from interlingua.testing.framed import data_of
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named
from tests.testing.caller import DEADLINE, SERVED, WIRES, Heard, connected, hear, question

pytestmark = pytest.mark.anyio

SSE = ("chat_completions", "messages", "responses", "generate_content")
BREAKS = {"f06-cut-after": False, "f06-reset-after": False, "f06-end-after": True}


def quoted(text: str) -> bytes:
    return msgspec.json.encode(text)


def events_of(body: bytes) -> list[Any]:
    """Give what the events of a stream say, blank lines and comments left out."""
    lines = re.split(rb"\r\n|\r|\n", body)
    data = [line.removeprefix(b"data:").strip() for line in lines if line.startswith((b"data:", b"{"))]
    return [msgspec.json.decode(line) for line in data if line != b"[DONE]"]


def usages_of(body: bytes) -> list[Any]:
    places = [owner for each in events_of(body) for owner in (each, each.get("message"), each.get("response"))]
    names = ("usage", "usageMetadata", "eval_count")
    return [owner[name] for owner in places if isinstance(owner, dict) for name in names if name in owner]


async def healthy(wall: FaultWall, wire: str, *, streamed: bool = True) -> Heard:
    return await hear(wall, wire, "healthy", streamed=streamed)


def beginning(wall: FaultWall, wire: str, model: str, *, streamed: bool) -> bytes:
    """Give what is sent before a silence."""
    body = question(wire, model, streamed=streamed)[1]
    voice = voice_named(wire)
    line = Line(pieces=PIECES, input_tokens=11, output_tokens=40, number=len(wall.attempts))
    if not model.startswith("f08"):
        return b""
    if not streamed:
        return voice.whole(line, model=model, body=body)[: 3 * 64]
    events = voice.streamed(line, model=model, body=body)
    return b"".join(events[: next(n for n, event in enumerate(events) if quoted("of ") in event) + 1])


# A healthy wall


@pytest.mark.parametrize("wire", WIRES)
async def test_any_other_model_says_the_text_whole_and_in_forty_pieces(wire: str) -> None:
    async with FaultWall() as wall:
        whole, streamed = await healthy(wall, wire, streamed=False), await healthy(wall, wire)

    assert (whole.status, streamed.status) == (200, 200)
    assert quoted(wall.canonical) in whole.body
    assert wall.size(wire, "pieces") == 40
    place = 0
    for piece in re.split(r"(?<= )", wall.canonical)[:5]:
        place = streamed.body.index(quoted(piece), place) + 1
    assert [attempt.tokens for attempt in wall.attempts] == [40, 40]
    assert [attempt.outcome for attempt in wall.attempts] == ["whole", "whole"]


@pytest.mark.parametrize("wire", WIRES)
async def test_the_model_tools_calls_a_tool(wire: str) -> None:
    async with FaultWall() as wall:
        heard = await hear(wall, wire, "tools", streamed=False)

    name, arguments = wall.tool_call
    assert quoted(name) in heard.body
    assert arguments.encode() in heard.body or quoted(arguments) in heard.body


async def test_it_goes_on_from_a_beginning_that_it_is_given() -> None:
    asked = {
        "chat_completions": {"messages": [{"role": "assistant", "content": "The keeper of"}]},
        "messages": {"messages": [{"role": "assistant", "content": [{"type": "text", "text": "The keeper of"}]}]},
        "responses": {"input": [{"role": "assistant", "content": [{"type": "output_text", "text": "The keeper of"}]}]},
        "generate_content": {"contents": [{"role": "model", "parts": [{"text": "The keeper of"}]}]},
        "ollama": {"messages": [{"role": "assistant", "content": "The keeper of"}]},
    }
    async with FaultWall() as wall:
        for wire in SERVED:
            heard = await hear(wall, wire, "healthy", streamed=False, **asked[wire])
            assert quoted(wall.canonical.removeprefix("The keeper of")) in heard.body
            assert wall.attempts[-1].continued == "The keeper of"
            refused = await hear(wall, wire, "no-prefill", streamed=False, **asked[wire])
            assert (refused.status, wall.attempts[-1].failed) == (400, True)
            assert (await hear(wall, wire, "no-prefill", streamed=False)).status == 200


async def test_a_fault_that_is_none_is_a_model_that_is_none() -> None:
    async with FaultWall() as wall, connected(wall.base_url) as connection:
        await connection.ask(*question("chat_completions", "f06-cut-aftr-3", streamed=True))
        heard = await connection.hear()

    assert heard.status == 404
    assert "f06-cut-after" in heard.json["error"]["message"]


async def test_a_wrong_key_is_refused_and_the_models_are_listed() -> None:
    async with FaultWall(key="right") as wall, connected(wall.base_url) as connection:
        refused = await hear(wall, "chat_completions", "healthy")
        connection.writer.write(b"GET /v1/models HTTP/1.1\r\nauthorization: Bearer right\r\n\r\n")
        listed = await connection.hear()

    assert refused.status == 401
    assert {model["id"] for model in listed.json["data"]} == {"healthy", "tools", "no-prefill", *FAULTS}


# F01 to F05


async def test_no_connection_comes_about() -> None:
    async with FaultWall() as wall:
        with pytest.raises(ConnectionRefusedError):
            await hear(wall, "messages", "f01-refused")
        async with connected(wall.base_url_for("f01-reset")) as connection:
            with pytest.raises(ConnectionResetError):
                await connection.reader.readexactly(1)
        assert wall.base_url_for("f01-black-hole") != wall.base_url
        assert not wall.attempts


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_a_request_is_read_and_not_answered(wire: str, *, streamed: bool) -> None:
    async with FaultWall() as wall:
        reset = await hear(wall, wire, "f02-reset-before-headers", streamed=streamed)
        closed = await hear(wall, wire, "f02-close-before-headers", streamed=streamed)

    assert (reset.reset, reset.status, closed.reset, closed.status) == (True, 0, False, 0)
    assert [attempt.outcome for attempt in wall.attempts] == ["cut", "cut"]


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_silence_lasts_until_the_caller_leaves(wire: str, *, streamed: bool) -> None:
    async with FaultWall() as wall, asyncio.timeout(DEADLINE):
        for model in ("f03-headers-then-silence", "f04-silence", "f08-stall"):
            async with connected(wall.base_url) as connection:
                await connection.ask(*question(wire, model, streamed=streamed))
                attempt, heard = await wall.seen(len(wall.attempts) + 1), Heard()
                if model != "f04-silence":
                    await connection.head(heard)
                    assert heard.status == 200
                told = beginning(wall, wire, model, streamed=streamed)
                received = b""
                while len(received) < len(told):
                    received += await connection.chunk()
                assert received == told
                assert attempt.outcome is None
            await attempt.over.wait()
            assert (attempt.outcome, attempt.sent) == ("left", len(told))


@pytest.mark.parametrize("wire", WIRES)
async def test_after_a_stall_with_an_end_the_answer_goes_on(wire: str) -> None:
    async with FaultWall(stall=0) as wall:
        whole = await healthy(wall, wire, streamed=False)
        for model in ("f03-headers-then-silence", "f08-stall"):
            heard = await hear(wall, wire, model, streamed=False)
            assert (heard.complete, len(heard.body)) == (True, len(whole.body) + _longer(wire, model))
        closed = await hear(wall, wire, "f08-stall-then-close-2")
        assert (closed.complete, wall.attempts[-1].tokens, wall.attempts[-1].outcome) == (False, 2, "cut")
        silent = await hear(wall, wire, "f04-silence")
        assert (silent.status, silent.complete) == (0, False)


def _longer(wire: str, model: str) -> int:
    """Give the bytes that the name of a model takes more than `healthy` in a whole answer."""
    return 0 if wire == "converse" else len(model) - len("healthy")


@pytest.mark.parametrize("wire", SERVED)
async def test_signs_of_life_go_on_without_end(wire: str) -> None:
    beat = voice_named(wire).HEARTBEAT
    async with FaultWall(second=0.001) as wall, asyncio.timeout(DEADLINE):
        for model, pieces in (("f03-heartbeats-first", 0), ("f08-heartbeats-only-2", 2)):
            async with connected(wall.base_url) as connection:
                await connection.ask(*question(wire, model, streamed=True))
                await connection.head(Heard())
                body = b""
                while not body.endswith(beat * 5):
                    body += await connection.chunk()
                assert [quoted(piece) in body for piece in ("The ", "keeper ", "of ")] == [pieces > 0] * 2 + [False]
                assert voice_named(wire).FINISH_MARK not in body
            await wall.attempts[-1].over.wait()
            assert wall.attempts[-1].outcome == "left"


async def test_bytes_drip_one_by_one() -> None:
    async with FaultWall(second=0) as wall:
        for wire in WIRES:
            assert (await hear(wall, wire, "f03-late")).complete
            heard = await hear(wall, wire, "f05-drip", streamed=False)
            assert {len(chunk) for chunk in heard.chunks} == {1}
            assert heard.complete


# F06 to F08


@pytest.mark.parametrize("model", BREAKS)
@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_breaks_after_so_many_pieces(wire: str, model: str) -> None:
    async with FaultWall() as wall:
        for number in (0, 3, 39):
            heard = await hear(wall, wire, f"{model}-{number}")
            attempt = wall.attempts[-1]
            assert attempt.tokens == number
            assert heard.status == 200
            assert (heard.complete, heard.reset) == (BREAKS[model], model == "f06-reset-after")
            assert voice_named(wire).FINISH_MARK not in heard.body
            assert attempt.outcome == ("whole" if heard.complete else "cut")
            assert attempt.sent == len(heard.body)
        assert wall.expected(f"{model}-39", wire=wire, streamed=True) == "error"
        # Gemini tells with the last piece of text why it ends.
        assert wall.expected(f"{model}-40", wire=wire, streamed=True) == (
            "either" if wire == "generate_content" else "error"
        )


@pytest.mark.parametrize("wire", WIRES)
async def test_a_whole_answer_breaks_before_its_length(wire: str) -> None:
    async with FaultWall() as wall:
        for model in ("f06-cut-after-2", "f06-reset-after-2", "f07-cut-at-byte-128", "f07-reset-at-byte-128"):
            heard = await hear(wall, wire, model, streamed=False)
            assert wall.attempts[-1].sent == 128
            assert len(heard.body) == 128 or heard.reset
            assert int(heard.headers["content-length"]) == wall.size(wire, "bytes", streamed=False, model=model)
            assert (heard.complete, heard.reset) == (False, "reset" in model)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_body_may_end_at_any_byte_and_event(wire: str) -> None:
    async with FaultWall() as wall:
        whole = (await healthy(wall, wire)).body
        total = wall.size(wire, "bytes")
        assert total == len(whole)
        for number in (0, 1, total // 2, total - 1):
            model = f"f07-end-at-byte-{number:09}"
            assert len((await hear(wall, wire, model)).body) == number
        for number in range(0, wall.size(wire, "events"), 7):
            heard = await hear(wall, wire, f"f06-cut-at-event-{number}")
            assert len(heard.chunks) == number
            assert not heard.complete


async def test_where_a_break_comes_after_the_end_either_verdict_is_right() -> None:
    async with FaultWall() as wall:
        for wire in WIRES:
            verdicts = [
                wall.expected(f"f06-cut-at-event-{number}", wire=wire, streamed=True)
                for number in range(wall.size(wire, "events") + 1)
            ]
            assert verdicts == sorted(verdicts, reverse=True)
            assert {verdicts[0], verdicts[-2], verdicts[-1]} >= {"error", "either"}


@pytest.mark.parametrize("wire", WIRES)
async def test_a_body_without_a_length_just_ends(wire: str) -> None:
    async with FaultWall() as wall:
        heard = await hear(wall, wire, "f06-unframed-after-3")

    assert not {"content-length", "transfer-encoding"} & set(heard.headers)
    assert quoted("of ") in heard.body
    assert quoted("lighthouse ") not in heard.body


# F09 to F12


@pytest.mark.parametrize("wire", WIRES)
async def test_an_error_comes_within_the_stream(wire: str) -> None:
    voice = voice_named(wire)
    async with FaultWall() as wall:
        first = await hear(wall, wire, "f09-error-first")
        later = await hear(wall, wire, "f09-error-after-first")
        plain = await hear(wall, wire, "f09-plain-error-after-first")

    assert first.body == voice.failure_in_stream("The wall fails this request.")
    assert later.body.endswith(first.body)
    assert [quoted(piece) in later.body for piece in ("The ", "keeper ")] == [True, False]
    assert first.complete
    assert (b'"code":502' in plain.body) == (wire != "converse")


async def test_an_error_is_followed_by_a_good_end_or_is_a_response() -> None:
    async with FaultWall() as wall:
        chat = await hear(wall, "chat_completions", "f09-error-then-done-2")
        messages = await hear(wall, "messages", "f09-error-then-done")
        response = await hear(wall, "responses", "f09-failed-response")

    assert chat.body.endswith(b"data: [DONE]\n\n")
    assert b'"error"' in chat.body
    assert messages.body.count(b"event: error") == messages.body.count(b"event: message_stop") == 1
    assert events_of(response.body)[-1]["response"]["status"] == "failed"
    assert b"event: response.failed\n" in response.body


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_a_status_of_200_says_nothing(wire: str, *, streamed: bool) -> None:
    async with FaultWall() as wall:
        models = ("f10-json-error-200", "f10-html-200", "f10-text-200", "f10-empty-200")
        error, page, text, empty = [await hear(wall, wire, model, streamed=streamed) for model in models]

    assert [each.status for each in (error, page, text, empty)] == [200] * 4
    assert "The wall fails this request." in str(error.json)
    assert page.headers["content-type"].startswith("text/html")
    assert page.body.startswith(b"<!DOCTYPE html>")
    assert text.headers["content-type"] == "text/plain"
    assert (empty.body, empty.headers["content-length"]) == (b"", "0")


@pytest.mark.parametrize("wire", SERVED)
async def test_events_are_malformed(wire: str) -> None:
    async with FaultWall() as wall:
        broken = await hear(wall, wire, "f11-malformed-event")
        extra = await hear(wall, wire, "f11-malformed-extra")
        wrong = await hear(wall, wire, "f11-wrong-types")
        whole = await hear(wall, wire, "f11-malformed-event", streamed=False)
        answerless = await hear(wall, wire, "f11-no-answer", streamed=False)

    assert quoted("of ") in broken.body
    with pytest.raises(msgspec.DecodeError):
        events_of(broken.body)
    assert extra.body.count(b'"broken"') == 1
    assert quoted("lighthouse ") in extra.body
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        _ = whole.json
    assert b"[4,2]" in wrong.body
    assert quoted("lighthouse ") in wrong.body
    assert wall.canonical.encode() not in answerless.body
    assert answerless.json


async def test_an_event_has_no_choices() -> None:
    async with FaultWall() as wall:
        chat = events_of((await hear(wall, "chat_completions", "f11-no-choices")).body)
        gemini = events_of((await hear(wall, "generate_content", "f11-no-choices")).body)

    assert ["choices" in event for event in chat[:6]] == [True, True, True, True, False, True]
    assert ["candidates" in event for event in gemini[:5]] == [True, True, True, False, True]


@pytest.mark.parametrize("wire", ["chat_completions", "messages"])
async def test_the_end_mark_is_absent_double_or_early(wire: str) -> None:
    async with FaultWall() as wall:
        whole = (await healthy(wall, wire)).chunks
        heard = {
            name: (await hear(wall, wire, f"f12-{name}")).chunks
            for name in ("no-done", "double-done", "data-after-done", "no-finish", "done-without-finish")
        }
        only = await hear(wall, wire, "f10-only-done-200")

    mark = whole[-1]
    finish = voice_named(wire).FINISH_MARK
    assert len(heard["no-done"]) == len(whole) - 1
    assert mark not in heard["no-done"]
    assert heard["double-done"][-2:] == [mark, mark]
    assert heard["data-after-done"][-2] == mark
    assert quoted("The ") in heard["data-after-done"][-1]
    assert not any(finish in event for event in heard["no-finish"] + heard["done-without-finish"])
    assert heard["done-without-finish"][-1] == mark
    assert only.chunks == [mark]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_ends_without_a_word_on_why(wire: str) -> None:
    async with FaultWall() as wall:
        heard = await hear(wall, wire, "f12-no-finish")

    assert heard.complete
    assert wall.attempts[0].tokens == 40
    assert voice_named(wire).FINISH_MARK not in heard.body


# F13 to F17


@pytest.mark.parametrize("wire", SSE)
async def test_lines_end_in_every_way_and_say_the_same(wire: str) -> None:
    async with FaultWall() as wall:
        told: dict[str, bytes] = {}
        for name in ("lf", "crlf", "cr", "mixed", "bom", "comments", "no-space", "fields", "no-last-line"):
            told[name] = (await hear(wall, wire, f"f13-{name}")).body
        several = (await hear(wall, wire, "f13-multiline")).body

    assert all(quoted(piece) in body for body in told.values() for piece in ("The ", "twice."))
    assert b"\r" not in told["lf"]
    assert told["crlf"].count(b"\r\n") == told["crlf"].count(b"\n") == told["crlf"].count(b"\r")
    assert b"\n" not in told["cr"]
    assert all(end in told["mixed"] for end in (b"\r\n\r\n", b"\n\n", b"\r\r"))
    assert told["bom"].startswith(b"\xef\xbb\xbf")
    assert told["comments"].startswith(b": first\n\n")
    assert b"data: " not in told["no-space"]
    assert b"id: 7\nretry: 3000\nfuture: 1\n" in told["fields"]
    assert told["no-last-line"][-1:] not in (b"\r", b"\n")
    assert several.count(b"\ndata: ") > told["lf"].count(b"\ndata: ") * 5


@pytest.mark.parametrize("wire", WIRES)
async def test_the_same_bytes_come_in_slices_of_any_size(wire: str) -> None:
    async with FaultWall() as wall:
        plain = await hear(wall, wire, "f13-slices-9999999")
        bytewise = await hear(wall, wire, "f13-slices-000000001")
        sevens = await hear(wall, wire, "f13-slices-000000007")

    assert len(plain.chunks) == 1
    assert {len(chunk) for chunk in bytewise.chunks} == {1}
    assert {len(chunk) for chunk in sevens.chunks[:-1]} == {7}
    assert len(bytewise.body) == len(sevens.body)


@pytest.mark.parametrize("wire", WIRES)
async def test_odd_characters_are_said(wire: str) -> None:
    async with FaultWall() as wall:
        odd = await hear(wall, wire, "f14-unicode-separators", streamed=False)
        apart = await hear(wall, wire, "f15-split-utf8")
        broken = await hear(wall, wire, "f15-invalid-utf8")

    assert quoted(wall.text_for("f14-unicode-separators")) in odd.body
    assert len(wall.text_for("f14-unicode-separators")) > len(wall.canonical)
    assert sum(not _readable(chunk) for chunk in apart.chunks) > 10
    if wire != "converse":
        assert _readable(apart.body)
        assert b"\xff" in broken.body
        assert broken.body.replace(b"\xff", "\ufffd".encode()).decode()


def _readable(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("wire", SERVED)
@pytest.mark.parametrize("model", ["f16-endless-line-0", "f16-endless-comment-0", "f16-endless-body-0"])
async def test_a_line_without_end_goes_on_as_long_as_it_is_read(wire: str, model: str) -> None:
    fault, streamed = FAULTS[model.removesuffix("-0")], "body" not in model
    if not fault.applies(wire=wire, streamed=streamed):
        return
    async with FaultWall() as wall, connected(wall.base_url) as connection, asyncio.timeout(DEADLINE):
        await connection.ask(*question(wire, model, streamed=streamed))
        await connection.head(Heard())
        read = b"".join([await connection.chunk() for _ in range(150)])
        connection.writer.close()
        await wall.attempts[0].over.wait()

    assert len(read) > 9 * 1024 * 1024
    assert b"\n" not in read
    assert wall.attempts[0].outcome == "left"


async def test_a_long_line_and_empty_events_are_as_many_as_their_number() -> None:
    async with FaultWall() as wall:
        line = await hear(wall, "messages", "f16-endless-line-1")
        empty = await hear(wall, "chat_completions", "f16-empty-events-2500")

    assert line.body.startswith(b'data: {"x":"' + b"a" * (1 << 20) + b'"}\n\nevent: message_start')
    assert empty.body.count(b"data:\n\n") == 2500
    assert empty.body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_a_body_is_encoded_or_says_so(wire: str, *, streamed: bool) -> None:
    async with FaultWall() as wall:
        gzip, deflate, cut, wrong, unknown, silent, zstd = [
            await hear(wall, wire, f"f17-{name}", streamed=streamed)
            for name in (
                "gzip",
                "deflate",
                "cut-gzip",
                "wrong-encoding",
                "unknown-encoding",
                "unlabelled-gzip",
                "zstd",
            )
        ]

    text = quoted("twice.") if streamed else quoted(wall.canonical)
    assert gzip.headers["content-encoding"] == "gzip"
    assert text in zlib.decompress(gzip.body, 31)
    assert text in zlib.decompress(deflate.body)
    assert not zlib.decompressobj(31).decompress(cut.body) or cut.complete
    assert (wrong.headers["content-encoding"], text in wrong.body) == ("gzip", True)
    assert (unknown.headers["content-encoding"], text in unknown.body) == ("x-wall", True)
    assert "content-encoding" not in silent.headers
    assert text in zlib.decompress(silent.body, 31)
    assert zstd.headers["content-encoding"] == "zstd"
    assert zstd.body.startswith(b"\x28\xb5\x2f\xfd")


async def test_a_bomb_swells_a_thousandfold() -> None:
    async with FaultWall() as wall:
        heard = await hear(wall, "ollama", "f17-bomb-8")

    assert len(zlib.decompress(heard.body, 31)) > 900 * len(heard.body) * 0.8


# F18 to F22


@pytest.mark.parametrize("wire", WIRES)
async def test_a_redirect_points_here_there_or_to_itself(wire: str) -> None:
    async with FaultWall() as wall:
        heard = {name: await hear(wall, wire, f"f18-redirect-{name}") for name in ("same", "cross", "loop")}
        places = {name: each.headers["location"] for name, each in heard.items()}
        path, body = question(wire, "f18-redirect-same", streamed=True)
        async with connected(wall.base_url) as connection:
            await connection.ask(places["same"], body)
            followed = await connection.hear()
        _, body = question(wire, "f18-redirect-cross", streamed=True)
        async with connected(places["cross"]) as connection:
            await connection.ask(path, body, {"authorization": "Bearer sk-canary"})
            elsewhere = await connection.hear()

    assert {each.status for each in heard.values()} == {307}
    assert quoted("twice.") in followed.body
    assert quoted("twice.") in elsewhere.body
    assert wall.leaked[0].headers["authorization"] == "Bearer sk-canary"
    assert places["loop"] == question(wire, "f18-redirect-loop", streamed=True)[0]
    assert places["cross"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("wire", WIRES)
async def test_a_refusal_tells_how_long_to_wait(wire: str) -> None:
    async with FaultWall() as wall:
        heard = {
            name: await hear(wall, wire, f"f19-retry-after-{name}")
            for name in ("seconds-2", "ms-40", "date-60", "negative", "huge", "nonsense")
        }
        plain = await hear(wall, wire, "f19-throttled")

    assert {each.status for each in (*heard.values(), plain)} == {429}
    assert heard["seconds-2"].headers["retry-after"] == "2"
    assert heard["ms-40"].headers["retry-after-ms"] == "40"
    assert 0 < parsedate_to_datetime(heard["date-60"].headers["retry-after"]).timestamp() - time() <= 61
    assert heard["negative"].headers["retry-after"] == "-5"
    assert heard["huge"].headers["retry-after"] == "86400"
    assert heard["nonsense"].headers["retry-after"] == "soon"
    assert not {"retry-after", "retry-after-ms"} & set(plain.headers)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_refusal_has_the_words_of_its_wire(wire: str) -> None:
    statuses = {
        "f20-spend-limit": 429,
        "f20-529": 529,
        "f20-503": 503,
        "f20-500": 500,
        "f21-context": 400,
        "f21-filter": 400,
        "f21-400": 400,
        "f21-401": 401,
        "f21-404": 404,
    }
    async with FaultWall() as wall:
        heard = {name: await hear(wall, wire, name) for name in statuses}

    assert {name: each.status for name, each in heard.items()} == statuses
    assert len({each.body for each in heard.values()}) == len(heard) - (wire != "generate_content")
    for each in heard.values():
        shape = {"ollama": ["error"], "converse": ["message"], "messages": ["error", "request_id", "type"]}
        assert sorted(set(each.json) - {"__type"}) == shape.get(wire, ["error"])


async def test_a_provider_comes_and_goes_in_turns_of_requests() -> None:
    async with FaultWall() as wall:
        statuses = [(await hear(wall, "messages", "f22-flap-requests-2")).status for _ in range(7)]

    assert statuses == [503, 503, 200, 200, 503, 503, 200]


async def test_a_provider_comes_and_goes_in_turns_of_seconds() -> None:
    async with FaultWall(second=0.005) as wall, asyncio.timeout(DEADLINE):
        turns = ""
        while not re.search("FAF", turns):
            turns += "F" if (await hear(wall, "ollama", "f22-flap-seconds-1")).status == 503 else "A"
            turns = re.sub(r"(.)\1+", r"\1", turns)


async def test_a_provider_is_down_at_first() -> None:
    async with FaultWall(second=0.005) as wall, asyncio.timeout(DEADLINE):
        turns = ""
        while not turns.endswith("AAAA"):
            turns += "F" if (await hear(wall, "messages", "f22-down-seconds-10")).status == 503 else "A"

    assert re.fullmatch("F+A+", turns)


async def test_a_fault_may_befall_only_the_first_of_equal_requests() -> None:
    async with FaultWall() as wall:
        statuses = [
            (await hear(wall, wire, "f20-503-once", streamed=streamed)).status
            for wire in SERVED
            for streamed in (True, False)
            for _ in range(2)
        ]
        broken = await hear(wall, "messages", "f06-cut-after-3-once")
        mended = await hear(wall, "messages", "f06-cut-after-3-once")

    assert statuses == [503, 200] * 10
    assert [attempt.failed for attempt in wall.attempts[:4]] == [True, False, True, False]
    assert (broken.complete, mended.complete) == (False, True)


# F23 and F24


@pytest.mark.parametrize("wire", SERVED)
async def test_counts_of_tokens_are_odd(wire: str) -> None:
    async with FaultWall() as wall:
        told = {
            name: usages_of((await hear(wall, wire, f"f23-usage-{name}")).body)
            for name in ("absent", "null", "zero", "negative")
        }

    assert told["absent"] == []
    assert told["null"]
    assert set(map(str, told["null"])) == {"None"}
    assert _last(told["zero"]) == (0,)
    assert _last(told["negative"]) == (-5,)


def _last(usages: list[Any]) -> tuple[int, ...]:
    last = usages[-1]
    names = ("completion_tokens", "output_tokens", "candidatesTokenCount")
    return (last,) if isinstance(last, int) else tuple(last[name] for name in names if name in last)


@pytest.mark.parametrize("wire", ["chat_completions", "messages", "generate_content"])
async def test_counts_are_told_twice_or_with_each_event(wire: str) -> None:
    async with FaultWall() as wall:
        plain = [_last([usage]) for usage in usages_of((await healthy(wall, wire)).body)]
        twice = [_last([usage]) for usage in usages_of((await hear(wall, wire, "f23-usage-twice")).body)]
        growing = [_last([usage]) for usage in usages_of((await hear(wall, wire, "f23-usage-cumulative")).body)]

    assert twice == [*plain, plain[-1]]
    assert len(growing) > 4
    assert growing == sorted(growing)
    assert growing[-1] == (40,)


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("wire", WIRES)
async def test_the_arguments_of_a_call_are_cut(wire: str, *, streamed: bool) -> None:
    async with FaultWall() as wall:
        heard = await hear(wall, wire, "f24-tool-arguments-cut", streamed=streamed)

    assert quoted(wall.tool_call[0]) in heard.body
    assert heard.body.endswith(b"harb")
    assert not heard.complete


# The log and the verdicts


async def test_the_log_says_who_closed_and_when() -> None:
    async with FaultWall() as wall, asyncio.timeout(DEADLINE):
        await healthy(wall, "messages")
        async with connected(wall.base_url) as connection:
            await connection.ask(*question("messages", "f08-stall-5", streamed=True))
            attempt = await wall.seen(2)
            await connection.head(Heard())
            assert attempt.ended is None
        await attempt.over.wait()
        assert attempt.ended is not None
        async with connected(wall.base_url) as connection:
            await connection.ask(*question("ollama", "f04-silence", streamed=False))
            await wall.seen(3)
            assert wall.open == 1
            await wall.__aexit__()

    log = [attempt.to_dict() for attempt in wall.attempts]
    assert [line["outcome"] for line in log] == ["whole", "left", "stopped"]
    assert [line["tokens"] for line in log] == [40, 5, 0]
    assert [line["streamed"] for line in log] == [True, True, False]
    assert log[0]["began"] <= log[0]["ended"] <= log[1]["began"] <= log[1]["ended"]
    assert (log[1]["wire"], log[1]["model"], log[1]["failed"]) == ("messages", "f08-stall-5", True)
    assert repr(wall.attempts[0]).startswith("Attempt(1, messages healthy, streamed, ")


async def test_verdicts_depend_on_what_stands_behind() -> None:
    async with FaultWall() as wall:

        def verdicts(model: str, *, streamed: bool = True) -> list[str]:
            return [
                wall.expected(model, wire="messages", streamed=streamed, fallback=fallback, rescue=rescue)
                for fallback, rescue in ((False, False), (True, False), (True, True))
            ]

        assert verdicts("healthy") == ["answered"] * 3
        assert verdicts("f06-cut-after-3") == ["error", "either", "answered"]
        assert verdicts("f06-cut-after-3", streamed=False) == ["error", "answered", "answered"]
        assert verdicts("f06-cut-after-0") == ["error", "answered", "answered"]
        assert verdicts("f20-503") == ["error", "answered", "answered"]
        assert verdicts("f20-503-once") == ["either", "answered", "answered"]
        assert verdicts("f21-filter") == ["error", "error", "error"]
        assert verdicts("f21-filter-once") == ["error", "error", "error"]
        assert verdicts("f21-context") == ["error", "either", "either"]
        assert verdicts("f24-tool-arguments-cut") == ["error", "either", "either"]
        assert verdicts("f13-cr-1") == ["answered"] * 3
        with pytest.raises(ValueError, match="does not apply"):
            wall.expected("f13-cr", wire="messages", streamed=False)


async def test_a_stall_that_ends_may_be_waited_for() -> None:
    async with FaultWall(stall=0.01) as wall:
        assert wall.expected("f08-stall", wire="messages", streamed=True) == "either"
        assert wall.expected("f03-headers-then-silence", wire="messages", streamed=False) == "either"
        assert wall.expected("f03-headers-then-silence", wire="messages", streamed=False, fallback=True) == "answered"
        assert wall.expected("f08-stall-then-close", wire="messages", streamed=True) == "error"


async def test_requests_may_come_in_chunks_and_ask_for_the_end() -> None:
    async with ScriptedProvider() as server, connected(server.base_url) as connection:
        head = b"POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n"
        body = b'a;x=1\r\n{"model":"\r\n6\r\ntiny"}\r\n0\r\ntrailer: 1\r\n\r\n'
        for end in (b"\r\n", b"connection: close\r\n\r\n"):
            connection.writer.write(head + end + body)
            assert (await connection.hear()).status == 200
        assert await connection.reader.read() == b""
        assert [seen.json for seen in server.requests] == [{"model": "tiny"}] * 2


async def test_a_wall_has_an_address_only_while_it_stands() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        _ = FaultWall().base_url
    async with FaultWall() as wall, ScriptedProvider() as other:
        assert wall.base_url != other.base_url
        assert wall.connections == 0


def test_data_is_read_out_of_its_frame() -> None:
    assert data_of(b'event: x\ndata: {"a":1}\n\n') == {"a": 1}
    assert data_of(b"data: [DONE]\n\n") is None
