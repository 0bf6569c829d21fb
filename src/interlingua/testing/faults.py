r"""The faults that the wall can show: a closed table, chosen by the name of a model.

A name is the fault's id, its number if it takes another than the usual one, and `-once`
where only the first request of a conversation is to fail:

    f06-cut-after          cut the connection after three pieces of text
    f06-cut-after-7        after seven
    f06-cut-after-7-once   and answer when the same is asked again

The numbers F01 to F24 say what kind of failure it is: F01 no connection, F02 to F05 no
or too slow an answer, F06 to F08 a stream that breaks or stalls, F09 to F12 answers that
are none, F13 to F17 odd framings, sizes and encodings, F18 redirects, F19 to F21
refusals, F22 a provider that comes and goes, F23 odd counts of tokens, F24 calls cut
apart.
"""

import re
from difflib import get_close_matches
from itertools import chain
from typing import Final

import msgspec

from interlingua.testing.acts import accounts, encodings, endings, failures, framings, refusals
from interlingua.testing.fault import Fault

_NUMBERED: Final = re.compile(r"(?P<id>.+)-(?P<number>\d{1,9})")
_LIKE_A_FAULT: Final = re.compile(r"f\d\d-")
_ONCE: Final = "-once"

FAULTS: Final = {
    fault.id: fault
    for fault in sorted(
        chain.from_iterable(family.FAULTS for family in (endings, failures, framings, encodings, refusals, accounts)),
        key=lambda fault: fault.spec,
    )
}
"""Every fault by its id, in the order of their numbers."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A fault with its number, as a model's name chose it."""

    fault: Fault
    number: int
    once: bool = False

    @property
    def model(self) -> str:
        """The name that chooses it."""
        number = f"-{self.number}" if self.number != self.fault.usual else ""
        return f"{self.fault.id}{number}{_ONCE if self.once else ''}"


class NoSuchFault(LookupError):
    """A name begins as a fault's does, but there is no such fault."""


def choose(model: str) -> Choice | None:
    """Read a model's name; None for a healthy model. What stands before the last slash is not looked at.

    Example:
        >>> choose("wall/f06-cut-after-7-once").number
        7

    Raises:
        NoSuchFault: the name looks like a fault's and is none.

    """
    name = model.rpartition("/")[2]
    plain = name.removesuffix(_ONCE)
    once = plain != name
    fault, numbered = FAULTS.get(plain), _NUMBERED.fullmatch(plain)
    if fault is not None:
        return Choice(fault=fault, number=fault.usual, once=once)
    if numbered is not None:
        fault = FAULTS.get(numbered["id"])
        if fault is not None and fault.number:
            return Choice(fault=fault, number=int(numbered["number"]), once=once)
    if _LIKE_A_FAULT.match(name):
        near = get_close_matches(plain, FAULTS, n=3)
        raise NoSuchFault(f"There is no fault {name!r}." + (f" Did you mean {', '.join(near)}?" if near else ""))
    return None
