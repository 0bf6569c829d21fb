"""The library rows: CPU of one call and of one stream event, each library in a process of its own."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.environments import Environment
from benchmarks.places import DRIVERS
from benchmarks.processes import Cores, finished


@dataclass(frozen=True)
class LibraryRow:
    """A library, the event loop that it runs on, and the environment that it is in."""

    name: str
    adapter: str
    environment: str
    loop: str = "asyncio"

    @property
    def key(self) -> str:
        """Names the row in the results."""
        return f"{self.name} on {self.loop}"


LIBRARY_ROWS = (
    LibraryRow("interlingua OpenAILLMClient", "openai_llm_client", "interlingua"),
    LibraryRow("interlingua Client", "client", "interlingua"),
    LibraryRow("interlingua transport, bare", "bare_transport", "interlingua"),
    LibraryRow("aiohttp", "aiohttp", "aiohttp"),
    LibraryRow("httpx2", "httpx2", "httpx2"),
    LibraryRow("openai SDK", "openai", "openai"),
    LibraryRow("openai SDK, aiohttp back end", "openai_aiohttp", "openai-aiohttp"),
    LibraryRow("litellm SDK", "litellm", "litellm"),
    LibraryRow("interlingua OpenAILLMClient", "openai_llm_client", "interlingua-speed", "uvloop"),
    LibraryRow("interlingua transport, bare", "bare_transport", "interlingua-speed", "uvloop"),
    LibraryRow("aiohttp", "aiohttp", "aiohttp", "uvloop"),
    LibraryRow("openai SDK", "openai", "openai", "uvloop"),
)


def measure_library(
    row: LibraryRow, environments: Mapping[str, Environment], *, port: int, seconds: float, cores: Cores
) -> dict[str, Any]:
    """Run one row once; gives its figures, or `{"problem": why}`."""
    environment = environments[row.environment]
    uvloop = environments["uvloop"]
    for needed in (environment, uvloop) if row.loop == "uvloop" else (environment,):
        if needed.problem:
            return {"problem": needed.problem}
    command = [str(environment.python), str(DRIVERS / "measure.py"), row.adapter, f"http://127.0.0.1:{port}/v1"]
    command.append(str(seconds))
    if row.loop == "uvloop":
        command.append(str(uvloop.site_packages))
    try:
        done = finished(command, seconds=120 + 40 * seconds, core=cores.subject)
    except subprocess.TimeoutExpired:
        return {"problem": "hung"}
    if done.returncode:
        return {"problem": (done.stderr.strip().splitlines() or ["failed and said nothing"])[-1][:200]}
    return json.loads(done.stdout.strip().splitlines()[-1])
