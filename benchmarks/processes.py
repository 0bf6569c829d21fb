"""Child processes: where they run, how they are ended, what they use."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import child_environment

STOP_SECONDS = 8.0


@dataclass(frozen=True)
class Cores:
    """The core of what is measured, and the core of everything else."""

    subject: int
    rest: int

    @classmethod
    def choose(cls) -> "Cores":
        """Take the first and the last core that this process may use."""
        allowed = sorted(os.sched_getaffinity(0))
        return cls(allowed[0], allowed[-1])

    @property
    def are_shared(self) -> bool:
        """Whether there is one core only, so that load and subject disturb each other."""
        return self.subject == self.rest


@contextlib.contextmanager
def on_core(core: int) -> Generator[None]:
    """Give children that are started within this core alone: they inherit it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def running(
    command: Sequence[str], *, core: int, log: Path, variables: Mapping[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run a program on one core until the block ends; then it and all that it started are ended."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        with on_core(core):
            process = subprocess.Popen(
                command,
                env=child_environment(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    family = family_of(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    # The session is the child's own, so this group holds what it started and nothing else.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) == process.pid:
                os.kill(pid, signal.SIGKILL)
    process.wait()


def family_of(pid: int) -> list[int]:
    """Give a process and all below it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text().split()
            for child in children:
                found += family_of(int(child))
    return found


def resident_megabytes(pids: Sequence[int]) -> float:
    """Give the memory that processes hold, in MiB."""
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, *, seconds: float = 10.0) -> None:
    """Wait until somebody listens.

    Raises:
        TimeoutError: nobody did in time.

    """
    due = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > due:
                raise TimeoutError(f"nothing listens on port {port} after {seconds:g} s") from None
            time.sleep(0.01)
        else:
            return
