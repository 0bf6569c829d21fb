"""The page with what the long proofs found: each part is written anew when it was measured."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks.machine import describe

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"


def rewritten(page: str, part: str, lines: Iterable[str]) -> str:
    """Give the page with these lines as what was measured of a part.

    Raises:
        ValueError: the page has no place for it.

    """
    place = re.compile(rf"(<!-- measured: {re.escape(part)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if place.search(page) is None:
        raise ValueError(f"{PAGE.name} has no place for {part!r}")
    body = "\n".join(["", measured_on(part), "", *lines, "", ""])
    return place.sub(lambda found: found[1] + body + found[2], page)


def measured_on(part: str) -> str:
    """Say when, on what and how a part is measured."""
    machine = describe("")
    kind = "virtual machine" if machine["virtual"] else "machine"
    size = f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB"
    return (
        f"Measured on {machine['date'][:10]} at commit {machine['commit']}, by `python -m tests.faults {part}`,"
        f" on a {kind} with {size}, {machine['kernel']}, {machine['python']}."
    )
