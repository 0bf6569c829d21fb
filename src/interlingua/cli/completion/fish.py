"""The completion script of fish."""

from collections.abc import Iterator

from interlingua.cli.command import COMMANDS, CONFIG, Option
from interlingua.cli.parser import PROGRAM, load_command


def fish_script() -> str:
    """Write the script."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"# Completion of {PROGRAM} for fish; written by `{PROGRAM} completion fish`."
    yield f"complete -c {PROGRAM} -f"
    yield from _option(CONFIG, "__fish_use_subcommand")
    for name, entry in COMMANDS.items():
        yield f"complete -c {PROGRAM} -n __fish_use_subcommand -a {name} -d {_quoted(entry.summary)}"
        for option in load_command(name).options:
            yield from _option(option, f"__fish_seen_subcommand_from {name}")


def _option(option: Option, condition: str) -> Iterator[str]:
    line = f"complete -c {PROGRAM} -n {_quoted(condition)}"
    values = _values(option)
    if not option.flags:
        if values:
            yield f"{line}{values}"
        return
    flags = "".join(f" -{'l' if flag.startswith('--') else 's'} {flag.lstrip('-')}" for flag in option.flags)
    takes = "" if option.switch else " -r"
    yield f"{line}{flags}{takes}{values} -d {_quoted(option.help)}"


def _values(option: Option) -> str:
    if option.choices:
        return f" -a {_quoted(' '.join(option.choices))}"
    if option.words == "files":
        return " -F"
    return f" -a {_quoted(f'({PROGRAM} completion {option.words} 2>/dev/null)')}" if option.words else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
