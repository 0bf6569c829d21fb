"""The known-model table: names in every form find their row, and what is unknown stays None."""

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.catalog import Capabilities, Catalog, ModelEntry, lookup, packaged_catalog
from interlingua.errors import InvalidConfig

ROWS = tomllib.loads((resources.files("interlingua.catalog") / "data" / "models.toml").read_text("utf-8"))["model"]


def entry_of(model: str, provider: str | None = None) -> ModelEntry:
    entry = lookup(model, provider=provider)
    assert entry is not None, model
    return entry


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['provider']}/{row['id']}")
def test_every_packaged_row_has_a_source_and_a_date_and_finds_itself(row: dict[str, object]):
    entry = entry_of(str(row["id"]), provider=str(row["provider"]))

    assert (entry.provider, entry.id) == (row["provider"], row["id"])
    assert entry.id == entry.id.lower()
    assert row["source"]
    assert isinstance(row["checked"], date)
    assert entry.context_length or entry.max_input_length


def test_limits_fit_into_the_window():
    for entry in packaged_catalog():
        window = entry.context_length or entry.max_input_length or 0
        assert (entry.max_output_length or 0) <= window, entry
        assert (entry.max_input_length or 0) <= window, entry


def test_names_are_unique_within_a_provider():
    names = [(entry.provider, name) for entry in packaged_catalog() for name in (entry.id, *entry.aliases)]

    assert len(names) == len(set(names)) > 60


@pytest.mark.parametrize(
    ("model", "found", "window"),
    [
        ("gpt-4o", "gpt-4o", 128_000),
        ("GPT-4o", "gpt-4o", 128_000),
        ("openai/gpt-4o", "gpt-4o", 128_000),
        ("openrouter/openai/gpt-4o-2024-08-06", "gpt-4o", 128_000),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13", 128_000),
        ("ft:gpt-4o-2024-08-06:acme:support:9", "gpt-4o", 128_000),
        ("gpt-4-0613", "gpt-4", 8_192),
        ("gpt-4-32k-0613", "gpt-4-32k", 32_768),
        ("gpt-4-1106-preview", "gpt-4-turbo", 128_000),
        ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-0613", 4_096),
        ("azure/gpt-35-turbo-16k", "gpt-3.5-turbo", 16_385),
        ("gpt-6.2-astra", "gpt-6.2-astra", 1_050_000),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", 200_000),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", 200_000),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1", 200_000),
        ("vertex_ai/claude-opus-4-1@20250805", "claude-opus-4-1", 200_000),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet", 200_000),
        ("models/gemini-2.5-pro-preview-05-06", "gemini-2.5-pro", 1_048_576),
        ("gemini-2.5-flash-001", "gemini-2.5-flash", 1_048_576),
        ("mistral-small-latest", "mistral-small-2603", 262_144),
        ("openai/gpt-oss-20b:free", "gpt-oss-20b", 131_072),
        ("MiniMax-M3", "minimax-m3", 1_000_000),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "llama-3.3-70b-instruct", 131_072),
        ("llama3.1:8b", "llama-3.1-8b-instruct", 131_072),
        ("local/smollm2", "smollm2", 8_192),
        ("SmolLM2-135M-Instruct.Q4_1", "smollm2", 8_192),
    ],
)
def test_a_name_in_any_form_finds_its_row(model: str, found: str, window: int):
    entry = entry_of(model)

    assert (entry.id, entry.context_length) == (found, window)


@pytest.mark.parametrize("model", ["", "/", "nobody/nothing", "gpt", "gpt-4o-but-different", "x" * 10_000])
def test_an_unknown_name_is_none(model: str):
    assert lookup(model) is None


def test_the_host_is_preferred_to_the_maker():
    assert entry_of("gpt-oss-120b").provider == "openai"
    assert entry_of("gpt-oss-120b", provider="groq").max_output_length == 65_536
    assert entry_of("groq/openai/gpt-oss-120b").provider == "groq"
    assert entry_of("gpt-oss-120b", provider="elsewhere").provider == "openai"


def test_unknown_is_none_and_known_is_a_boolean():
    capabilities = entry_of("gpt-4o").capabilities

    assert capabilities.tools is True
    assert capabilities.audio is None
    assert entry_of("deepseek-v4-pro").capabilities.vision is False


@given(st.text(max_size=300))
def test_lookup_never_raises(model: str):
    found = lookup(model)

    assert found is None or isinstance(found, ModelEntry)


def test_a_new_row_is_found_and_the_old_catalog_is_untouched():
    row = {
        "id": "house-7b",
        "provider": "vllm",
        "aliases": ["house"],
        "match": ["house-7b-*"],
        "context_length": 32_768,
    }

    mine = packaged_catalog().extend({"model": [row]}, origin="mine.toml")

    for name in ("house-7b", "vllm/house", "house-7b-q4", "house-7b-2026-01-01"):
        found = mine.lookup(name)
        assert found is not None
        assert (found.context_length, found.max_output_length, found.source) == (32_768, None, "mine.toml: model 1")
    assert lookup("house-7b") is None
    assert len(mine) == len(packaged_catalog()) + 1


def test_a_row_changes_only_what_it_names():
    row = {"id": "gpt-4o", "provider": "openai", "context_length": 64_000, "capabilities": {"audio": False}}

    entry = packaged_catalog().extend({"model": [row]}).lookup("openai/gpt-4o")

    assert entry is not None
    assert entry.context_length == 64_000
    assert entry.max_output_length == 16_384
    assert entry.capabilities == Capabilities(tools=True, vision=True, structured_output=True, audio=False)
    assert (entry.source, entry.checked) == ("your models: model 1", None)


def test_rows_come_from_a_file(tmp_path: Path):
    path = tmp_path / "models.toml"
    path.write_text('[[model]]\nid = "a"\nprovider = "b"\ncontext_length = 10\nchecked = 2026-11-22\n')

    entry = Catalog().extend_from_file(path).lookup("a")

    assert entry == ModelEntry(
        id="a", provider="b", context_length=10, source=f"{path}: model 1", checked=date(2026, 11, 22)
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"models": []}, "Did you mean `model`?"),
        ({"model": 3}, "`model` must be a list"),
        ({"model": [3]}, "model 1 must be a table"),
        ({"model": [{"id": "a", "provider": "b"}, {"id": "a"}]}, "model 2: Object missing required field `provider`"),
        ({"model": [{"id": "a", "provider": "b", "contxt_length": 1}]}, "Did you mean `context_length`?"),
        ({"model": [{"id": "a", "provider": "b", "context_length": "1"}]}, "Expected `int | null`"),
        ({"model": [{"id": "a", "provider": "b", "context_length": 0}]}, ">= 1"),
        ({"model": [{"id": "a", "provider": "b", "capabilities": {"tool": True}}]}, "Did you mean `tools`?"),
        ({"model": [{"id": "a", "provider": "b", "capabilities": {"tools": "yes"}}]}, "Expected `bool | null`"),
        ({"model": [{"id": "gpt-4o", "provider": "openai", "capabilities": 1}]}, "capabilities"),
        ({"model": [{"id": "a", "provider": "b", "zzzzz": 1}]}, "Known keys: id, provider"),
    ],
)
def test_a_wrong_document_is_refused_with_its_place(document: dict[str, object], words: str):
    with pytest.raises(InvalidConfig) as caught:
        packaged_catalog().extend(document, origin="mine.toml")

    assert "mine.toml" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize("content", [b"[[model", b"\xff\xfe", None])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes | None):
    path = tmp_path / "models.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InvalidConfig, match="cannot be read as TOML"):
        Catalog().extend_from_file(path)


@pytest.mark.parametrize(
    ("model", "reads", "writes"),
    [
        ("gemini-3.8-flash", ("text", "image", "audio", "video", "file"), ("text",)),
        ("claude-sonnet-5-5", ("text", "image", "file"), ("text",)),
        ("gpt-audio", ("text", "audio"), ("text", "audio")),
        ("gpt-4o", ("text", "image"), ("text",)),
        ("deepseek-v4-pro", ("text",), ("text",)),
        ("text-embedding-3-small", (), ()),
    ],
)
def test_modalities_are_those_that_are_known(model: str, reads: tuple[str, ...], writes: tuple[str, ...]):
    entry = entry_of(model)

    assert (entry.reads, entry.writes) == (reads, writes)


def test_what_can_see_reads_images():
    wrong = [e.id for e in packaged_catalog() if e.capabilities.vision and "image" not in e.reads and e.reads]

    assert wrong == []


def test_a_modality_is_one_of_five():
    row = {"id": "a", "provider": "b", "input_modalities": ["smell"]}

    with pytest.raises(InvalidConfig, match="model 1: Invalid enum value 'smell'"):
        packaged_catalog().extend({"model": [row]})
