"""A config file: values from the environment, and errors that name the line."""

from pathlib import Path

import pytest

from interlingua import Client, InvalidConfig
from interlingua.client import ConfigFile


def write(folder: Path, text: str) -> Path:
    path = folder / "interlingua.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_variables_are_filled_in_with_defaults(tmp_path: Path) -> None:
    path = write(
        tmp_path, '[client]\ndefault_model = "${env:MODEL:-local/smollm2}"\n[providers.a]\nkey = "${env:KEY}-x"\n'
    )
    config = ConfigFile.read(path, environ={"KEY": "k"})
    assert config.values == {"client": {"default_model": "local/smollm2"}, "providers": {"a": {"key": "k-x"}}}


def test_an_unset_variable_without_a_default_names_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, '# mine\n[providers.openai]\n\napi_key = "${env:NOT_THERE}"\n')
    with pytest.raises(InvalidConfig, match=r"interlingua\.toml:4: providers\.openai\.api_key: .*NOT_THERE is not set"):
        ConfigFile.read(path, environ={})


def test_in_a_list_of_tables_it_names_the_line_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, '[[catalog.model]]\nid = "a"\n[[catalog.model]]\n# mine\nid = "${env:NOT_THERE}"\n')
    with pytest.raises(InvalidConfig, match=r"interlingua\.toml:5: catalog\.model\.2\.id: .*NOT_THERE is not set"):
        ConfigFile.read(path, environ={})


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="no such file"):
        ConfigFile.read(tmp_path / "none.toml")


def test_what_is_not_toml_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"not TOML: .*line 2"):
        ConfigFile.read(write(tmp_path, "[client]\nbroken = = 3\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[clent]\n", r":1: the file has no setting 'clent'; did you mean 'client'\?"),
        ("[client]\ntimeout = 3\ntimeot = 3\n", r":3: \[client\] has no setting 'timeot'; did you mean 'timeout'\?"),
        ('[client]\n\ntimeout = "soon"\n', r":3.*'soon' does not fit|timeout: 'soon' does not fit \(.*:3\)"),
        ("[client]\nmax_retries = -1\n", r"max_retries: -1 is outside.*:2"),
        ('[providers.acme]\nbase_url = "http://127.0.0.1:1/v1"\nwier = "x"\n', r":3: .*'wier'"),
        ('[models.fast]\nmodel = "openai/x"\ntemprature = 0\n', r":3: .*'temprature'.*'temperature'"),
        ("[models.fast]\ntemperature = 0\n", r":1: models\.fast: `model` must name"),
        ("client = 3\n", r":1: client must be a table"),
        ("[routes.a]\n", r":1: routes\.a: targets: a route needs one"),
        ('[routes.a]\ntargets = ["nobody/x"]\n', r":2: routes\.a: there is no provider 'nobody'"),
        ('[routes.a]\ntargets = ["gpt-6"]\n', r":2: routes\.a: no provider is named in 'gpt-6'"),
        ('[routes.a]\ntargets = [{model = "openai/x", weight = 0}]\n', r":2: .*weight above 0"),
        ('[routes.a]\ntargets = [{model = "openai/x", wait = 0}]\n', r":2: .*number 1 is none.*wait"),
        ('[routes.a]\ntargets = ["openai/x"]\nidle_timeout = -1\n', r":3: .*idle_timeout: -1.* is outside"),
        ('[routes.a]\ntargets = ["openai/x"]\nstrategy = "magic"\n', r":3: .*'magic' is not one of order, weight"),
        ('[routes.a]\ntargets = ["b"]\n\n[routes.b]\ntargets = ["a"]\n', r":2: .*back to itself \(a → b → a\)"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidConfig, match=message):
        Client.from_config(write(tmp_path, text))


def test_false_is_false(tmp_path: Path) -> None:
    client = Client.from_config(write(tmp_path, '[client]\ntrust_env = "${env:TRUST:-false}"\n'))
    assert client.trust_env is False


def test_a_client_is_built_from_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [client]
        default_model = "fast"
        timeout = 30

        [providers.acme]
        base_url = "http://127.0.0.1:1/v1"
        api_key = "k"

        [models]
        fast = {model = "acme/small", temperature = 0}
        """,
    )
    target = Client.from_config(path).resolve(None)
    assert (target.name, target.provider.name, target.model) == ("fast", "acme", "small")
    assert target.defaults is not None
    assert target.defaults.temperature == 0
