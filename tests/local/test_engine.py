import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from interlingua.errors import (
    BadRequest,
    ConcurrencyExceeded,
    Error,
    InvalidConfig,
    ServerFault,
    StreamInterrupted,
)
from interlingua.local.engine import Engine
from interlingua.local.llama import LlamaServer, LoadOptions
from tests.local.llamas import OPTIONS, ScriptedServer

pytestmark = pytest.mark.anyio

PATH = Path("tiny.gguf")


def engine(
    load: Callable[[Path, LoadOptions], LlamaServer], *, options: LoadOptions = OPTIONS, waiting_limit: int = 2
) -> Engine:
    return Engine(PATH, options, waiting_limit=waiting_limit, load=load)


async def collected(model: Engine, body: bytes = b"{}") -> list[bytes]:
    return [chunk async for chunks in model.chunks(body) for chunk in chunks]


async def test_chunks_come_in_order_and_progress_is_kept_back() -> None:
    server = ScriptedServer(b"one", b'{"prompt_progress":{"total":1}}', b"two")
    model = engine(server.load)

    assert await collected(model, b"body") == [b"one", b"two"]
    assert server.bodies == [b"body"]
    await model.aclose()


async def test_a_text_that_speaks_of_progress_is_not_kept_back() -> None:
    chunk = rb'{"content":"\"prompt_progress\":{"}'
    model = engine(ScriptedServer(chunk).load)

    assert await collected(model) == [chunk]
    await model.aclose()


async def test_the_model_is_loaded_once() -> None:
    server = ScriptedServer(b"one")
    model = engine(server.load)
    assert model.load_seconds is None

    await model.load()
    await asyncio.gather(collected(model), collected(model))

    assert server.loads == 1
    assert server.bodies == [b"{}", b"{}"]
    assert model.load_seconds is not None
    await model.aclose()


async def test_a_model_that_cannot_be_loaded_is_tried_again() -> None:
    server = ScriptedServer(b"one")
    failures: list[Error] = [InvalidConfig("no memory")]

    def load(path: Path, options: LoadOptions) -> LlamaServer:
        if failures:
            raise failures.pop()
        return server.load(path, options)

    model = engine(load)
    with pytest.raises(InvalidConfig, match="no memory"):
        await collected(model)

    assert await collected(model) == [b"one"]
    await model.aclose()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(ValueError("bad\n"), BadRequest), (RuntimeError("broken"), ServerFault), (KeyError("x"), ServerFault)],
)
async def test_failures_of_llama_are_typed(raised: Exception, expected: type[Error]) -> None:
    model = engine(ScriptedServer(b"one", raised).load)

    with pytest.raises(expected, match=str(raised).strip()):
        await collected(model)
    await model.aclose()


async def test_what_came_before_a_failure_is_given_first() -> None:
    model = engine(ScriptedServer(b"one", ValueError("bad")).load)
    stream = model.chunks(b"{}")

    assert await anext(stream) == [b"one"]
    with pytest.raises(BadRequest):
        await anext(stream)
    await model.aclose()


async def test_closing_the_stream_stops_llama_at_its_next_token() -> None:
    go_on = threading.Event()
    server = ScriptedServer(b"one", go_on, b"two", b"three")
    model = engine(server.load)

    stream = model.chunks(b"{}")
    assert await anext(stream) == [b"one"]
    await stream.aclose()
    go_on.set()
    await model.aclose()

    assert server.stopped == 1


async def test_a_cancelled_reader_stops_llama_too() -> None:
    go_on = threading.Event()
    server = ScriptedServer(go_on, b"one", b"two")
    model = engine(server.load)

    reader = asyncio.ensure_future(collected(model))
    await server.begun()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    go_on.set()
    await model.aclose()

    assert server.stopped == 1


async def test_requests_wait_up_to_the_limit_and_are_then_refused() -> None:
    go_on = threading.Event()
    server = ScriptedServer(go_on, b"one")
    model = engine(server.load, waiting_limit=2)

    readers = [asyncio.ensure_future(collected(model)) for _ in range(3)]
    await server.begun()
    assert model.busy == 3
    with pytest.raises(ConcurrencyExceeded, match="2 requests wait") as refused:
        await collected(model)
    go_on.set()

    assert await asyncio.gather(*readers) == [[b"one"]] * 3
    assert refused.value.retryable
    assert refused.value.model == "tiny"
    await model.aclose()


async def test_a_request_that_is_cancelled_while_it_waits_never_reaches_llama() -> None:
    go_on = threading.Event()
    server = ScriptedServer(go_on, b"one")
    model = engine(server.load)

    first = asyncio.ensure_future(collected(model, b"first"))
    await server.begun()
    second = asyncio.ensure_future(collected(model, b"second"))
    await asyncio.sleep(0)
    assert model.busy == 2
    second.cancel()
    await asyncio.wait([second])
    assert model.busy == 1
    go_on.set()
    await first
    await model.aclose()

    assert server.bodies == [b"first"]


async def test_as_many_answers_are_made_at_once_as_allowed() -> None:
    go_on = threading.Event()
    server = ScriptedServer(go_on, b"one")
    model = engine(server.load, options=LoadOptions(name="tiny", context_length=64, parallel=2))

    readers = [asyncio.ensure_future(collected(model)) for _ in range(2)]
    await server.begun()
    await server.begun()
    go_on.set()

    assert await asyncio.gather(*readers) == [[b"one"]] * 2
    await model.aclose()


async def test_closing_ends_what_runs_and_what_waits_with_an_error() -> None:
    go_on = threading.Event()
    server = ScriptedServer(go_on, b"one")
    model = engine(server.load)
    readers = [asyncio.ensure_future(collected(model)) for _ in range(2)]
    await server.begun()

    closing = asyncio.ensure_future(model.aclose())
    failures = await asyncio.gather(*readers, return_exceptions=True)
    go_on.set()
    await closing

    assert [type(failure) for failure in failures] == [StreamInterrupted] * 2
    with pytest.raises(StreamInterrupted, match="was closed"):
        await collected(model)


async def test_the_model_is_freed_when_the_engine_is_closed() -> None:
    servers = [ScriptedServer(b"one")]
    freed = threading.Event()

    class Loaded:
        def handle_chat_completions(self, prompt: bytes, callback: Callable[[bytes], bool], /) -> None:
            servers[0].handle_chat_completions(prompt, callback)

        def handle_embeddings(self, prompt: bytes, /) -> bytes:
            return servers[0].handle_embeddings(prompt)

        def __del__(self) -> None:
            freed.set()

    model = engine(lambda path, options: Loaded())
    assert await collected(model) == [b"one"]

    await model.aclose()
    gc.collect()

    assert freed.is_set()


def test_several_loops_may_ask_at_once() -> None:
    server = ScriptedServer(*[b"piece"] * 50)
    model = engine(server.load, options=LoadOptions(name="tiny", context_length=64, parallel=2), waiting_limit=8)
    answers: list[list[bytes]] = []

    def ask() -> None:
        answers.append(asyncio.run(collected(model)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.close()

    assert answers == [[b"piece"] * 50] * 4


def test_a_loop_that_went_away_does_not_hold_up_the_others() -> None:
    go_on = threading.Event()
    server = ScriptedServer(b"one", go_on, b"two")
    model = engine(server.load)

    async def leave_early() -> None:
        stream = model.chunks(b"first")
        await anext(stream)
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.stop)
        await asyncio.sleep(3600)

    loop = asyncio.new_event_loop()
    task = loop.create_task(leave_early())
    loop.run_forever()
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    go_on.set()

    assert asyncio.run(collected(model, b"second")) == [b"one", b"two"]
    model.close()
