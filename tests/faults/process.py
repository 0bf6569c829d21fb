"""A gateway as its own process, or in this one, and what the system says of it: memory, sockets, open files."""

import asyncio
import contextlib
import logging
import os
import re
import resource
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings

_MODEL: Final = re.compile(r'status=(\d+) .*model="([^"]*)"')
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS: Final = 30.0


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a process holds. `tasks` are those of its event loop, where that is this one."""

    rss: int
    files: int
    sockets: int
    tasks: int | None = None


class Log:
    """What a gateway logs: the status of each request by the model that was asked for, and when it was written."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._ended: dict[str, asyncio.Future[tuple[int, float]]] = {}

    def ended(self, model: str) -> "asyncio.Future[tuple[int, float]]":
        """Give the status and the loop's time at which the request for a model ended."""
        if model not in self._ended:
            self._ended[model] = asyncio.get_running_loop().create_future()
        return self._ended[model]

    def forget(self, model: str) -> None:
        """Look at the next request for that model."""
        self._ended.pop(model, None)

    def take(self, line: str) -> None:
        """Read a line."""
        match = _MODEL.search(line)
        if match is None:
            self.lines.append(line)
            return
        future = self._ended.get(match[2])
        if future is not None and not future.done():
            future.set_result((int(match[1]), asyncio.get_running_loop().time()))


class RunningGateway(Protocol):
    """A gateway that can be measured."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    @property
    def log(self) -> Log:
        """What it logs."""
        ...

    def counts(self) -> Counts:
        """Count what it holds now."""
        ...


class GatewayProcess:
    """`interlingua serve` as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self.pid = process.pid
        self.log = Log()
        self._process = process
        self._reading = asyncio.ensure_future(self._read_log())

    def counts(self) -> Counts:
        return counts_of(self.pid)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait until it has ended, and give its exit status."""
        await self._reading
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.ended()

    async def _read_log(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log.take(line.decode().rstrip())


class _HostedGateway:
    """A gateway in this process and this loop, whose tasks can be counted."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.log = Log()

    def counts(self) -> Counts:
        counts = counts_of(os.getpid())
        return msgspec.structs.replace(counts, tasks=len(asyncio.all_tasks()))


class _LogHandler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.take(record.getMessage())


@asynccontextmanager
async def gateway_process(config: str) -> AsyncGenerator[GatewayProcess]:
    """Start `interlingua serve` on a free port with this as its config file, and end it afterwards.

    Raises:
        RuntimeError: it does not start; the message has what it said.

    """
    with _file_with(config) as path:
        command = (sys.executable, "-m", "interlingua.cli", "serve", "--config", str(path), "--port", "0")
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=_environment()
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            banner = (await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)).decode().strip()
        except BaseException:
            process.kill()
            raise
        if not banner.startswith("interlingua listens on "):
            said = (await process.stderr.read()).decode()
            await process.wait()
            raise RuntimeError(f"the gateway does not start: {banner} {said}")
        gateway = GatewayProcess(process, int(banner.rpartition(":")[2]))
        try:
            yield gateway
        finally:
            await gateway.stop()


@asynccontextmanager
async def hosted_gateway(config: str) -> AsyncGenerator[RunningGateway]:
    """Run the same in this process; the config's table `[server]` is not looked at."""
    client = client_of(config)
    settings = ServerSettings(port=0)
    gateway = Gateway(settings, client)
    server = HTTPServer(gateway, settings)
    await gateway.open()
    await server.start()
    hosted = _HostedGateway(server.port)
    logger, handler = logging.getLogger("interlingua.gateway"), _LogHandler(hosted.log)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield hosted
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        await server.stop(within=0)
        await gateway.aclose()


def client_of(config: str) -> Client:
    """Open the library with this as its config file."""
    with _file_with(config) as path:
        return Client.from_config(path)


def counts_of(pid: int) -> Counts:
    """Read what a process holds from /proc."""
    rss = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    links: list[str] = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):  # of a file that was closed meanwhile
            links.append(str(Path(entry.path).readlink()))
    return Counts(rss=rss, files=len(links), sockets=sum(1 for link in links if link.startswith("socket:")))


def raise_file_limit(wanted: int) -> int:
    """Let this process and its children have so many open files, as far as the system allows; give how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        for limits in ((wanted, max(hard, wanted)), (min(wanted, hard), hard)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
                break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@contextmanager
def _file_with(config: str) -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gateway.toml")
        path.write_text(config, encoding="utf-8")
        yield path


def _environment() -> dict[str, str]:
    """Give the child no keys and no settings of whoever measures."""
    return {name: value for name, value in os.environ.items() if not name.startswith("INTERLINGUA_")}
