"""A user's own facts and rules of models: over the packaged ones, and of one client alone."""

from pathlib import Path
from typing import Any

import pytest

from interlingua import Client, InvalidConfig, SyncClient, Unsupported
from interlingua.catalog import packaged_catalog
from interlingua.testing import ScriptedProvider

pytestmark = pytest.mark.anyio

HOUSE: dict[str, Any] = {
    "id": "house-7b",
    "provider": "acme",
    "context_length": 32_768,
    "max_output_length": 2_048,
    "capabilities": {"tools": True},
    "price": {"input": 100_000, "output": 200_000},
    "lifecycle": {"retires": "2099-01-31", "replacement": "house-8b"},
    "encoding": "cl100k_base",
}
RULES: dict[str, Any] = {"match": ["house-*"], "temperature": [0, 1], "refused": ["seed"]}


def client_of(server: ScriptedProvider, **settings: Any) -> Client:
    return Client(providers={"acme": {"base_url": server.base_url, "api_key": "k"}}, **settings)


async def test_rules_of_ones_own_hold_for_every_request_of_that_client_alone(server: ScriptedProvider) -> None:
    mine = client_of(server, catalog={"model": [HOUSE], "rules": [RULES]})
    other = client_of(server)
    async with mine, other:
        output = await mine.generate("acme/house-7b", "Hi", temperature=1.5, seed=7)
        await other.generate("acme/house-7b", "Hi", temperature=1.5, seed=7)
        with pytest.raises(Unsupported, match="seed"):
            await mine.generate("acme/house-7b", "Hi", seed=7, strict=True)

    assert sorted(str(warning) for warning in output.warnings) == [
        "clamped temperature: 1.5 to 1, which house-7b takes",
        "dropped seed: house-7b takes none",
        "retiring model: house-7b will be retired on 2099-01-31; acme recommends house-8b",
    ]
    first, second = (request.json for request in server.requests)
    assert (first["temperature"], "seed" in first) == (1, False)
    assert (second["temperature"], second["seed"]) == (1.5, 7)
    assert packaged_catalog().lookup("house-7b") is None


async def test_lists_have_what_the_catalog_says_under_every_name(server: ScriptedProvider) -> None:
    server.models = ("house-7b",)
    settings: dict[str, Any] = {"models": {"house": "acme/house-7b", "fast": {"model": "house", "temperature": 0}}}
    async with client_of(server, catalog={"model": [HOUSE]}, **settings) as client:
        listed = {model.model: model for model in await client.models()}

    for name in ("acme/house-7b", "house", "fast"):
        model = listed[name]
        assert (model.context_length, model.max_output_length, model.function_calling) == (32_768, 2_048, True)
        assert model.price is not None
        assert model.price.tariffs[0].rates.output == 200_000
        assert model.lifecycle is not None
        assert model.lifecycle.replacement == "house-8b"
        assert model.provider == "acme"
    assert listed["fast"].metadata["alias_of"] == "house"


async def test_what_you_say_of_a_model_goes_before_what_its_provider_lists(server: ScriptedProvider) -> None:
    listed = {"object": "model", "max_model_len": 8_192, "max_output_tokens": 512}
    server.models = ({"id": "house-7b", **listed}, {"id": "house-9b", **listed})
    row = {"id": "house-7b", "provider": "acme", "context_length": 4_096, "capabilities": {"vision": False}}
    async with client_of(server, catalog={"model": [row]}) as client:
        house, other = await client.models("acme")

    assert (house.context_length, house.max_output_length, house.vision) == (4_096, 512, False)
    assert (other.context_length, other.vision) == (8_192, None)


async def test_a_name_of_ones_own_shows_what_is_known_though_its_provider_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with Client(models={"omni": "openai/gpt-4o", "what": "nobody/knows"}) as client:
        listed = {model.model: model for model in await client.models()}

    assert listed["omni"].context_length == 128_000
    assert listed["omni"].price is not None
    assert listed["what"].context_length is None


async def test_prices_are_found_under_every_name_that_a_provider_has(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    server.models = ("gpt-4o",)
    async with Client() as client:
        (model,) = await client.models("chatgpt")

    assert (model.model, model.provider) == ("chatgpt/gpt-4o", "chatgpt")
    assert model.price == packaged_catalog().price("gpt-4o", provider="openai") != None  # noqa: E711


@pytest.mark.parametrize("table", [{"extends": "openai"}, {"extends": "work"}])
async def test_a_provider_like_another_has_its_prices_days_and_rules(
    server: ScriptedProvider, table: dict[str, Any]
) -> None:
    own = {"id": "o3", "provider": "mine", "context_length": 99}
    providers = {"work": {"extends": "openai"}, "mine": {**table, "base_url": server.base_url, "api_key": "k"}}
    server.models = ("gpt-4o", "o3")
    async with Client(providers=providers, catalog={"model": [own]}) as client:
        output = await client.generate("mine/o3", "Hi", temperature=0.5)
        omni, reasoning = await client.models("mine")

    assert [warning.kind for warning in output.warnings] == ["retiring", "dropped"]
    assert (omni.price, omni.provider) == (packaged_catalog().price("gpt-4o", provider="openai"), "mine")
    assert omni.price is not None
    assert reasoning.context_length == 99
    assert reasoning.price is not None


async def test_tokens_are_counted_with_the_encoding_that_the_catalog_names(server: ScriptedProvider) -> None:
    text = "무슨 말을 해야 할지 모르겠어 " * 9
    async with client_of(server, catalog={"model": [HOUSE]}, models={"house": "acme/house-7b"}) as client:
        counted = await client.count_token("acme/house-7b", text)
        named = await client.count_token("house", text)
    async with client_of(server) as client:
        usual = await client.count_token("acme/house-7b", text)

    assert counted == named != usual
    assert (counted.encoding, usual.encoding) == ("cl100k_base", "o200k_base")


MINE = """
[providers.acme]
base_url = "http://127.0.0.1:1/v1"
api_key = "k"

[[catalog.model]]
id = "house-7b"
provider = "acme"
context_length = 32_768
lifecycle = { retires = 2099-01-31 }

[[catalog.model]]
id = "gpt-4o"
provider = "openai"
context_length = 64_000

[[catalog.rules]]
match = ["house-*"]
temperature = [0, 1]
"""


def write(folder: Path, text: str, name: str = "interlingua.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


async def test_a_config_file_has_a_catalog(tmp_path: Path) -> None:
    path = write(tmp_path, MINE)
    catalog = Client.from_config(path).resolve("acme/house-7b").catalog
    assert catalog is not None

    house, omni, rules = catalog.lookup("house-7b"), catalog.lookup("gpt-4o"), catalog.rules("house-7b")

    assert house is not None
    assert (house.context_length, house.source) == (32_768, f"{path}: model 1")
    assert omni is not None
    assert (omni.context_length, omni.max_output_length) == (64_000, 16_384)
    assert rules is not None
    assert rules.temperature == (0, 1)


async def test_a_catalog_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_PROVIDER", "acme")
    write(tmp_path, '[[model]]\nid = "a"\nprovider = "${env:HOUSE_PROVIDER}"\ncontext_length = 9\n', "models.toml")
    named = Client.from_config(write(tmp_path, 'catalog = "models.toml"\n[client]\ntimeout = 3\n'))
    given = Client(catalog=tmp_path / "models.toml")

    for client in (named, given):
        target = client.resolve("local/smollm2")
        assert target.catalog is not None
        entry = target.catalog.lookup("acme/a")
        assert entry is not None
        assert (entry.context_length, entry.provider) == (9, "acme")


def test_the_synchronous_client_takes_it_too(tmp_path: Path) -> None:
    with SyncClient(catalog={"model": [HOUSE]}, models={"house": "acme/house-7b"}) as client:
        assert client.models()[0].context_length == 32_768
    with SyncClient.from_config(write(tmp_path, MINE + '[models]\nhouse = "acme/house-7b"\n')) as client:
        assert client.models()[0].context_length == 32_768


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("context_length = 64_000", "contxt = 64_000", r":15: model 2: unknown key `contxt`.*`context_length`"),
        ("context_length = 64_000", 'context_length = "x"', r":15: model 2: Expected `int \| null`"),
        ("temperature = [0, 1]", "temprature = [0, 1]", r":19: rules 1: unknown key `temprature`.*`temperature`"),
        ("temperature = [0, 1]", "temperature = 1", r":19: rules 1: Expected `array \| null`"),
        ("retires = 2099", "retire = 2099", r":10: model 1, lifecycle: unknown key `retire`.*`retires`"),
        ('provider = "openai"\n', "", r":12: model 2: Object missing required field `provider`"),
        ("catalog.rules", "catalog.rule", r":17: unknown key `rule`. Did you mean `rules`"),
        ("catalog.rules", "catalogue.rules", r":17: the file has no setting 'catalogue'; did you mean 'catalog'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidConfig, match=r"interlingua\.toml" + message):
        Client.from_config(write(tmp_path, MINE.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('catalog = "none.toml"\n', r"interlingua\.toml:1: catalog: there is no file .*none\.toml"),
        ("catalog = 3\n", r"interlingua\.toml:1: catalog must be a table"),
        ('catalog = "models.toml"\n', r"models\.toml:5: model 2: unknown key `ids`"),
    ],
)
def test_what_is_wrong_with_a_file_of_its_own_is_named_with_the_line_there(
    tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, '[[model]]\nid = "a"\nprovider = "b"\n[[model]]\nids = "c"\n', "models.toml")
    with pytest.raises(InvalidConfig, match=message):
        Client.from_config(write(tmp_path, text))


def test_what_is_no_catalog_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="3 is no catalog"):
        Client(catalog=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidConfig, match="catalog: model 1: unknown key `contxt`"):
        Client(catalog={"model": [{"contxt": 1}]})
