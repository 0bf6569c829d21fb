"""Where the command line begins and ends."""

import os
import sys
from collections.abc import Sequence

from interlingua.cli.parser import read_command_line
from interlingua.cli.report import FAILED, INTERRUPTED, READER_GONE, print_failure, print_other_failure
from interlingua.errors import Error


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name; default: the process's own) and give the exit code.

    No failure leaves a traceback, unless INTERLINGUA_DEBUG is set.

    Example:
        >>> main(["version"])
        interlingua 0.1.0
        0

    """
    words = list(sys.argv[1:] if argv is None else argv)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # An answer may hold what the output's encoding does not; that is shown by its code, and ends nothing.
        reconfigure(errors="backslashreplace")
    as_json = "--json" in words[: words.index("--")] if "--" in words else "--json" in words
    try:
        command, arguments = read_command_line(words, as_json=as_json)
        code = command.run(arguments)
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except BrokenPipeError:
        return _reader_gone()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("INTERLINGUA_DEBUG"):
            raise
        return _failed(error, as_json=as_json)
    return code


def _failed(error: Exception, *, as_json: bool) -> int:
    """Tell any failure in a few words; give the exit code."""
    debug = "INTERLINGUA_DEBUG=1 shows where."
    if isinstance(error, Error):
        print_failure(error, as_json=as_json)
    elif isinstance(error, OSError):
        print_other_failure(str(error), kind="os_error", hint=debug, as_json=as_json)
    else:
        message = f"{type(error).__name__}: {error}"
        hint = f"this is a fault of interlingua's own; please report it. {debug}"
        print_other_failure(message, kind="internal_error", hint=hint, as_json=as_json)
    return FAILED


def _reader_gone() -> int:
    """Keep the interpreter from complaining at its end that the output has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE
