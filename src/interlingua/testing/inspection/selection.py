"""Which faults are to be shown."""

from collections.abc import Sequence

import msgspec

from interlingua.testing.fault import Fault
from interlingua.testing.faults import FAULTS, NoSuchFault, choose
from interlingua.types.suggestion import nearest

_LAST = ("F19", "F20", "F21", "F22")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A fault, by the name of the wall's model that shows it."""

    fault: Fault
    model: str

    @property
    def rank(self) -> int:
        """When it is best asked for: first what is answered, last what may make a gateway let the wall rest."""
        if self.fault.spec in _LAST:
            return 2
        return 0 if "answered" in (self.fault.streamed, self.fault.whole) else 1


def select(names: Sequence[str]) -> list[Subject]:
    """Give the faults whose ids begin with one of these names, and the models that are named in full; all if none are.

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
    fits = [Subject(fault=fault, model=fault.id) for fault in FAULTS.values() if name and fault.id.startswith(name)]
    if fits:
        return fits
    try:
        choice = choose(name)
    except NoSuchFault:
        choice = None
    if choice is not None:
        return [Subject(fault=choice.fault, model=name)]
    near = nearest(name, [*FAULTS, *(fault.spec.lower() for fault in FAULTS.values())])
    raise NoSuchFault(f"there is no fault {name!r}" + (f"; did you mean {near!r}?" if near else "."))
