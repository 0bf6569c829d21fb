"""What a fault of the wall is."""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from interlingua.testing.reply import Reply
from interlingua.testing.scene import Scene, Unit
from interlingua.testing.voices import NAMES

Act: TypeAlias = Callable[[Scene], Reply]
"""Makes the answer in which the fault is."""

Verdict: TypeAlias = Literal["answered", "error", "either"]
"""What a caller must get: the whole text, a clean error in its own wire, or one of the two."""

Schedule: TypeAlias = Literal["always", "seconds", "requests", "first_seconds"]

ALL: Final = NAMES
JSON: Final = tuple(name for name in NAMES if name != "converse")
SSE: Final = tuple(name for name in JSON if name != "ollama")
MARKED: Final = ("chat_completions", "messages")
"""Wires whose streams end with an event that says nothing else."""

PIECES: Final = "the pieces of text before it"
MEBIBYTES: Final = "the mebibytes, 0 for no end"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault.

    Args:
        id: its name, which is the name of the model that shows it.
        spec: what kind it is, F01 to F24.
        does: what it does, in a sentence.
        act: makes the answer; None for a fault that has an address of its own.
        streamed: what a sound gateway with no other target gives the caller of a stream; None where it does not apply.
        whole: the same for an answer that is not streamed.
        midway: whether a stream has told some of the text when it happens.
        behind: what it gives if a healthy target stands behind, as long as no text was told.
        resumes: whether it goes on when the stall is over, so that it is whole for whoever waits as long.
        breaks: whether the answer ends there, so that it is whole if the number is large.
        callers: whether the request is at fault, so that no other target is asked and nothing is tried again.
        number: what the number says; empty where there is none.
        unit: what the number counts, if that is a part of the answer.
        usual: the number unless one is given.
        wires: where it can be shown.
        says: a piece of text that it adds to the answer.
        schedule: whether it happens always, in turns of so many seconds or requests, or for the first seconds.
        tools: whether the answer is a call of a tool.

    """

    id: str
    spec: str
    does: str
    act: Act | None = None
    streamed: Verdict | None = None
    whole: Verdict | None = None
    midway: bool = False
    behind: Verdict = "answered"
    resumes: bool = False
    breaks: bool = False
    callers: bool = False
    number: str = ""
    unit: Unit | None = None
    usual: int = 0
    wires: tuple[str, ...] = ALL
    says: str = ""
    schedule: Schedule = "always"
    tools: bool = False

    def applies(self, *, wire: str, streamed: bool) -> bool:
        """Tell whether it can be shown in a wire, streamed or not."""
        return wire in self.wires and (self.streamed if streamed else self.whole) is not None
