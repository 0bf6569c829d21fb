"""Rules of models: rows lie over each other, the user's over the packaged."""

from typing import Any

import pytest

from interlingua.catalog import lookup, packaged_catalog
from interlingua.catalog.rules import RuleTable, rules_for
from interlingua.errors import InvalidConfig


def table(*rows: dict[str, Any]) -> RuleTable:
    return RuleTable().extend({"rules": list(rows)})


def test_each_row_changes_only_what_it_gives() -> None:
    rules = table(
        {"match": ["house-*"], "temperature": [0, 1], "refused": ["seed"], "prefill": False},
        {"match": ["house-7b*"], "refused": [], "efforts": ["low", "high"]},
    ).find("house-7b-q4")

    assert rules is not None
    assert (rules.temperature, rules.refused, rules.prefill) == ((0, 1), (), False)
    assert rules.efforts == ("low", "high")


def test_the_longer_pattern_lies_on_top_in_whatever_order() -> None:
    rows: list[dict[str, Any]] = [
        {"match": ["house-7b*"], "refused": ["stop"]},
        {"match": ["house-*"], "refused": ["seed"]},
    ]

    for order in (rows, rows[::-1]):
        rules = table(*order).find("house-7b")
        assert rules is not None
        assert rules.refused == ("stop",)


def test_of_equal_patterns_the_providers_own_counts_and_only_there() -> None:
    rules = table({"match": ["a*"], "refused": ["seed"], "providers": ["vllm"]}, {"match": ["a*"], "refused": ["stop"]})

    here, elsewhere = rules.find("abc", provider="vllm"), rules.find("abc", provider="groq")

    assert here is not None
    assert elsewhere is not None
    assert (here.refused, elsewhere.refused) == (("seed",), ("stop",))


def test_a_short_pattern_of_the_users_lies_over_a_long_packaged_one() -> None:
    mine = packaged_catalog().extend({"rules": [{"match": ["gpt-*"], "temperature": [0, 2]}]})

    rules = mine.rules("gpt-6-astra", provider="openai")

    assert rules is not None
    assert rules.temperature == (0, 2)
    assert rules.refused == ("stop",)
    packaged = rules_for("gpt-6-astra", provider="openai")
    assert packaged is not None
    assert packaged.temperature == (1, 1)


def test_a_name_with_a_vendor_is_found_and_an_endless_one_is_not() -> None:
    rules = table({"match": ["claude-*"], "prefill": False})

    assert rules.find("anthropic/Claude-X") == rules.find("us.anthropic.claude-x") != None  # noqa: E711
    assert rules.find("claude-" + "x" * 300) is None
    assert rules.find("gpt") is None


@pytest.mark.parametrize(
    ("row", "words", "place"),
    [
        ({"match": ["a"], "temprature": [0, 1]}, "unknown key `temprature`. Did you mean `temperature`?", "temprature"),
        ({"temperature": [0, 1]}, "missing required field `match`", ""),
        ({"match": ["a"], "temperature": 1}, "Expected `array | null`", "temperature"),
        ({"match": ["a"], "prefill": "no"}, "Expected `bool | null`", "prefill"),
        ({"match": ["a"], "chat_tools": "maybe"}, "Invalid enum value 'maybe'", "chat_tools"),
        (3, "must be a table", ""),
    ],
)
def test_a_wrong_row_is_named(row: object, words: str, place: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        packaged_catalog().extend({"rules": [{"match": ["b"]}, row]}, origin="mine.toml")

    assert caught.value.message.startswith("mine.toml: rules 2")
    assert words in caught.value.message
    assert caught.value.param == f"rules.2.{place}".rstrip(".")


def test_a_row_of_another_provider_keeps_what_the_maker_says() -> None:
    life = {"retires": "2027-03-01"}
    mine = packaged_catalog().extend({"model": [{"id": "gpt-4o", "provider": "azure", "lifecycle": life}]})

    here, made = mine.lookup("gpt-4o", provider="azure"), lookup("gpt-4o")

    assert here is not None
    assert made is not None
    assert (here.provider, here.context_length, here.capabilities) == ("azure", 128_000, made.capabilities)
    retiring = mine.lifecycle("azure/gpt-4o-2024-08-06", provider="azure")
    assert retiring is not None
    assert str(retiring.retires) == "2027-03-01"
    assert mine.price("gpt-4o", provider="openai") == packaged_catalog().price("gpt-4o", provider="openai")
