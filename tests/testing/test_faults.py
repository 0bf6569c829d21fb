"""The table of faults is closed, whole and readable, and every row of it is held to its verdict by our own client."""

import re

import msgspec
import pytest

from interlingua.errors import Error
from interlingua.providers import Registry, RemoteProvider, resolve
from interlingua.providers.row import WireName
from interlingua.testing import FAULTS, Fault, FaultWall, NoSuchFault, choose
from interlingua.testing.fault import ALL
from interlingua.transport import HTTPTransport, Timeouts
from interlingua.types import ModelRequest, OutputAssembly

NAMED: dict[str, WireName] = {
    "chat_completions": "chat_completions",
    "messages": "messages",
    "responses": "responses",
    "generate_content": "generate_content",
    "ollama": "ollama",
    "converse": "converse",
}
SILENT = ("f01-black-hole", "f03-h", "f04", "f05", "f08")
"""Faults that only a clock tells; they are shown in test_wall."""

SMALLER = {"f16-empty-events": "f16-empty-events-5000", "f16-endless-line": "f16-endless-line-0"}

LOUD = [fault for fault in FAULTS.values() if not fault.id.startswith(SILENT)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_row_says_what_it_is(fault: Fault) -> None:
    assert re.fullmatch(r"f\d\d(-[a-z0-9]+)+", fault.id)
    assert fault.id.startswith(fault.spec.lower())
    assert fault.does.endswith(".")
    assert fault.streamed is not None or fault.whole is not None
    assert fault.wires
    assert set(fault.wires) <= set(ALL)
    assert bool(fault.number) or not fault.usual
    assert fault.act is not None or fault.spec == "F01"


def test_every_kind_of_failure_that_a_server_can_show_is_in_the_table() -> None:
    assert {fault.spec for fault in FAULTS.values()} == {f"F{number:02}" for number in range(1, 25)}
    assert list(FAULTS) == [fault.id for fault in sorted(FAULTS.values(), key=lambda fault: fault.spec)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_name_says_the_fault_and_its_number_and_whether_it_passes(fault: Fault) -> None:
    choice = choose(f"wall/{fault.id}-once")
    assert choice is not None
    assert (choice.fault, choice.number, choice.once) == (fault, fault.usual, True)
    assert choice.model == f"{fault.id}-once"
    if fault.number:
        numbered = choose(f"{fault.id}-17")
        assert numbered is not None
        assert (numbered.fault, numbered.number, numbered.model) == (fault, 17, f"{fault.id}-17")
    else:
        with pytest.raises(NoSuchFault):
            choose(f"{fault.id}-17")


def test_a_misspelt_fault_is_not_taken_for_a_healthy_model() -> None:
    with pytest.raises(NoSuchFault, match="Did you mean f06-cut-after"):
        choose("f06-cut-aftr-3")
    assert choose("gpt-6-luna") is None


@pytest.mark.anyio
@pytest.mark.parametrize("fault", LOUD, ids=lambda fault: fault.id)
async def test_our_own_client_gives_the_verdict(fault: Fault) -> None:
    model = SMALLER.get(fault.id, fault.id)
    async with FaultWall(second=0.001) as wall:
        for wire in fault.wires:
            for streamed in (True, False):
                if fault.applies(wire=wire, streamed=streamed):
                    got = await _verdict(wall, wire, model, streamed=streamed)
                    expected = wall.expected(model, wire=wire, streamed=streamed)
                    assert got in (("answered", "error") if expected == "either" else (expected,)), (wire, streamed)


async def _verdict(wall: FaultWall, wire: str, model: str, *, streamed: bool) -> str:
    row = msgspec.structs.replace(Registry().lookup("openai"), wire=NAMED[wire], also={})
    endpoint = resolve(row, api_key="sk-canary", base_url=wall.base_url_for(model))
    timeouts = Timeouts(connect=20, first_token=20, idle=20, total=20)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True, timeouts=timeouts)
    request = ModelRequest.build_request(model, "Hello")
    try:
        if streamed:
            assembly = OutputAssembly()
            async for event in provider.stream(request):
                assembly.add(event)
            output = assembly.output()
        else:
            output = await provider.generate(request)
    except Error:
        return "error"
    finally:
        await provider.aclose()
    return "answered" if output.text == wall.text_for(model) else f"not the whole text: {output.text!r}"
