"""How long an attempt may take, and which part of it."""

import msgspec


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """The four clocks of one attempt, in seconds; None switches a clock off.

    `connect` runs until the connection (with TLS and proxy) stands, waiting for a
    place in the pool included; `first_token` from the last byte of the request to the
    first byte of the reply's body; `idle` between two reads of that body; `total` over
    all of it. In a streamed answer `first_token` runs until the model has said something,
    and `idle` between two things that it says: comments, pings and the like keep a
    connection open, and no clock from running. `first_token` and `idle` stand still while
    a slow reader holds the sender back. The first clock to run out raises `TimedOut` with
    its name in `clock`.
    """

    connect: float | None = 10.0
    first_token: float | None = 120.0
    idle: float | None = 60.0
    total: float | None = 600.0

    def within(self, seconds: float) -> "Timeouts":
        """Give the same clocks, of which none runs for longer than `seconds`, all of them together included.

        Example:
            >>> Timeouts(first_token=8, total=None).within(20)
            Timeouts(connect=10.0, first_token=8, idle=20, total=20)

        """
        return Timeouts(
            connect=_shorter(self.connect, seconds),
            first_token=_shorter(self.first_token, seconds),
            idle=_shorter(self.idle, seconds),
            total=_shorter(self.total, seconds),
        )

    def lasting(self, seconds: float) -> "Timeouts":
        """Give all of `seconds` to the answer; connecting may still not take longer than it may anyway.

        Example:
            >>> Timeouts().lasting(900)
            Timeouts(connect=10.0, first_token=900, idle=900, total=900)

        """
        return Timeouts(connect=_shorter(self.connect, seconds), first_token=seconds, idle=seconds, total=seconds)


def _shorter(limit: float | None, seconds: float) -> float:
    return seconds if limit is None or limit > seconds else limit
