"""`interlingua faults`."""

import asyncio
import errno
import os
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final

from interlingua.cli.command import JSON, Command, Option
from interlingua.cli.options import given_settings, options_of
from interlingua.cli.progress import CountLine
from interlingua.cli.report import FAILED, print_other_failure, stop_for_usage
from interlingua.cli.tables import print_json
from interlingua.client import Client
from interlingua.errors import InvalidConfig
from interlingua.testing.faults import NoSuchFault
from interlingua.testing.inspection.asker import WIRES, Asker
from interlingua.testing.inspection.inspection import HEALTHY, PLACE, Inspection
from interlingua.testing.inspection.listing import print_listing
from interlingua.testing.inspection.report import Report
from interlingua.testing.inspection.selection import Subject, select
from interlingua.testing.inspection.standing import directions, stand
from interlingua.testing.judgement import Heard
from interlingua.testing.wall import FaultWall
from interlingua.types import settings_of

PORT: Final = 4190
_KEY: Final = "INTERLINGUA_FAULTS_KEY"
_PROGRAM: Final = "interlingua faults"
_WALL: Final = "the wall"
_GATEWAY: Final = "the gateway"
_OURS: Final = ("ca_bundle", "proxies", "trust_env")
_NOT_OURS: Final = tuple(each.name for each in settings_of(Client) if each.name not in _OURS)
_REFUSED: Final = ("unauthorized:", "forbidden:")
_NOBODY: Final = "connect_failed:"
_SHOWN: Final = 60


def run(arguments: Namespace) -> int:
    """List the faults, stand as a provider, or ask a gateway for each of them."""
    try:
        subjects = select(arguments.only or [])
    except NoSuchFault as error:
        stop_for_usage(f"--only: {error}", command=_PROGRAM, as_json=arguments.json)
    if arguments.list:
        print_listing(subjects, json=arguments.json)
        return 0
    if arguments.against is None:
        for option in _given(arguments):
            message = f"{option.names[0]}: there is no gateway to ask; --against gives its URL."
            stop_for_usage(message, command=_PROGRAM, as_json=arguments.json)
        return asyncio.run(_stand(arguments))
    if PLACE not in arguments.model:
        message = f"--model: {PLACE} is missing in {arguments.model!r}; it stands for the fault's name."
        stop_for_usage(message, command=_PROGRAM, as_json=arguments.json)
    return asyncio.run(_inspect(arguments, subjects))


def _given(arguments: Namespace) -> Iterator[Option]:
    """Give the options that stand on the command line and say something of a gateway, or what to ask it for."""
    values: dict[str, object] = vars(arguments)
    for option in COMMAND.options:
        name = option.names[0].removeprefix("--").replace("-", "_")
        usual = False if option.switch else option.default
        is_given = name in values if option.absent else values.get(name) != usual
        if is_given and (option.group == _GATEWAY or name == "only"):
            yield option


async def _stand(arguments: Namespace) -> int:
    async with AsyncExitStack() as stack:
        await stand(await _wall(arguments, stack), as_json=arguments.json)
    return 0


async def _inspect(arguments: Namespace, subjects: Sequence[Subject]) -> int:
    left_out = [subject for subject in subjects if subject.fault.act is None]
    chosen = [subject for subject in subjects if subject.fault.act is not None]
    both = arguments.streamed == arguments.whole
    ways = [way for way, wanted in ((True, arguments.streamed), (False, arguments.whole)) if wanted or both]
    async with AsyncExitStack() as stack:
        wall = await _wall(arguments, stack)
        inspection = Inspection(
            wall,
            _asker(arguments),
            model=arguments.model,
            fallback=arguments.fallback,
            rescue=arguments.rescue,
            at_once=arguments.at_once,
        )
        heard, arrived = await inspection.probe()
        if heard.text != wall.canonical or not arrived:
            return _unwell(arguments, wall, heard, arrived)
        progress = CountLine("faults", len(chosen))
        try:
            cells = await inspection.run(chosen, ways, shown=lambda subject: progress.add(subject.model))
        finally:
            progress.finish()
        report = Report(cells=cells, left_out=left_out, leaked=len(wall.leaked), ways=ways)
    if arguments.json:
        print_json(report.to_dict())
    else:
        report.print()
    return 0 if report.sound else FAILED


async def _wall(arguments: Namespace, stack: AsyncExitStack) -> FaultWall:
    """Let the wall stand until the stack is left.

    Raises:
        InvalidConfig: its address cannot be listened on; the message has the remedy.

    """
    wall = FaultWall(host=arguments.host, port=arguments.port, stall=arguments.stall)
    try:
        return await stack.enter_async_context(wall)
    except OSError as error:
        where = f"{arguments.host}:{arguments.port}"
        if error.errno == errno.EADDRINUSE:
            remedy = "is in use already; stop what listens there, or choose another port with --port"
        else:
            remedy = f"cannot be listened on: {error.strerror or error}"
        raise InvalidConfig(f"{where} {remedy}.", param="port") from error


def _asker(arguments: Namespace) -> Asker:
    return Asker(
        arguments.against,
        wire=arguments.wire,
        key=arguments.key or os.environ.get(_KEY),
        longest=arguments.longest,
        settings=given_settings(Client, arguments),
    )


def _unwell(arguments: Namespace, wall: FaultWall, heard: Heard, arrived: int) -> int:
    """Say why nothing can be found out, since not even the healthy model answers."""
    model = arguments.model.replace(PLACE, HEALTHY)
    got = heard.error or f"it answered {heard.text[:_SHOWN]!r}"
    if arrived:
        message = f"{arguments.against} does not even answer for the healthy model {model!r}: {got}"
        hint = "the request reached the wall, and the answer did not come back whole; see what the gateway logs."
    elif heard.error.startswith(_REFUSED):
        message = f"{arguments.against} refuses the key: {got}"
        hint = f"--key or ${_KEY} gives the gateway's own key."
    elif heard.error.startswith(_NOBODY):
        message = f"Nobody answers at {arguments.against}: {got}"
        hint = "start the gateway, or correct the address; it is the gateway's own, and not that of its provider."
    else:
        message = f"No request reached the wall. {arguments.against} was asked for {model!r}: {got}"
        hint = "\n".join(("point it at the wall; --model says what it calls the wall's models.", *directions(wall)))
    print_other_failure(message, kind="wall_not_reached", hint=hint, as_json=arguments.json)
    return FAILED


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return read


COMMAND = Command(
    description=(
        "Alone it stands as a provider whose models are faults, and logs what it sees. With --against it asks a"
        " gateway that is pointed at it for each fault, and judges the answers: whole, or a clean error; the exit code"
        " is 1 if one is neither."
    ),
    run=run,
    options=(
        Option(("--list",), "List the faults, and what a sound gateway must give for each.", switch=True),
        Option(("--only",), "Faults whose names begin so, such as f06, or whole names.", metavar="NAME", arity="+"),
        JSON,
        Option(
            ("--host",),
            "Address that the wall listens on. (default 127.0.0.1)",
            metavar="TEXT",
            default="127.0.0.1",
            group=_WALL,
        ),
        Option(
            ("--port",),
            f"Port that it listens on; 0 takes a free one. (default {PORT})",
            metavar="N",
            read=_whole_number(0, 65535),
            default=PORT,
            group=_WALL,
        ),
        Option(
            ("--stall",),
            "How long its silences last; as long as the caller waits, unless given.",
            metavar="SECONDS",
            read=_seconds,
            group=_WALL,
        ),
        Option(("--against",), "The gateway to ask, which has the wall as a provider.", metavar="URL", group=_GATEWAY),
        Option(
            ("--model",),
            f"What it calls the wall's models. (default wall/{PLACE})",
            metavar="NAME",
            default=f"wall/{PLACE}",
            group=_GATEWAY,
        ),
        Option(
            ("--wire",),
            "The API to ask it in. (default chat_completions)",
            choices=WIRES,
            default=WIRES[0],
            group=_GATEWAY,
        ),
        Option(
            ("--key",),
            f"The gateway's key; others on the machine see it, unlike ${_KEY}.",
            metavar="TEXT",
            group=_GATEWAY,
        ),
        Option(("--streamed",), "Ask for streams alone.", switch=True, group=_GATEWAY),
        Option(("--whole",), "Ask for whole answers alone.", switch=True, group=_GATEWAY),
        Option(
            ("--fallback",),
            "Say that another target stands behind each model: the wall's `healthy`.",
            switch=True,
            group=_GATEWAY,
        ),
        Option(("--rescue",), "Say that it also goes on with answers that broke midway.", switch=True, group=_GATEWAY),
        Option(
            ("--longest",),
            "When an answer counts as without an end. (default 60)",
            metavar="SECONDS",
            read=_seconds,
            default=60.0,
            group=_GATEWAY,
        ),
        Option(
            ("--at-once",),
            "How many faults are asked for at the same time. (default 8)",
            metavar="N",
            read=_whole_number(1, 1000),
            default=8,
            group=_GATEWAY,
        ),
        *options_of(Client, group=_GATEWAY, without=_NOT_OURS),
    ),
    examples=(
        ("", "stand as a provider on port 4190"),
        ("--list", "what there is, and what must come of it"),
        ("--against http://127.0.0.1:4180", "ask a gateway for every fault"),
        ("--against http://127.0.0.1:4180 --only f06 f20", "for a few of them"),
        ("--against http://127.0.0.1:4000 --model 'safe-{fault}' --fallback", "with another target behind"),
        (
            "--against http://127.0.0.1:4180 --json | jq '.results[] | select(.result == \"false success\")'",
            "for a script",
        ),
    ),
)
