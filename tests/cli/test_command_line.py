"""What every command has in common: help, usage, failures, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from interlingua import __version__
from interlingua.cli import main
from interlingua.cli.command import COMMANDS
from interlingua.cli.commands import version
from interlingua.cli.parser import load_command

COMMAND = [sys.executable, "-m", "interlingua.cli"]


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert "examples:" in shown


def test_no_words_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "commands:" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_by_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"interlingua {name}" in shown.partition("examples:")[2]
    assert all(option.help.endswith((".", ")")) for option in load_command(name).options)


def test_help_of_a_command_by_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "serve"]) == 0
    assert "usage: interlingua serve" in capsys.readouterr().out


def test_help_loads_neither_client_nor_event_loop() -> None:
    script = "import sys\nfrom interlingua.cli import main\nmain(['--help'])\nprint(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    loaded = shown.splitlines()[-1]
    assert "'interlingua.cli.parser'" in loaded
    assert not any(f"'{name}'" in loaded for name in ("asyncio", "interlingua.client", "interlingua.transport", "json"))


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"interlingua {__version__}\n" * 2
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == __version__


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cat"], "there is no command 'cat'; did you mean 'chat'?"),
        (["chat", "--modle", "x"], "there is no option '--modle'; did you mean '--model'?"),
        (["chat", "--temprature=1", "x"], "there is no option '--temprature'; did you mean '--temperature'?"),
        (["version", "now"], "'now' is one word too many."),
        (["chat", "--timeout", "soon", "x"], "timeout: 'soon' does not fit"),
        (["serve", "--port", "70000"], "port: 70000 is outside"),
        (["help", "cat"], "did you mean 'chat'?"),
    ],
)
def test_a_wrong_command_line_is_explained(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert said in shown.err
    assert "--help` shows how it goes" in shown.err


def test_a_wrong_command_line_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json", "--provdier", "x"]) == 2
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out)["error"]["type"] == "usage"


def test_a_failure_is_one_line_and_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--provider", "opnai"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: there is no provider 'opnai'; did you mean 'openai'?\nhint: ")
    assert "Traceback" not in shown


def test_a_failure_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json", "--provider", "openai"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["type"], error["provider"]) == ("missing_key", "openai")
    assert "OPENAI_API_KEY" in error["message"]
    assert error["hint"]


def test_a_fault_of_ours_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(version, "COMMAND", version.COMMAND._replace(run=fail))
    assert main(["version"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: RuntimeError: unforeseen\nhint: this is a fault of interlingua's own")
    monkeypatch.setenv("INTERLINGUA_DEBUG", "1")
    with pytest.raises(RuntimeError, match="unforeseen"):
        main(["version"])


def test_an_interrupt_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(version, "COMMAND", version.COMMAND._replace(run=interrupt))
    assert main(["version"]) == 130


def test_a_reader_that_went_away_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen([*COMMAND, "providers"], stdout=writing, stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        _, complaints = process.communicate()
    assert (process.returncode, complaints) == (141, "")


def test_the_config_file_may_stand_in_front_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[client]\ndefault_model = "openai/gpt-6-luna"\n', encoding="utf-8")
    assert main(["--config", str(path), "config", "show"]) == 0
    assert main(["config", "show", "--config", str(path)]) == 0
    assert capsys.readouterr().out.count(f"{path}:2") == 2


def test_a_named_config_file_must_exist(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("INTERLINGUA_CONFIG", "nowhere.toml")
    assert main(["providers"]) == 1
    assert "nowhere.toml: no such file" in capsys.readouterr().err
