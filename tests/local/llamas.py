"""A stand-in for llama.cpp that gives scripted chunks and waits where it is told to."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from interlingua.local.llama import LoadOptions

OPTIONS = LoadOptions(name="tiny", context_length=64, parallel=1)


class ScriptedServer:
    """Answers each body with `steps`: bytes are a chunk, an event is waited for, an error is raised."""

    def __init__(self, *steps: bytes | threading.Event | Exception) -> None:
        self.steps: Sequence[bytes | threading.Event | Exception] = steps
        self.bodies: list[bytes] = []
        self.loads = 0
        self.stopped = 0
        self._begun = threading.Semaphore(0)

    async def begun(self) -> None:
        """Wait until one more answer has begun."""
        assert await asyncio.to_thread(self._begun.acquire, timeout=10)

    def load(self, path: Path, options: LoadOptions) -> "ScriptedServer":
        self.loads += 1
        return self

    def handle_chat_completions(self, prompt: bytes, callback: Callable[[bytes], bool], /) -> None:
        self.bodies.append(prompt)
        self._begun.release()
        for step in self.steps:
            if isinstance(step, threading.Event):
                step.wait(10)
            elif isinstance(step, Exception):
                raise step
            elif callback(step):
                self.stopped += 1
                return

    def handle_embeddings(self, prompt: bytes, /) -> bytes:
        chunks: list[bytes] = []
        self.handle_chat_completions(prompt, lambda chunk: bool(chunks.append(chunk)))
        return b"".join(chunks)
