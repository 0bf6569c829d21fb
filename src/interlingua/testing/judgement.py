"""Whether what a caller got is what a sound gateway gives."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from interlingua.testing.fault import Verdict
from interlingua.testing.voice import ToolCall

Outcome: TypeAlias = Literal["answered", "error", "broken", "hang"]

Finding: TypeAlias = Literal["answered", "error", "false success", "no answer", "broken", "hang"]

SOUND: Final[tuple[Finding, ...]] = ("answered", "error")
"""Findings that are as they should be; all others are failures of who was asked."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller got for one request.

    Args:
        outcome: `answered` if the caller's client took it for a whole answer, `error` if that raised an error of the
            API's own, `broken` if the connection failed under it or what came could not be read, and `hang` if there
            was no end in time.
        text: the text of the answer, or as much of it as came.
        finish: why the answer ended, in the API's own words; empty if that was not said.
        calls: the calls of tools in it, the arguments decoded.
        error: what was raised, in a line.
        seconds: how long it took.

    """

    outcome: Outcome
    text: str = ""
    finish: str = ""
    calls: Sequence[tuple[str, object]] = ()
    error: str = ""
    seconds: float = 0.0


def judge(heard: Heard, expected: Verdict, *, texts: Sequence[str], call: ToolCall | None = None) -> Finding:
    """Compare what a caller got with what `FaultWall.expected` says.

    An answer that is not whole, or that stands where there can be none, is a false
    success: the worst that can be found.

    Args:
        heard: what the caller got.
        expected: what it must get.
        texts: the whole text; of several, if others may answer.
        call: the call of a tool that the answer consists of, instead of a text.

    Example:
        >>> judge(Heard(outcome="answered", text="Half", finish="stop"), "either", texts=["Half of it"])
        'false success'

    """
    if heard.outcome == "answered":
        whole = heard.text in texts if call is None else heard.calls == [(call[0], msgspec.json.decode(call[1]))]
        told_why = heard.finish != "" or expected == "either"
        return "answered" if whole and told_why and expected != "error" else "false success"
    if heard.outcome == "error":
        return "error" if expected != "answered" else "no answer"
    return heard.outcome
