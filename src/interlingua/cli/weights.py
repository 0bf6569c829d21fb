"""Getting a model's file onto this machine while a person watches."""

from pathlib import Path

from interlingua.cli.progress import ProgressBar
from interlingua.client import Client
from interlingua.client.client import LOCAL
from interlingua.local.provider import LocalProvider
from interlingua.local.weights import ModelStore


async def fetch_weights(client: Client, model: str) -> None:
    """Get the file of `model` if it is one that runs here and has not been used yet.

    Raises:
        Error: there is no such model, or its file cannot be had.

    """
    target = client.resolve(model)
    if target.provider.name != LOCAL:
        return
    store = LocalProvider(**client.providers.get(LOCAL, {}))
    if store.allowed is None or target.model in store.allowed:
        await fetch_with_progress(store, target.model)


async def fetch_with_progress(store: ModelStore, name: str) -> Path:
    """Give the file of the model `name`, fetching it first if need be, under a growing bar."""
    bar = ProgressBar(name)
    try:
        return await store.ensure(name, progress=bar)
    finally:
        bar.finish()
