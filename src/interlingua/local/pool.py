"""Which models are loaded: few, since each takes its memory."""

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from interlingua.local.engine import Engine


class EnginePool:
    """Lends engines, and closes those that nobody uses when there are more than `keep`.

    A model that is answering is never closed, so there may be more of them for a time.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._engines: dict[Path, Engine] = {}
        self._lent: dict[Path, int] = {}

    @property
    def engines(self) -> list[Engine]:
        """The engines there are, the one used last at the end."""
        with self._lock:
            return list(self._engines.values())

    @asynccontextmanager
    async def lend(self, path: Path, make: Callable[[], Engine]) -> AsyncGenerator[Engine]:
        """Give the engine for the file at `path`; `make` is called where there is none yet."""
        with self._lock:
            engine = self._engines.pop(path, None) or make()
            self._engines[path] = engine
            self._lent[path] = self._lent.get(path, 0) + 1
            spare = self._take_spare()
        try:
            for other in spare:
                await other.aclose()
            yield engine
        finally:
            with self._lock:
                self._lent[path] -= 1

    async def aclose(self) -> None:
        """Close all engines, those that are answering too."""
        with self._lock:
            engines = list(self._engines.values())
            self._engines.clear()
        for engine in engines:
            await engine.aclose()

    def _take_spare(self) -> list[Engine]:
        idle = [path for path in self._engines if not self._lent.get(path)]
        count = len(self._engines) - self._keep
        return [self._engines.pop(path) for path in idle[: max(count, 0)]]
