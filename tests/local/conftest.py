"""Fixtures for local models."""

import asyncio
from collections.abc import Iterator

import pytest

from interlingua.local import LocalProvider


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "model: runs the embedded model for real, and fetches it when it is not cached")


@pytest.fixture(scope="session")
def local() -> Iterator[LocalProvider]:
    """Give a provider whose embedded model is loaded; its file comes from the user's cache, or is fetched into it."""
    provider = LocalProvider(context_length=2048, parallel=2, waiting=1)
    asyncio.run(provider.load())
    yield provider
    asyncio.run(provider.aclose())
