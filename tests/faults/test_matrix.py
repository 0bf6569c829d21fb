"""A part of the long proofs, for every day: each fault from some of the doors, and cuts at some of the places."""

import sys
from collections.abc import Sequence

import pytest

from interlingua.testing import FAULTS, FaultWall
from interlingua.testing.fault import Fault
from tests.faults.cuts import pieces_of, trials_at
from tests.faults.matrix import SECOND, Cell, looked
from tests.faults.trials import WIRES, Trial, trials_of

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="/proc is read")]

KINDS = sorted({fault.spec for fault in FAULTS.values()})
STEP = 211
"""Bytes from one cut to the next, which is no multiple of an event's."""


def some_trials(faults: Sequence[Fault], wall: FaultWall) -> list[Trial]:
    """Give every second trial of each fault, so that each has its doors, streamed or whole."""
    return [trial for fault in faults for trial in list(trials_of(fault, wall, [0]))[len(fault.id) % 2 :: 2]]


def unsound(cells: Sequence[Cell]) -> list[str]:
    return [str(cell) for cell in cells if not cell.sound]


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_a_provider_does_the_caller_gets_the_whole_answer_or_a_clean_error(kind: str) -> None:
    faults = [fault for fault in FAULTS.values() if fault.spec == kind]

    async with FaultWall(second=SECOND) as wall:
        trials = some_trials(faults, wall)
        cells, well = await looked(trials, wall)

    assert unsound(cells) == []
    assert well
    assert {cell.trial.fault for cell in cells} == {fault.id for fault in faults}
    assert wall.leaked == []


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_that_is_cut_anywhere_is_an_error_or_is_rescued(wire: str) -> None:
    async with FaultWall(pieces=await pieces_of(wire)) as wall:
        places = range(len(wire), wall.size(wire, "bytes"), STEP)
        cells, well = await looked(list(trials_at(wire, places)), wall)

    assert unsound(cells) == []
    assert well
    rescued = [cell.finding for cell in cells if cell.trial.rescue]
    assert rescued.count("answered") > 0.9 * len(rescued)
