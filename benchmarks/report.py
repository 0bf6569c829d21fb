"""Write docs/benchmarks.md from a run's results: `python -m benchmarks.report [RESULTS.json]`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.aims import aims_table
from benchmarks.places import PAGE, ROOT
from benchmarks.results import Results
from benchmarks.tables import door_cost_table, door_latency_table, import_table, library_table

_PAGE = """\
# Benchmarks

Every figure on this page comes from one run, which `python -m benchmarks.report` wrote down; none was typed in.

{machine}

Run it yourself: `make bench` (twenty minutes or so, and some more the first time, while it installs the peers), or
`make bench ARGS=--quick` for rough figures in a few minutes; `--only nginx,litellm` picks rows, `--section library`
a part. It needs Linux, a package index, and nginx for the row of that name (`apt install nginx`).

## How to read it

- The main figure is **CPU time of the process that is measured**, in microseconds per call, request or stream event. It
  moves by about 10 % from round to round, so a difference below 20 % means nothing. Quote ratios, not absolutes: the
  ratio in parentheses is to interlingua, in the same run on the same machine; above 1 is dearer than interlingua.
- What is measured has one core to itself. The scripted upstream and the load, both small C programs, have another.
  Everything is on the loopback address, in plaintext, over connections that stay open.
- Rows take turns: every round measures each of them once. The figures are medians over the rounds.
- *Burst* is a stream of 100 events back to back, so that reads bunch up. *Paced* has one event every 2 ms (libraries)
  or 20 ms (front doors, 32 streams), each of which wakes the process. *Dense* is 256 streams of one event every
  20 ms: 12,800 events a second, which is what model traffic looks like.
- A library row makes the call as its users write it, and reads the text. The aiohttp, httpx2 and bare transport rows
  are no model clients: they send a ready dict and read untyped JSON, without retries, types or usage. They show the
  floor.
- A front door checks a key and relays. nginx checks none and reads no body: it shows what a proxy costs. LiteLLM's
  proxy does more for each request than interlingua does (callbacks, a router, cost tracking), so its ratio compares
  what one pays and not equal work.

## Against our own aims

{aims}

## Libraries: CPU, µs

{library}

## Import and installation

Time, CPU, modules and memory are over a bare start of the same interpreter, with bytecode compiled beforehand. Size
is without bytecode.

{imports}

## Front doors: CPU, µs

JSON requests and bursts run closed-loop, with 64 connections and 32 streams (LiteLLM's proxy: 16 and 4, which is more
than a core of it bears). Log lines for each request are off in every door but one. "interlingua" is `interlingua serve`
with uvloop; "translating" decodes every event into the neutral language and writes it again.

{costs}

## Front doors: latency, start, memory

At 50 requests a second{slow}. "Added" is over the direct row. Memory is resident, of all processes of the door, and
"loaded" is after the memory test.

{latencies}
{notes}"""


def tables(values: Mapping[str, Any]) -> str:
    """Give a run's tables with short headings, for the terminal."""
    parts = [_machine(values)]
    parts += [f"## {title}\n\n{table}" for title, table in _sections(values)]
    return "\n\n".join(parts) + "\n"


def _sections(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    sections: list[tuple[str, str]] = []
    if values["library"]:
        sections.append(("Libraries: CPU µs (ratio to interlingua)", library_table(values["library"])))
    if values["imports"]:
        sections.append(("Import and installation", import_table(values["imports"])))
    if values["doors"]:
        sections.append(("Front doors: CPU µs (ratio to interlingua)", door_cost_table(values["doors"])))
        sections.append(("Front doors: latency, start, memory", door_latency_table(values["doors"])))
    sections.append(("Against our own aims", aims_table(values)))
    return sections


def page(values: Mapping[str, Any]) -> str:
    """Give the whole page."""
    return _PAGE.format(
        machine=_machine(values),
        aims=aims_table(values),
        library=library_table(values["library"]),
        imports=import_table(values["imports"]),
        costs=door_cost_table(values["doors"]),
        latencies=door_latency_table(values["doors"]),
        slow=" (LiteLLM's proxy at 10, since 50 are more than a core of it bears)",
        notes=_notes(values),
    )


def _machine(values: Mapping[str, Any]) -> str:
    machine = values["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in values.get("versions", {}).items())
    kind = "virtual machine" if machine["virtual"] else "machine"
    return (
        f"{machine['date']}, `{machine['command'].strip()}`, {machine['rounds']} round(s), commit {machine['commit']}; "
        f"{kind} with {machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, "
        f"{machine['kernel']}, {machine['python']}; load average before the run {machine['load_before']:.1f}.\n"
        f"Versions: {versions}."
    )


def _notes(values: Mapping[str, Any]) -> str:
    rows = [*values["library"].items(), *values["imports"].items(), *values["doors"].items()]
    left_out = [f"- {name}: {figures['problem']}" for name, figures in rows if "problem" in figures]
    return "\n## Left out\n\n" + "\n".join(left_out) + "\n" if left_out else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page from the newest results, or from those in the named file."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    results = Results.read(Path(given[0])) if given else Results.newest()
    PAGE.write_text(page(results.values))
    print(f"Wrote {PAGE.relative_to(ROOT)} from {results.path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
