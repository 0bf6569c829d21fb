"""Are the files of local models here, and whole?"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.cli.checks.finding import Finding, Site
from interlingua.cli.configuration import model_store
from interlingua.cli.progress import readable_size
from interlingua.client.client import LOCAL
from interlingua.errors import Error
from interlingua.local.download import sha256_of
from interlingua.local.gguf import read_metadata
from interlingua.local.hub import HubName
from interlingua.local.weights import LocalModel, ModelStore


def check_weights(site: Site) -> Iterator[Finding]:
    """Read the head of each file that is here, and compare those whose SHA-256 is known."""
    table: dict[str, Any] = site.config.table("providers").get(LOCAL, {}) if site.config is not None else {}
    store = model_store(table)
    yield _folder(store.folder)
    for model in store.available():
        yield _file(store, model)


def _folder(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return Finding("ok", "model files", f"{folder} can be written")
    return Finding("note", "model files", f"{folder} cannot be written", "set INTERLINGUA_CACHE_DIR to another folder")


def _file(store: ModelStore, model: LocalModel) -> Finding:
    topic = f"{LOCAL}/{model.name}"
    pull = f"interlingua pull {model.name}"
    if model.path is None:
        kept = store.kept(model.name)
        state = f"{readable_size(kept)} of it are here" if kept else "not here; it is fetched when first asked for"
        return Finding("note", topic, state, pull)
    again = f"delete the file, then {pull}"
    try:
        read_metadata(model.path)
    except Error as error:
        return Finding("broken", topic, error.message, again)
    if HubName.parse(model.name) is None and sha256_of(model.path) != store.row(model.name).sha256:
        return Finding("broken", topic, f"{model.path} is not the file that was published", again)
    return Finding("ok", topic, f"{model.path} is whole ({readable_size(model.path.stat().st_size)})")
