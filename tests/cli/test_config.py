"""`interlingua config`."""

import json
from pathlib import Path

import pytest

from interlingua.cli import main
from interlingua.cli.masking import masked

WHOLE = """\
[client]
timeout = 30
default_model = "fast"

[providers.openai]
api_key = "${env:MY_KEY:-sk-the-default}"

[providers.mine]
extends = "vllm"
base_url = "https://user.example/v1"
headers = { x-team = "a-private-name" }

[models]
fast = { model = "openai/gpt-6-luna", temperature = 0, max_tokens = 9 }

[server]
port = 5000
api_keys = ["a-key-of-the-gateway"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "interlingua.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_check_prints_what_it_found_and_no_secret(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(home, WHOLE)
    assert main(["config", "check", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{path} is valid.\n")
    rows = [line.split(maxsplit=2) for line in shown.splitlines()[1:]]
    assert ["client.timeout", "2", "30"] in rows
    assert ["providers.openai.api_key", "6", "******"] in rows
    assert ["models.fast.max_tokens", "14", "9"] in rows
    assert not any(secret in shown for secret in ("sk-the-default", "a-key-of", "a-private-name"))


def test_check_in_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, WHOLE)
    assert main(["config", "check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is True
    assert told["values"]["server"] == {"port": 5000, "api_keys": "******"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[client]\ntimout = 30\n", 2, "did you mean 'timeout'?"),
        ("[client]\n\ntimeout = 'soon'\n", 3, "does not fit"),
        ("[servre]\nport = 1\n", 1, "did you mean 'server'?"),
        ("[server]\nprot = 1\n", 2, "did you mean 'port'?"),
        ("[providers.mine]\nbase_ulr = 'http://x/v1'\n", 2, "did you mean 'base_url'?"),
        ("[providers.mine]\nbase_url = 'localhost:8000'\n", 2, "http://localhost:8000"),
        ("[providers.local]\nthreds = 2\n", 2, "did you mean 'threads'?"),
        ("[models]\nfast = 3\n", 2, "fast"),
        ("[models]\na = 'b'\nb = 'a'\n", 2, "a → b → a"),
        ("[client]\ntimeout = ${env:X}\n", 2, "not TOML"),
        ("[providers.openai]\napi_key = '${env:NO_SUCH_VARIABLE}'\n", 2, "NO_SUCH_VARIABLE is not set"),
    ],
)
def test_a_mistake_has_file_and_line(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, said: str
) -> None:
    path = write(home, text)
    assert main(["config", "check"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert said in shown
    assert f"{path.name}:{line}" in shown or f"at line {line}" in shown


def test_there_is_nothing_to_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 1
    assert "there is no config file to check" in capsys.readouterr().err


def test_show_says_where_each_value_came_from(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, WHOLE)
    monkeypatch.setenv("INTERLINGUA_HOST", "127.0.0.2")
    monkeypatch.setenv("INTERLINGUA_PORT", "6000")
    assert main(["config", "show", "--json"]) == 0
    told = {each["name"]: (each["value"], each["source"]) for each in json.loads(capsys.readouterr().out)["settings"]}
    assert told["client.timeout"] == (30, "interlingua.toml:2")
    assert told["client.max_retries"] == (2, "default")
    assert told["server.host"] == ("127.0.0.2", "$INTERLINGUA_HOST")
    assert told["server.port"] == (5000, "interlingua.toml:17")
    assert told["server.api_keys"] == ("******", "interlingua.toml:18")
    assert told["providers.openai.api_key"] == ("******", "interlingua.toml:6")


def test_show_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    assert ["server.port", "4180", "default"] in [line.split() for line in lines]


def test_a_wrong_action_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "chekc"]) == 2
    assert "'check'" in capsys.readouterr().err


def test_masking() -> None:
    assert masked(
        {
            "api_key": "sk-1",
            "api_keys": ["k"],
            "hub_token": "hf",
            "max_tokens": 5,
            "key_env": ["OPENAI_API_KEY"],
            "proxies": "http://user:pass@proxy:3128",
            "base_url": "https://x.example/v1?api-version=1&sig=abc",
            "headers": {"authorization": "Bearer x"},
            "empty": {"password": ""},
        }
    ) == {
        "api_key": "******",
        "api_keys": "******",
        "hub_token": "******",
        "max_tokens": 5,
        "key_env": ["OPENAI_API_KEY"],
        "proxies": "http://******@proxy:3128",
        "base_url": "https://x.example/v1?api-version=1&sig=******",
        "headers": {"authorization": "******"},
        "empty": {"password": ""},
    }


def test_facts_of_models_are_checked_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[[catalog.model]]\nid = "house"\nprovider = "vllm"\nlifecycle = { retires = 2099-01-31 }\n'
    write(home, text)
    for command in (["check"], ["check", "--json"], ["show"], ["show", "--json"]):
        assert main(["config", *command]) == 0
        assert "2099" in capsys.readouterr().out
    write(home, text.replace("retires", "retire"))
    assert main(["config", "check"]) == 1
    assert "interlingua.toml:4: model 1, lifecycle: unknown key `retire`" in capsys.readouterr().err
