"""Odd counts of tokens (F23): what an account is told of them, in every wire, streamed and whole."""

import pytest

from interlingua import Client
from interlingua.testing import FAULTS, FaultWall
from interlingua.testing.canon import INPUT_TOKENS, PIECES
from tests.faults.trials import WIRES

pytestmark = pytest.mark.anyio

TRUE = INPUT_TOKENS, len(PIECES)
COUNTED: dict[str, tuple[int, int] | None] = {
    "f23-usage-absent": None,
    "f23-usage-null": None,
    "f23-usage-twice": TRUE,
    "f23-usage-cumulative": TRUE,
    "f23-usage-zero": (0, 0),
    "f23-usage-negative": (0, 0),
}


async def used(client: Client, model: str, *, streamed: bool) -> tuple[int, int] | None:
    if streamed:
        outputs = [output async for output in client.generate_stream(model, "Hello", max_tokens=64)]
    else:
        outputs = [await client.generate(model, "Hello", max_tokens=64)]
    usage = outputs[-1].usage
    return None if usage is None else (usage.input_tokens, usage.output_tokens)


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("wire", WIRES)
async def test_what_was_told_twice_is_counted_once_and_what_was_not_told_is_not_zero(
    wire: str, *, streamed: bool
) -> None:
    shown = [name for name in COUNTED if FAULTS[name].applies(wire=wire, streamed=streamed)]
    async with FaultWall() as wall:
        provider = {"wire": wire, "base_url": wall.base_url, "api_key": "key"}
        async with Client(providers={"wall": provider}) as client:
            found = {name: await used(client, f"wall/{name}", streamed=streamed) for name in shown}

    assert found == {name: COUNTED[name] for name in shown}


def test_no_odd_count_is_forgotten() -> None:
    assert {name for name in FAULTS if name.startswith("f23")} == set(COUNTED)
