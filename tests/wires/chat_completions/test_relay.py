"""Relaying: the fields that are replaced change, and no other byte."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import InvalidRequest, Overloaded
from interlingua.types import Usage
from interlingua.wires.chat_completions.relay import (
    Head,
    StreamWatch,
    UsageFilter,
    read_head,
    replace_fields,
)
from interlingua.wires.request_head import plain_head

BODY = b"""{ "mod\\u0065l" :\t"gpt-\\u00e9" ,
  "messages":[{"role":"user","content":"the \\"model\\": \\ud83d\\ude00 {[","model":"inner"}],
 "stream_options" : { "include_obfuscation":false, "include_usage" : false } , "stream":true, "n":2,"x":1.50e1}\r\n"""


def test_the_head_is_read() -> None:
    assert read_head(BODY) == Head(model="gpt-é", stream=True, include_usage=False, n=2)
    assert read_head(b'{"model":"m","max_tokens":5,"user":"u"}') == Head(model="m", max_tokens=5, user="u")
    assert read_head(b'{"model":"m","stream":null,"stream_options":null}') == Head(model="m")


def test_only_the_bytes_of_the_model_change() -> None:
    assert replace_fields(BODY, model='o"4') == BODY.replace(rb'"gpt-\u00e9"', rb'"o\"4"')


def test_only_the_bytes_of_the_option_change() -> None:
    replaced = replace_fields(BODY, include_usage=True)

    assert replaced == BODY.replace(b'"include_usage" : false', b'"include_usage" : true')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"m"}', b'{"model":"m","stream_options":{"include_usage":true}}'),
        (b'{"model":"m" }\n', b'{"model":"m","stream_options":{"include_usage":true} }\n'),
        (b'{"model":"m","stream_options":null}', b'{"model":"m","stream_options":{"include_usage":true}}'),
        (b'{"model":"m","stream_options":{}}', b'{"model":"m","stream_options":{"include_usage":true}}'),
        (b'{"stream_options":{"a":1 },"model":"m"}', b'{"stream_options":{"a":1,"include_usage":true },"model":"m"}'),
        (b" {}", b' {"stream_options":{"include_usage":true}}'),
    ],
)
def test_the_option_is_put_in_where_it_is_missing(body: bytes, expected: bytes) -> None:
    assert replace_fields(body, include_usage=True) == expected


def test_the_option_is_taken_back_only_where_it_stands() -> None:
    assert replace_fields(b'{"model":"m"}', include_usage=False) == b'{"model":"m"}'
    assert replace_fields(b'{"stream_options":{"include_usage":true}}', include_usage=False) == (
        b'{"stream_options":{"include_usage":false}}'
    )


def test_nothing_to_replace_changes_nothing() -> None:
    assert replace_fields(BODY) == BODY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"model"',
        b"{",
        b'{"model":"m"',
        b'{"model":"m"} x',
        b'{"model":"m","model":"n"}',
        b'{"model":"m","messages":[],"model":"n"}',
        b'{"model":"m","mod\\u0065l":"n"}',
        b'{"model":"m","a":1,"a":1}',
        b'{"messages":' + b"[" * 5000 + b"]" * 5000 + b',"model":"m"}',
        b'\xef\xbb\xbf{"model":"m"}',
        '{"model":"m"}'.encode("utf-16"),
        b"{'model':'m'}",
        b'{"model":"m",}',
    ],
)
def test_what_is_no_plain_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_head(body)
    with pytest.raises(InvalidRequest):
        read_head(replace_fields(body, model="x", include_usage=True))


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{}", "model"),
        (b'{"model":5}', "model"),
        (b'{"model":"m","stream":1}', "stream"),
        (b'{"model":"m","stream_options":[]}', "stream_options"),
        (b'{"model":"m","n":true}', "n"),
        (b'{"model":"m","max_tokens":"5"}', "max_tokens"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(body: bytes, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_head(body)

    assert caught.value.param == param


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        read_head(b'{"model":"\xff"}')


def test_half_an_emoji_passes_as_it_came() -> None:
    body = rb'{"messages":[{"content":"\ud83d \\ud83d \ud83d\ude00"}],"model":"m"}'

    assert read_head(body).model == "m"
    assert replace_fields(body, model="n") == body.replace(b'"m"', b'"n"')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["model", "stream_options", "include_usage", "}", '"']) | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["messages", "x", "model2", 'mo"del', "é", "\\"]), json_values, max_size=4),
    st.text(max_size=5),
    st.none() | st.booleans(),
    st.tuples(st.booleans(), st.sampled_from([None, 1, 3])),
    st.randoms(use_true_random=False),
)
def test_replacing_changes_what_was_asked_and_nothing_else(
    fields: dict[str, Any], model: str, usage: bool | None, layout: tuple[bool, int | None], random: Any
) -> None:
    ascii_only, indent = layout
    fields = {**fields, "model": "old"}
    if usage is not None:
        fields["stream_options"] = {"a": 1, "include_usage": usage}
    items = list(fields.items())
    random.shuffle(items)
    body = json.dumps(dict(items), ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")

    replaced = replace_fields(body, model=model, include_usage=True)

    expected = json.loads(body)
    expected["model"] = model
    expected["stream_options"] = {**expected.get("stream_options", {}), "include_usage": True}
    assert json.loads(replaced) == expected
    assert replace_fields(body, model="old") == body
    if usage is not None:
        assert replace_fields(replaced, model="old", include_usage=usage) == body


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["messages", "stream", "x", "model", 'mo"del', "é"]), json_values, max_size=4),
    st.text(max_size=5),
    st.text(max_size=5),
    st.tuples(st.booleans(), st.sampled_from([None, 1])),
)
def test_the_quick_way_gives_what_the_careful_one_gives_or_nothing(
    fields: dict[str, Any], old: str, model: str, layout: tuple[bool, int | None]
) -> None:
    ascii_only, indent = layout
    body = json.dumps({**fields, "model": old}, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")

    plain = plain_head(body)

    if plain is not None:
        head = read_head(body)
        assert (plain.model, plain.stream) == (head.model, head.stream)
        assert plain.with_model(body, model) == replace_fields(body, model=model)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"a","model":"b"}',
        b'{"model":"a","stream":false,"stream":true}',
        b'{"model":"a","\\u006dodel":"b"}',
        b'{"\\u006dodel":"a","messages":[{"model":"b"}]}',
        b'{"messages":[{"model":"b"}]}',
        b'{"model":3}',
        b'{"model":"a"',
        b'{"model":"a"} x',
        b'{"model":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\xff",
        b"",
    ],
)
def test_the_quick_way_keeps_off_what_is_not_plain(body: bytes) -> None:
    assert plain_head(body) is None


def test_the_quick_way_takes_what_most_callers_send() -> None:
    body = b'{ "messages" : [{"role":"user","content":"a \\"model\\" \xc3\xa9"}],"model" :"acme/t\\"x", "stream":true}'
    plain = plain_head(body)
    assert plain is not None
    assert (plain.model, plain.stream) == ('acme/t"x', True)
    assert plain.with_model(body, "new") == body.replace(b'"acme/t\\"x"', b'"new"')


def chunk(delta: Any, finish: str | None = None, **fields: Any) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return b"data: " + msgspec.json.encode({"id": "c", "choices": choices, **fields}) + b"\n\n"


USAGE = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"


def watched(*data: bytes) -> StreamWatch:
    watch = StreamWatch()
    for each in data:
        watch.feed(each)
    return watch


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_a_whole_stream_is_finished_and_tells_its_usage(size: int) -> None:
    data = b"".join(chunk({"content": "x"}) for _ in range(5000)) + chunk({}, "stop") + USAGE + DONE

    watch = watched(*[data[start : start + size] for start in range(0, len(data), size)])

    assert watch.finished
    assert watch.marked
    assert watch.finish_reason == "stop"
    assert watch.usage == Usage(input_tokens=3, output_tokens=2)
    assert watch.error is None


def test_a_finish_reason_is_enough() -> None:
    watch = watched(chunk({"content": "x"}), chunk({}, "length"))

    assert watch.finished
    assert not watch.marked
    assert watch.usage is None


def test_an_end_mark_without_a_line_end_counts() -> None:
    watch = watched(chunk({}), b"data: [DONE]")

    assert watch.close() == b"data: [DONE]\n\n"
    assert watch.finished
    assert watched(chunk({}).replace(b"\n", b"\r\n"), b"data: [DONE]\r\n\r\n").finished


@pytest.mark.parametrize(
    "data", [b"", chunk({"content": "x"}), chunk({"content": "x"}) + b'data: {"choices":[{"finish_reason":"st']
)
def test_a_stream_that_was_cut_is_not_finished(data: bytes) -> None:
    assert not watched(data).finished


def test_a_stream_that_only_speaks_of_its_end_is_not_finished() -> None:
    assert not watched(chunk({"content": '[DONE] "finish_reason":"stop"\n\ndata: [DONE]'})).finished


def test_an_error_at_the_end_is_an_end() -> None:
    watch = watched(chunk({"content": "x"}), b'data: {"error":{"message":"busy","code":503}}\n\n')

    assert watch.finished
    assert isinstance(watch.error, Overloaded)


def test_more_may_come_after_a_look() -> None:
    watch = watched(chunk({"content": "x"}))
    assert not watch.finished

    watch.feed(chunk({}, "stop"))

    assert watch.finished


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_the_usage_event_is_taken_out(end: bytes, size: int) -> None:
    rest = [chunk({"content": 'say "choices":[] and "usage":{}'}), chunk({}, "stop")]
    data = b"".join([*rest, USAGE, DONE]).replace(b"\n", end)
    passing = UsageFilter()

    passed = [passing.feed(data[start : start + size]) for start in range(0, len(data), size)]

    assert b"".join(passed) + passing.close() == b"".join([*rest, DONE]).replace(b"\n", end)


def test_what_has_no_end_passes_at_the_end() -> None:
    passing = UsageFilter()

    assert passing.feed(b"data: [DO") == b""
    assert passing.close() == b"data: [DO"
