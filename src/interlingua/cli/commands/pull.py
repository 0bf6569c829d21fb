"""`interlingua pull`."""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.configuration import model_store, read_config
from interlingua.cli.options import options_of
from interlingua.cli.progress import readable_size
from interlingua.cli.tables import print_json
from interlingua.cli.weights import fetch_with_progress
from interlingua.client.client import LOCAL
from interlingua.local.embedded import DEFAULT_MODEL
from interlingua.local.weights import ModelStore


def run(arguments: Namespace) -> int:
    """Get the file of a model."""
    config = read_config(arguments)
    table: dict[str, Any] = config.table("providers").get(LOCAL, {}) if config is not None else {}
    store = model_store(table, arguments)
    name = arguments.model.removeprefix(f"{LOCAL}/")
    was_here = store.cached(name) is not None
    try:
        path = asyncio.run(fetch_with_progress(store, name))
    except KeyboardInterrupt:
        kept = readable_size(store.kept(name))
        print(f"interrupted; {kept} are kept, and the same command goes on from there.", file=sys.stderr)
        raise
    _tell(arguments, name, path, was_here=was_here)
    return 0


def _tell(arguments: Namespace, name: str, path: Path, *, was_here: bool) -> None:
    size = path.stat().st_size
    if arguments.json:
        print_json({"model": f"{LOCAL}/{name}", "path": str(path), "size": size, "fetched": not was_here})
    else:
        state = "was here already" if was_here else "is ready"
        print(f"{LOCAL}/{name} {state}: {path} ({readable_size(size)})")


COMMAND = Command(
    description="It is fetched once, checked, and kept in the cache folder; an interrupted download goes on.",
    run=run,
    options=(
        JSON,
        CONFIG,
        *options_of(ModelStore, group="where from and where to"),
        Option(
            ("model",),
            f"{DEFAULT_MODEL} (the default), or a Hugging Face repository, as owner/name or owner/name:Q8_0.",
            metavar="MODEL",
            default=DEFAULT_MODEL,
            arity="?",
        ),
    ),
    examples=(
        ("", "the small model that works everywhere"),
        ("Qwen/Qwen3-0.6B-GGUF:Q8_0", "one of the hub's"),
    ),
)
