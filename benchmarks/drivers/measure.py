"""Measure one library in its own process; prints one JSON object.

usage: python measure.py ADAPTER BASE_URL SECONDS [PATH_OF_UVLOOP]
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from adapters import ADAPTERS

EVENTS = 100
"""Pieces with text in each stream of the scripted upstream."""

CALLS = (("call_one", 1), ("call_many", 32))
STREAMS = (("burst_one", "mock", 1), ("burst_many", "mock", 32), ("paced", "mock-d2000", 16))
"""Name, model (which sets the pace: here one event every 2 ms) and streams at a time."""


async def _repeat(work: Callable[[str], Awaitable[Any]], model: str, *, at_once: int, seconds: float) -> dict[str, Any]:
    """Do the work from several tasks for a while; gives times done, wall seconds and CPU seconds of this process."""
    done = 0
    end = time.perf_counter() + seconds

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work(model)
            done += 1

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return {"done": done, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


async def _measure(name: str, base_url: str, seconds: float) -> dict[str, Any]:
    call, stream, close = ADAPTERS[name](base_url)
    text, pieces = await call("mock"), await stream("mock")
    if "pangram" not in text or pieces != EVENTS:
        raise SystemExit(f"{name} gave a wrong answer: {text[:80]!r}, {pieces} pieces")
    figures: dict[str, Any] = {}
    for test, at_once in CALLS:
        await _repeat(call, "mock", at_once=at_once, seconds=seconds / 2)
        gc.collect()
        got = await _repeat(call, "mock", at_once=at_once, seconds=seconds)
        figures[test] = {
            "cpu_us": got["cpu"] / got["done"] * 1e6,
            "wall_us": got["wall"] / got["done"] * 1e6,
            "per_second": got["done"] / got["wall"],
        }
    for test, model, at_once in STREAMS:
        await _repeat(stream, model, at_once=at_once, seconds=seconds / 3)
        gc.collect()
        got = await _repeat(stream, model, at_once=at_once, seconds=seconds)
        events = got["done"] * EVENTS
        figures[test] = {"cpu_us": got["cpu"] / events * 1e6, "per_second": events / got["wall"]}
    await close()
    return figures


def main() -> None:
    """Measure what the arguments name."""
    name, base_url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    if len(sys.argv) > 4:
        sys.path.append(sys.argv[4])
        import uvloop  # noqa: PLC0415 # pyright: ignore[reportMissingImports]

        figures = uvloop.run(_measure(name, base_url, seconds))
    else:
        figures = asyncio.run(_measure(name, base_url, seconds))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
