"""`interlingua chat` as a conversation on a terminal."""

import stat
from asyncio import Event
from pathlib import Path

import pytest

from interlingua.testing import Reply
from interlingua.testing.completions import chunk_events
from tests.cli.conftest import Backstage
from tests.cli.screen import Screen

pytest.importorskip("termios", reason="terminals of this kind are those of POSIX")


def conversation(backstage: Backstage, *words: str) -> Screen:
    return Screen("chat", "--config", str(backstage.config), *words)


def leave(screen: Screen) -> None:
    screen.read_until("> ")
    screen.type("\x04")
    screen.read_rest()


def test_turns_are_remembered(backstage: Backstage) -> None:
    backstage.server.stream("Fine", ", thanks.")
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("How are you?\n")
        screen.read_until("Fine, thanks.")
        screen.read_until("3 + 2 tokens")
        screen.read_until("> ")
        screen.type("And now?\n")
        screen.read_until("Hello!")
        leave(screen)
    assert screen.process.returncode == 0
    assert [message["content"] for message in backstage.last.json["messages"]] == [
        "How are you?",
        "Fine, thanks.",
        "And now?",
    ]


def test_ctrl_c_stops_the_answer_and_not_the_program(backstage: Backstage) -> None:
    backstage.server.stream("Once upon", " a time", gates={2: Event()})
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("Tell me a story.\n")
        screen.read_until("Once upon")
        screen.type("\x03")
        screen.read_until("stopped")
        backstage.wait_until_left(backstage.server.requests[0])
        screen.read_until("> ")
        screen.type("Go on.\n")
        screen.read_until("Hello!")
        screen.read_until("> ")
        screen.type("/quit\n")
        screen.read_rest()
    assert screen.process.returncode == 0
    assert [message["content"] for message in backstage.last.json["messages"]] == [
        "Tell me a story.",
        "Once upon",
        "Go on.",
    ]
    assert "Traceback" not in screen.text


def test_ctrl_c_twice_at_the_prompt_leaves(backstage: Backstage) -> None:
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("a line that is thrown away")
        screen.read_until("away")
        screen.interrupt_prompt("Ctrl-C again")
        screen.read_until("> ")
        screen.interrupt_prompt("goodbye")
        screen.read_rest()
    assert screen.process.returncode == 0
    assert backstage.server.requests == []


def test_a_failure_does_not_end_the_conversation(backstage: Backstage) -> None:
    backstage.server.fail(400, "this prompt is not to my taste")
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("Hello?\n")
        screen.read_until("this prompt is not to my taste")
        screen.read_until("> ")
        screen.type("Hello.\n")
        screen.read_until("Hello!")
        leave(screen)
    assert [message["content"] for message in backstage.last.json["messages"]] == ["Hello."]


def test_slash_commands(backstage: Backstage) -> None:
    with conversation(backstage) as screen:
        screen.read_until("scripted/tiny: type a prompt")
        for typed, answer in (
            ("/help", "/system TEXT"),
            ("/hepl", "did you mean /help?"),
            ("/model nobody/x", "there is no provider 'nobody'"),
            ("/model", "the model is scripted/tiny"),
            ("/model scripted/large", "the model is scripted/large"),
            ("/system Be brief.", "the system message is set"),
            ("Hi", "Hello!"),
            ("/new", "a new conversation"),
            ("/system", "there is no system message now"),
        ):
            screen.read_until("> ")
            screen.type(f"{typed}\n")
            screen.read_until(answer)
        first = backstage.last.json
        screen.read_until("> ")
        screen.type("Again\n")
        screen.read_until("Hello!")
        leave(screen)
    assert first["model"] == "large"
    assert [message["content"] for message in first["messages"]] == ["Be brief.", "Hi"]
    assert [message["content"] for message in backstage.last.json["messages"]] == ["Again"]


def test_a_backslash_goes_on_with_the_next_line(backstage: Backstage) -> None:
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("one\\\n")
        screen.read_until("… ")
        screen.type("two\n")
        screen.read_until("Hello!")
        leave(screen)
    assert backstage.last.json["messages"][0]["content"] == "one\ntwo"


def test_what_was_typed_is_found_again(backstage: Backstage, home: Path) -> None:
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("a question to keep\n")
        screen.read_until("Hello!")
        leave(screen)
    kept = home / "interlingua" / "history"
    assert "a question to keep" in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("\x1b[A\n")
        screen.read_until("Hello!")
        leave(screen)
    assert backstage.last.json["messages"][0]["content"] == "a question to keep"


def test_history_may_be_refused(backstage: Backstage, home: Path) -> None:
    with conversation(backstage, "--no-history") as screen:
        screen.read_until("> ")
        screen.type("a secret\n")
        screen.read_until("Hello!")
        leave(screen)
    assert not (home / "interlingua" / "history").exists()


def test_an_answer_cannot_steer_the_terminal(backstage: Backstage) -> None:
    backstage.server.stream("safe\x1b]0;gotcha\x07\x1b[2J", " text")
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("Hi\n")
        shown = screen.read_until(" text")
        leave(screen)
    assert "\x1b[2J" not in shown
    assert "\x1b]0;" not in shown


def test_reasoning_is_shown_dim(backstage: Backstage) -> None:
    backstage.server.stream("Four.", thinking="Two and two")
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("2+2\n")
        shown = screen.read_until("Four.")
        leave(screen)
    assert "\x1b[2mTwo and two\x1b[0m" in shown


def test_colours_may_be_refused(backstage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with conversation(backstage, "Hi") as screen:
        shown = screen.read_rest()
    assert "3 + 2 tokens" in shown
    assert "\x1b[" not in shown


def test_a_connection_that_closed_between_turns_is_no_failure(backstage: Backstage) -> None:
    body = b"".join(chunk_events(["Hi."], number=0, model="tiny"))
    headers = (("content-type", "text/event-stream"),)
    backstage.server.send(Reply(headers=headers, pieces=(body,), length=len(body), ending="cut"))
    with conversation(backstage) as screen:
        screen.read_until("> ")
        screen.type("One\n")
        screen.read_until("Hi.")
        screen.read_until("> ")
        screen.type("Two\n")
        screen.read_until("Hello!")
        leave(screen)
    assert "error" not in screen.text
