"""What is served, and by whom: the one table of paths."""

from collections.abc import Callable, Iterator

import msgspec

from interlingua.gateway.doors.completions import CompletionsDoor
from interlingua.gateway.doors.counting import CountingDoor
from interlingua.gateway.doors.generate_content import GenerateContentDoor
from interlingua.gateway.doors.generation import GenerationDoor
from interlingua.gateway.doors.health import HealthDoors
from interlingua.gateway.doors.models import ModelDoors
from interlingua.gateway.doors.ollama_models import OllamaModelDoors
from interlingua.gateway.doors.response_counting import ResponsesCountingDoor
from interlingua.gateway.doors.responses import ResponsesDoor
from interlingua.gateway.doors.services import EmbeddingDoor, RerankDoor
from interlingua.gateway.doors.stored_responses import StoredResponsesDoor
from interlingua.gateway.exchange import Handler
from interlingua.gateway.resolver import Resolver
from interlingua.gateway.response_store import ResponseStore
from interlingua.gateway.settings import ServerSettings
from interlingua.gateway.speech import SpokenWires
from interlingua.wires import embeddings, generate_content, ollama, rerank
from interlingua.wires.generate_content import array
from interlingua.wires.ollama import generate

_PLAIN = (("chat_completions", "/v1/chat/completions"), ("messages", "/v1/messages"))
"""Wires whose requests say everything in their body, and where callers send them."""


class Route(msgspec.Struct, frozen=True):
    """A door and how it is reached.

    A path that ends in `*` takes everything below it. An `open` route needs no key. A
    `lenient` one takes a body that is not declared to be JSON, as Ollama's documentation
    sends them (`curl … -d '{"model": …}'`, https://docs.ollama.com/api, read 2026-11-25).
    """

    method: str
    path: str
    handler: Handler
    open: bool = False
    lenient: bool = False


def routes_of(
    settings: ServerSettings,
    resolver: Resolver,
    wires: SpokenWires,
    responses: ResponseStore,
    *,
    stopping: Callable[[], bool],
) -> list[Route]:
    """Give every route; those of a wire stand there if it is one that callers may speak."""
    routes = [
        *_generation(settings, resolver, wires),
        *_responses(settings, resolver, wires, responses),
        *_services(resolver, wires),
        *_models(resolver, wires),
    ]
    health = HealthDoors(stopping, list(dict.fromkeys(route.path for route in routes)))
    return [
        *routes,
        Route("GET", "/health", health.health, open=True),
        Route("GET", "/ready", health.ready, open=True),
        Route("GET", "/", health.root, open=True),
    ]


def _generation(settings: ServerSettings, resolver: Resolver, wires: SpokenWires) -> Iterator[Route]:
    for name, path in _PLAIN:
        if name in wires:
            door = GenerationDoor(resolver, wires[name], keep_alive=settings.keep_alive_interval)
            yield Route("POST", path, door.handle)
    yield Route("POST", "/v1/completions", CompletionsDoor(resolver, keep_alive=settings.keep_alive_interval).handle)
    if "messages" in wires:
        yield Route("POST", "/v1/messages/count_tokens", CountingDoor(resolver, wires["messages"]).handle)
    if "ollama" in wires:
        chat = GenerationDoor(resolver, wires["ollama"], keep_alive=settings.keep_alive_interval)
        yield Route("POST", "/api/chat", chat.handle, lenient=True)
        completion = GenerationDoor(resolver, generate, keep_alive=settings.keep_alive_interval)
        yield Route("POST", "/api/generate", completion.handle, lenient=True)
    if "generate_content" in wires:
        gemini = GenerateContentDoor(
            GenerationDoor(resolver, wires["generate_content"], keep_alive=settings.keep_alive_interval),
            GenerationDoor(resolver, array, keep_alive=0),
            CountingDoor(resolver, wires["generate_content"]),
            EmbeddingDoor(resolver, generate_content),
        )
        yield Route("POST", "/v1beta/models/*", gemini.handle)
        yield Route("POST", "/v1/models/*", gemini.handle)


def _services(resolver: Resolver, wires: SpokenWires) -> Iterator[Route]:
    yield Route("POST", "/v1/embeddings", EmbeddingDoor(resolver, embeddings, counts=True).handle)
    sorting = RerankDoor(resolver, rerank)
    yield Route("POST", "/v1/rerank", sorting.handle)
    yield Route("POST", "/v2/rerank", sorting.handle)
    if "ollama" in wires:
        yield Route("POST", "/api/embed", EmbeddingDoor(resolver, ollama).handle, lenient=True)
        yield Route("POST", "/api/embeddings", EmbeddingDoor(resolver, ollama, relays=False).handle, lenient=True)


def _responses(
    settings: ServerSettings, resolver: Resolver, wires: SpokenWires, store: ResponseStore
) -> Iterator[Route]:
    if "responses" not in wires:
        return
    wire = wires["responses"]
    door = ResponsesDoor(resolver, wire, store, keep_alive=settings.keep_alive_interval)
    kept = StoredResponsesDoor(resolver, wire, store)
    yield Route("POST", "/v1/responses", door.handle)
    if hasattr(wire, "count_path"):
        yield Route("POST", "/v1/responses/input_tokens", ResponsesCountingDoor(resolver, wire, store).handle)
    yield Route("GET", "/v1/responses/*", kept.give)
    yield Route("POST", "/v1/responses/*", kept.cancel)
    yield Route("DELETE", "/v1/responses/*", kept.delete)


def _models(resolver: Resolver, wires: SpokenWires) -> Iterator[Route]:
    models = ModelDoors(resolver, wires)
    yield Route("GET", "/v1/models", models.listing)
    yield Route("GET", "/v1/models/*", models.description)
    if "generate_content" in wires:
        yield Route("GET", "/v1beta/models", models.gemini_listing)
        yield Route("GET", "/v1beta/models/*", models.gemini_description)
    if "ollama" in wires:
        own = OllamaModelDoors(resolver)
        yield Route("GET", "/api/tags", own.tags)
        yield Route("GET", "/api/ps", own.loaded)
        yield Route("POST", "/api/show", own.show, lenient=True)
        yield Route("GET", "/api/version", own.version)
