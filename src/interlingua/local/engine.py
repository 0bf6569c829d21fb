"""Runs one model: a line of requests, the threads that serve it, and the way back to each caller's loop."""

import asyncio
import atexit
import threading
import time
import weakref
from asyncio import to_thread
from collections import deque
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Final

from interlingua.errors import BadRequest, ConcurrencyExceeded, Error, ServerFault, StreamInterrupted
from interlingua.local.llama import LlamaServer, LoadOptions, load_server

_PROGRESS: Final = b'"prompt_progress":{'
"""Marks a chunk that only reports how much of the prompt has been read. In a text its quotes would be escaped."""

Load = Callable[[Path, LoadOptions], LlamaServer]
_Ask = Callable[[LlamaServer, bytes, Callable[[bytes], bool]], None]


class Engine:
    """A model that is loaded when it is first needed and answers until it is closed.

    `options.parallel` answers are made at once, at most `waiting_limit` requests wait
    behind them, and further ones are refused. It may be used from several event loops
    and threads. An answer that nobody reads is not held back: what waits for its reader
    is bounded by the model's context.

    Example:
        >>> engine = Engine(path, LoadOptions(name="smollm2", context_length=8192))
        >>> async for chunks in engine.chunks(b'{"messages": …, "stream": true}'):
        ...     print(chunks)

    """

    def __init__(self, path: Path, options: LoadOptions, *, waiting_limit: int = 16, load: Load = load_server) -> None:
        self.path = path
        self.options = options
        self.load_seconds: float | None = None
        """How long loading took; None until it is done."""
        self._waiting_limit = waiting_limit
        self._load = load
        self._loading = threading.Lock()
        self._server: LlamaServer | None = None
        self._changed = threading.Condition()
        self._waiting: deque[_Answer] = deque()
        self._running: set[_Answer] = set()
        self._workers: list[threading.Thread] = []
        self._closed = False
        _engines.add(self)

    @property
    def busy(self) -> int:
        """How many requests are being answered or wait."""
        with self._changed:
            return len(self._running) + len(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether the engine has been closed."""
        return self._closed

    async def load(self) -> None:
        """Load the model now, so that the first answer need not wait for it.

        Raises:
            InvalidConfig: it cannot be loaded.

        """
        async for _ in self.chunks(None):
            pass

    async def chunks(self, body: bytes | None) -> AsyncGenerator[list[bytes]]:
        """Answer the Chat Completions request `body`, which must ask for a stream.

        Gives the chunks as JSON, all that have come since the last time together. Closing
        the generator stops the generation at its next token.

        Raises:
            ConcurrencyExceeded: too many requests wait already.
            BadRequest: llama.cpp cannot read the request.
            ServerFault: llama.cpp failed.
            StreamInterrupted: the engine was closed meanwhile.

        """
        answer = _Answer(body, asyncio.get_running_loop(), _chat)
        self._enter(answer)
        try:
            while chunks := await answer.next():
                yield chunks
        finally:
            self._leave(answer)

    async def embeddings(self, body: bytes) -> bytes:
        """Answer the embeddings request `body`, which is OpenAI's, and give the reply, which may be an error.

        A request that is being answered runs to its end though nobody waits for it, so
        ask for few vectors at a time. The model must have been loaded for vectors.

        Raises:
            ConcurrencyExceeded: too many requests wait already.
            BadRequest: llama.cpp cannot read the request.
            ServerFault: llama.cpp failed.
            StreamInterrupted: the engine was closed meanwhile.

        """
        answer = _Answer(body, asyncio.get_running_loop(), _embed)
        self._enter(answer)
        try:
            return b"".join(await answer.next())
        finally:
            self._leave(answer)

    async def aclose(self) -> None:
        """Stop all generation and free the model."""
        await to_thread(self.close)

    def close(self) -> None:
        """Stop all generation and free the model; waits for the token that is being made."""
        with self._changed:
            self._closed = True
            answers = [*self._waiting, *self._running]
            self._waiting.clear()
            self._changed.notify_all()
        for answer in answers:
            answer.cancelled = True
            answer.fail(StreamInterrupted(f"The model {self.options.name} was closed.", provider="local"))
        for worker in self._workers:
            worker.join()
        with self._loading:
            self._server = None

    def _enter(self, answer: "_Answer") -> None:
        with self._changed:
            if self._closed:
                raise StreamInterrupted(f"The model {self.options.name} was closed.", provider="local")
            if self.busy >= self.options.parallel + self._waiting_limit:
                raise ConcurrencyExceeded(
                    f"{self.options.name} is making {len(self._running)} answers and {len(self._waiting)} requests "
                    "wait, which is the limit; try again later.",
                    provider="local",
                    model=self.options.name,
                    retry_after=1.0,
                )
            self._waiting.append(answer)
            if len(self._workers) < min(self.options.parallel, self.busy):
                worker = threading.Thread(target=self._work, name=f"llama-{self.options.name}", daemon=True)
                self._workers.append(worker)
                worker.start()
            self._changed.notify()

    def _leave(self, answer: "_Answer") -> None:
        answer.cancelled = True
        with self._changed:
            if answer in self._waiting:
                self._waiting.remove(answer)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                answer = self._waiting.popleft()
                self._running.add(answer)
            failure = self._attempt(answer)
            with self._changed:
                self._running.discard(answer)
            answer.fail(failure) if failure is not None else answer.finish()

    def _attempt(self, answer: "_Answer") -> Error | None:
        try:
            server = self._loaded()
            if answer.body is not None and not answer.cancelled:
                answer.ask(server, answer.body, answer.receive)
        except Error as error:
            return error
        except ValueError as error:
            return BadRequest(f"llama.cpp refused the request: {str(error).strip()}", provider="local", status=400)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller who waits must be told
            failure = ServerFault(f"llama.cpp failed: {str(error).strip()}", provider="local", status=500)
            failure.__cause__ = error
            return failure
        return None

    def _loaded(self) -> LlamaServer:
        with self._loading:
            if self._server is None:
                start = time.perf_counter()
                self._server = self._load(self.path, self.options)
                self.load_seconds = time.perf_counter() - start
            return self._server


class _Answer:
    """One request: `receive`, `finish` and `fail` are called by a worker, `next` by the caller's loop."""

    def __init__(self, body: bytes | None, loop: asyncio.AbstractEventLoop, ask: _Ask) -> None:
        self.body = body
        self.ask = ask
        self.cancelled = False
        self._loop = loop
        self._chunks: list[bytes] = []
        self._ended = False
        self._failure: Error | None = None
        self._waiter: asyncio.Future[None] | None = None

    def receive(self, chunk: bytes) -> bool:
        """Take a chunk from llama.cpp; True tells it to stop."""
        if not self.cancelled and _PROGRESS not in chunk:
            self._tell(self._arrive, chunk)
        return self.cancelled

    def finish(self) -> None:
        """Say that the answer is whole."""
        self._tell(self._end, None)

    def fail(self, error: Error) -> None:
        """Say that nothing more will come, and why."""
        self._tell(self._end, error)

    async def next(self) -> list[bytes]:
        """Give what has come; an empty list is the end."""
        while not self._chunks and not self._ended:
            self._waiter = self._loop.create_future()
            await self._waiter
        if not self._chunks and self._failure is not None:
            raise self._failure
        chunks, self._chunks = self._chunks, []
        return chunks

    def _tell(self, call: "Callable[[bytes], None] | Callable[[Error | None], None]", argument: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, argument)  # pyright: ignore[reportArgumentType]
        except RuntimeError:
            # The loop is closed: nobody is left to read the answer.
            self.cancelled = True

    def _arrive(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._wake()

    def _end(self, error: Error | None) -> None:
        if not self._ended:
            self._ended = True
            self._failure = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _chat(server: LlamaServer, body: bytes, receive: Callable[[bytes], bool]) -> None:
    server.handle_chat_completions(body, receive)


def _embed(server: LlamaServer, body: bytes, receive: Callable[[bytes], bool]) -> None:
    receive(server.handle_embeddings(body))


_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


@atexit.register
def _close_engines() -> None:
    """Stop every generation before the interpreter goes, since a thread inside llama.cpp would outlive it."""
    for engine in list(_engines):
        engine.close()
