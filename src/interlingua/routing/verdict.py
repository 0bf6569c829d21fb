"""What a failure means for the next step: whose fault it is, and who may do better."""

from typing import Final, Literal

import msgspec

from interlingua.errors import (
    BadRequest,
    ConfigError,
    ConnectFailed,
    ContextTooLong,
    Error,
    Forbidden,
    InvalidOutput,
    LimitError,
    MissingKey,
    NotFound,
    Overloaded,
    ProtocolError,
    QuotaExhausted,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
    Unauthorized,
    Unsupported,
)


class Verdict(msgspec.Struct, frozen=True):
    """What a failure says.

    `again`: the same target may be asked once more. `elsewhere`: which others may be asked:
    all, those with a larger window, or none, since the caller is at fault. `fault`: what
    failed: the target (its breaker counts it), its key, or nothing that would be remembered.
    `rest` is how many seconds that is left alone, where the failure does not say it.
    """

    again: bool
    elsewhere: Literal["any", "larger", "none"]
    fault: Literal["target", "key", "nothing"] = "nothing"
    rest: float = 0.0


KEY_REST: Final = 300.0
"""Seconds for which a key that was refused is not used."""
QUOTA_REST: Final = 300.0
"""Seconds for which an account without money is not asked."""
MODEL_REST: Final = 60.0
"""Seconds for which a target is left alone that does not know its model."""
BRIEF_REST: Final = 1.0
"""Seconds for which a target is left alone that says it has too much to do, and not for how long."""

_VERDICTS: Final[dict[type[Error], Verdict]] = {
    ConfigError: Verdict(again=False, elsewhere="none"),
    MissingKey: Verdict(again=False, elsewhere="any", fault="key", rest=KEY_REST),
    BadRequest: Verdict(again=False, elsewhere="none"),
    ContextTooLong: Verdict(again=False, elsewhere="larger"),
    InvalidOutput: Verdict(again=False, elsewhere="none"),
    Unsupported: Verdict(again=False, elsewhere="any"),
    Unauthorized: Verdict(again=False, elsewhere="any", fault="key", rest=KEY_REST),
    Forbidden: Verdict(again=False, elsewhere="any", fault="key", rest=KEY_REST),
    NotFound: Verdict(again=False, elsewhere="any", rest=MODEL_REST),
    QuotaExhausted: Verdict(again=False, elsewhere="any", fault="key", rest=QUOTA_REST),
    Throttled: Verdict(again=True, elsewhere="any", rest=BRIEF_REST),
    LimitError: Verdict(again=False, elsewhere="any"),
    Overloaded: Verdict(again=True, elsewhere="any", fault="target"),
    ServerFault: Verdict(again=True, elsewhere="any", fault="target"),
    ProtocolError: Verdict(again=True, elsewhere="any", fault="target"),
    ConnectFailed: Verdict(again=True, elsewhere="any", fault="target"),
    StreamInterrupted: Verdict(again=True, elsewhere="any", fault="target"),
    TimedOut: Verdict(again=False, elsewhere="any", fault="target"),
}
_UNKNOWN: Final = Verdict(again=False, elsewhere="any", fault="target")
_NO_CONNECTION: Final = Verdict(again=True, elsewhere="any", fault="target")


def verdict_on(error: Error) -> Verdict:
    """Say what a failure means.

    A provider that stayed silent is not asked twice, since it may be working on the answer
    still; one that no connection could be made to may be.

    Example:
        >>> verdict_on(TimedOut("first_token", 30.0)).again
        False

    """
    if isinstance(error, TimedOut) and error.clock == "connect":
        return _NO_CONNECTION
    return next((_VERDICTS[cls] for cls in type(error).__mro__ if cls in _VERDICTS), _UNKNOWN)


def reason_of(error: Error) -> str:
    """Name a failure in a word or three, for the trace of a route."""
    if isinstance(error, TimedOut):
        return f"{error.kind} {error.clock}"
    return f"{error.kind} {error.status}" if error.status is not None and error.status >= 400 else error.kind
