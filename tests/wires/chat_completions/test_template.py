"""Events that differ in one text only are read by taking the text out, and nothing but the text may differ."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.types import TextDelta
from interlingua.wires.chat_completions import stream_parser
from interlingua.wires.chat_completions.template import Template

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "\\", '"},"logprobs":null', '","obfuscation":"x', "\n\n", "\u2028", '{"content":"'],
)


def event(text: str, padding: str | None = None, **choice: object) -> bytes:
    fields: dict[str, object] = {"id": "c", "choices": [{"index": 0, "delta": {"content": text}, **choice}]}
    if padding is not None:
        fields["obfuscation"] = padding
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(texts, st.text("aZ09", max_size=4)), min_size=1, max_size=8), st.booleans())
def test_many_texts_are_all_read(pieces: list[tuple[str, str]], padded: bool) -> None:
    data = [event("first", "x1" if padded else None)] + [event(text, pad if padded else None) for text, pad in pieces]
    parser = stream_parser()

    events = parser.feed(b"".join(b"data: " + each + b"\n\n" for each in data))

    expected = ["first", *(text for text, _ in pieces if text)]
    assert [each.text for each in events if isinstance(each, TextDelta)] == expected


def learned(data: bytes, text: str) -> Template:
    template = Template.learn(data, TextDelta(text))
    assert template is not None
    return template


def test_another_text_is_taken_out() -> None:
    template = learned(event("a"), "a")

    assert template.read(event('b "quoted" \\ and \u2028')) == 'b "quoted" \\ and \u2028'


def test_other_padding_is_the_same_event() -> None:
    template = learned(event("a", "Zx9"), "a")

    assert template.read(event("b", "q")) == "b"
    assert template.read(event("b", "")) is None
    assert template.read(event("b", 'q","finish_reason":"stop')) is None


@pytest.mark.parametrize(
    "data",
    [
        event("b", finish_reason="stop"),
        event("b").replace(b'"b"', b'"b","content":"c"'),
        event("b").replace(b'"b"', b"5"),
        event("b").replace(b'"b"', b'"\xff"'),
        event("b").replace(b'"b"', b'"\n"'),
        event("b").replace(b'"b"', b'"'),
        event("b").replace(b'"b"', rb'"\"'),
        event("b").replace(b'"b"', rb'"\ud83d"'),
    ],
)
def test_what_is_no_single_text_is_left_to_the_careful_reader(data: bytes) -> None:
    assert learned(event("a"), "a").read(data) is None


@pytest.mark.parametrize(
    "data",
    [
        event("a").replace(b'"content"', b'"x":{"content":"a"},"content"'),
        event("a").replace(b'"content":"a"', b'"content":[{"type":"text","text":"a"}]'),
        event("a").replace(b'"choices":[', b'"choices":[{"index":1},'),
        event("a").replace(b'"content":"a"', rb'"cont\u0065nt":"a"'),
    ],
)
def test_an_event_with_more_in_it_teaches_nothing(data: bytes) -> None:
    assert Template.learn(data, TextDelta("a")) is None
