"""`interlingua chat` with one prompt."""

import io
import json
import signal
import subprocess
import sys
from asyncio import Event

import pytest

from interlingua.cli import main
from tests.cli.conftest import Backstage

COMMAND = [sys.executable, "-m", "interlingua.cli"]


@pytest.fixture(autouse=True)
def nothing_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, "")


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_prompt_is_answered(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("Hello", " there")
    assert main(["chat", "Say", "hello", "--config", str(backstage.config)]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("Hello there\n", "")
    assert backstage.last.json["messages"] == [{"role": "user", "content": "Say hello"}]
    assert backstage.last.json["stream"] is True


def test_options_are_sent(backstage: Backstage) -> None:
    words = ["--system", "Be brief.", "--temperature", "0", "--max-tokens", "5", "-m", "scripted/large"]
    assert main(["chat", *words, "--config", str(backstage.config), "Hi"]) == 0
    body = backstage.last.json
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("large", 0, 5)
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_a_name_of_your_own_is_a_model(backstage: Backstage) -> None:
    assert main(["chat", "-m", "brief", "--config", str(backstage.config), "Hi"]) == 0
    assert (backstage.last.json["model"], backstage.last.json["max_tokens"]) == ("tiny", 7)


def test_a_pipe_is_the_prompt(backstage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, "What is this?\n")
    assert main(["chat", "--config", str(backstage.config)]) == 0
    assert backstage.last.json["messages"][0]["content"] == "What is this?"


def test_a_pipe_stands_below_the_prompt(backstage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, "line one\nline two\n")
    assert main(["chat", "--config", str(backstage.config), "Sum this up:"]) == 0
    assert backstage.last.json["messages"][0]["content"] == "Sum this up:\n\nline one\nline two"


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_without_any_prompt_it_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", *words]) == 2
    assert "there is no prompt" in "".join(capsys.readouterr())


def test_a_cut_stream_keeps_what_arrived_and_fails(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("Once upon", " a time", keep=2, ending="cut")
    assert main(["chat", "--config", str(backstage.config), "Tell"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "Once upon\n"
    assert shown.err.startswith("error: ")
    assert "hint: what had arrived is kept" in shown.err


def test_a_cut_stream_in_json(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("Once upon", " a time", keep=2, ending="cut")
    assert main(["chat", "--json", "--config", str(backstage.config), "Tell"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["type"], error["partial"]) == ("stream_interrupted", "Once upon")


def test_an_answer_in_json(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("Hel", "lo", usage={"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6})
    assert main(["chat", "--json", "--config", str(backstage.config), "Hi"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["text"], answer["finish_reason"], answer["provider"]) == ("Hello", "stop", "scripted")
    assert answer["usage"]["total_tokens"] == 6
    assert answer["metrics"]["first_token_time_ms"] >= answer["metrics"]["start_time_ms"]


def test_a_refused_key_says_where_to_look(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.key = "another"
    assert main(["chat", "--config", str(backstage.config), "Hi"]) == 1
    shown = capsys.readouterr().err
    assert "Incorrect API key" in shown
    assert "interlingua doctor" in shown
    assert "sk-of-the-scripted-one" not in shown


def test_a_missing_key_names_the_variable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", "-m", "openai/gpt-6-luna", "Hi"]) == 1
    assert "set OPENAI_API_KEY" in capsys.readouterr().err


def test_an_early_end_is_told_beside_the_answer(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("One, two", finish_reason="length")
    assert main(["chat", "--config", str(backstage.config), "Count"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "One, two\n"
    assert "token limit" in shown.err


def test_reasoning_is_no_part_of_what_a_script_reads(backstage: Backstage, capsys: pytest.CaptureFixture[str]) -> None:
    backstage.server.stream("Four.", thinking="Two and two…")
    assert main(["chat", "--config", str(backstage.config), "2+2"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("Four.\n", "")


def test_the_default_model_runs_here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLINGUA_INDEX_URL", str(sys.prefix + "/no/such/folder"))
    assert main(["chat", "Hi"]) == 1
    shown = capsys.readouterr().err
    assert "SmolLM2" in shown
    assert "INTERLINGUA_INDEX_URL" in shown


def test_ctrl_c_stops_the_answer_and_the_provider(backstage: Backstage) -> None:
    never = Event()
    backstage.server.stream("Once", " upon", gates={2: never})
    with subprocess.Popen(
        [*COMMAND, "chat", "--config", str(backstage.config), "Tell"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"Once"
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=20)
    assert (process.returncode, rest, complaints) == (130, b"\n", b"")
    backstage.wait_until_left(backstage.last)


def test_an_output_that_cannot_hold_the_answer_is_no_failure(
    backstage: Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage.server.stream("größer")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    command = [*COMMAND, "chat", "--config", str(backstage.config), "Hi"]
    answered = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (answered.returncode, answered.stdout) == (0, b"gr\\xf6\\xdfer\n")


def test_a_pipe_of_bytes_that_are_no_text_is_refused(backstage: Backstage) -> None:
    command = [*COMMAND, "chat", "--config", str(backstage.config)]
    answered = subprocess.run(command, input=b"\xff\xfe\x00", capture_output=True, check=False)
    assert answered.returncode == 1
    assert answered.stderr.startswith(b"error: standard input is not text in UTF-8")


def test_a_real_pipe_is_read(backstage: Backstage) -> None:
    answered = subprocess.run(
        [*COMMAND, "chat", "--config", str(backstage.config)],
        input="What is größer?",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (answered.returncode, answered.stdout, answered.stderr) == (0, "Hello!\n", "")
    assert backstage.last.json["messages"][0]["content"] == "What is größer?"
