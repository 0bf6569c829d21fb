"""`interlingua serve`."""

import json
import signal
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from interlingua import InvalidConfig
from interlingua.cli import main
from interlingua.cli.commands.serve import server_settings
from interlingua.cli.options import options_of
from interlingua.client.config_file import ConfigFile
from interlingua.gateway.settings import ServerSettings
from interlingua.types import settings_of
from tests.cli.conftest import Backstage

COMMAND = [sys.executable, "-m", "interlingua.cli"]


def test_it_serves_what_the_config_file_has_and_drains(backstage: Backstage) -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--config", str(backstage.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address: str = process.stdout.readline().split()[-1]
        question = {"model": "brief", "messages": [{"role": "user", "content": "Hi"}]}
        with closing(HTTPConnection(urlsplit(address).netloc)) as connection:
            headers = {"content-type": "application/json"}
            connection.request("POST", "/v1/chat/completions", json.dumps(question), headers)
            answer = json.loads(connection.getresponse().read())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert answer["choices"][0]["message"]["content"] == "Hello!"
    assert process.returncode == 0


def test_every_setting_of_the_server_is_an_option() -> None:
    flags = {flag for option in options_of(ServerSettings) for flag in option.flags}
    assert {f"--{each.name.replace('_', '-')}" for each in settings_of(ServerSettings)} <= flags
    assert "--api-key" in flags


def test_another_address_needs_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "can be reached from other machines, and no key is set" in capsys.readouterr().err


def test_a_short_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--api-key", "abc"]) == 1
    assert "shorter than" in capsys.readouterr().err


def test_the_command_line_wins_over_the_file(home: Path) -> None:
    config = config_of(home, "[server]\nport = 5000\nmax_headers = 50\n")
    settings = server_settings(config, {"port": 0, "api_keys": ["k" * 20, "l" * 20]})
    assert (settings.port, settings.max_headers, len(settings.api_keys)) == (0, 50, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prot = 1", "did you mean 'port'?"),
        ("port = 70000", "outside"),
        ('port = "many"', "does not fit"),
        ('api_keys = ["x"]', "shorter than"),
    ],
)
def test_a_mistake_in_the_file_has_its_line(home: Path, line: str, said: str) -> None:
    config = config_of(home, f"# the gateway\n[server]\n{line}\n")
    with pytest.raises(InvalidConfig, match=said) as caught:
        server_settings(config, {})
    assert f"{config.path}:3" in caught.value.message


def config_of(folder: Path, text: str) -> ConfigFile:
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return ConfigFile.read(path)
