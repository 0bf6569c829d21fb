"""The packaged vocabularies are the published ones, byte for byte."""

import hashlib
from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.catalog.vocabulary import encoding_table, pack_ranks, tiktoken_text, unpack_ranks

DATA = resources.files("interlingua.catalog") / "data"
NAMES = [entry.name for entry in encoding_table().encoding]


@pytest.mark.parametrize("name", NAMES)
def test_packaged_ranks_rebuild_the_published_file(name: str):
    entry = encoding_table().find(name)

    tokens = unpack_ranks((DATA / entry.ranks).read_bytes())

    assert hashlib.sha256(tiktoken_text(tokens)).hexdigest() == entry.sha256


@pytest.mark.parametrize("name", NAMES)
def test_hash_pattern_and_special_tokens_are_those_that_tiktoken_states(name: str, monkeypatch: pytest.MonkeyPatch):
    published = pytest.importorskip("tiktoken_ext.openai_public")
    asked: list[str] = []

    def load_nothing(_url: str, *, expected_hash: str) -> dict[bytes, int]:
        asked.append(expected_hash)
        return {}

    monkeypatch.setattr(published, "load_tiktoken_bpe", load_nothing)
    stated = published.ENCODING_CONSTRUCTORS[name]()
    entry = encoding_table().find(name)

    assert asked == [entry.sha256]
    assert entry.pattern == stated["pat_str"]
    assert entry.special_tokens == stated["special_tokens"]


def test_vocabularies_stay_small():
    sizes = [len((DATA / entry.ranks).read_bytes()) for entry in encoding_table().encoding]

    assert sum(sizes) < 1_500_000


def test_table_states_source_and_date():
    table = encoding_table()

    assert table.source
    assert table.checked >= date(2026, 11, 22)


def test_every_openai_model_that_tiktoken_knows_has_the_same_encoding_here():
    known = pytest.importorskip("tiktoken.model").MODEL_TO_ENCODING
    table = encoding_table()
    packaged = {model: name for model, name in known.items() if name in NAMES}

    found = {model: entry.name for model in packaged if (entry := table.for_model(model))}

    assert found == packaged


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o", "o200k_base"),
        ("openai/gpt-4o-mini", "o200k_base"),
        ("openrouter/openai/gpt-4.1", "o200k_base"),
        ("ft:gpt-4o-2024-08-06:acme::1", "o200k_base"),
        ("GPT-4-0613", "cl100k_base"),
        ("azure/gpt-35-turbo", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("gpt-6-sol", None),  # its tokenizer is not published
        ("claude-sonnet-5-5", None),
        ("somebody/gpt-4-like", None),
        ("", None),
    ],
)
def test_encoding_of_a_model(model: str, encoding: str | None):
    entry = encoding_table().for_model(model)

    assert (entry.name if entry else None) == encoding


def test_an_encoding_that_is_not_packaged_is_a_key_error():
    with pytest.raises(KeyError):
        encoding_table().find("r50k_base")


@given(st.lists(st.binary(min_size=1, max_size=255)))
def test_packing_ranks_loses_nothing(tokens: list[bytes]):
    assert unpack_ranks(pack_ranks(tokens)) == tokens
