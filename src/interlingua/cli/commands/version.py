"""`interlingua version`."""

import platform
from argparse import Namespace

from interlingua import __version__
from interlingua.cli.command import JSON, Command
from interlingua.cli.tables import print_json


def run(arguments: Namespace) -> int:
    """Print the version."""
    if arguments.json:
        print_json({"version": __version__, "python": platform.python_version(), "platform": platform.platform()})
    else:
        print(f"interlingua {__version__}")
    return 0


COMMAND = Command(description="", run=run, options=(JSON,), examples=(("", "interlingua and its number"),))
