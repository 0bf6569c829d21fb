"""What models cost: tiers, dates, hours of the day, and the packaged rows."""

from datetime import UTC, date, datetime, time

import pytest

from interlingua.catalog import Catalog, price_of
from interlingua.catalog.prices import packaged_prices
from interlingua.errors import InvalidConfig
from interlingua.types import Usage
from interlingua.types.price import Price, Rates, Tariff, Tier
from tools.build_prices import TARGET, problems

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def cost_of(model: str, usage: Usage, *, provider: str, at: datetime = NOON) -> int | None:
    price = price_of(model, provider=provider)
    assert price is not None, model
    return price.cost(usage, at=at)


def test_the_packaged_file_is_as_it_should_be() -> None:
    assert problems(TARGET.read_bytes()) == []
    assert sum(len(table.models) for table in packaged_prices().providers.values()) > 1500


def test_a_wrong_file_is_told() -> None:
    text = b"""{"source": "", "checked": "2026-11-25", "providers": {"p": {"source": "", "models":
        {"a": "b", "c": [{"rates": {"inptu": 1}}]}}}}"""

    assert [line.split(":")[0] for line in problems(text)] == ["no source or no date", "p", "p/a", "p/c"]


def test_each_kind_of_token_is_paid_by_its_own_rate_or_that_of_its_text() -> None:
    rates = Rates(input=1_000_000, cache_read=100_000, cache_write=1_250_000, output=5_000_000)

    assert rates.cost(Usage(input_tokens=10, cache_read_tokens=10, cache_write_tokens=4)) == 10 + 1 + 5
    assert rates.cost(Usage(cache_write_long_tokens=4, input_audio_tokens=3, input_image_tokens=2)) == 5 + 3 + 2
    assert rates.cost(Usage(output_tokens=1, reasoning_tokens=1, rejected_prediction_tokens=1)) == 15


def test_a_kind_without_any_rate_makes_the_cost_unknown_and_zero_is_a_price() -> None:
    assert Rates(output=5).cost(Usage(input_tokens=1)) is None
    assert Rates(output=5).cost(Usage(output_tokens=0)) == 0
    assert Rates(input=0, output=0).cost(Usage(input_tokens=9, output_tokens=9)) == 0


@pytest.mark.parametrize(("tokens", "micro"), [(1, 0), (4, 0), (5, 1), (14, 1), (15, 2)])
def test_the_sum_is_rounded_once_half_up(tokens: int, micro: int) -> None:
    assert Rates(input=100_000).cost(Usage(input_tokens=tokens)) == micro
    assert Rates(input=100_000, cache_read=100_000).cost(Usage(input_tokens=3, cache_read_tokens=2)) == 1


def test_a_long_prompt_pays_its_tiers_rates_for_all_its_tokens() -> None:
    price = Price(
        tariffs=(Tariff(rates=Rates(input=1_000_000), tiers=(Tier(above=100, rates=Rates(input=2_000_000)),)),)
    )

    assert price.cost(Usage(input_tokens=100)) == 100
    assert price.cost(Usage(input_tokens=100, cache_read_tokens=1)) == 202


def test_a_price_changes_with_the_day_and_the_hour() -> None:
    night = Tariff(rates=Rates(input=3_000_000), starts=date(2026, 6, 1), hours=(time(22), time(2)))
    price = Price(tariffs=(Tariff(rates=Rates(input=1_000_000), starts=date(2026, 1, 1)), night))

    assert price.cost(Usage(input_tokens=1), at=datetime(2025, 12, 31, 23, tzinfo=UTC)) is None
    assert price.cost(Usage(input_tokens=1), at=datetime(2026, 5, 31, 23, tzinfo=UTC)) == 1
    assert [
        price.cost(Usage(input_tokens=1), at=datetime(2026, 6, 2, hour, tzinfo=UTC)) for hour in (1, 2, 21, 22, 23)
    ] == [3, 1, 1, 3, 3]


def test_packaged_prices_keep_tiers_dates_and_hours() -> None:
    million = Usage(input_tokens=100_000, output_tokens=100_000)

    assert cost_of("claude-sonnet-5-5", million, provider="anthropic") == 200_000 + 1_000_000
    assert cost_of("gpt-5.6-sol", million, provider="openai", at=datetime(2026, 8, 20, tzinfo=UTC)) == 3_500_000
    assert cost_of("gpt-5.6-sol", million, provider="openai", at=datetime(2026, 8, 21, tzinfo=UTC)) == 2_400_000
    assert cost_of("claude-haiku-5-5", Usage(input_tokens=100_000), provider="anthropic") == 10_000
    assert cost_of("claude-haiku-5-5", Usage(input_tokens=100_001), provider="anthropic") == 50_001
    assert cost_of("deepseek-flash", million, provider="deepseek", at=datetime(2026, 11, 25, 3, tzinfo=UTC)) == 150_000
    assert cost_of("deepseek-flash", million, provider="deepseek") == 75_000


@pytest.mark.parametrize("name", ["claude-sonnet-4-5-20250929", "claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"])
def test_a_name_in_any_form_finds_its_price(name: str) -> None:
    price = price_of(name, provider="anthropic")

    assert price is not None
    assert price == price_of("claude-sonnet-4-5")
    assert price.checked is not None
    assert price.source is not None
    assert price.source.startswith("genai-prices ")


def test_another_providers_price_is_not_taken() -> None:
    assert price_of("gpt-4o", provider="friendli") is None
    assert price_of("openai/gpt-4o", provider="openrouter") is not None
    assert price_of("nobody/nothing") is None
    assert price_of("x" * 10_000, provider="openai") is None


def test_your_own_price_goes_first_and_only_where_it_is_meant() -> None:
    row = {"id": "gpt-4o", "provider": "openai", "price": {"input": 7, "output": 9}}
    catalog = Catalog().extend({"model": [row]})

    own = catalog.price("openai/gpt-4o-2024-08-06")

    assert own is not None
    assert own.tariffs == (Tariff(rates=Rates(input=7, output=9)),)
    assert own.source == "your models: model 1"
    other = catalog.price("openai/gpt-4o", provider="openrouter")
    assert other is not None
    assert other != own


def test_a_wrong_word_of_a_price_is_named_with_the_nearest() -> None:
    with pytest.raises(
        InvalidConfig, match=r"mine\.toml: model 1, price: unknown key `inptu`\. Did you mean `input`\?"
    ):
        Catalog().extend({"model": [{"id": "a", "provider": "b", "price": {"inptu": 7}}]}, origin="mine.toml")
