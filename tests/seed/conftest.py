"""A scripted server in place of OpenAI, and a clean environment."""

import os
from collections.abc import AsyncGenerator

import pytest

from interlingua.testing import ScriptedProvider


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every variable away that a client of OpenAI reads."""
    for name in list(os.environ):
        if "OPENAI" in name or name.upper().endswith("_PROXY") or name == "API_AZURE_DEPLOYMENT":
            monkeypatch.delenv(name)


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    """Give a server that answers what a test tells it to."""
    async with ScriptedProvider() as scripted:
        yield scripted
