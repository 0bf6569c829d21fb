"""What a command is: its words and options as data, and one function."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

Words = Literal["models", "providers", "files"]
"""What a shell offers for a value: names that are looked up when it asks, or files."""


class Option(NamedTuple):
    """One thing that a command takes.

    `names` are flags (`("-m", "--model")`) or the one name of a positional argument.
    A `switch` takes no value; with `negatable` it also has its `--no-…`. `read` turns
    the text into the value. `arity` is argparse's `nargs`. An option without a default
    is absent from the result when it is not given, so that absence stays visible.
    """

    names: tuple[str, ...]
    help: str
    metavar: str | None = None
    read: Callable[[str], Any] | None = None
    default: Any = None
    absent: bool = False
    choices: tuple[str, ...] = ()
    switch: bool = False
    negatable: bool = False
    repeated: bool = False
    arity: str | None = None
    words: Words | None = None
    group: str | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The names as they are written on a command line; none for a positional argument."""
        flags = tuple(name for name in self.names if name.startswith("-"))
        negations = tuple(f"--no-{name[2:]}" for name in flags if name.startswith("--")) if self.negatable else ()
        return flags + negations


class Command(NamedTuple):
    """A command: what it takes, what it teaches, and what it does.

    `examples` are pairs of a command line and what it is for. `run` gives the exit code.
    """

    description: str
    run: Callable[[Namespace], int]
    options: tuple[Option, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()


class Entry(NamedTuple):
    """Where a command is found; its module is loaded when it is called, and holds `COMMAND`."""

    summary: str
    module: str


COMMANDS: Mapping[str, Entry] = {
    "chat": Entry("Talk to a model: one question, a pipe, or a conversation.", "interlingua.cli.commands.chat"),
    "models": Entry("List the models that can be called.", "interlingua.cli.commands.models"),
    "providers": Entry("List the providers, and whose key is set.", "interlingua.cli.commands.providers"),
    "pull": Entry("Get a model that runs on this machine.", "interlingua.cli.commands.pull"),
    "serve": Entry("Run the gateway.", "interlingua.cli.commands.serve"),
    "doctor": Entry("Check keys, addresses, proxies and files, and say what to do.", "interlingua.cli.commands.doctor"),
    "faults": Entry(
        "Show a gateway what goes wrong, and see what it makes of it.", "interlingua.testing.inspection.command"
    ),
    "config": Entry("Check a config file, or show the settings in effect.", "interlingua.cli.commands.config"),
    "completion": Entry("Print the completion script of a shell.", "interlingua.cli.commands.completion"),
    "version": Entry("Print the version.", "interlingua.cli.commands.version"),
}

CONFIG = Option(
    ("--config",),
    "Config file; default: $INTERLINGUA_CONFIG, or ./interlingua.toml where there is one.",
    metavar="PATH",
    absent=True,
    words="files",
)
JSON = Option(("--json",), "Print JSON, errors included.", switch=True)
