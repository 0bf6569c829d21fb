"""The completion script of zsh."""

from collections.abc import Iterator

from interlingua.cli.command import COMMANDS, CONFIG, Option
from interlingua.cli.parser import PROGRAM, load_command

_SCRIPT = """\
#compdef {program}
# Completion of {program} for zsh; written by `{program} completion zsh`.
_{program}_names() {{
    local -a names
    names=(${{(f)"$({program} completion $1 2>/dev/null)"}})
    compadd -a names
}}
_{program}() {{
    local -a commands
    local state line
    commands=(
{commands}
    )
    _arguments -C '--help[Show help.]' '--version[Print the version.]' {config} \\
        '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
{options}
            esac
            ;;
    esac
}}
if [[ $funcstack[1] == _{program} ]]; then _{program} "$@"; else compdef _{program} {program}; fi
"""


def zsh_script() -> str:
    """Write the script."""
    return _SCRIPT.format(
        program=PROGRAM,
        commands="\n".join(f"        {_quoted(f'{name}:{entry.summary}')}" for name, entry in COMMANDS.items()),
        config=" ".join(_option(CONFIG)),
        options="\n".join(_command(name) for name in COMMANDS),
    )


def _command(name: str) -> str:
    arguments = " ".join(part for option in load_command(name).options for part in _option(option))
    return f"                {name}) _arguments '--help[Show help.]' {arguments} ;;"


def _option(option: Option) -> Iterator[str]:
    """Write an option as `_arguments` reads it: once for each of its flags."""
    metavar = (option.metavar or option.names[-1].lstrip("-")).lower()
    value = f":{metavar}:{_values(option)}"
    if not option.flags:
        yield _quoted(f"*{value}" if option.arity == "*" else value)
        return
    for flag in option.flags:
        yield _quoted(f"{flag}[{_escaped(option.help)}]{'' if option.switch else value}")


def _values(option: Option) -> str:
    if option.choices:
        return f"({' '.join(option.choices)})"
    if option.words == "files":
        return "_files"
    # The space keeps `_arguments` from putting words of its own in front of ours.
    return f" _{PROGRAM}_names {option.words}" if option.words else ""


def _escaped(text: str) -> str:
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text


def _quoted(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"
