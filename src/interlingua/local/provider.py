"""The models of this machine as a provider like any other."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec

from interlingua.errors import Error, NoSuchModel, TimedOut
from interlingua.local.adaptation import DIALECT, adapt
from interlingua.local.embedded import DEFAULT_MODEL, EmbeddedModel
from interlingua.local.engine import Engine
from interlingua.local.gguf import GGUFMetadata, read_metadata
from interlingua.local.hub import HubName
from interlingua.local.llama import LoadOptions, usual_threads
from interlingua.local.pool import EnginePool
from interlingua.local.weights import LocalModel, ModelStore, named_path
from interlingua.types import (
    Adaptation,
    Event,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    OutputAssembly,
    StreamStart,
    declared,
    setting,
)
from interlingua.wires import chat_completions

_USUAL_CONTEXT: Final = 8192

_log = logging.getLogger("interlingua.local")


class _Model(msgspec.Struct, frozen=True):
    """A model that is on this machine, with what its file and its row say."""

    name: str
    path: Path
    metadata: GGUFMetadata
    row: EmbeddedModel | None

    @property
    def takes_tools(self) -> bool:
        """Whether the template that is used has a place for tools."""
        return self.metadata.takes_tools or (self.row is not None and self.row.chat_template is not None)


@declared
class LocalProvider(ModelStore):
    """Runs GGUF models inside this process, with llama.cpp; a store of models that also answers.

    A model is fetched when it is first asked for, loaded when it first answers, and stays
    loaded. Several loops and threads may ask at once. Loading holds Python's lock (about
    half a second for 100 MB): call `load` before a loop must not stand still.

    Example:
        >>> provider = LocalProvider()
        >>> output = await provider.generate(ModelRequest.build_request("smollm2", "Hello"))
        >>> print(output.text)

    """

    context_length: int | None = setting(
        "Longest prompt and answer together, shared by the answers made at once; unset: the model's, 8192 at most.",
        default=None,
        env=("INTERLINGUA_LOCAL_CONTEXT",),
        minimum=64,
        unit="tokens",
    )
    parallel: int = setting("How many answers are made at once.", default=4, minimum=1, maximum=64)
    waiting: int = setting(
        "How many requests may wait behind those, for each model; further ones are refused.", default=16, minimum=0
    )
    threads: int | None = setting(
        "How many threads compute; unset: one less than there are cores, 8 at most.",
        default=None,
        env=("INTERLINGUA_LOCAL_THREADS",),
        minimum=1,
    )
    batch_length: int = setting(
        "How much of a prompt is read in one go; a cancelled request stops after it.",
        default=128,
        minimum=32,
        unit="tokens",
    )
    keep_loaded: int = setting("How many idle models stay in memory.", default=1, minimum=1)
    allowed: list[str] | None = setting(
        "The models that may be asked for, by name; unset: any file, and any repository of the hub.", default=None
    )
    debug: bool = setting(
        "Whether llama.cpp writes its messages to standard error.", default=False, env=("INTERLINGUA_LOCAL_DEBUG",)
    )

    def __post_init__(self) -> None:
        self.name = "local"
        self._pool = EnginePool(self.keep_loaded)
        self._found: dict[str, _Model] = {}

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole; see `Provider`."""
        assembly = OutputAssembly()
        warnings: Sequence[Adaptation] = ()
        async with aclosing(self.stream(request)) as events:
            async for event in events:
                if isinstance(event, StreamStart):
                    warnings = event.warnings
                assembly.add(event)
        output = assembly.output()
        output.provider = self.name
        output.warnings = list(warnings)
        return output

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events; see `Provider`. Closing it stops llama.cpp at its next token.

        Raises:
            NoSuchModel: there is no such model, or it is not allowed.
            Unsupported: the request has something that the model cannot take.
            ContextTooLong: the prompt does not fit into the context.
            ConcurrencyExceeded: too many requests wait already.
            TimedOut: the request's own `timeout` ran out.
            Error: the model could not be fetched or loaded, or llama.cpp failed.

        """
        try:
            due = None if request.timeout is None else asyncio.get_running_loop().time() + request.timeout
            async with asyncio.timeout_at(due):
                model = await self._model(request.model)
            adapted, warnings = adapt(
                request,
                takes_tools=model.takes_tools,
                tool_call_start=model.row.tool_call_start if model.row else None,
            )
            rendered = chat_completions.render_request(adapted, dialect=DIALECT, stream=True)
            events = self._answer(model, rendered.body, due)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, StreamStart):
                        event = msgspec.structs.replace(event, warnings=(*warnings, *rendered.warnings))  # noqa: PLW2901
                    yield event
        except TimeoutError:
            raise TimedOut("total", request.timeout or 0.0, provider=self.name, model=request.model) from None
        except Error as error:
            error.provider = error.provider or self.name
            error.model = error.model or request.model
            raise

    async def models(self) -> list[ModelMetadata]:
        """List the models known by name and those of the hub that are here."""
        listed = await asyncio.to_thread(self.available)
        return [self._described(model) for model in listed if self.allowed is None or model.name in self.allowed]

    async def load(self, name: str = DEFAULT_MODEL) -> float:
        """Fetch and load the model `name` now, and give the seconds that loading took.

        Raises:
            Error: there is no such model, or it could not be fetched or loaded.

        """
        model = await self._model(name)
        async with self._pool.lend(model.path, lambda: self._engine(model)) as engine:
            await engine.load()
            return engine.load_seconds or 0.0

    def engine(self, name: str) -> Engine | None:
        """Give the engine of the model `name` if it has been asked for: how busy it is, how long it took to load."""
        return next((engine for engine in self._pool.engines if engine.options.name == name), None)

    async def aclose(self) -> None:
        """Stop all answers and free the models."""
        await self._pool.aclose()

    async def _answer(self, model: _Model, body: bytes, due: float | None) -> AsyncGenerator[Event]:
        parser = chat_completions.stream_parser(dialect=DIALECT)
        async with (
            self._pool.lend(model.path, lambda: self._engine(model)) as engine,
            aclosing(engine.chunks(body)) as answer,
        ):
            while True:
                async with asyncio.timeout_at(due):
                    chunks = await anext(answer, None)
                if chunks is None:
                    break
                for event in parser.feed(b"".join(b"data: %b\n\n" % chunk for chunk in chunks)):
                    yield event
            for event in (*parser.feed(b"data: [DONE]\n\n"), *parser.close()):
                yield event

    async def _model(self, name: str) -> _Model:
        if self.allowed is not None and name not in self.allowed:
            raise NoSuchModel(
                f"The local model {name!r} is not among those allowed here.", provider="local", model=name
            )
        model = self._found.get(name)
        if model is None:
            path = self.cached(name)
            if path is None:
                _log.info("fetching the model %s into %s; this happens once", name, self.folder)
                path = await self.ensure(name)
            known = named_path(name) is None and HubName.parse(name) is None
            metadata = await asyncio.to_thread(read_metadata, path)
            model = self._found[name] = _Model(name, path, metadata, self.row(name) if known else None)
        return model

    def _engine(self, model: _Model) -> Engine:
        length = self.context_length or min(model.metadata.context_length or _USUAL_CONTEXT, _USUAL_CONTEXT)
        options = LoadOptions(
            name=model.name,
            context_length=length,
            parallel=self.parallel,
            batch_length=self.batch_length,
            threads=self.threads or usual_threads(),
            chat_template=model.row.template_text() if model.row else None,
            debug=self.debug,
        )
        return Engine(model.path, options, waiting_limit=self.waiting)

    def _described(self, model: LocalModel) -> ModelMetadata:
        details = {"cached": model.path is not None, "size": model.size, "licence": model.licence}
        return ModelMetadata(
            model=model.name,
            provider=self.name,
            context_length=model.context_length,
            label=model.label,
            description=model.description,
            vision=False,
            structured_output=True,
            metadata={name: value for name, value in details.items() if value is not None},
        )
