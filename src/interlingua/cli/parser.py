"""From the words of a command line to a command and its options."""

import argparse
import importlib
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from interlingua.cli.command import COMMANDS, CONFIG, Command, Option
from interlingua.cli.report import stop_for_usage
from interlingua.types.suggestion import nearest

PROGRAM = "interlingua"

_FIRST_STEPS = (
    ("chat 'Why is the sky blue?'", "ask the model that runs on this machine"),
    ("chat -m openai/gpt-6-luna", "talk to another one"),
    ("serve", "run the gateway on this machine"),
    ("doctor", "find out what is missing"),
)


class Parser(argparse.ArgumentParser):
    """An argument parser that is built from options, suggests what was meant, and can fail in JSON."""

    def __init__(self, program: str, options: Iterable[Option], *, as_json: bool, **texts: Any) -> None:
        super().__init__(
            prog=program, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **texts
        )
        self._as_json = as_json
        self._flags = ["-h", "--help"]
        groups: dict[str, Any] = {}
        for option in options:
            place: Any = self
            if option.group is not None:
                if option.group not in groups:
                    groups[option.group] = self.add_argument_group(option.group)
                place = groups[option.group]
            place.add_argument(*option.names, **_arguments(option))
            self._flags += option.flags

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Read all words; one that is not known ends the program with a suggestion."""
        found, unknown = self.parse_known_args(words)
        for word in unknown:
            if word.startswith("-"):
                flag = word.partition("=")[0]
                self.error(f"there is no option {flag!r}{_suggestion(flag, self._flags)}.")
        if unknown:
            self.error(f"{unknown[0]!r} is one word too many.")
        return found

    def error(self, message: str) -> NoReturn:
        """End the program with exit code 2, saying what is wrong and where to read more."""
        stop_for_usage(message, command=self.prog, as_json=self._as_json)


def read_command_line(words: Sequence[str], *, as_json: bool) -> tuple[Command, argparse.Namespace]:
    """Find the command that `words` name and read what follows; only that command's module is loaded."""
    front, rest = _split(words)
    root = _root_parser(as_json=as_json)
    found = root.read(front)
    name, *rest = ["version"] if found.version else rest or ["help"]
    if name == "help":
        name, rest = (rest[0], ["--help"]) if rest else ("", [])
    if not name:
        root.print_help()
        raise SystemExit(0)
    if name not in COMMANDS:
        root.error(f"there is no command {name!r}{_suggestion(name, COMMANDS)}.")
    command = load_command(name)
    arguments = command_parser(name, command, as_json=as_json).read(rest)
    if "config" not in arguments:
        arguments.config = found.config
    return command, arguments


def load_command(name: str) -> Command:
    """Load the module of a command of `COMMANDS`."""
    module = importlib.import_module(COMMANDS[name].module)
    command: Command = module.COMMAND
    return command


def command_parser(name: str, command: Command, *, as_json: bool = False) -> Parser:
    """Build the parser of a command, its help included."""
    program = f"{PROGRAM} {name}"
    return Parser(
        program,
        command.options,
        as_json=as_json,
        description=textwrap.fill(f"{COMMANDS[name].summary} {command.description}", 100),
        epilog=_examples(program, command.examples),
    )


def _root_parser(*, as_json: bool) -> Parser:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {entry.summary}" for name, entry in COMMANDS.items())
    return Parser(
        PROGRAM,
        (Option(("--version",), "Print the version.", switch=True), CONFIG._replace(absent=False)),
        as_json=as_json,
        usage=f"{PROGRAM} [--config PATH] COMMAND …",
        description=f"One language for every model.\n\ncommands:\n{listed}",
        epilog=f"{_examples(PROGRAM, _FIRST_STEPS)}\n\n`{PROGRAM} COMMAND --help` tells more of each.",
    )


def _split(words: Sequence[str]) -> tuple[Sequence[str], list[str]]:
    """Divide the words in front of the command from the command and what follows it."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in CONFIG.names else 1
    return words[:index], list(words[index:])


def _arguments(option: Option) -> dict[str, Any]:
    """Give an option in argparse's own words."""
    help_text = option.help if option.help is argparse.SUPPRESS else option.help.replace("%", "%%")
    default = argparse.SUPPRESS if option.absent else option.default
    if option.switch:
        action = argparse.BooleanOptionalAction if option.negatable else "store_true"
        return {"help": help_text, "action": action, "default": default if option.absent or option.negatable else False}
    arguments: dict[str, Any] = {"help": help_text, "metavar": option.metavar, "type": option.read, "default": default}
    if option.repeated:
        arguments["action"] = "append"
    if option.arity is not None:
        arguments["nargs"] = option.arity
    if option.choices:
        arguments["choices"] = option.choices
    return {name: value for name, value in arguments.items() if value is not None}


def _examples(program: str, examples: Sequence[tuple[str, str]]) -> str:
    if not examples:
        return ""
    width = max(len(words) for words, _ in examples)
    lines = (f"  {program} {words:<{width}}  # {purpose}" for words, purpose in examples)
    return "examples:\n" + "\n".join(lines)


def _suggestion(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""
