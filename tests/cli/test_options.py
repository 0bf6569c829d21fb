"""Options out of declared settings."""

from pathlib import Path
from typing import Any

import pytest

from interlingua.cli.command import CONFIG, Option
from interlingua.cli.options import given_settings, options_of
from interlingua.cli.parser import Parser
from interlingua.types import Secret, declared, setting


@declared
class Sample:
    count: int = setting("How many.", default=3, minimum=1, env=("SAMPLE_COUNT",))
    wait: float = setting("How long.", default=1.5, unit="seconds")
    loud: bool = setting("Whether to shout.", default=False, aliases=("shout",))
    place: Path | None = setting("Where.", default=None)
    kind: str = setting("Which.", default="a", choices=("a", "b"))
    keys: list[Any] = setting("Keys.", default=[], secret=True, aliases=("key",))
    token: Secret | None = setting("Token.", default=None, secret=True)
    table: dict[str, str] = setting("A table.", default={})
    thing: object = setting("A thing.", default=None, runtime=True)


def read(*words: str) -> dict[str, Any]:
    return given_settings(Sample, Parser("sample", options_of(Sample), as_json=False).read(words))


def option(name: str) -> Option:
    return next(each for each in options_of(Sample) if f"--{name}" in each.flags)


def test_what_is_not_given_is_absent() -> None:
    assert read() == {}


def test_values_have_their_types() -> None:
    given = read("--count", "5", "--wait=2", "--loud", "--place", "/x", "--kind", "b", "--token", "secret")
    assert given == {"count": 5, "wait": 2.0, "loud": True, "place": Path("/x"), "kind": "b", "token": Secret("secret")}


def test_zero_and_no_are_values() -> None:
    assert read("--wait", "0", "--no-loud") == {"wait": 0.0, "loud": False}


def test_aliases_are_flags() -> None:
    assert read("--key", "one", "--keys", "two", "--shout") == {"keys": ["one", "two"], "loud": True}


def test_what_a_line_cannot_hold_is_no_option() -> None:
    flags = {flag for each in options_of(Sample) for flag in each.flags}
    assert not flags & {"--table", "--thing"}


@pytest.mark.parametrize("words", [("--count", "0"), ("--count", "many"), ("--kind", "c")])
def test_what_does_not_fit_is_refused(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        read(*words)
    assert stopped.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_help_has_default_unit_and_variable() -> None:
    assert option("count").help == "How many. (default 3; $SAMPLE_COUNT)"
    assert (option("wait").help, option("wait").metavar) == ("How long. (default 1.5)", "SECONDS")
    assert (option("place").metavar, option("place").words) == ("PATH", "files")


def test_flags_of_a_switch_have_a_negation() -> None:
    assert option("loud").flags == ("--loud", "--shout", "--no-loud", "--no-shout")
    assert CONFIG.flags == ("--config",)
