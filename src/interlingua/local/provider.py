"""The models of this machine as a provider like any other."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from interlingua.errors import Error, InvalidRequest, NoSuchModel
from interlingua.local.adaptation import DIALECT, adapt
from interlingua.local.clocks import Clocks
from interlingua.local.embedded import DEFAULT_MODEL, EmbeddedModel
from interlingua.local.engine import Engine
from interlingua.local.gguf import GGUFMetadata, read_metadata
from interlingua.local.hub import HubName
from interlingua.local.llama import LoadOptions, usual_threads
from interlingua.local.pool import EnginePool
from interlingua.local.vectors import LONGEST_INPUT, joined, ranked, read_vectors, unverified
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
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest
from interlingua.wires import chat_completions, embeddings

_USUAL_CONTEXT: Final = 8192
_AT_ONCE: Final = 16
"""How many vectors are made between two looks at whether the caller still wants them."""

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
        self._vector_pool = EnginePool(self.keep_loaded)
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
            TimedOut: a clock of the request ran out.
            Error: the model could not be fetched or loaded, or llama.cpp failed.

        """
        clocks = Clocks(request.timeout, request.timeouts)
        with self._signing(request.model):
            async with clocks.waiting():
                model = await self._model(request.model)
            adapted, warnings = adapt(
                request,
                takes_tools=model.takes_tools,
                tool_call_start=model.row.tool_call_start if model.row else None,
            )
            rendered = chat_completions.render_request(adapted, dialect=DIALECT, stream=True)
            events = self._answer(model, rendered.body, clocks)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, StreamStart):
                        event = msgspec.structs.replace(event, warnings=(*warnings, *rendered.warnings))  # noqa: PLW2901
                    yield event

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Turn texts into vectors of length 1; see `EmbeddingProvider`.

        A model that was made for it pools them as its file says. Any other gives the mean of
        its tokens' vectors, which tells near texts from far ones, though not as well.

        Raises:
            NoSuchModel: there is no such model, or it is not allowed.
            InvalidRequest: there are no inputs.
            Unsupported: an input is no text, or the request is strict and something cannot be said.
            ContextTooLong: an input is too long.
            ConcurrencyExceeded: too many requests wait already.
            TimedOut: the request's time ran out.
            Error: the model could not be fetched or loaded, or llama.cpp failed.

        """
        if not request.inputs:
            raise InvalidRequest("there are no inputs to embed.", param="input", provider=self.name)
        clocks = Clocks(request.timeout, request.timeouts)
        asked = msgspec.structs.replace(request, dimensions=None, encoding="base64", user=None)
        outputs: list[EmbeddingOutput] = []
        with self._signing(request.model):
            rendered = [
                embeddings.render_embedding_request(
                    msgspec.structs.replace(asked, inputs=request.inputs[n : n + _AT_ONCE])
                )
                for n in range(0, len(request.inputs), _AT_ONCE)
            ]
            async with clocks.waiting():
                model = await self._model(request.model)
                async with self._vector_pool.lend(model.path, lambda: self._vector_engine(model)) as engine:
                    for each in rendered:
                        reply = await engine.embeddings(each.body)
                        outputs.append(read_vectors(reply, longest=engine.options.context_length))
            output = joined(outputs, request, [*rendered[0].warnings, *unverified(request)])
        output.provider = self.name
        return output

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort documents by how near their vectors are to the query's; see `RerankProvider` and `embed`."""
        if not request.documents:
            raise InvalidRequest("there are no documents to sort.", param="documents", provider=self.name)
        inputs = EmbeddingRequest(
            model=request.model,
            inputs=[request.query, *request.documents],
            truncate=request.truncate,
            extensions=request.extensions,
            timeout=request.timeout,
            timeouts=request.timeouts,
            strict=request.strict,
        )
        output = ranked(request, await self.embed(inputs))
        output.provider = self.name
        return output

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
        await self._vector_pool.aclose()

    @contextmanager
    def _signing(self, model: str) -> Generator[None]:
        """Say in every error where it is from."""
        try:
            yield
        except Error as error:
            error.provider = error.provider or self.name
            error.model = error.model or model
            raise

    async def _answer(self, model: _Model, body: bytes, clocks: Clocks) -> AsyncGenerator[Event]:
        parser = chat_completions.stream_parser(dialect=DIALECT)
        async with (
            self._pool.lend(model.path, lambda: self._engine(model)) as engine,
            aclosing(engine.chunks(body)) as answer,
        ):
            clocks.begin()
            while True:
                async with clocks.waiting():
                    chunks = await anext(answer, None)
                if chunks is None:
                    break
                clocks.heard()
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
        options = LoadOptions(
            name=model.name,
            context_length=self._length(model),
            parallel=self.parallel,
            batch_length=self.batch_length,
            threads=self.threads or usual_threads(),
            chat_template=model.row.template_text() if model.row else None,
            debug=self.debug,
        )
        return Engine(model.path, options, waiting_limit=self.waiting)

    def _vector_engine(self, model: _Model) -> Engine:
        """Load the file once more for vectors: an input has to be read in one go, which an answer must not be."""
        longest = min(self._length(model), LONGEST_INPUT)
        options = LoadOptions(
            name=model.name,
            context_length=longest,
            parallel=1,
            batch_length=longest,
            threads=self.threads or usual_threads(),
            vectors="own" if model.metadata.pools else "mean",
            debug=self.debug,
        )
        return Engine(model.path, options, waiting_limit=self.waiting)

    def _length(self, model: _Model) -> int:
        return self.context_length or min(model.metadata.context_length or _USUAL_CONTEXT, _USUAL_CONTEXT)

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
