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
from typing import Any

STOP_SECONDS = 8.0


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the variables that a measured process has: no keys and no proxies, bytecode allowed."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(("_API_KEY", "_BASE_URL", "_API_BASE", "_PROXY"))
        and not name.startswith(("PYTHON", "INTERLINGUA_", "LITELLM_"))
    }
    return {**kept, **(extra or {})}


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
def on_core(core: int | None) -> Generator[None]:
    """Give children that are started within this core alone, which they inherit; None leaves them any."""
    if core is None:
        yield
        return
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


def finished(
    command: Sequence[str],
    *,
    seconds: float,
    core: int | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and give its status and what it wrote.

    It has the variables of a measured process unless `environment` is given. Whatever
    interrupts the wait, it and all that it started are ended.

    Raises:
        TimeoutExpired: it took more than `seconds`.

    """
    with on_core(core):
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=child_environment() if environment is None else environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    try:
        output, errors = process.communicate(timeout=seconds)
    except BaseException:
        _stop(process)
        raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _stop(process: subprocess.Popen[Any]) -> None:
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
