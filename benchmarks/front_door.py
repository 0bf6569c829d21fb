"""The front-door rows: each door alone on one core, the upstream and the load on the other."""

import contextlib
import http.client
import json
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.doors import KEY, WORK, Door
from benchmarks.environments import Environment
from benchmarks.processes import Cores, family_of, finished, free_port, resident_megabytes, running

TESTS = ("json", "burst", "paced", "dense", "rate", "memory")


class DoorFailed(Exception):
    """A door did not start, or its load could not be run."""


@dataclass(frozen=True)
class Plan:
    """How long each test is measured after how long a warm-up, in seconds, and the size of the memory test."""

    seconds: float
    warm: float
    paced_seconds: float
    paced_warm: float
    rate_seconds: float
    many: float = 1.0
    """The share of each door's requests in the memory test."""


@dataclass(frozen=True)
class OpenDoor:
    """A door that answers."""

    door: Door
    port: int
    pid: int
    startup_s: float
    idle_mib: float

    @property
    def processes(self) -> list[int]:
        """All processes of the door, whose CPU and memory are counted."""
        return family_of(self.pid)


@dataclass(frozen=True)
class Range:
    """What the front-door tests need around the doors: programs, upstream, cores, environments."""

    load_generator: Path
    upstream_port: int
    upstream_pid: int
    cores: Cores
    environments: Mapping[str, Environment]

    @contextlib.contextmanager
    def opened(self, door: Door) -> Generator[OpenDoor]:
        """Start a door and wait for its first answer.

        Raises:
            DoorFailed: it ended, or gave no answer in time; with the end of its log.

        """
        if door.start is None:
            yield OpenDoor(door, self.upstream_port, self.upstream_pid, 0.0, resident_megabytes([self.upstream_pid]))
            return
        WORK.mkdir(parents=True, exist_ok=True)
        port = free_port()
        start = door.start(port, self.upstream_port, WORK, self.environments)
        log = WORK / f"{door.name.replace(' ', '-').replace(',', '')}.log"
        started = time.perf_counter()
        with running(start.command, core=self.cores.subject, log=log, variables=start.variables) as process:
            startup = _wait_for_answer(door, port, process, log, started)
            idle = resident_megabytes(family_of(process.pid))
            yield OpenDoor(door, port, process.pid, startup, idle)

    def measure(self, opened: OpenDoor, test: str, plan: Plan) -> dict[str, Any]:
        """Run one test against an open door; gives the load generator's figures."""
        door = opened.door
        patience = door.patience
        slow = test in ("paced", "dense")
        options: Sequence[object] = {
            "json": ["-c", door.connections, "-d", plan.seconds * patience, "-w", plan.warm * patience],
            "burst": ["-s", "-c", door.streams, "-d", plan.seconds * patience, "-w", plan.warm * patience],
            "paced": ["-s", "-c", door.streams, "-d", plan.paced_seconds, "-w", plan.paced_warm],
            "dense": ["-s", "-c", 256, "-d", plan.paced_seconds, "-w", plan.paced_warm],
            "rate": ["-r", door.rate, "-c", 64, "-d", plan.rate_seconds, "-w", plan.warm],
            "memory": ["-c", door.connections, "-n", max(int(door.many * plan.many), 64), "-d", 400, "-w", 0],
        }[test]
        url = f"127.0.0.1:{opened.port}/v1/chat/completions"
        command = [str(self.load_generator), "-u", url, "-m", door.paced_model if slow else door.model]
        command += ["-p", ",".join(map(str, opened.processes)), *map(str, options)]
        if door.has_key:
            command += ["-H", f"Authorization: Bearer {KEY}"]
        done = finished(command, seconds=600, core=self.cores.rest)
        if done.returncode:
            raise DoorFailed(f"the load generator failed: {done.stderr.strip()[:200]}")
        return json.loads(done.stdout)


def _wait_for_answer(door: Door, port: int, process: subprocess.Popen[bytes], log: Path, started: float) -> float:
    body = json.dumps({"model": door.model, "messages": [{"role": "user", "content": "Hello"}]})
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}", "connection": "close"}
    last = "no connection"
    while time.perf_counter() - started < door.wait:
        if process.poll() is not None:
            raise DoorFailed(f"it ended with status {process.returncode}: {_tail(log)}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/v1/chat/completions", body, headers)
            response = connection.getresponse()
            text = response.read()
            if response.status == 200:
                return time.perf_counter() - started
            last = f"status {response.status}: {text[:200].decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            last = repr(error)
        finally:
            connection.close()
        time.sleep(0.005)
    raise DoorFailed(f"no answer within {door.wait:g} s ({last}); {_tail(log)}")


def _tail(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:300] or "it said nothing"
