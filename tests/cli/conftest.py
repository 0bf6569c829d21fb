"""An empty home, and a scripted provider that runs beside blocking code."""

import asyncio
import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from interlingua.client.portal import Portal
from interlingua.testing import ScriptedProvider
from interlingua.testing.reply import SeenRequest

_FOREIGN = ("_API_KEY", "_KEY", "_TOKEN", "_PROXY", "_proxy", "_API_BASE", "_BASE_URL")


class Backstage:
    """A scripted provider in a thread of its own, and a config file that names it."""

    def __init__(self, folder: Path) -> None:
        self._portal = Portal()
        self.server = self._portal.call(ScriptedProvider().__aenter__())
        self.config = folder / "scripted.toml"
        self.config.write_text(
            f"""
[client]
default_model = "scripted/tiny"
max_retries = 0

[providers.scripted]
base_url = "{self.server.base_url}"
api_key = "sk-of-the-scripted-one"

[models]
brief = {{ model = "scripted/tiny", max_tokens = 7 }}
""",
            encoding="utf-8",
        )

    @property
    def last(self) -> SeenRequest:
        """The request that arrived last."""
        return self.server.requests[-1]

    def set(self, event: asyncio.Event) -> None:
        """Set an event that the provider waits for."""

        async def set_it() -> None:
            event.set()

        self._portal.call(set_it())

    def wait_until_left(self, seen: SeenRequest) -> None:
        """Wait until the caller of that request has gone."""
        self._portal.call(asyncio.wait_for(seen.left.wait(), 20))

    def close(self) -> None:
        self._portal.call(self.server.__aexit__(None, None, None))
        self._portal.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home that is also the working directory, and an environment without settings."""
    for name in list(os.environ):
        if name.endswith(_FOREIGN) or name.startswith("INTERLINGUA_") or name in ("NO_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "INTERLINGUA_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def interruptible() -> Generator[None]:
    """Let the processes of a test be interrupted, also where the suite runs in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def backstage(tmp_path: Path) -> Generator[Backstage]:
    """Give a scripted provider and a config file that names it."""
    stage = Backstage(tmp_path)
    yield stage
    stage.close()
