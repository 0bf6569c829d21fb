"""The wall as a provider that stands until it is stopped, and says what it sees."""

import asyncio
import contextlib
import itertools
import json
import signal
import sys
from collections.abc import Iterator
from datetime import datetime

from interlingua.cli.terminal import dim, shown
from interlingua.testing.attempt import Attempt
from interlingua.testing.wall import FaultWall

_ENDINGS = {
    "whole": "whole",
    "cut": "the wall closed it",
    "left": "the caller left",
    "stopped": "stopped",
}


async def stand(wall: FaultWall, *, as_json: bool) -> None:
    """Say how to reach the wall, and print a line for each attempt that is over, until a signal to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(number, stop.set)
    print("\n".join((*directions(wall), "Ctrl-C ends it.")), file=sys.stderr if as_json else sys.stdout, flush=True)
    watching = asyncio.ensure_future(_watch(wall, as_json=as_json))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((watching, stopped), return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
    finally:
        watching.cancel()
        stopped.cancel()
        await asyncio.gather(watching, stopped, return_exceptions=True)


async def _watch(wall: FaultWall, *, as_json: bool) -> None:
    """Print each attempt when it is over."""
    over: asyncio.Queue[Attempt] = asyncio.Queue()

    async def wait_for(attempt: Attempt) -> None:
        await attempt.over.wait()
        over.put_nowait(attempt)

    async def follow() -> None:
        async with asyncio.TaskGroup() as group:
            for number in itertools.count(1):
                group.create_task(wait_for(await wall.seen(number)))

    following = asyncio.ensure_future(follow())
    try:
        while True:
            attempt = await over.get()
            fields = attempt.to_dict()
            attempt.request.body = b""  # a wall that stands for long keeps no bodies
            print(json.dumps(fields) if as_json else line_of(attempt), flush=True)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def line_of(attempt: Attempt) -> str:
    """Tell an attempt in a line."""
    time = dim(f"{datetime.now().astimezone():%H:%M:%S}", stream=sys.stdout)
    way = "streamed" if attempt.streamed else "whole"
    state = "fails" if attempt.failed else "healthy"
    ending = _ENDINGS[attempt.outcome] if attempt.outcome is not None else "goes on"
    model = shown(attempt.model, stream=sys.stdout)
    return f"{time}  {model:<28}  {attempt.wire:<16}  {way:<8}  {state:<7}  {attempt.sent:>8} bytes  {ending}"


def directions(wall: FaultWall) -> Iterator[str]:
    """Say how to point a set-up at the wall."""
    yield f"The fault wall is at {wall.origin}, a provider whose models are faults."
    yield f"  OpenAI's APIs (chat, responses)     {wall.base_url}"
    yield f"  Messages, Gemini, Ollama, Converse  {wall.origin}"
    yield "In an interlingua.toml, for the models wall/f06-cut-after, wall/f20-503-once, wall/healthy, and so on:"
    yield "  [providers.wall]"
    yield '  wire = "chat_completions"'
    yield f'  base_url = "{wall.base_url}"'
    yield '  api_key = "any"'
    yield "In another gateway: a provider with that base URL and any key, which passes each model's name as it is"
    yield "(a wildcard, such as wall/*). `interlingua faults --list` has the names."
