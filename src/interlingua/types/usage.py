"""What an answer cost in tokens."""

from typing import Any

import msgspec

from interlingua.types.part import Extensions


class Usage(msgspec.Struct, kw_only=True):
    """Tokens in buckets that do not overlap, so that they add up.

    Every provider counts differently: OpenAI's prompt total includes the tokens read
    from its cache, Anthropic's does not. Here each token is in exactly one bucket, and
    the totals of either are sums of buckets. `estimated` says that interlingua counted,
    since the provider did not. All counts are tokens.
    """

    input_tokens: int = 0
    """Prompt text that was neither read from a cache nor written to one."""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    """Written to a cache of the provider's usual life (minutes)."""
    cache_write_long_tokens: int = 0
    """Written to a cache of the provider's long life (an hour or more)."""
    input_audio_tokens: int = 0
    input_image_tokens: int = 0
    output_tokens: int = 0
    """Visible text, tool calls included."""
    reasoning_tokens: int = 0
    output_audio_tokens: int = 0
    output_image_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0
    estimated: bool = False
    extensions: Extensions = {}

    @property
    def prompt_tokens(self) -> int:
        """Everything that went in."""
        return (
            self.input_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
            + self.cache_write_long_tokens
            + self.input_audio_tokens
            + self.input_image_tokens
        )

    @property
    def completion_tokens(self) -> int:
        """Everything that came out."""
        return (
            self.output_tokens
            + self.reasoning_tokens
            + self.output_audio_tokens
            + self.output_image_tokens
            + self.accepted_prediction_tokens
            + self.rejected_prediction_tokens
        )

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        """Add two answers' usage, bucket by bucket; the sum is estimated if either is."""
        counts = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__struct_fields__
            if name not in ("estimated", "extensions")
        }
        return Usage(**counts, estimated=self.estimated or other.estimated)

    def to_dict(self) -> dict[str, Any]:
        """Give the three totals that most code reads, and every bucket that is not zero."""
        buckets = {
            name: value for name in self.__struct_fields__ if (value := getattr(self, name)) and name != "extensions"
        }
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
        } | buckets
