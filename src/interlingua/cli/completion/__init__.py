"""Completion scripts, one shell a module, written out of the commands' own declarations."""

from collections.abc import Callable, Mapping

from interlingua.cli.completion.bash import bash_script
from interlingua.cli.completion.fish import fish_script
from interlingua.cli.completion.zsh import zsh_script

SHELLS: Mapping[str, Callable[[], str]] = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}

__all__ = ["SHELLS"]
