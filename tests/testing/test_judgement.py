"""What is good enough for a caller, and what is not."""

import pytest

from interlingua.testing import Verdict
from interlingua.testing.judgement import Finding, Heard, judge

TEXT = "Half of it, and all of it."
WHOLE = Heard(outcome="answered", text=TEXT, finish="stop")
HALF = Heard(outcome="answered", text="Half of it", finish="stop")
UNENDED = Heard(outcome="answered", text=TEXT)
TOLD = Heard(outcome="error", error="502")
CALLED = Heard(outcome="answered", finish="tool_calls", calls=[("look_up", {"place": "here"})])
CALLED_HALF = Heard(outcome="answered", finish="tool_calls", calls=[("look_up", {"place": ""})])


@pytest.mark.parametrize(
    ("heard", "expected", "finding"),
    [
        (WHOLE, "answered", "answered"),
        (WHOLE, "either", "answered"),
        (WHOLE, "error", "false success"),
        (HALF, "answered", "false success"),
        (HALF, "either", "false success"),
        (UNENDED, "answered", "false success"),
        (UNENDED, "either", "answered"),
        (TOLD, "answered", "no answer"),
        (TOLD, "either", "error"),
        (TOLD, "error", "error"),
        (Heard(outcome="broken"), "error", "broken"),
        (Heard(outcome="hang"), "either", "hang"),
    ],
)
def test_only_the_whole_answer_or_an_error_where_one_must_be_is_sound(
    heard: Heard, expected: Verdict, finding: Finding
) -> None:
    assert judge(heard, expected, texts=[TEXT]) == finding


def test_another_target_may_have_said_it() -> None:
    assert judge(WHOLE, "answered", texts=["Half of \ufffdit", TEXT]) == "answered"


def test_a_call_is_whole_with_all_of_its_arguments() -> None:
    call = ("look_up", '{"place":"here"}')

    assert judge(CALLED, "either", texts=[""], call=call) == "answered"
    assert judge(CALLED_HALF, "either", texts=[""], call=call) == "false success"
    assert judge(WHOLE, "either", texts=[TEXT], call=call) == "false success"
