"""Which faults are to be shown."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interlingua.testing.fault import Fault
from interlingua.testing.faults import FAULTS, NoSuchFault, choose
from interlingua.types.suggestion import nearest

_REFUSALS: Final = ("F20", "F21", "F22")
_SHORT_RESTS: Final = "F19"
_LONG_RESTS: Final = ("f19-retry-after-huge", "f21-401", "f20-spend-limit")

ONE_BY_ONE: Final = 3
"""The rank from which on a fault speaks of the account, so that a gateway may let all of the wall rest for a while."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A fault, by the name of the wall's model that shows it."""

    fault: Fault
    model: str

    @property
    def rank(self) -> int:
        """When it is best asked for: first what is answered, last what makes a gateway let the wall rest for long."""
        if self.fault.id in _LONG_RESTS:
            return ONE_BY_ONE + 1
        if self.fault.spec == _SHORT_RESTS:
            return ONE_BY_ONE
        if self.fault.spec in _REFUSALS:
            return 2
        return 0 if "answered" in (self.fault.streamed, self.fault.whole) else 1


def select(names: Sequence[str]) -> list[Subject]:
    """Give the models that are named in full, and the faults whose ids begin with one of the other names.

    Without names it gives all faults.

    Raises:
        NoSuchFault: a name is the beginning of none; the message has the nearest.

    """
    if not names:
        return [Subject(fault=fault, model=fault.id) for fault in FAULTS.values()]
    found: dict[str, Subject] = {}
    for name in names:
        for subject in _named(name.lower()):
            found.setdefault(subject.model, subject)
    return list(found.values())


def _named(name: str) -> list[Subject]:
    try:
        choice = choose(name)
    except NoSuchFault:
        choice = None
    if choice is not None:
        return [Subject(fault=choice.fault, model=name)]
    fits = [Subject(fault=fault, model=fault.id) for fault in FAULTS.values() if name and fault.id.startswith(name)]
    if fits:
        return fits
    near = nearest(name, [*FAULTS, *(fault.spec.lower() for fault in FAULTS.values())])
    raise NoSuchFault(f"there is no fault {name!r}" + (f"; did you mean {near!r}?" if near else "."))
