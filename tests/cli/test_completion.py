"""`interlingua completion`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from interlingua.cli import main
from interlingua.cli.command import COMMANDS
from interlingua.cli.parser import load_command
from tests.cli.conftest import Backstage

TRY = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_interlingua
printf '%s\\n' "${COMPREPLY[@]}"
"""


def script_of(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid_and_knows_every_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of(shell, capsys)
    for name in COMMANDS:
        assert name in script
        for option in load_command(name).options:
            assert all(flag.lstrip("-") in script for flag in option.flags)
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ch"], {"chat"}),
        (["chat", "--ma"], {"--max-tokens", "--max-retries"}),
        (["config", ""], {"check", "show"}),
        (["models", "--provider", "gro"], {"groq"}),
        (["chat", "-m", "local/"], {"local/smollm2"}),
        (["chat", "-m", "bri"], {"brief"}),
        (["--config", "x.toml", "ser"], {"serve"}),
        (["serve", "--log-level", "w"], {"warning"}),
        (["completion", "b"], {"bash"}),
        (["chat", "--config", "scri"], {"scripted.toml"}),
    ],
)
def test_bash_offers(
    words: list[str],
    offered: set[str],
    backstage: Backstage,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = backstage.config.with_name("completion.bash")
    script.write_text(script_of("bash", capsys), encoding="utf-8")
    monkeypatch.setenv("INTERLINGUA_CONFIG", str(backstage.config))
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    answer = subprocess.run(
        ["bash", "-c", TRY, "bash", str(script), "interlingua", *words], capture_output=True, text=True, check=True
    )
    assert set(answer.stdout.split()) == offered
    assert answer.stderr == ""


def test_names_of_models_need_no_network(
    backstage: Backstage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLINGUA_CONFIG", str(backstage.config))
    assert main(["completion", "models"]) == 0
    names = capsys.readouterr().out.split()
    assert {"brief", "local/smollm2", "scripted/"} <= set(names)
    assert backstage.server.requests == []
