"""Starting and stopping: the banner, the signals, the drain."""

import asyncio
import functools
import gc
import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType

from interlingua.gateway.app import Gateway
from interlingua.gateway.resolver import Resolver
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings

logger = logging.getLogger("interlingua.gateway")

_GC_THRESHOLDS = (10_000, 20, 20)
"""Python's own are 700, 10 and 10, which a gateway reaches every few dozen requests."""

FORCED = 130
"""The exit status after a second signal, as a shell gives it for an interrupt."""


def serve(settings: ServerSettings, resolver: Resolver, *, announce: Callable[[str], None] | None = None) -> int:
    """Run the gateway until it is told to stop, and give the process's exit status.

    SIGTERM and SIGINT drain: `/ready` says no, new connections are refused, running
    requests have `drain_seconds` to end, and those that do not are told so in their own
    wire. Replies that are read on without their callers have the same time. A second
    signal ends everything at once.

    Args:
        settings: where to listen and what to bear.
        resolver: finds the models; it is closed at the end.
        announce: takes the text that says where the gateway listens; it is written to
            the standard error stream unless given.

    Raises:
        InvalidConfig: the address cannot be listened on; the message has the remedy.

    """
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(_serve(settings, resolver, announce or _write_to_stderr))


async def _serve(settings: ServerSettings, resolver: Resolver, announce: Callable[[str], None]) -> int:
    gateway = Gateway(settings, resolver)
    server = HTTPServer(gateway, settings)
    signals = _Signals()
    try:
        await gateway.open()
        await server.start()
        signals.listen()
        _spare_the_collector()
        announce(banner(server))
        await signals.first.wait()
        return await _drain(gateway, server, signals)
    finally:
        signals.forget()
        await gateway.aclose()


async def _drain(gateway: Gateway, server: HTTPServer, signals: "_Signals") -> int:
    """Let running requests end; a second signal ends the waiting."""
    gateway.stopping = True
    logger.info("stopping within=%gs", gateway.settings.drain_delay + gateway.settings.drain_seconds)
    draining = asyncio.ensure_future(_stop(gateway, server))
    forced = asyncio.ensure_future(signals.second.wait())
    await asyncio.wait((draining, forced), return_when=asyncio.FIRST_COMPLETED)
    forced.cancel()
    if draining.done():
        interrupted = draining.result()
        logger.info("stopped interrupted=%d", interrupted)
        return 0
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    await server.stop(within=0, telling=0)
    await gateway.settle(within=0)
    logger.warning("stopped at once")
    return FORCED


async def _stop(gateway: Gateway, server: HTTPServer) -> int:
    if gateway.settings.drain_delay:
        await asyncio.sleep(gateway.settings.drain_delay)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + gateway.settings.drain_seconds
    interrupted = await server.stop()
    await gateway.settle(within=max(0.0, deadline - loop.time()))
    return interrupted


def banner(server: HTTPServer) -> str:
    """Say where the gateway listens and how to point a client at it."""
    key = "one of your api_keys" if server.settings.api_keys else "any text"
    return (
        f"interlingua listens on {server.url}\n"
        f'  OpenAI(base_url="{server.url}/v1", api_key="{key}")\n'
        f'  Anthropic(base_url="{server.url}", api_key="{key}")\n'
        f"  curl {server.url}/v1/models\n"
        "Stop it with Ctrl-C; running requests may end first.\n"
    )


class _Signals:
    """Counts the stop signals."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._undo: list[Callable[[], object]] = []

    def listen(self) -> None:
        """Take SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                self._loop.add_signal_handler(number, self._take)
            except NotImplementedError:  # Windows has no such thing
                before = signal.signal(number, self._take_from_outside)
                self._undo.append(functools.partial(signal.signal, number, before))
            else:
                self._undo.append(functools.partial(self._loop.remove_signal_handler, number))

    def forget(self) -> None:
        """Leave the signals to whoever had them."""
        for undo in self._undo:
            undo()
        self._undo.clear()

    def _take_from_outside(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


def _spare_the_collector() -> None:
    """Leave what was loaded at the start out of every garbage collection, and collect the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give uvloop where it is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop


def _write_to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
