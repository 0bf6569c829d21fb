"""`interlingua faults`."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from http.client import HTTPConnection, IncompleteRead
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from interlingua.cli import main
from interlingua.client.portal import Portal
from interlingua.errors import Error
from interlingua.testing import FAULTS, Reply, ScriptedProvider, SeenRequest
from interlingua.testing.canon import PIECES
from interlingua.testing.inspection import inspection
from interlingua.testing.loopback import LoopbackServer
from interlingua.testing.reply import Piece
from interlingua.testing.voice import Line
from interlingua.testing.voices import voice_named
from interlingua.transport import HTTPRequest, HTTPTransport
from tests.cli.screen import Screen
from tests.faults.process import hosted_gateway

COMMAND = [sys.executable, "-m", "interlingua.cli", "faults"]
DIRECTIONS = 11
"""Lines that say how to reach the wall."""
CLOCKS = "[client]\nmax_retries = 0\nfirst_token_timeout = 0.5\nidle_timeout = 0.5\ntimeout = 2\n"
Entered = TypeVar("Entered")


class Behind:
    """What runs in a loop of its own beside the command: gateways, and the port that is kept for the wall."""

    def __init__(self) -> None:
        self.portal = Portal()
        self._stack = AsyncExitStack()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port: int = taken.getsockname()[1]

    def enter(self, context: AbstractAsyncContextManager[Entered]) -> Entered:
        return self.portal.call(self._stack.enter_async_context(context))

    def call(self, coroutine: Coroutine[Any, Any, Entered]) -> Entered:
        return self.portal.call(coroutine)

    def gateway(self, more: str = "", *, wire: str = "chat_completions") -> str:
        """Start our own gateway, whose provider `wall` is the wall, and `other` is it too; give its URL."""
        address = f"http://127.0.0.1:{self.port}/v1"
        providers = "".join(
            f'[providers.{name}]\nwire = "{wire}"\nbase_url = "{address}"\napi_key = "of-{name}"\n'
            for name in ("wall", "other")
        )
        return f"http://127.0.0.1:{self.enter(hosted_gateway(CLOCKS + providers + more)).port}"

    def close(self) -> None:
        self.portal.call(self._stack.aclose())
        self.portal.close()


@pytest.fixture
def behind() -> Generator[Behind]:
    """Give a loop beside the command."""
    running = Behind()
    yield running
    running.close()


@pytest.fixture
def inspect(behind: Behind, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Give the command with a gateway's URL, in JSON: its exit code and what it found."""

    def run(url: str, *words: str) -> tuple[int, dict[str, Any]]:
        code = main(["faults", "--json", "--port", str(behind.port), "--against", url, *words])
        return code, json.loads(capsys.readouterr().out)

    return run


def results(found: dict[str, Any]) -> dict[tuple[str, bool], str]:
    return {(each["model"], each["streamed"]): each["result"] for each in found["results"]}


# Against a gateway


def test_our_own_gateway_gives_answers_and_clean_errors(behind: Behind, inspect: Any) -> None:
    names = ("f06-cut-after", "f10-html-200", "f13-crlf", "f14", "f20-503-once", "f24")
    code, found = inspect(behind.gateway(), "--only", *names)

    assert code == 0
    assert found["sound"] is True
    assert results(found) == {
        ("f06-cut-after", True): "error",
        ("f06-cut-after", False): "error",
        ("f10-html-200", True): "error",
        ("f10-html-200", False): "error",
        ("f13-crlf", True): "answered",
        ("f14-unicode-separators", True): "answered",
        ("f14-unicode-separators", False): "answered",
        ("f20-503-once", True): "error",
        ("f20-503-once", False): "error",
        ("f24-tool-arguments-cut", True): "error",
        ("f24-tool-arguments-cut", False): "error",
    }
    assert {each["attempts"] for each in found["results"]} == {1}


@pytest.mark.parametrize("wire", ["chat_completions", "responses", "messages", "generate_content", "ollama"])
def test_it_asks_in_every_wire(behind: Behind, inspect: Any, wire: str) -> None:
    url = behind.gateway(wire="messages" if wire == "chat_completions" else "chat_completions")
    code, found = inspect(url, "--wire", wire, "--only", "f08-stall", "f20-529", "f23-usage-zero")

    assert (code, found["counts"]["answered"], found["counts"]["error"]) == (0, 2, 4)


def test_another_target_must_answer_where_there_is_one(behind: Behind, inspect: Any) -> None:
    names = ("f02-reset-before-headers", "f06-cut-after", "f21-400")
    routes = "".join(f'[routes."safe-{name}"]\ntargets = ["wall/{name}", "other/healthy"]\n' for name in names)
    url = behind.gateway(f'{routes}[models]\nsafe-healthy = "wall/healthy"\n')
    words = ("--model", "safe-{fault}", "--only", *names)

    code, found = inspect(url, *words, "--fallback")
    assert code == 0
    assert results(found)["f02-reset-before-headers", True] == "answered"
    assert results(found)["f06-cut-after", False] == "answered"
    assert results(found)["f21-400", True] == "error"

    code, found = inspect(url, *words, "--rescue", "--streamed")
    assert code == 1
    assert results(found)["f06-cut-after", True] == "no answer"
    assert found["counts"]["no answer"] == 1


def test_an_error_is_none_too_many_where_nobody_stands_behind(behind: Behind, inspect: Any) -> None:
    code, found = inspect(behind.gateway(), "--fallback", "--whole", "--only", "f20-503")
    assert (code, results(found)) == (1, {("f20-503", False): "no answer"})


def test_half_an_answer_that_is_presented_as_success_is_found(
    behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    liar = behind.enter(liar_in_front_of(behind.port))
    words = ["faults", "--port", str(behind.port), "--against", f"http://127.0.0.1:{liar.port}"]
    assert main([*words, "--streamed", "--only", "f06-cut-after", "f13-lf"]) == 1
    shown = capsys.readouterr().out

    assert "f06-cut-after  false success  1" in shown
    assert "f13-lf         answered       1" in shown
    assert "false success: f06-cut-after, streamed: it ended (stop), with the text 'The keeper of '." in shown
    assert "1 answers that are not whole, presented as success" in shown
    assert "\x1b" not in shown


def test_an_end_in_good_order_is_a_success_though_no_reason_is_told(behind: Behind, inspect: Any) -> None:
    passer = behind.enter(liar_in_front_of(behind.port, finishes=False))
    code, found = inspect(f"http://127.0.0.1:{passer.port}", "--streamed", "--only", "f06-cut-after", "f12-no-finish")
    assert code == 1
    assert set(results(found).values()) == {"false success"}


def test_a_silence_that_is_passed_on_is_a_request_without_an_end(behind: Behind, inspect: Any) -> None:
    passer = behind.enter(liar_in_front_of(behind.port))
    code, found = inspect(f"http://127.0.0.1:{passer.port}", "--longest", "0.5", "--whole", "--only", "f04")
    assert (code, results(found)) == (1, {("f04-silence", False): "hang"})


def test_a_fault_that_the_wire_behind_does_not_have_was_not_shown(behind: Behind, inspect: Any) -> None:
    code, found = inspect(behind.gateway(), "--streamed", "--only", "f09-failed-response")
    assert (code, results(found)) == (0, {("f09-failed-response", True): "not shown"})
    assert found["results"][0]["attempts"] == 1


def test_a_fault_for_which_the_wall_was_not_asked_was_not_shown(
    behind: Behind, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "PAUSES", ())
    routes = '[routes.safe-healthy]\ntargets = ["wall/healthy"]\n[routes.safe-f21-401]\ntargets = ["wall/f21-401"]\n'
    words = ["--port", str(behind.port), "--against", behind.gateway(routes), "--model", "safe-{fault}"]
    assert main(["faults", *words, "--only", "f21-401"]) == 0
    shown = capsys.readouterr().out
    assert "f21-401  error     not shown  1 + 0" in shown
    assert "1 where the fault was not shown: the gateway did not ask the wall" in shown


def test_a_stall_that_is_over_in_time_is_no_failure(behind: Behind, inspect: Any) -> None:
    words = ("--stall", "0.01", "--only", "f08-stall", "f03-headers-then-silence", "f08-stall-then-close")
    code, found = inspect(behind.gateway(), *words)
    assert (code, found["counts"]["answered"], found["counts"]["error"]) == (0, 4, 2)


def test_addresses_of_their_own_are_left_out(behind: Behind, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["faults", "--port", str(behind.port), "--against", behind.gateway(), "--only", "f01", "f21-404"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "no connection comes about: f01-refused, f01-reset, f01-black-hole." in shown
    assert "f01-refused  " not in shown


# Nothing to judge


def test_nobody_is_there(behind: Behind, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert main(["faults", "--port", str(behind.port), "--against", url]) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err.startswith(f"error: Nobody answers at {url}")) == ("", True)
    assert "hint: start the gateway" in shown.err


def test_a_gateway_that_asks_somebody_else_is_told_how_to_be_pointed(
    behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = behind.enter(ScriptedProvider())
    assert main(["faults", "--port", str(behind.port), "--against", gateway.base_url]) == 1
    shown = capsys.readouterr().err
    assert "No request reached the wall" in shown
    assert "it answered 'Hello!'" in shown
    assert f'base_url = "http://127.0.0.1:{behind.port}/v1"' in shown
    assert [each.json["model"] for each in gateway.requests] == ["wall/healthy"]


def test_a_wrong_key_is_told_and_the_right_one_is_sent(
    behind: Behind, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = behind.enter(ScriptedProvider(key="sk-right"))
    words = ["faults", "--port", str(behind.port), "--against", gateway.origin]
    assert main([*words, "--key", "sk-wrong"]) == 1
    assert "refuses the key" in capsys.readouterr().err
    monkeypatch.setenv("INTERLINGUA_FAULTS_KEY", "sk-right")
    assert main([*words, "--wire", "messages"]) == 1
    assert "No request reached the wall" in capsys.readouterr().err


def test_a_gateway_whose_healthy_answer_is_not_whole_is_not_asked_further(behind: Behind, inspect: Any) -> None:
    liar = behind.enter(liar_in_front_of(behind.port, deaf=True))
    code, found = inspect(f"http://127.0.0.1:{liar.port}")
    assert code == 1
    assert "does not even answer for the healthy model" in found["error"]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "f06-cut-aftr"], "there is no fault 'f06-cut-aftr'; did you mean 'f06-cut-after'?"),
        (["--only", "f006"], "there is no fault 'f006'; did you mean 'f06'?"),
        (["--list", "--only", "nothing-like-it-at-all"], "there is no fault 'nothing-like-it-at-all'."),
        (["--against", "http://x", "--model", "wall/healthy"], "{fault} is missing in 'wall/healthy'"),
        (["--wire", "converse"], "invalid choice"),
        (["--only", "f06"], "--only: there is no gateway to ask; --against gives its URL."),
        (["--at-once", "2"], "--at-once: there is no gateway to ask"),
        (["--no-trust-env"], "--trust-env: there is no gateway to ask"),
        (["--longest", "never"], "'never' is no number of seconds above 0"),
        (["--at-once", "0"], "'0' is no whole number from 1 to 1000"),
        (["--port", "70000"], "'70000' is no whole number from 0 to 65535"),
        (["--agianst", "http://x"], "did you mean '--against'?"),
    ],
)
def test_a_wrong_command_line_is_explained(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", *words]) == 2
    shown = capsys.readouterr()
    assert (shown.out, said in shown.err) == ("", True)


def test_a_port_that_is_taken_names_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        assert main(["faults", "--port", str(port)]) == 1
    assert f"127.0.0.1:{port} is in use already" in capsys.readouterr().err


# The list


def test_no_other_command_loads_it() -> None:
    script = "import sys\nfrom interlingua.cli import main\nmain(['providers'])\nprint(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "'interlingua.cli.commands.providers'" in shown
    assert "interlingua.testing" not in shown


def test_the_list_has_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "--list"]) == 0
    shown = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in shown] == list(FAULTS)
    assert main(["faults", "--list", "--json", "--only", "f06-cut-after", "F12-no-finish"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["id"], first["number"], first["usual"]) == ("f06-cut-after", "the pieces before it", 3)
    assert (second["id"], second["streamed"], second["whole"]) == ("f12-no-finish", "error", None)


# The wall alone


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_stands_and_tells_each_attempt_until_it_is_stopped(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(DIRECTIONS)]
        url = next(line.split('"')[1] for line in said if "base_url" in line)
        assert ask(url, "f06-cut-after-2") == 200
        line: str = process.stdout.readline()
        process.send_signal(stop)
        rest, complaints = process.communicate(timeout=20)
    assert said[-1] == "Ctrl-C ends it.\n"
    assert line.split()[1:5] == ["f06-cut-after-2", "chat_completions", "streamed", "fails"]
    assert line.endswith("the wall closed it\n")
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_it_tells_attempts_in_json() -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(DIRECTIONS)]
        ask(next(line.split('"')[1] for line in said if "base_url" in line), "healthy")
        line = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert (line["model"], line["outcome"], line["tokens"], line["failed"]) == ("healthy", "whole", len(PIECES), False)


def test_it_ends_when_nobody_reads_what_it_tells() -> None:
    with subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().decode() for _ in range(DIRECTIONS)]
        process.stdout.close()
        ask(next(line.split('"')[1] for line in said if "base_url" in line), "healthy")
        assert process.wait(20) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_ctrl_c_ends_an_inspection_quietly(behind: Behind) -> None:
    gateway = behind.enter(ScriptedProvider())
    gateway.hang()
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--against", gateway.origin], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        seen = behind.call(asyncio.wait_for(gateway.seen(), 20))
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, (b"", b""))
    behind.call(asyncio.wait_for(seen.left.wait(), 20))


def test_a_person_sees_how_far_it_is_and_colours(behind: Behind) -> None:
    words = ("--port", str(behind.port), "--against", behind.gateway(), "--only", "f14", "f20-503")
    with Screen("faults", *words) as screen:
        shown = screen.read_rest()
    assert "faults  2 of 2  " in shown
    assert "\x1b[32manswered\x1b[0m" in shown


def ask(base_url: str, model: str) -> int:
    question = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    address = urlsplit(base_url)
    with closing(HTTPConnection(address.netloc)) as connection:
        headers = {"content-type": "application/json"}
        connection.request("POST", f"{address.path}/chat/completions", json.dumps(question), headers)
        response = connection.getresponse()
        with contextlib.suppress(IncompleteRead):
            response.read()
        return response.status


def liar_in_front_of(port: int, *, finishes: bool = True, deaf: bool = False) -> LoopbackServer:
    """Make a gateway that passes what arrives, and ends it in good order whatever happened.

    Args:
        port: where the wall will listen.
        finishes: whether it adds the reason of the end to a stream that has none.
        deaf: whether it gives the first bytes alone.

    """
    finish = voice_named("chat_completions").streamed(Line(pieces=()), model="liar", body={})

    def lie(seen: SeenRequest) -> Reply:
        asked = seen.fields
        over, told = asyncio.Event(), list[bytes]()
        body = json.dumps(asked | {"model": asked["model"].rpartition("/")[2]}).encode()
        asking = asyncio.ensure_future(passed(port, body, told, over))

        def pieces() -> Iterator[Piece]:
            yield over
            asking.result()
            yield b"".join(told)[: 100 if deaf else None]
            if asked.get("stream") and finishes and b'finish_reason":"stop' not in b"".join(told):
                yield from finish

        kind = "text/event-stream" if asked.get("stream") else "application/json"
        return Reply(headers=(("content-type", kind),), pieces=pieces())

    return LoopbackServer(lie)


async def passed(port: int, body: bytes, told: list[bytes], over: asyncio.Event) -> None:
    """Ask the wall, keep what it says, and no matter how it ends."""
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    try:
        async with HTTPTransport() as transport:
            request = HTTPRequest(method="POST", url=url, headers=(("content-type", "application/json"),), body=body)
            async with await transport.send(request) as response:
                async for piece in response:
                    told += (piece,)
    except Error:
        pass  # it is a liar
    finally:
        over.set()
