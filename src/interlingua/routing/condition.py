"""For which requests a target is there."""

import msgspec

from interlingua.routing.facts import RequestFacts


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request must be like; what is not named does not matter.

    `min_tokens` and `max_tokens` bound the prompt, by a guess. `modality` is a kind of part
    that it has (`image`, `audio`, `file`). `tools` says whether it has any. Every entry of
    `metadata` must stand in the request's own.

    Example:
        >>> Condition(tools=True).unmet(RequestFacts(tools=False))
        'for requests with tools'

    """

    min_tokens: int | None = None
    max_tokens: int | None = None
    modality: str | None = None
    tools: bool | None = None
    metadata: dict[str, str] = {}

    def unmet(self, facts: RequestFacts) -> str | None:
        """Say what a request is not like; None if it is as it must be."""
        if self.min_tokens is not None and facts.tokens < self.min_tokens:
            return f"for prompts from {self.min_tokens} tokens on"
        if self.max_tokens is not None and facts.tokens > self.max_tokens:
            return f"for prompts up to {self.max_tokens} tokens"
        if self.modality is not None and self.modality not in facts.modalities:
            return f"for requests with {self.modality}"
        if self.tools is not None and facts.tools is not self.tools:
            return "for requests with tools" if self.tools else "for requests without tools"
        for name, value in self.metadata.items():
            if facts.metadata.get(name) != value:
                return f"for requests whose metadata has {name}={value}"
        return None
