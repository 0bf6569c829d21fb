"""How a failure is told: one message and the remedy, or JSON, and an exit code."""

import sys
from typing import NoReturn

from interlingua import errors
from interlingua.cli.terminal import dim, red

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
READER_GONE = 141

HINTS: dict[type[errors.Error], str] = {
    errors.ConnectFailed: "`interlingua doctor --online` checks addresses, proxies and the network.",
    errors.ContextTooLong: "shorten the prompt, begin again with /new, or take a model with a larger window.",
    errors.Forbidden: "the key is valid and may not do this; check its rights, its region and the model's name.",
    errors.MissingKey: "`interlingua providers` shows which keys are set; local/smollm2 needs none.",
    errors.NoSuchModel: "`interlingua models` lists the models.",
    errors.NoSuchProvider: "`interlingua providers` lists the providers.",
    errors.NotFound: "`interlingua models --provider {provider}` lists what this provider has.",
    errors.Overloaded: "try again later, or take another model.",
    errors.QuotaExhausted: "the account's quota is used up; see the provider's billing page.",
    errors.StreamInterrupted: "what had arrived is kept; ask again.",
    errors.Throttled: "wait{retry_after}, then try again.",
    errors.Unauthorized: "check the key; `interlingua doctor` shows where it is taken from.",
}
"""What to do about a failure, beside what its own message says; a class without an entry takes its parent's."""


def hint_for(error: errors.Error) -> str | None:
    """Give the remedy of a failure, or None where the message says it all."""
    for kind in type(error).__mro__:
        hint = HINTS.get(kind)
        if hint is not None:
            wait = f" {error.retry_after:g} s" if error.retry_after is not None else ""
            return hint.format(provider=error.provider or "NAME", retry_after=wait)
    return None


def print_failure(error: errors.Error, *, as_json: bool = False) -> None:
    """Print a failure on stderr, or as JSON on stdout, where a script reads the result."""
    hint = hint_for(error)
    if as_json:
        extra: dict[str, object] = {"hint": hint} if hint else {}
        if isinstance(error, errors.StreamInterrupted):
            extra["partial"] = error.partial
        _print_json(error.to_dict() | extra)
        return
    print_error(error.message, hint=hint)


def print_error(message: str, *, hint: str | None = None) -> None:
    """Print `error: message` and the remedy on stderr."""
    print(f"{red('error:', stream=sys.stderr)} {message}", file=sys.stderr)
    if hint:
        print(f"{dim('hint:', stream=sys.stderr)} {hint}", file=sys.stderr)
    sys.stderr.flush()


def print_other_failure(message: str, *, kind: str, hint: str | None = None, as_json: bool = False) -> None:
    """Print a failure that is not one of interlingua's own."""
    if as_json:
        extra: dict[str, object] = {"hint": hint} if hint else {}
        _print_json({"type": kind, "message": message} | extra)
    else:
        print_error(message, hint=hint)


def stop_for_usage(message: str, *, command: str, as_json: bool = False) -> NoReturn:
    """Say what is wrong with the command line, and end with exit code 2."""
    print_other_failure(message, kind="usage", hint=f"`{command} --help` shows how it goes.", as_json=as_json)
    raise SystemExit(WRONG_USAGE)


def _print_json(fields: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - most runs print none

    print(json.dumps({"error": fields}, ensure_ascii=False), flush=True)
