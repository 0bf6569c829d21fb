"""`python -m tests.conformance`: run every official SDK over every wire behind, and write docs/conformance.md."""

# ruff: noqa: T201

import argparse
import asyncio
import sys

from tests.conformance.callers import CALLERS
from tests.conformance.page import PAGE, dated, written
from tests.conformance.table import BEHIND, Found, look, losses


async def _run() -> dict[tuple[str, str], Found]:
    results: dict[tuple[str, str], Found] = {}
    for caller in CALLERS:
        for behind in BEHIND:
            found = results[caller, behind] = await look(caller, behind)
            unexplained = list(losses(found))
            print(f"{caller} → {behind}: {len(found)} cells, {len(unexplained)} not explained", flush=True)
            for loss in unexplained:
                print(f"    {loss}", flush=True)
    return results


def main() -> int:
    """Run everything; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.parse_args()
    try:
        results = asyncio.run(_run())
    except KeyboardInterrupt:
        print("Interrupted; the page stays as it was.", file=sys.stderr)
        return 130
    text = written(results)
    print(text)
    if any(True for found in results.values() for _ in losses(found)):
        print("There are losses that nothing explains; the page stays as it was.", file=sys.stderr)
        return 1
    PAGE.write_text(dated(text), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(PAGE.parents[1])}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
