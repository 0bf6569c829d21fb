"""What a `FaultProxy` does to one direction of a connection."""

from random import Random
from typing import Literal, TypeAlias

import msgspec

Count: TypeAlias = int | tuple[int, int]
"""A number of bytes, or the least and the most of one that is drawn for each connection."""

End: TypeAlias = Literal["cut", "reset", "half_close", "black_hole"]


class Toxics(msgspec.Struct, frozen=True, kw_only=True):
    """The faults of one direction; those that are not given do not happen.

    Args:
        latency: what everything is late by, in seconds.
        jitter: what it may be later still, drawn anew for each read, in seconds. The order is kept.
        bandwidth: the bytes that pass in a second.
        slices: the most bytes that are written at once.
        cut_after: the bytes after which both sides see the connection closed in an orderly way.
        reset_after: the bytes after which both sides see it reset.
        half_close_after: the bytes after which the receiver sees the end of what it is sent, and may go on sending.
        black_hole_after: the bytes after which no more arrives, while the connection stands.

    Example:
        >>> Toxics(latency=0.05, cut_after=(1, 4096)).ending(Random(7))
        (2653, 'cut')

    """

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: float | None = None
    slices: int | None = None
    cut_after: Count | None = None
    reset_after: Count | None = None
    half_close_after: Count | None = None
    black_hole_after: Count | None = None

    def __post_init__(self) -> None:
        if self.latency < 0 or self.jitter < 0:
            raise ValueError("latency and jitter must be seconds, 0 or more")
        if self.bandwidth is not None and self.bandwidth <= 0:
            raise ValueError("bandwidth must be bytes a second, more than 0")
        if self.slices is not None and self.slices < 1:
            raise ValueError("slices must be bytes, 1 or more")

    def ending(self, chance: Random) -> tuple[int, End] | None:
        """Draw the number of bytes after which something ends, and what; the smallest, if several are given."""
        given: list[tuple[Count | None, End]] = [
            (self.cut_after, "cut"),
            (self.reset_after, "reset"),
            (self.half_close_after, "half_close"),
            (self.black_hole_after, "black_hole"),
        ]
        drawn: list[tuple[int, End]] = [
            (count if isinstance(count, int) else chance.randint(*count), end)
            for count, end in given
            if count is not None
        ]
        return min(drawn, default=None)

    def delay(self, chance: Random) -> float:
        """Draw what the next read is late by, in seconds."""
        return self.latency + (chance.uniform(0, self.jitter) if self.jitter else 0.0)
