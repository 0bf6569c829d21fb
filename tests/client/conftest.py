"""A scripted server."""

from collections.abc import AsyncGenerator

import pytest

from interlingua.testing import ScriptedProvider


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    """Give a server that answers what a test tells it to."""
    async with ScriptedProvider() as scripted:
        yield scripted
