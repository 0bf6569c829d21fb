"""What tokens cost, in whole micro-units of money.

All rates are micro-dollars (millionths of a US dollar) for a million tokens, so that $2.50 for a million is
2_500_000. None is unknown, and zero is free.
"""

from datetime import UTC, date, datetime, time
from typing import Annotated, Final

import msgspec

from interlingua.types.usage import Usage

Rate = Annotated[int, msgspec.Meta(ge=0)]

_MILLION: Final = 1_000_000

_BUCKETS: Final = (
    # the bucket of `Usage`, and the rates that it is paid by: the first that is known
    ("input_tokens", ("input",)),
    ("cache_read_tokens", ("cache_read", "input")),
    ("cache_write_tokens", ("cache_write", "input")),
    ("cache_write_long_tokens", ("cache_write_long", "cache_write", "input")),
    ("input_audio_tokens", ("input_audio", "input")),
    ("input_image_tokens", ("input_image", "input")),
    ("output_tokens", ("output",)),
    ("reasoning_tokens", ("reasoning", "output")),
    ("output_audio_tokens", ("output_audio", "output")),
    ("output_image_tokens", ("output_image", "output")),
    ("accepted_prediction_tokens", ("output",)),
    ("rejected_prediction_tokens", ("output",)),
)


class Rates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Micro-dollars for a million tokens of each kind.

    A kind without a rate of its own costs what its text does: cached, audio and image input what `input` says,
    reasoning and predictions what `output` says, and a long cache what the usual one does.
    """

    input: Rate | None = None
    cache_read: Rate | None = None
    cache_write: Rate | None = None
    """For a cache of the provider's usual life (minutes)."""
    cache_write_long: Rate | None = None
    """For a cache of the provider's long life (an hour or more)."""
    input_audio: Rate | None = None
    input_image: Rate | None = None
    output: Rate | None = None
    reasoning: Rate | None = None
    output_audio: Rate | None = None
    output_image: Rate | None = None

    def cost(self, usage: Usage) -> int | None:
        """Give micro-dollars, rounded once to the nearest (half up); None if a kind that was used has no rate."""
        total = 0
        for bucket, names in _BUCKETS:
            tokens: int = getattr(usage, bucket)
            if tokens:
                rate: int | None = next((known for name in names if (known := getattr(self, name)) is not None), None)
                if rate is None:
                    return None
                total += tokens * rate
        return (total + _MILLION // 2) // _MILLION


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rates of a whole request whose prompt has more than `above` tokens."""

    above: int
    rates: Rates


class Tariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rates, and when they hold: from a day on, and between two times of every day; both in UTC."""

    rates: Rates
    tiers: tuple[Tier, ...] = ()
    """For long prompts, the shortest first; the last that applies is for all tokens of the request."""
    starts: date | None = None
    hours: tuple[time, time] | None = None
    """From the first time, up to the second and without it; it may pass midnight."""

    def holds(self, moment: datetime) -> bool:
        """Whether these are the rates of a moment, unless a later tariff holds too."""
        utc = moment.astimezone(UTC)
        if self.starts is not None and utc.date() < self.starts:
            return False
        if self.hours is None:
            return True
        (begin, end), now = (each.replace(tzinfo=None) for each in self.hours), utc.time()
        return begin <= now < end if begin <= end else now >= begin or now < end

    def for_prompt(self, tokens: int) -> Rates:
        """Give the rates of a request by the length of its prompt."""
        return next((tier.rates for tier in reversed(self.tiers) if tokens > tier.above), self.rates)


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model costs at a provider.

    Example:
        >>> price = Price(tariffs=(Tariff(rates=Rates(input=2_500_000, output=10_000_000)),))
        >>> price.cost(Usage(input_tokens=1000, output_tokens=100))
        3500

    """

    tariffs: tuple[Tariff, ...]
    """The last one that holds counts."""
    source: str | None = None
    checked: date | None = None
    """When the source was last looked at."""

    def at(self, moment: datetime) -> Tariff | None:
        """Give the tariff of a moment, which must say its time zone; None if there was none yet."""
        return next((tariff for tariff in reversed(self.tariffs) if tariff.holds(moment)), None)

    def cost(self, usage: Usage, *, at: datetime | None = None) -> int | None:
        """Give what an answer cost, in micro-dollars, now or at another moment; None is unknown.

        The sum over all kinds of tokens is rounded once, to the nearest micro-dollar, half up. Only tokens are
        counted: searches, pages and hours of audio have prices that are not here.
        """
        tariff = self.at(at or datetime.now(UTC))
        return tariff.for_prompt(usage.prompt_tokens).cost(usage) if tariff is not None else None
