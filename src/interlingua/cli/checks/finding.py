"""What a check sees and what it says."""

from pathlib import Path
from typing import Literal, NamedTuple

from interlingua.client import Client
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
    """This machine as the checks see it.

    `config` is None without a file, or when `config_problem` says what is wrong with it;
    `client` is None when that or `client_problem` keeps it from being built.
    """

    path: Path | None
    config: ConfigFile | None = None
    config_problem: Error | None = None
    client: Client | None = None
    client_problem: Error | None = None
