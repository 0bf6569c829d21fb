"""The completion script of bash."""

from collections.abc import Iterator

from interlingua.cli.command import COMMANDS, CONFIG, Option
from interlingua.cli.parser import PROGRAM, load_command

_SCRIPT = """\
# Completion of {program} for bash; written by `{program} completion bash`.
_{program}() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" word command="" index
    for ((index = 1; index < COMP_CWORD; index++)); do
        word="${{COMP_WORDS[index]}}"
        case "$word" in
            --config) ((index++)) ;;
            -*) ;;
            *) command="$word"; break ;;
        esac
    done
    COMPREPLY=()
    case "$command $previous" in
{values}
    esac
    if [[ -z "$command" ]]; then
        COMPREPLY=($(compgen -W "{commands} help --help --version --config" -- "$current"))
        return
    fi
    local options="" positional=""
    case "$command" in
{options}
    esac
    if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ "$positional" == FILES ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
    else
        COMPREPLY=($(compgen -W "$positional" -- "$current"))
    fi
}}
complete -F _{program} {program}
"""


def bash_script() -> str:
    """Write the script."""
    return _SCRIPT.format(
        program=PROGRAM, commands=" ".join(COMMANDS), values="\n".join(_values()), options="\n".join(_options())
    )


def _values() -> Iterator[str]:
    """Write what follows an option that takes a value."""
    for name in ("", *COMMANDS):
        cases: dict[str, list[str]] = {}
        for option in load_command(name).options if name else (CONFIG,):
            if option.flags and not option.switch:
                cases.setdefault(_reply(option.words, option.choices), []).extend(option.flags)
        for reply, flags in cases.items():
            pattern = "|".join(f'"{name} {flag}"' for flag in flags)
            yield f"        {pattern}) {reply}return ;;"


def _options() -> Iterator[str]:
    """Write the options of each command, and what its positional arguments may be."""
    for name in COMMANDS:
        options = load_command(name).options
        flags = " ".join(flag for option in options for flag in option.flags)
        yield f'        {name}) options="{flags} --help"; positional="{_positional(options)}" ;;'


def _positional(options: tuple[Option, ...]) -> str:
    places = [option for option in options if not option.flags]
    if any(option.choices for option in places):
        return " ".join(choice for option in places for choice in option.choices)
    return "FILES" if any(option.words == "files" for option in places) else ""


def _reply(words: str | None, choices: tuple[str, ...] = ()) -> str:
    if choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(choices)}" -- "$current")); '
    if words == "files":
        return 'COMPREPLY=($(compgen -f -- "$current")); '
    if words is not None:
        return f'COMPREPLY=($(compgen -W "$({PROGRAM} completion {words} 2>/dev/null)" -- "$current")); '
    return ""
