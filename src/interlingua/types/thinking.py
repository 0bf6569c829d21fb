"""How much a model may think before it answers."""

from typing import Literal

import msgspec

from interlingua.types.part import Extensions


class ThinkingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the model thinks, for how long, and what it shows of it.

    Effort, the newer way to say how much, is `ModelRequest.reasoning_effort`. `mode` is
    `adaptive` where the model decides itself; `budget_tokens` bounds the thinking, in
    tokens. `summary` is what is shown: `auto`, `concise`, `detailed`, or `none`.

    Example:
        >>> ThinkingConfig(mode="enabled", budget_tokens=4096)

    """

    mode: Literal["enabled", "adaptive", "disabled"] | None = None
    budget_tokens: int | None = None
    summary: str | None = None
    extensions: Extensions = {}
