"""What was changed on the way to a model."""

from typing import Literal

import msgspec


class Adaptation(msgspec.Struct, frozen=True):
    """One thing that the target could not take as it was.

    `feature` names it (`logit_bias`, `temperature`), `detail` says what was done. Kinds:
    `dropped` and `clamped` lose something, and a request in strict mode is refused with
    `Unsupported` instead; `renamed`, `emulated` (said in another way) and `bridged`
    (asked through another of the provider's wires) lose nothing; `estimated`,
    `unverified`, `retiring` (the model has a date of retirement) and `moved` (another
    target answers a conversation than before) only tell.
    """

    kind: Literal[
        "dropped", "clamped", "renamed", "emulated", "estimated", "unverified", "bridged", "retiring", "moved"
    ]
    feature: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.feature}" + (f": {self.detail}" if self.detail else "")
