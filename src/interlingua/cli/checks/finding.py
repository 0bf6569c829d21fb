"""What a check sees and what it says."""

from argparse import Namespace
from pathlib import Path
from typing import Literal, NamedTuple

from interlingua.client.config_file import ConfigFile
from interlingua.errors import Error

State = Literal["ok", "note", "broken"]


class Finding(NamedTuple):
    """One thing that was looked at.

    A `note` may be what you want; what is `broken` was configured and cannot work.
    `remedy` is what to do.
    """

    state: State
    topic: str
    message: str
    remedy: str | None = None


class Site(NamedTuple):
    """This machine as the checks see it: the command line, and the config file or what is wrong with it."""

    arguments: Namespace
    path: Path | None
    config: ConfigFile | None
    problem: Error | None
