"""`python -m benchmarks.translation`: what it costs to translate between any two wires, beside LiteLLM's own code.

A request has 10 tools and 20 turns; a stream has 400 pieces of text. Both are made in the neutral language and written
by each wire, so that all pairs say the same. Nothing is sent: these are µs of Python, the least of some rounds.
"""

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from benchmarks.environments import RECIPES, prepare
from benchmarks.machine import describe
from benchmarks.places import ROOT
from interlingua.types import (
    Event,
    Finish,
    ModelMessage,
    ModelRequest,
    ModelRequestContext,
    StreamEnd,
    StreamStart,
    TextDelta,
    TextPart,
    Tool,
    ToolCallPart,
    Usage,
    UsageReport,
)
from interlingua.wires.contract import RelayedWire, Wire
from interlingua.wires.table import WIRES

PAGE: Final = ROOT / "docs" / "translation-cost.md"
MODEL: Final = "claude-sonnet-4-5"
PIECES: Final = 400
INTRODUCTION: Final = """# What translation costs

Written by `python -m benchmarks.translation --write`. A request with 10 tools and 20 turns is read in the caller's
wire and written in the provider's; a stream of 400 pieces is read in the provider's wire and written in the caller's.
CPU µs, the least of five rounds, nothing sent. Where caller and provider speak one wire the bytes pass and nothing of
this is paid; the diagonal is what a translation would cost. The aims: 150 µs a request, 25 µs an event, and ten times
less than LiteLLM's own transformation code.
"""


def conversation() -> ModelRequest:
    """Build a request of 10 tools and 20 turns."""
    parameters = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city and, if needed, its country."},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 10},
        },
        "required": ["city"],
    }
    tools = [
        Tool(name=f"tool_{number}", description="Gives the weather of a city for some days.", parameters=parameters)
        for number in range(10)
    ]
    messages = [ModelMessage("system", "You are a helpful assistant who answers briefly and uses tools when needed.")]
    for turn in range(5):
        call = ToolCallPart(id=f"call_{turn}", name=f"tool_{turn}", arguments='{"city":"Oslo","days":3}')
        messages += [
            ModelMessage("user", f"What will the weather be in Oslo on day {turn}? Please use the tool for it."),
            ModelMessage("assistant", [TextPart("I will look that up for you."), call]),
            ModelMessage.tool_result(f"call_{turn}", '{"temperature": 4, "sky": "cloudy", "wind": "7 m/s"}'),
            ModelMessage("assistant", "It will be 4 °C and cloudy, with a light wind from the west."),
        ]
    messages.append(ModelMessage("user", "Thank you. And the day after?"))
    return ModelRequest(MODEL, messages, tools=list(tools), max_new_tokens=1024, temperature=0.5)


def answer() -> list[Event]:
    """Build a streamed answer."""
    pieces: list[Event] = [TextDelta(f" word{number % 37}") for number in range(PIECES)]
    usage = Usage(input_tokens=1200, output_tokens=PIECES)
    return [
        StreamStart(id="id_1", model=MODEL, created=1_763_000_000),
        *pieces,
        UsageReport(usage),
        Finish("stop"),
        StreamEnd(),
    ]


def cost(work: Callable[[], object], *, seconds: float = 0.25, rounds: int = 5) -> float:
    """Give the CPU µs of one call: the least of some rounds."""
    work()
    best = float("inf")
    for _ in range(rounds):
        count, started = 0, time.process_time()
        while time.process_time() - started < seconds / rounds:
            work()
            count += 1
        best = min(best, (time.process_time() - started) / count)
    return best * 1e6


def streams() -> dict[str, list[bytes]]:
    """Write the answer in every wire that can write one, an event each."""
    written: dict[str, list[bytes]] = {}
    for name, wire in WIRES.items():
        if hasattr(wire, "stream_renderer"):
            renderer = wire.stream_renderer(ModelRequest(MODEL, [], context=ModelRequestContext(stream=True)))
            written[name] = [data for event in answer() if (data := renderer.render(event))]
    return written


def request_costs() -> dict[str, dict[str, float]]:
    """Measure requests: rows are what the caller speaks, columns what the provider speaks."""
    asked = conversation()
    figures: dict[str, dict[str, float]] = {}
    for front, wire in WIRES.items():
        if not hasattr(wire, "parse_request"):
            continue
        caller = cast("RelayedWire", wire)
        body = caller.render_request(asked, stream=False).body

        def once(caller: RelayedWire = caller, provider: Wire = wire, body: bytes = body) -> bytes:
            return provider.render_request(caller.parse_request(body, model=MODEL, stream=False), stream=False).body

        figures[front] = {
            behind: cost(lambda provider=provider, once=once: once(provider=provider))
            for behind, provider in WIRES.items()
        }
    return figures


def stream_costs(written: Mapping[str, list[bytes]]) -> dict[str, dict[str, float]]:
    """Measure events: rows are what the provider speaks, columns what the caller speaks."""
    figures: dict[str, dict[str, float]] = {}
    request = ModelRequest(MODEL, [], context=ModelRequestContext(stream=True))
    for behind, events in written.items():
        provider = WIRES[behind]
        figures[behind] = {}
        for front in written:
            caller = WIRES[front]

            def once(provider: Wire = provider, caller: Wire = caller, events: list[bytes] = events) -> int:
                parser, renderer = provider.stream_parser(), caller.stream_renderer(request)
                size = 0
                for data in events:
                    for event in parser.feed(data):
                        size += len(renderer.render(event))
                for event in parser.close():
                    size += len(renderer.render(event))
                return size

            figures[behind][front] = cost(once) / PIECES
    return figures


def litellm_costs(written: Mapping[str, list[bytes]]) -> dict[str, Any]:
    """Let LiteLLM's own code do what it has code for, in its own environment."""
    environment = prepare(RECIPES["litellm"])
    if environment.problem is not None:
        return {"problem": environment.problem}
    body = WIRES["chat_completions"].render_request(conversation(), stream=False).body.decode()
    given = {
        "request": body,
        "streams": {name: [_payload(data) for data in events] for name, events in written.items()},
    }
    driver = ROOT / "benchmarks" / "drivers" / "litellm_translation.py"
    done = subprocess.run(
        [str(environment.python), str(driver)], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else {"problem": done.stderr[-400:]}


def _payload(data: bytes) -> str:
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line]
    return next((line[5:].strip() for line in lines if line.startswith("data:")), lines[0] if lines else "{}")


def page(
    requests: Mapping[str, Mapping[str, float]], events: Mapping[str, Mapping[str, float]], peer: Mapping[str, Any]
) -> str:
    """Write the page."""
    machine = describe()
    shown = ", ".join(f"{name} {value}" for name, value in machine.items() if isinstance(value, str | int))
    parts = [
        INTRODUCTION,
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {shown}.",
        "",
        "## A request (µs)",
        "",
        *_table("caller ↓ provider →", requests),
        "",
        "## A streamed event (µs)",
        "",
        *_table("provider ↓ caller →", events),
        "",
        "## Beside LiteLLM",
        "",
        "LiteLLM's transformation code alone, from and to Chat Completions, without its stream wrapper and its proxy.",
        "",
    ]
    if "problem" in peer:
        parts.append(f"Left out: {peer['problem']}")
    else:
        parts += [
            "| wire | request, ours | LiteLLM | times | event, ours | LiteLLM | times |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(
                _beside(wire, requests, events, peer)
                for wire in peer["requests"]
                if wire in requests["chat_completions"]
            ),
        ]
    return "\n".join([*parts, ""])


def _table(corner: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    columns = list(next(iter(rows.values())))
    return [
        f"| {corner} | {' | '.join(columns)} |",
        f"| --- |{' --- |' * len(columns)}",
        *(f"| {name} | {' | '.join(f'{row[column]:.1f}' for column in columns)} |" for name, row in rows.items()),
    ]


def _beside(
    wire: str,
    requests: Mapping[str, Mapping[str, float]],
    events: Mapping[str, Mapping[str, float]],
    peer: Mapping[str, Any],
) -> str:
    cells: list[str] = []
    for ours, theirs in (
        (requests["chat_completions"].get(wire), peer["requests"].get(wire)),
        (events.get(wire, {}).get("chat_completions"), peer["streams"].get(wire)),
    ):
        if ours is None or not isinstance(theirs, float):
            cells += [f"{ours:.1f}" if ours is not None else "-", str(theirs or "-"), "-"]
        else:
            cells += [f"{ours:.1f}", f"{theirs:.1f}", f"{theirs / ours:.1f}x"]
    return f"| {wire} | {' | '.join(cells)} |"


def main() -> int:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.translation", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    written = streams()
    print("Measuring requests", flush=True)
    requests = request_costs()
    print("Measuring events", flush=True)
    events = stream_costs(written)
    print("Measuring LiteLLM's code", flush=True)
    text = page(requests, events, litellm_costs(written))
    print(text)
    if options.write:
        PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
