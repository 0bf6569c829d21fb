"""`interlingua models` and `interlingua providers`."""

import json
from pathlib import Path

import pytest

from interlingua.cli import main
from tests.cli.conftest import Backstage


def test_models_of_all_that_can_be_called(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.models = ("tiny", {"id": "large", "object": "model", "context_length": 4096})
    assert main(["models", "--config", str(backstage.config)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["MODEL", "CONTEXT", "$/M", "IN", "$/M", "OUT", "CAN", "NOTES"]
    assert [line.split()[0] for line in lines[1:]] == ["brief", "local/smollm2", "scripted/large", "scripted/tiny"]
    assert "is scripted/tiny" in lines[1]
    assert "fetched when first asked for" in lines[2]
    assert lines[3].split()[1] == "4096"


def test_models_of_one_provider_in_json(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "-p", "scripted", "--json", "--config", str(backstage.config)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(model["model"], model["provider"]) for model in listed] == [("scripted/tiny", "scripted")]


def test_a_provider_that_fails_is_left_out_and_told(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.key = "another"
    assert main(["models", "--config", str(backstage.config)]) == 0
    shown = capsys.readouterr()
    assert "scripted/" not in shown.out.replace("is scripted/tiny", "")
    assert shown.err.startswith("warning: models of scripted are left out: ")


def test_a_name_of_your_own_without_its_key_spoils_no_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "interlingua.toml").write_text('[models]\nfast = "openai/gpt-6-luna"\n', encoding="utf-8")
    assert main(["models"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["fast", "local/smollm2"]


def test_providers_and_their_keys(
    backstage: Backstage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    assert main(["providers", "--config", str(backstage.config)]) == 0
    shown = capsys.readouterr().out
    rows = {line.split()[0]: line for line in shown.splitlines()}
    assert "none needed" in rows["local"]
    assert "set ($GROQ_API_KEY)" in rows["groq"]
    assert "not set: OPENAI_API_KEY" in rows["openai"]
    assert f"set ({backstage.config}:8)" in rows["scripted"]
    assert "secret" not in shown
    assert "sk-of" not in shown


def test_providers_that_can_be_called_now(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    assert main(["providers", "--set"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["PROVIDER", "local", "groq"]


def test_providers_in_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example/v1")
    assert main(["providers", "--json"]) == 0
    shown = capsys.readouterr().out
    listed = {each["id"]: each for each in json.loads(shown)}
    assert listed["openai"]["base_url"] == "https://proxy.example/v1"
    assert (listed["openai"]["key_set"], listed["openai"]["key_from"]) == (True, "$OPENAI_API_KEY")
    assert listed["local"]["default_model"] == "smollm2"
    assert "sk-secret" not in shown


def test_a_provider_of_your_own_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "interlingua.toml").write_text(
        '[providers.mine]\nextends = "vllm"\nbase_url = "http://gpu:8000/v1"\n', "utf-8"
    )
    assert main(["providers", "--set"]) == 0
    shown = capsys.readouterr().out
    assert "http://gpu:8000/v1" in shown
    assert "none needed" in shown.splitlines()[-1]


def test_what_you_say_of_a_model_is_listed_under_all_its_names(
    backstage: Backstage, capsys: pytest.CaptureFixture[str]
) -> None:
    own = '[[catalog.model]]\nid = "tiny"\nprovider = "scripted"\ncontext_length = 777\nprice = { input = 250_000 }\n'
    backstage.config.write_text(backstage.config.read_text("utf-8") + own, encoding="utf-8")
    assert main(["models", "--config", str(backstage.config)]) == 0
    rows = {line.split()[0]: line.split()[1:3] for line in capsys.readouterr().out.splitlines()[1:]}
    assert rows["brief"] == rows["scripted/tiny"] == ["777", "0.25"]
