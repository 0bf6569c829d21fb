"""`interlingua doctor`."""

import importlib.metadata
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from interlingua.cli import main
from tests.cli.conftest import Backstage


def diagnosed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    code = main(["doctor", "--json", *words])
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is (code == 0)
    return code, {finding["topic"]: finding for finding in told["findings"]}


@pytest.fixture(autouse=True)
def free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLINGUA_PORT", "0")


def test_a_fresh_machine_is_healthy_and_hears_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the doctor used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "no provider's key is set" in shown
    assert "interlingua pull smollm2" in shown
    assert "there is no config file" in shown
    assert "BROKEN" not in shown


def test_a_missing_extra_names_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    code, findings = diagnosed(capsys)
    assert code == 0
    assert findings["extra local"]["state"] == "note"
    assert findings["extra local"]["remedy"] == "pip install 'interlingua[local]'"


def test_a_good_config_file(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    code, findings = diagnosed(capsys, "--config", str(backstage.config))
    assert code == 0
    assert findings["config"]["state"] == "ok"
    assert f"key from {backstage.config}:8" in findings["provider scripted"]["message"]
    assert findings["default model"]["message"] == "scripted/tiny is scripted/tiny"
    assert findings["model brief"]["message"] == "brief is scripted/tiny"
    assert backstage.server.requests == []


def test_online_asks_each_provider(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    code, findings = diagnosed(capsys, "--online", "--config", str(backstage.config))
    assert code == 0
    assert findings["online scripted"]["message"] == f"{backstage.server.base_url} answers: 1 models"
    assert backstage.last.method == "GET"


def test_online_finds_a_refused_key(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.key = "another"
    code, findings = diagnosed(capsys, "--online", "--config", str(backstage.config))
    assert code == 1
    assert findings["online scripted"]["state"] == "broken"
    assert findings["online scripted"]["remedy"] == f"check the key from {backstage.config}:8"


def test_online_finds_that_nobody_is_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    table = (
        f'[client]\nmax_retries = 0\n[providers.mine]\nbase_url = "http://127.0.0.1:{port}/v1"\nkey_optional = true\n'
    )
    (home / "interlingua.toml").write_text(table, encoding="utf-8")
    code, findings = diagnosed(capsys, "--online")
    assert code == 1
    assert findings["online mine"]["remedy"] == "check the address, the proxy and the network"


def test_a_wrong_config_file_is_broken_and_the_rest_is_checked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "interlingua.toml").write_text("[client]\ntimout = 3\n", encoding="utf-8")
    code, findings = diagnosed(capsys)
    assert code == 1
    assert findings["config"]["state"] == "broken"
    assert "interlingua.toml:2" in findings["config"]["message"]
    assert "python" in findings
    assert "local/smollm2" in findings


def test_a_provider_without_its_key_is_broken(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[client]\ndefault_model = "openai/gpt-6-luna"\n[providers.openai]\nquery = { team = "a" }\n'
    (home / "interlingua.toml").write_text(text, encoding="utf-8")
    code, findings = diagnosed(capsys)
    assert code == 1
    assert "OPENAI_API_KEY" in findings["provider openai"]["remedy"]
    assert findings["default model"]["state"] == "broken"


def test_a_wrong_address_in_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "proxy.example/v1")
    code, findings = diagnosed(capsys)
    assert code == 1
    assert "OPENAI_BASE_URL" in findings["provider openai"]["message"]
    assert "https://proxy.example/v1" in findings["provider openai"]["message"]


def test_the_proxy_that_counts_is_named_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:geheim@proxy.example:3128")
    code = main(["doctor"])
    shown = capsys.readouterr().out
    assert code == 0
    assert "http://proxy.example:3128 (from the environment)" in shown
    assert "geheim" not in shown
    monkeypatch.setenv("NO_PROXY", "api.openai.com")
    assert diagnosed(capsys)[1]["proxies"]["message"] == "requests go straight to their hosts"


def test_a_wrong_proxy_is_broken(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://proxy.example")
    code, findings = diagnosed(capsys)
    assert code == 1
    assert "HTTPS_PROXY" in findings["client"]["message"]
    assert "local/smollm2" in findings


def test_a_broken_model_file_is_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "models" / "hub" / "owner" / "name"
    folder.mkdir(parents=True)
    (folder / "tiny-Q8_0.gguf").write_bytes(b"GGUF")
    code, findings = diagnosed(capsys)
    assert code == 1
    broken = findings["local/owner/name:tiny-Q8_0.gguf"]
    assert broken["state"] == "broken"
    assert "interlingua pull owner/name:tiny-Q8_0.gguf" in broken["remedy"]


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("INTERLINGUA_PORT", str(taken.getsockname()[1]))
        code, findings = diagnosed(capsys)
    assert code == 0
    assert findings["gateway"]["state"] == "note"
    assert "--port 0" in findings["gateway"]["remedy"]
