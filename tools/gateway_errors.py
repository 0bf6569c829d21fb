"""What the gateway answers to failures and to bad requests, read from the code for `docs/errors.md`."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from interlingua import errors
from interlingua.gateway.failures import failure_of
from interlingua.gateway.refusals import refusals
from interlingua.wires import chat_completions
from tools.reference import table

_SAMPLES: Mapping[type[errors.Error], Callable[[], errors.Error]] = {
    errors.Unsupported: lambda: errors.Unsupported("a feature"),
    errors.TimedOut: lambda: errors.TimedOut("idle", 60),
    errors.InvalidOutput: lambda: errors.InvalidOutput("It does not fit.", text=""),
}


def answers(_: str | None = None) -> str:
    """Give a table of every error as the gateway tells it."""
    rows = [_answer(cls) for cls in errors.error_tree() if cls.__module__ == errors.__name__]
    return table(("error", "status", "type", "code", "the SDK may retry", "what it says"), rows)


def refused(_: str | None = None) -> str:
    """Give a table of every request that reaches no door."""
    rows = [(each.cause, str(each.status), f"`{each.code}`", each.message) for each in refusals()]
    return table(("what came", "status", "code", "what to do"), rows)


def _answer(cls: type[errors.Error]) -> tuple[str, ...]:
    sample = _SAMPLES.get(cls)
    error = sample() if sample is not None else cls("It failed.")
    failure = failure_of(error, chat_completions)
    told: dict[str, Any] = msgspec.json.decode(failure.body)["error"]
    retried = (failure.status >= 500 or failure.status in {408, 409, 429}) and (
        (b"x-should-retry", b"false") not in failure.headers
    )
    code = f"`{told['code']}`" if told["code"] else ""
    depth = "&emsp;" * (len(cls.__mro__) - len(errors.Error.__mro__))
    said = (cls.__doc__ or "").partition("\n")[0]
    return f"{depth}`{cls.__name__}`", str(failure.status), f"`{told['type']}`", code, "yes" if retried else "", said
