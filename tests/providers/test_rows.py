import re
import tomllib
from pathlib import Path
from statistics import median

import pytest

from interlingua.errors import InvalidConfig
from interlingua.providers import REGISTRY, ProviderRow, read_row, resolve, wire_named
from interlingua.providers.endpoint import AWSAccess
from interlingua.providers.row import WireName

ROWS = list(REGISTRY)
DATA = Path(__file__).parents[2] / "src/interlingua/providers/data"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_is_checked_and_can_be_resolved(row: ProviderRow) -> None:
    own_address = None if row.base_url else "https://resource.example"
    region = AWSAccess(region="eu-central-1")
    endpoint = resolve(row, api_key="sk-test", base_url=own_address, aws=region, environ={})

    assert (row.docs or "").startswith("https://")
    assert row.checked is not None
    assert re.fullmatch(r"[a-z0-9_]+", row.id)
    assert endpoint.url_for("/chat/completions", "tiny").startswith(("https://", "http://localhost:"))


@pytest.mark.parametrize("wire", sorted({row.wire for row in ROWS}))
def test_every_wire_that_a_row_names_exists(wire: WireName) -> None:
    assert wire_named(wire).name == wire


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_says_where_its_key_comes_from(row: ProviderRow) -> None:
    assert row.key_env
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) for name in (*row.key_env, *row.base_env, *row.token_env))
    assert row.models_path or row.models, "a provider that lists no models needs `models`"


def test_the_providers_that_were_promised_are_there() -> None:
    promised = [
        "openai",
        "azure",
        "deepseek",
        "tongyi",
        "dashscope",
        "zhipu",
        "moonshot",
        "yi",
        "baichuan",
        "siliconflow",
        "volcengine",
        "gitee",
        "infiniai",
        "aimlapi",
        "burncloud",
        "orcarouter",
        "minimax",
        "spark",
        "ollama",
        "groq",
        "mistral",
        "together",
        "fireworks",
        "openrouter",
        "xai",
        "perplexity",
        "cerebras",
        "sambanova",
        "nvidia",
        "huggingface",
        "github",
        "cohere",
        "deepinfra",
        "novita",
        "hyperbolic",
        "nebius",
        "vllm",
        "lmstudio",
        "llamacpp",
        "litellm",
        "openai_compatible",
        "zai",
        "qwen",
    ]

    assert [name for name in promised if name not in REGISTRY] == []


def test_names_and_aliases_are_unique() -> None:
    names = [name for row in ROWS for name in (row.id, *row.aliases)]

    assert len(names) == len(set(names))


def test_a_key_variable_that_stands_first_belongs_to_one_provider_or_its_twin() -> None:
    first: dict[str, list[str]] = {}
    for row in ROWS:
        first.setdefault(row.key_env[0], []).append(row.id)

    shared = {name: ids for name, ids in first.items() if len(ids) > 1}

    assert shared == {"OLLAMA_API_KEY": ["ollama", "ollama_cloud"]}


def test_a_row_is_short() -> None:
    lengths: list[int] = []
    for file in DATA.glob("*.toml"):
        text = file.read_text("utf-8")
        lengths += [
            len(block.strip().splitlines()) for block in re.split(r"^(?=\[\w+\]$)", text, flags=re.MULTILINE)[1:]
        ]

    assert median(lengths) <= 12
    assert max(lengths) <= 20


def test_rows_of_the_files_are_all_read() -> None:
    written = [name for file in DATA.glob("*.toml") for name in tomllib.loads(file.read_text("utf-8"))]

    assert sorted(written) == [row.id for row in ROWS]


def test_an_unknown_word_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(
        InvalidConfig, match=r"my\.toml: providers\.acme has no setting 'base_ulr'; did you mean 'base_url'"
    ):
        read_row("acme", {"base_ulr": "https://api.acme.example/v1"}, source="my.toml")


def test_an_unknown_quirk_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidConfig, match=r"providers\.acme\.dialect has no setting 'drops'; did you mean 'drop'"):
        read_row("acme", {"dialect": {"drops": ["seed"]}})


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("key_env", "ACME_KEY"),
        ("wire", "carrier_pigeon"),
        ("base_url", "ftp://api.acme.example"),
        ("dialect", "strict"),
        ("checked", "soon"),
        ("deployments", {"path": "/d/{deployment}"}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(word: str, value: object) -> None:
    with pytest.raises(InvalidConfig, match=r"providers\.acme"):
        read_row("acme", {word: value})


@pytest.mark.parametrize("name", ["", "a/b", " acme"])
def test_a_name_that_no_model_string_could_hold_is_refused(name: str) -> None:
    with pytest.raises(InvalidConfig, match="a provider's name"):
        read_row(name, {})
