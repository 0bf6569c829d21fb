"""Events that pass between two speakers of one wire: what passes as it came, what is mended, what does not pass."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast

import msgspec
import pytest

from interlingua.errors import Error, Overloaded, ProtocolError, ServerFault, StreamInterrupted
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named
from interlingua.types import Usage
from interlingua.wires import chat_completions, generate_content, messages, ollama, responses
from interlingua.wires.contract import RelayedWire, StreamWatch
from interlingua.wires.generate_content import array
from interlingua.wires.ollama import generate
from interlingua.wires.table import WIRES

NAMES = ("chat_completions", "responses", "messages", "generate_content", "ollama")
EVENTS = NAMES[:4]
EACH = pytest.mark.parametrize("name", NAMES)
EACH_OF_EVENTS = pytest.mark.parametrize("name", EVENTS)
BOM = b"\xef\xbb\xbf"


def wire_of(name: str) -> RelayedWire:
    return cast("RelayedWire", WIRES[name])


def said(name: str, *pieces: str) -> list[bytes]:
    return list(voice_named(name).streamed(Line(pieces=pieces or ["Hel", "lo."]), model="m", body={}))


def passed(name: str, *data: bytes) -> tuple[bytes, StreamWatch]:
    """Give what passes until something is wrong."""
    watch = wire_of(name).stream_watch()
    pieces: list[bytes] = []
    for each in data:
        pieces.append(watch.feed(each))
        if watch.failure is not None:
            return b"".join(pieces), watch
    return b"".join([*pieces, watch.close()]), watch


def place_of(text: bytes, events: Sequence[bytes]) -> int:
    return next(number for number, event in enumerate(events) if text in event)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@EACH
@pytest.mark.parametrize("size", [1, 3, 64, 1 << 20])
def test_a_sound_stream_passes_byte_for_byte_however_it_is_cut(name: str, size: int) -> None:
    stream = b"".join(said(name, "Hé ", "两 ", "lo."))

    data, watch = passed(name, *cut(stream, size))

    assert data == stream
    assert watch.finished
    assert (watch.failure, watch.error) == (None, None)
    assert watch.usage is None or watch.usage == Usage(input_tokens=3, output_tokens=2)


@EACH
def test_the_usual_event_is_not_even_copied(name: str) -> None:
    watch = wire_of(name).stream_watch()

    assert all(watch.feed(event) is event for event in said(name, "Hé ", "lo."))


@EACH
@pytest.mark.parametrize("together", [True, False])
def test_what_is_no_json_does_not_pass_and_nothing_after_it(name: str, together: bool) -> None:
    events = said(name)
    place = place_of(b'"lo."', events)
    broken = events[place].replace(b'"lo."', b'"lo.')
    stream = [*events[:place], broken, *events[place + 1 :]]

    data, watch = passed(name, *([b"".join(stream)] if together else stream))

    assert data == b"".join(events[:place])
    assert isinstance(watch.failure, ProtocolError)
    assert "is not valid JSON" in watch.failure.message


@EACH
def test_a_list_where_a_text_must_stand_does_not_pass(name: str) -> None:
    events = said(name)
    place = place_of(b'"lo."', events)

    data, watch = passed(name, b"".join(events).replace(b'"lo."', b"[4,2]", 1))

    assert data == b"".join(events[:place])
    assert isinstance(watch.failure, ProtocolError)


@EACH
def test_a_whole_answer_with_a_list_where_a_text_must_stand_is_none(name: str) -> None:
    wire = wire_of(name)
    body = voice_named(name).whole(Line(pieces=["Hello."]), model="m", body={})
    broken = body.replace(b'"Hello."', b"[4,2]")

    assert wire.is_answer(body)
    assert not wire.is_answer(broken)
    with pytest.raises(ProtocolError):
        wire.parse_response(broken)


@pytest.mark.parametrize("name", ["chat_completions", "messages"])
def test_a_stream_that_says_only_that_it_is_over_is_empty(name: str) -> None:
    data, watch = passed(name, said(name)[-1])

    assert data == b""
    assert isinstance(watch.failure, StreamInterrupted)
    assert not watch.finished


@pytest.mark.parametrize("name", ["chat_completions", "messages", "ollama"])
@pytest.mark.parametrize("together", [True, False])
def test_nothing_passes_after_the_end(name: str, together: bool) -> None:
    events = said(name)
    stray = [events[place_of(b'"lo."', events)], b'data: {"half\n\n', events[-1]]

    data, watch = passed(name, *([b"".join(events + stray)] if together else events + stray))

    assert data == b"".join(events)
    assert (watch.ended, watch.failure) == (True, None)


@EACH
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_byte_order_mark_does_not_pass(name: str, size: int) -> None:
    stream = b"".join(said(name))

    data, watch = passed(name, *cut(BOM + stream, size))

    assert (data, watch.finished) == (stream, True)


@EACH
def test_what_is_no_utf_8_becomes_a_replacement_character(name: str) -> None:
    stream = b"".join(said(name, "Hé\ufffd", "lo."))

    data, watch = passed(name, stream.replace("\ufffd".encode(), b"\xff"))

    assert data == stream
    assert (watch.finished, watch.failure) == (True, None)


def in_cr(event: bytes) -> bytes:
    return event.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def in_crlf(event: bytes) -> bytes:
    return event.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def in_lf(event: bytes) -> bytes:
    return event.replace(b"\r\n", b"\n")


def over_lines(event: bytes) -> bytes:
    head, mark, text = event.replace(b"\r\n", b"\n").rstrip().partition(b"data: ")
    return head + mark + text.replace(b",", b",\ndata: ") + b"\n\n" if text.startswith(b"{") else event


@EACH_OF_EVENTS
@pytest.mark.parametrize("form", [in_cr, in_crlf, over_lines])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_an_odd_form_that_readers_know_passes_as_it_came(name: str, form: Callable[[bytes], bytes], size: int) -> None:
    stream = b"".join(map(form, said(name)))

    data, watch = passed(name, *cut(stream, size))

    assert data == stream
    assert (watch.finished, watch.failure) == (True, None)


@EACH_OF_EVENTS
def test_lines_may_end_in_another_way_in_each_event(name: str) -> None:
    events = said(name)
    forms = [in_cr, in_crlf, in_lf]
    stream = b"".join(forms[number % 3](event) for number, event in enumerate(events))

    assert passed(name, stream)[0] == stream
    assert b"".join(watch_each(name, stream)) == stream


def watch_each(name: str, stream: bytes) -> Iterator[bytes]:
    watch = wire_of(name).stream_watch()
    for each in cut(stream, 1):
        yield watch.feed(each)
    yield watch.close()


@pytest.mark.parametrize("name", ["chat_completions", "responses", "messages"])
def test_comments_and_other_fields_pass_to_readers_that_skip_them(name: str) -> None:
    stream = b": hi\n\n" + b"".join(b"retry: 7\n: within\n" + event for event in said(name))

    assert passed(name, stream)[0] == stream


@pytest.mark.parametrize("name", ["chat_completions", "responses", "messages"])
def test_an_events_number_does_not_pass_since_readers_take_comments_for_events_after_it(name: str) -> None:
    events = said(name)

    data, watch = passed(name, b"".join(b": hi\n\nid: 7\n" + event for event in events))

    assert data.replace(b"\r", b"") == b"".join(b": hi\n\n" + event for event in events).replace(b"\r", b"")
    assert watch.finished


@pytest.mark.parametrize("odd", [b": hi\n\n", b"event: x\n\n", b"id: 1\nretry: 5\n\n", b"data:\n\n"])
@EACH_OF_EVENTS
def test_what_has_no_data_does_not_pass_unless_it_is_a_comment(name: str, odd: bytes) -> None:
    events = said(name)
    kept = odd if odd.startswith(b":") and name != "generate_content" else b""

    data, watch = passed(name, *[odd + event for event in events])

    assert data == b"".join(kept + event for event in events)
    assert watch.finished


def test_google_readers_get_nothing_but_data() -> None:
    events = [event.replace(b"\r\n", b"\n") for event in said("generate_content")]
    odd = [b": hi\n\nid: 1\nevent: x\n: within\n" + event.replace(b"data: ", b"data:", 1) for event in events]

    data, watch = passed("generate_content", *odd)

    assert data == b"".join(events)
    assert watch.finished


def test_googles_bare_error_passes() -> None:
    first = said("generate_content")[0]
    error = b'{\n  "error": {\n    "code": 503,\n    "message": "Overloaded.",\n    "status": "UNAVAILABLE"\n  }\n}\n\n'

    data, watch = passed("generate_content", first, error)

    assert data == first + error
    assert isinstance(watch.error, Overloaded)


@EACH
@pytest.mark.parametrize("left", [1, 2])
def test_the_last_event_gets_the_end_that_it_lacks(name: str, left: int) -> None:
    stream = b"".join(said(name)).replace(b"\r\n", b"\n")
    ending = b"" if name == "ollama" else b"\n\n"

    data, watch = passed(name, stream[:-left] if ending else stream.rstrip())

    assert data == stream.rstrip() + ending
    assert watch.finished


@EACH
def test_an_event_that_was_cut_does_not_pass(name: str) -> None:
    events = said(name)
    place = place_of(b'"lo."', events)

    data, watch = passed(name, b"".join(events[:place]) + events[place][:-8])

    assert data == b"".join(events[:place])
    assert (watch.finished, watch.failure) == (False, None)


def test_a_chunk_without_choices_gets_them() -> None:
    events = said("chat_completions")
    bare = b'event: message\ndata: {"id" : "c",\t"new":[1.50] }\n\n'

    data, watch = passed("chat_completions", events[0] + bare + b"".join(events[1:]))

    assert data == events[0] + bare.replace(b"] }", b'],"choices":[] }') + b"".join(events[1:])
    assert watch.failure is None
    assert passed("chat_completions", b'data: {"choices" : null,"a":1}\n\n')[0] == b'data: {"choices" : [],"a":1}\n\n'
    assert passed("chat_completions", b"data: {}\n\n")[0] == b'data: {"choices":[]}\n\n'


def test_an_unreadable_chunk_of_another_answer_is_left_out() -> None:
    events = said("chat_completions")
    stray = b'data: {"id":"other","choices":[{"del\n\n'

    assert passed("chat_completions", b"".join([events[0], stray, *events[1:]]))[0] == b"".join(events)
    assert passed("chat_completions", stray)[1].failure is not None


LENIENT = [
    b'{"choices":[]}',
    b'{"choices":[],"usage":{"prompt_tokens":1}}',
    b'{"choices":[{"index":0,"delta":{}}]}',
    b'{"choices":[{"index":0,"delta":null,"finish_reason":null}]}',
    b'{"choices":[{"index":0,"delta":"","finish_reason":""}]}',
    b'{"choices":[{"delta":{"content":null,"reasoning_content":"hm","tool_calls":null}}],"error":null}',
    b'{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}',
    b'{"choices":[{"delta":{"reasoning":{"effort":1},"reasoning_content":[]}}]}',
    b'{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":{"a":1}}}]}}]}',
    b'{"choices":[{"finish_reason":7,"delta":{"content":"\\ud83d"},"stop_reason":128009}],"new":[1.50]}',
    b'{"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}],"x":{}}',
]


@pytest.mark.parametrize("data", LENIENT)
def test_what_imitators_of_openai_send_passes(data: bytes) -> None:
    event = b"data: " + data + b"\n\n"

    assert passed("chat_completions", event)[0] == event


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("messages", b'event: ping\ndata: {"type": "ping"}\n\n'),
        ("messages", b'event: new\ndata: {"type":"new","text":[1]}\n\n'),
        (
            "messages",
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"text":[1]}}\n\n',
        ),
        ("responses", b'event: new.delta\ndata: {"type":"new.delta","delta":{"a":1}}\n\n'),
        ("responses", b"data: [DONE]\n\n"),
        ("generate_content", b'data: {"candidates":[{"content":{}},{"content":null,"new":[1.50]}]}\n\n'),
        ("generate_content", b'data: {"candidates":[{"content":{"parts":[{"new":{"text":[1]}},{"text":null}]}}]}\n\n'),
        ("generate_content", b'data: {"usageMetadata":{"promptTokenCount":3}}\n\n'),
        ("ollama", b'{"model":"m","message":{"content":null,"thinking":"hm","tool_calls":[]},"done":false}\n'),
        ("ollama", b'{"model":"m","response":"a","new":[1.50]}\r\n'),
    ],
)
def test_what_is_not_known_passes(name: str, event: bytes) -> None:
    assert passed(name, event)[0] == event


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("chat_completions", b'data: {"object":"error","message":"busy","code":503}\n\n'),
        ("chat_completions", b'event: error\ndata: {"message":"busy"}\n\n'),
        ("messages", b'data: {"error":{"message":"busy","type":"server_error"}}\n\n'),
        ("messages", b'data: {"type":"error","error":{"message":"busy","type":"overloaded_error"}}\n\n'),
        ("messages", b'event: error\ndata: {"error":{"message":"busy"}}\n\n'),
        ("responses", b'event: error\ndata: {"message":"busy"}\n\n'),
        ("ollama", b'{"error":{"message":"busy","code":502}}\n'),
    ],
)
def test_an_error_that_readers_would_not_understand_does_not_pass(name: str, event: bytes) -> None:
    first = said(name)[:1]

    data, watch = passed(name, b"".join([*first, event]))

    assert data == b"".join(first)
    assert isinstance(watch.failure, Error)
    assert watch.failure.message == "busy"


@EACH
def test_an_error_in_the_wires_own_form_passes_and_nothing_after_it(name: str) -> None:
    events = said(name)
    place = place_of(b'"lo."', events)
    failed = [*events[:place], voice_named(name).failure_in_stream("busy")]

    data, watch = passed(name, b"".join(failed + ([] if name == "responses" else events[place:])))

    if name == "responses":  # where OpenAI's SDK raises what has an `error`, which OpenAI's own event has not
        failed[-1] = failed[-1].replace(
            b"}", b',"error":{"type":"error","code":"server_error","message":"busy","param":null}}'
        )
    assert data == b"".join(failed)
    assert watch.error is not None
    assert watch.error.message == "busy"
    assert watch.failure is None


@pytest.mark.parametrize("absent", [b"", b',"usage":null'])
def test_an_event_of_messages_without_its_count_gets_zeros_to_add_to(absent: bytes) -> None:
    start = b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1"%b}}\n\n' % absent
    end = b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}%b}\n\n' % absent

    data, watch = passed("messages", start + end)

    first, last = (msgspec.json.decode(line[6:]) for line in data.split(b"\n") if line.startswith(b"data: "))
    assert first == {
        "type": "message_start",
        "message": {"id": "msg_1", "usage": {"input_tokens": 0, "output_tokens": 0}},
    }
    assert last == {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 0}}
    assert watch.usage is None


def test_an_event_of_messages_without_a_name_gets_it() -> None:
    events = said("messages")
    nameless = [event[event.index(b"data: ") :] for event in events]

    data, watch = passed("messages", b"".join(nameless))

    assert data == b"".join(events)
    assert watch.finished


@pytest.mark.parametrize(
    "event",
    [
        b'{"type":"message_start"}',
        b'{"type":"content_block_start","index":0}',
        b'{"type":"content_block_start","content_block":{"type":"text","text":""}}',
        b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":[]}}',
        b'{"type":"content_block_delta","index":0}',
        b'{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":[]}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":{}}}',
        b'{"type":"message_delta"}',
        b"[]",
    ],
)
def test_an_event_of_messages_without_what_it_is_about_does_not_pass(event: bytes) -> None:
    kind = b"" if event == b"[]" else msgspec.json.decode(event)["type"].encode()

    data, watch = passed("messages", b"event: %b\ndata: %b\n\n" % (kind, event))

    assert data == b""
    assert isinstance(watch.failure, ProtocolError)


def test_ollamas_reader_gets_no_empty_line_and_no_separator_within_a_line() -> None:
    lines = said("ollama", "a\u2028b\u2029c\u0085d", "é\x0b\x0c")
    stream = b"\n\r\n".join([b"", *lines, b" \n"])

    data, watch = passed("ollama", *cut(stream, 50))

    assert watch.finished
    read = [msgspec.json.decode(line) for line in data.decode().splitlines()]
    assert read == [msgspec.json.decode(line) for line in lines]
    assert "é".encode() in data


def test_ollamas_generations_are_read_too() -> None:
    watch = generate.stream_watch()

    assert watch.feed(b'{"response":"a","done":false}\n{"response":[4,2],"done":false}\n').endswith(b"false}\n")
    assert isinstance(watch.failure, ProtocolError)
    assert not generate.is_answer(b'{"response":"a","thinking":[4,2],"done":true}')


def test_an_element_of_an_array_is_looked_at_too() -> None:
    start = b'[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n,\r\n'
    watch = array.stream_watch()

    assert watch.feed(start) == start
    assert watch.feed(b'{"candidates":[{"content":{"parts":[{"text":[4,2]}]}}]}\n,\r\n') == b""
    assert isinstance(watch.failure, ProtocolError)

    watch = array.stream_watch()
    assert watch.feed(start + b'{"candidates":[{"finishReason":"STOP","x":"\xff"}]}\n]') == start
    assert watch.close() == '{"candidates":[{"finishReason":"STOP","x":"\ufffd"}]}\n]'.encode()
    assert watch.finished


def test_an_unspecified_reason_to_finish_is_none() -> None:
    event = (
        b'data: {"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"FINISH_REASON_UNSPECIFIED"}]}\n\n'
    )

    data, watch = passed("generate_content", event)

    assert (data, watch.finished) == (event, False)


def test_a_response_that_failed_is_an_error_and_one_that_completed_after_it_is_none() -> None:
    failed = b'data: {"type":"response.failed","response":{"error":{"code":"server_error","message":"busy"}}}\n\n'
    completed = b'data: {"type":"response.completed","response":{"usage":{"input_tokens":3,"output_tokens":2}}}\n\n'

    assert isinstance(passed("responses", failed)[1].error, ServerFault)
    assert passed("responses", failed + completed)[1].error is None
    assert passed("responses", completed)[1].usage == Usage(input_tokens=3, output_tokens=2)


@pytest.mark.parametrize("wire", [chat_completions, messages, responses, generate_content, ollama])
def test_an_event_without_end_is_refused(wire: RelayedWire) -> None:
    watch = wire.stream_watch()

    assert watch.feed(b"a" * (8 << 20)) == b""
    with pytest.raises(ProtocolError, match="more than"):
        watch.feed(b"a")
