"""JSON from other people."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.wires.json_text import decode, mend


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00"', "\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud83d"', "\\ud83d"),
        (rb'"\\\ud83d"', "\\\ufffd"),
        (rb'"\uD83Dx"', "\ufffdx"),
    ],
)
def test_half_a_pair_becomes_the_replacement_character(text: bytes, mended: str) -> None:
    assert decode(text) == mended
    assert len(mend(text)) == len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=6))
def test_any_text_of_javascript_is_read(text: str) -> None:
    written = json.dumps(text).encode()

    assert decode(written) == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_what_is_no_json_stays_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(rb'{"a":"\ud83d"')
