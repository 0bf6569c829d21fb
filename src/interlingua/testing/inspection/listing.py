"""The table of faults."""

from collections.abc import Sequence

from interlingua.cli.tables import print_json, print_table
from interlingua.testing.inspection.selection import Subject

_HEADING = ("FAULT", "STREAMED", "WHOLE", "NUMBER", "DOES")


def print_listing(subjects: Sequence[Subject], *, json: bool) -> None:
    """Print what each fault does, what its number says, and what must come of it."""
    if json:
        print_json([_as_json(subject) for subject in subjects])
    else:
        print_table(_HEADING, [_row(subject) for subject in subjects])


def _as_json(subject: Subject) -> dict[str, object]:
    fault = subject.fault
    return {
        "id": fault.id,
        "spec": fault.spec,
        "does": fault.does,
        "number": fault.number or None,
        "usual": fault.usual if fault.number else None,
        "streamed": fault.streamed,
        "whole": fault.whole,
        "wires": list(fault.wires),
    }


def _row(subject: Subject) -> tuple[str, ...]:
    fault = subject.fault
    number = f"{fault.number} ({fault.usual})" if fault.number else ""
    return fault.id, fault.streamed or "-", fault.whole or "-", number, fault.does
