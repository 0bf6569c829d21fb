"""When models are retired."""

from datetime import date

import pytest

from interlingua.catalog import Catalog, lifecycle_of
from interlingua.catalog.lifecycles import packaged_lifecycles
from interlingua.errors import InvalidConfig
from interlingua.types.lifecycle import Lifecycle


def test_every_row_has_a_day_a_source_and_when_it_was_checked() -> None:
    rows = packaged_lifecycles()

    assert [name for name, row in rows.items() if not row.retires or not row.source or not row.checked] == []
    assert [name for name, row in rows.items() if row.deprecated and row.retires and row.deprecated > row.retires] == []
    assert len(rows) > 50


@pytest.mark.parametrize(
    ("model", "day"),
    [
        ("gpt-4o", date(2027, 1, 14)),
        ("gpt-4o-2024-08-06", date(2027, 1, 14)),
        ("gpt-4o-2024-05-13", date(2026, 10, 23)),
        ("openai/gpt-5-2025-08-07", date(2026, 12, 11)),
        ("gpt-5.1-2025-11-13", date(2027, 4, 1)),
        ("gpt-5.1-codex", date(2026, 7, 23)),
        ("ft:gpt-4.1-mini-2025-04-14:acme::1", date(2027, 1, 14)),
    ],
)
def test_a_snapshot_goes_with_its_family_unless_it_has_a_day_of_its_own(model: str, day: date) -> None:
    life = lifecycle_of(model, provider="openai")

    assert life is not None
    assert life.retires == day


def test_where_nothing_is_announced_nothing_is_known() -> None:
    assert lifecycle_of("gpt-6.2-sol", provider="openai") is None
    assert lifecycle_of("claude-opus-4-1", provider="bedrock") is None
    assert lifecycle_of("x" * 10_000, provider="openai") is None


def test_a_model_is_retired_from_its_day_on() -> None:
    life = Lifecycle(retires=date(2026, 3, 1))

    assert not life.is_retired(date(2026, 2, 28))
    assert life.is_retired(date(2026, 3, 1))
    assert not Lifecycle().is_retired(date(2026, 3, 1))


def test_your_own_dates_go_first_and_wrong_words_are_told() -> None:
    row = {"id": "gpt-4o", "provider": "openai", "lifecycle": {"retires": date(2030, 1, 1)}}

    life = Catalog().extend({"model": [row]}).lifecycle("gpt-4o", provider="openai")

    assert life is not None
    assert life.retires == date(2030, 1, 1)
    with pytest.raises(InvalidConfig, match=r"lifecycle: unknown key `retire`\. Did you mean `retires`\?"):
        Catalog().extend({"model": [{**row, "lifecycle": {"retire": date(2030, 1, 1)}}]})
