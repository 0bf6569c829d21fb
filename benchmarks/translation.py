"""`python -m benchmarks.translation`: what it costs to translate between any two wires, beside LiteLLM's own code.

A request has 10 tools and 20 turns; a stream has 400 pieces of text. Both are made in the neutral language and written
by each wire, so that all pairs say the same. Nothing is sent: these are µs of Python, the least of some rounds.
"""

import argparse
import functools
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
from interlingua.wires.aws_event_stream import render_message
from interlingua.wires.contract import RelayedWire, Wire
from interlingua.wires.table import WIRES

Works = Mapping[str, Mapping[str, Callable[[], object]]]
Figures = dict[str, dict[str, float]]

PAGE: Final = ROOT / "docs" / "translation-cost.md"
MODEL: Final = "claude-sonnet-4-5"
PIECES: Final = 400
INTRODUCTION: Final = """# What translation costs

Written by `make translation-cost`. A request with 10 tools and 20 turns is read in the caller's
wire and written in the provider's; a stream of 400 pieces is read in the provider's wire and written in the caller's.
CPU µs, the least of ten rounds, nothing sent. Where caller and provider speak one wire the bytes pass and nothing of
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


def cost(work: Callable[[], object], *, seconds: float = 0.06) -> float:
    """Give the CPU µs of one call."""
    count, started = 0, time.process_time()
    while (spent := time.process_time() - started) < seconds:
        work()
        count += 1
    return spent / count * 1e6


def least(works: Works, *, rounds: int = 10) -> Figures:
    """Give the least cost of each cell over some rounds of the whole table, so that a slow second hits none alone."""
    figures = {row: dict.fromkeys(cells, float("inf")) for row, cells in works.items()}
    for _ in range(rounds):
        for row, cells in works.items():
            for column, work in cells.items():
                figures[row][column] = min(figures[row][column], cost(work))
    return figures


def streams() -> dict[str, list[bytes]]:
    """Write the answer in every wire that can write one, an event each."""
    written: dict[str, list[bytes]] = {}
    for name, wire in WIRES.items():
        if hasattr(wire, "stream_renderer"):
            renderer = wire.stream_renderer(ModelRequest(MODEL, [], context=ModelRequestContext(stream=True)))
            written[name] = [data for event in answer() if (data := renderer.render(event))]
    written["converse"] = converse_stream()
    return written


def converse_stream() -> list[bytes]:
    """Write the answer as Bedrock does; no caller asks for it, so that the wire itself only reads it."""
    told: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    pieces = [event.text for event in answer() if isinstance(event, TextDelta)]
    told += [("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}}) for text in pieces]
    told += [
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 1200, "outputTokens": PIECES, "totalTokens": 1200 + PIECES}}),
    ]
    return [
        render_message({":event-type": kind, ":message-type": "event"}, json.dumps(fields).encode())
        for kind, fields in told
    ]


def request_works() -> Works:
    """Give what to measure of requests: rows are what the caller speaks, columns what the provider speaks."""
    asked = conversation()
    works: dict[str, dict[str, Callable[[], object]]] = {}
    for front, wire in WIRES.items():
        if not hasattr(wire, "parse_request"):
            continue
        caller = cast("RelayedWire", wire)
        body = caller.render_request(asked, stream=False).body

        def once(caller: RelayedWire = caller, provider: Wire = wire, body: bytes = body) -> bytes:
            return provider.render_request(caller.parse_request(body, model=MODEL, stream=False), stream=False).body

        works[front] = {behind: functools.partial(once, provider=provider) for behind, provider in WIRES.items()}
    return works


def stream_works(written: Mapping[str, list[bytes]]) -> Works:
    """Give what to measure of streams: rows are what the provider speaks, columns what the caller speaks."""
    works: dict[str, dict[str, Callable[[], object]]] = {}
    request = ModelRequest(MODEL, [], context=ModelRequestContext(stream=True))
    for behind, events in written.items():
        provider = WIRES[behind]

        def once(provider: Wire = provider, events: list[bytes] = events, *, caller: RelayedWire) -> int:
            parser, renderer = provider.stream_parser(), caller.stream_renderer(request)
            size = 0
            for data in events:
                for event in parser.feed(data):
                    size += len(renderer.render(event))
            for event in parser.close():
                size += len(renderer.render(event))
            return size

        works[behind] = {
            front: functools.partial(once, caller=cast("RelayedWire", WIRES[front]))
            for front in written
            if hasattr(WIRES[front], "stream_renderer")
        }
    return works


def litellm_costs(written: Mapping[str, list[bytes]]) -> dict[str, Any]:
    """Let LiteLLM's own code do what it has code for, in its own environment."""
    environment = prepare(RECIPES["litellm"])
    if environment.problem is not None:
        return {"problem": environment.problem}
    body = WIRES["chat_completions"].render_request(conversation(), stream=False).body.decode()
    given = {
        "request": body,
        "streams": {
            name: [line for data in events for line in _payloads(data)]
            for name, events in written.items()
            if name != "converse"
        },
    }
    driver = ROOT / "benchmarks" / "drivers" / "litellm_translation.py"
    done = subprocess.run(
        [str(environment.python), str(driver)], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else {"problem": done.stderr[-400:]}


def _payloads(data: bytes) -> list[str]:
    """Give what the lines of a piece of a stream say; an event's name and its end say nothing more."""
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line]
    if not any(line.startswith("data:") for line in lines):
        return lines
    return [text for line in lines if line.startswith("data:") and (text := line[5:].strip()) != "[DONE]"]


def page(
    requests: Mapping[str, Mapping[str, float]], events: Mapping[str, Mapping[str, float]], peer: Mapping[str, Any]
) -> str:
    """Write the page."""
    machine = describe("python -m benchmarks.translation")
    shown = ", ".join(f"{name} {value}" for name, value in machine.items() if isinstance(value, str | int))
    body = WIRES["chat_completions"].render_request(conversation(), stream=False).body
    floor = min(cost(lambda: json.dumps(json.loads(body))) for _ in range(10))
    parts = [
        INTRODUCTION,
        f"{shown}.",
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
        "From and to Chat Completions, bytes in and bytes out. LiteLLM's code that transforms, without its router,",
        "logging and proxy; its streams twice: the parser of chunks alone, and with the wrapper that all its streams",
        "pass through before anyone sees them. Python's `json`, which it uses, takes",
        f"{floor:.0f} µs to read and write a request of this size, and its code for Ollama adds little to that.",
        "",
    ]
    if "problem" in peer:
        parts.append(f"Left out: {peer['problem']}")
    else:
        parts += [
            "| wire | request, ours | LiteLLM | times | event, ours | parser | times | with wrapper | times |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
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
    request, event = requests["chat_completions"][wire], events.get(wire, {}).get("chat_completions")
    cells = [f"{request:.1f}", *_times(request, peer["requests"].get(wire))]
    if event is None:
        return f"| {wire} | {' | '.join([*cells, *'-----'])} |"
    cells.append(f"{event:.1f}")
    for name in ("parsed", "wrapped"):
        whole = peer[name].get(wire)
        cells += _times(event, whole / PIECES if isinstance(whole, float) else whole)
    return f"| {wire} | {' | '.join(cells)} |"


def _times(ours: float, theirs: float | str | None) -> list[str]:
    return [f"{theirs:.1f}", f"{theirs / ours:.1f}x"] if isinstance(theirs, float) else [theirs or "-", "-"]


def main() -> int:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.translation", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    written = streams()
    print("Measuring requests", flush=True)
    requests = least(request_works())
    print("Measuring events", flush=True)
    streamed = least(stream_works(written))
    events = {row: {column: whole / PIECES for column, whole in cells.items()} for row, cells in streamed.items()}
    print("Measuring LiteLLM's code", flush=True)
    text = page(requests, events, litellm_costs(written))
    print(text)
    if options.write:
        PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
