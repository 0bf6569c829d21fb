"""The command line: `interlingua COMMAND`.

Exit codes: 0 it worked, 1 it failed, 2 the command line is wrong, 130 it was interrupted
(Ctrl-C), 141 whoever read the output went away.
"""

from interlingua.cli.entry import main

__all__ = ["main"]
