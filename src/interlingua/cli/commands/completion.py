"""`interlingua completion`."""

from argparse import Namespace

from interlingua.cli.command import CONFIG, Command, Option
from interlingua.cli.completion import SHELLS
from interlingua.cli.completion.names import NAMES


def run(arguments: Namespace) -> int:
    """Print the script of a shell, or the names that the scripts offer."""
    if arguments.what in SHELLS:
        print(SHELLS[arguments.what](), end="")
    else:
        print("\n".join(NAMES[arguments.what](arguments)))
    return 0


COMMAND = Command(
    description="It completes commands, options, and names of models and providers; no network is used.",
    run=run,
    options=(
        CONFIG,
        Option(("what",), "A shell; or the names that its script asks for.", choices=(*SHELLS, *NAMES)),
    ),
    examples=(
        ("bash > ~/.local/share/bash-completion/completions/interlingua", "for bash"),
        ('zsh > "${fpath[1]}/_interlingua"', "for zsh"),
        ("fish > ~/.config/fish/completions/interlingua.fish", "for fish"),
    ),
)
