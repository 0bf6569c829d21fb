"""A provider on another host."""

import asyncio
import functools
import importlib
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import cast

import msgspec

from interlingua.catalog import Catalog
from interlingua.errors import (
    BadRequest,
    Error,
    InvalidConfig,
    InvalidRequest,
    ProtocolError,
    ProviderError,
    Unsupported,
)
from interlingua.providers.adapting import adapt, notices
from interlingua.providers.contract import Service
from interlingua.providers.draining import DrainingResponse, DrainPolicy, Drains
from interlingua.providers.emulation import Emulation, emulated
from interlingua.providers.endpoint import Endpoint, checked_headers
from interlingua.providers.gauge import Gauge
from interlingua.providers.listing import described, read_models
from interlingua.providers.row import WireName
from interlingua.providers.services import Served, Services
from interlingua.transport.contract import HTTPRequest, HTTPResponse, Timeouts, Transport
from interlingua.types import (
    Adaptation,
    Event,
    ModelMessage,
    ModelMetadata,
    ModelOutput,
    ModelRequest,
    OpaquePart,
    StreamEnd,
    StreamStart,
    TextDelta,
    ThinkingPart,
    is_content,
)
from interlingua.types.embedding import EmbeddingOutput, EmbeddingRequest
from interlingua.types.ranking import RerankOutput, RerankRequest
from interlingua.wires.contract import CountingWire, RenderedRequest, StreamParser, Wire
from interlingua.wires.dialect import Dialect
from interlingua.wires.framing import SERVER_SENT_EVENTS

_log = logging.getLogger("interlingua.providers")

_BODY_LIMIT = 64 * 1024 * 1024
_ERROR_LIMIT = 1024 * 1024
_DRAIN_SECONDS = 0.05
_BLANK = b"\xef\xbb\xbf \t\r\n"
_REFUSED_FIELD = re.compile(rb'"loc"\s*:\s*\[[^\]]*"stream_options"')


class Spoken:
    """A wire as one provider speaks it; what is learnt of its dialect on the way is kept."""

    __slots__ = ("dialect", "endpoint", "wire")

    def __init__(self, wire: Wire, endpoint: Endpoint, dialect: Dialect) -> None:
        self.wire = wire
        self.endpoint = endpoint
        self.dialect = dialect


class _Asked(msgspec.Struct, frozen=True):
    """A request that was sent: in which wire, the reply's beginning, and what was changed on the way."""

    spoken: Spoken
    response: HTTPResponse
    warnings: tuple[Adaptation, ...]
    emulation: Emulation | None


class RemoteProvider:
    """Speaks a row's wire with the endpoint of that row.

    One call is one request, but for a provider that refuses to report usage in
    streams: it is asked again without, and not asked for it any more.

    Args:
        endpoint: where to, and with which key; see `resolve`.
        transport: what carries the bytes.
        timeouts: the four clocks of a call; a request's own `timeouts` or `timeout` replace them.
        wire: what to speak, where it is not the row's.
        name: what errors and outputs call the provider; the row's id unless given.
        catalog: what is known of models; the packaged one unless given.
        drain: how far a reply is read on after its caller has left, to learn what it used; None closes it at once.
        owns_transport: whether `aclose` closes the transport, which may be shared.

    Example:
        >>> provider = RemoteProvider(resolve(Registry().lookup("openai")), transport=HTTPTransport())
        >>> output = await provider.generate(ModelRequest.build_request("gpt-6-luna", "Hello"))

    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: Transport,
        timeouts: Timeouts | None = None,
        wire: Wire | None = None,
        name: str | None = None,
        catalog: Catalog | None = None,
        drain: DrainPolicy | None = None,
        owns_transport: bool = False,
    ) -> None:
        self.name = name or endpoint.row.id
        self.endpoint = endpoint
        self.transport = transport
        self.timeouts = timeouts or Timeouts()
        self.catalog = catalog
        self.wire = wire or wire_named(endpoint.row.wire)
        self.spoken = {self.wire.name: Spoken(self.wire, endpoint, endpoint.row.dialect)}
        self.drains = Drains(self.name, drain) if drain is not None else None
        self._owns_transport = owns_transport
        self.services = Services(endpoint, self._served, name=self.name)

    def __repr__(self) -> str:
        return f"RemoteProvider({self.name!r}, {self.endpoint.base_url!r})"

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole; see `Provider`."""
        asked = await self._ask(request, stream=False)
        spoken, response = asked.spoken, asked.response
        try:
            async with response:
                body = await response.read(_BODY_LIMIT)
            if _is_page(body):
                raise ProtocolError(self._page_message(), status=response.status, body=body)
            output = spoken.wire.parse_response(body, dialect=spoken.dialect)
        except Error as error:
            self._sign(error, request.model)
            raise
        output.provider = self.name
        output.warnings.extend(asked.warnings)
        if asked.emulation is not None:
            asked.emulation.restore(output)
        return output

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events; see `Provider`. Warnings stand on its `StreamStart`."""
        asked = await self._ask(request, stream=True)
        spoken, response, warnings = asked.spoken, asked.response, asked.warnings
        parser = spoken.wire.stream_parser(dialect=spoken.dialect)
        feed = parser.feed if asked.emulation is None else _restoring(parser, asked.emulation)
        gauge = response.gauge if isinstance(response, DrainingResponse) else None
        if gauge is not None:
            gauge.follow(parser)
        response.follow_contents()
        try:
            async with response:
                chunks = aiter(response)
                chunk: bytes | None = await self._beginning(spoken, response, chunks)
                while chunk is not None:
                    events = feed(chunk)
                    if events:
                        if gauge is not None:
                            gauge.note(events)
                        if warnings:
                            events, warnings = _with_warnings(events, warnings), ()
                        last = events[-1]
                        if type(last) is StreamEnd:
                            for event in events[:-1]:
                                yield event
                            await _drain(chunks)
                            yield last
                            return
                        for event in events:
                            yield event
                        if (type(last) is TextDelta and last.text) or any(map(is_content, events)):
                            response.heard()
                        if parser.failure is not None:
                            raise parser.failure
                    chunk = await anext(chunks, None)
                for event in parser.close() if asked.emulation is None else asked.emulation.restored(parser.close()):
                    yield event
        except Error as error:
            self._sign(error, request.model)
            raise

    async def models(self) -> list[ModelMetadata]:
        """List what the provider lists, or what its row knows where it lists nothing.

        Raises:
            Error: it could not be asked, or its list could not be read.

        """
        row = self.endpoint.row
        if not row.models_path:
            named = [ModelMetadata(model=model, provider=self.name) for model in row.models]
            return [described(model, self.catalog, row.known_as) for model in named]
        spoken = self.spoken[self.wire.name]
        response = await self._send(spoken, "GET", self.endpoint.url_for(row.models_path), timeouts=self.timeouts)
        async with response:
            body = await response.read(_BODY_LIMIT)
        return read_models(body, provider=self.name, catalog=self.catalog, known_as=row.known_as)

    def relays(self, wire: str, *, service: Service | None = None) -> bool:
        """Tell whether the provider speaks the wire of that name, or takes its bytes for a service as they are."""
        if service is not None:
            return self.services.passing(service, wire) is not None
        return self.endpoint.row.generates and self._speaking(wire) is not None

    async def relay(
        self,
        path: str,
        body: bytes,
        *,
        wire: str | None = None,
        service: Service | None = None,
        method: str = "POST",
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> HTTPResponse:
        """Send bytes that are of `wire` already, with our credentials, and give the raw reply.

        The caller reads the reply and closes it. `wire` is the provider's first one
        unless given. `model` is only needed where it stands in the address.

        Raises:
            InvalidRequest: the provider does not speak that wire.
            ProviderError: the reply's status is an error's; `status` and `body` are the provider's.
            Error: the request could not be sent.

        """
        name = wire or self.wire.name
        spoken = self._speaking(name) if service is None else self.services.passing(service, name)
        if spoken is None:
            raise InvalidRequest(f"{self.name} does not speak {wire}.", provider=self.name, model=model)
        return await self._send(
            spoken,
            method,
            spoken.endpoint.url_for(path, model),
            body,
            model=model,
            accept=accept,
            headers=headers,
            timeouts=timeouts or self.timeouts,
            gauge=self._gauge(spoken, body) if _generates(spoken, path, model) else None,
        )

    def notices(self, model: str) -> Sequence[Adaptation]:
        """Give the warnings of a model that hold for the bytes of `relay` too; see `RelayingProvider`."""
        row = self.endpoint.row
        return notices(model, provider=row.id, catalog=self.catalog, known_as=row.known_as)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Ask how many tokens a request has; None where the provider has no such operation.

        Raises:
            Error: it could not be asked.

        """
        spoken = next((each for each in self._all_spoken() if hasattr(each.wire, "count_path")), None)
        if spoken is None:
            return None
        wire = cast("CountingWire", spoken.wire)
        emulation = emulated(request, wire=wire.name, dialect=spoken.dialect)
        request = request if emulation is None else emulation.request
        rendered = wire.render_count_request(self._renamed(request, spoken), dialect=spoken.dialect)
        try:
            response = await self._sent(spoken, rendered, request, stream=False)
            async with response:
                return wire.parse_count(await response.read(_BODY_LIMIT))
        except Error as error:
            if error.status in (404, 405, 501):
                return None
            self._sign(error, request.model)
            raise

    async def embed(self, request: EmbeddingRequest) -> EmbeddingOutput:
        """Turn inputs into vectors; see `EmbeddingProvider`."""
        output = await self.services.embed(request)
        output.warnings = (*self.notices(request.model), *output.warnings)
        return output

    async def rerank(self, request: RerankRequest) -> RerankOutput:
        """Sort documents by a query; see `RerankProvider`."""
        output = await self.services.rerank(request)
        output.warnings = (*self.notices(request.model), *output.warnings)
        return output

    async def aclose(self) -> None:
        """Wait for the replies that are still read on, and close the transport if it is this provider's own."""
        if self.drains is not None:
            await self.drains.aclose()
        if self._owns_transport:
            await self.transport.aclose()

    async def _served(
        self, served: Served, rendered: RenderedRequest, request: EmbeddingRequest | RerankRequest
    ) -> bytes:
        """Ask for what a service gives, and give the reply's body."""
        headers = {**dict(rendered.headers), **checked_headers(request.extra_headers or {})}
        response = await self._send(
            served,
            "POST",
            served.endpoint.url_for(rendered.path, request.model),
            rendered.body,
            model=request.model,
            accept="application/json",
            headers=headers,
            timeouts=_clocks(request, self.timeouts),
        )
        try:
            async with response:
                return await response.read(_BODY_LIMIT)
        except Error as error:
            self._sign(error, request.model)
            raise

    def _speaking(self, wire: str) -> Spoken | None:
        """Give a wire as this provider speaks it, or None."""
        spoken = self.spoken.get(wire)
        if spoken is None:
            endpoint = self.endpoint.speaking(wire)
            if endpoint is None or endpoint is self.endpoint:
                return None
            spoken = self.spoken[wire] = Spoken(wire_named(endpoint.row.wire), endpoint, endpoint.row.dialect)
        return spoken

    def _fitting(self, request: ModelRequest) -> Spoken:
        """Choose the wire to ask in: the one whose provider's state the request brings back, else the first one."""
        first = self.spoken[self.wire.name]
        if not self.endpoint.row.also:
            return first
        for wire in wires_of_state(request.messages):
            spoken = self._speaking(wire)
            if spoken is not None:
                return spoken
        return first

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        """The names of all wires that are spoken."""
        return tuple(each.wire.name for each in self._all_spoken())

    def _all_spoken(self) -> list[Spoken]:
        spoken = [self._speaking(name) for name in (self.wire.name, *self.endpoint.row.also)]
        return [each for each in spoken if each is not None]

    async def _ask(self, request: ModelRequest, *, stream: bool) -> "_Asked":
        if not self.endpoint.row.generates:
            remedy = f"{self.name} has embeddings or rerank, and answers no conversations."
            raise Unsupported("messages", model=request.model, remedy=remedy)
        adapted = adapt(
            request,
            provider=self.endpoint.row.id,
            wire=self._fitting(request).wire.name,
            spoken=self._names,
            catalog=self.catalog,
            known_as=self.endpoint.row.known_as,
        )
        request, spoken = adapted.request, self._speaking(adapted.wire) or self.spoken[self.wire.name]
        emulation = emulated(request, wire=spoken.wire.name, dialect=spoken.dialect)
        before = adapted.warnings
        if emulation is not None:
            request, before = emulation.request, (*before, *emulation.warnings)
        rendered = self._rendered(request, spoken, stream=stream)
        try:
            response = await self._sent(
                spoken, rendered, request, stream=stream, gauge=self._gauge(spoken, rendered.body)
            )
        except BadRequest as error:
            if not stream or not spoken.dialect.stream_usage or not _names_stream_options(error):
                raise
        else:
            return _Asked(spoken, response, (*before, *rendered.warnings), emulation)
        _log.debug("%s refuses stream_options; asking again without", self.name)
        unasked = Spoken(spoken.wire, spoken.endpoint, msgspec.structs.replace(spoken.dialect, stream_usage=False))
        rendered = self._rendered(request, unasked, stream=stream)
        gauge = self._gauge(unasked, rendered.body)
        response = await self._sent(unasked, rendered, request, stream=stream, gauge=gauge)
        spoken.dialect = unasked.dialect
        return _Asked(spoken, response, (*before, *rendered.warnings), emulation)

    def _rendered(self, request: ModelRequest, spoken: Spoken, *, stream: bool) -> RenderedRequest:
        return spoken.wire.render_request(self._renamed(request, spoken), dialect=spoken.dialect, stream=stream)

    def _renamed(self, request: ModelRequest, spoken: Spoken) -> ModelRequest:
        """Give the request with the model's name at the endpoint."""
        model = spoken.endpoint.model_name(request.model)
        return request if model == request.model else msgspec.structs.replace(request, model=model)

    def _gauge(self, spoken: "Spoken | Served", body: bytes) -> Gauge | None:
        """Give what learns from a reply what it used, if it is to be read on without its caller."""
        if self.drains is None or not isinstance(spoken, Spoken):
            return None
        return Gauge(spoken.wire, spoken.dialect, asked=len(body))

    async def _sent(
        self,
        spoken: Spoken,
        rendered: RenderedRequest,
        request: ModelRequest,
        *,
        stream: bool,
        gauge: Gauge | None = None,
    ) -> HTTPResponse:
        headers = dict(rendered.headers)
        if request.extra_headers:
            try:
                headers |= checked_headers(request.extra_headers)
            except InvalidConfig as error:
                raise InvalidRequest(error.message, param="extra_headers") from error
        return await self._send(
            spoken,
            "POST",
            spoken.endpoint.url_for(rendered.path, request.model),
            rendered.body,
            model=request.model,
            accept=spoken.wire.framing.media_type if stream else "application/json",
            headers=headers,
            timeouts=_clocks(request, self.timeouts),
            gauge=gauge,
        )

    async def _send(
        self,
        spoken: Spoken | Served,
        method: str,
        url: str,
        body: bytes = b"",
        *,
        timeouts: Timeouts,
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        gauge: Gauge | None = None,
    ) -> HTTPResponse:
        started = time.perf_counter()
        fixed = await spoken.endpoint.headers()
        if headers or accept:
            merged = dict(fixed)
            if accept:
                merged["accept"] = accept
            if headers:
                merged |= checked_headers(headers)
            fixed = tuple(merged.items())
        try:
            if spoken.endpoint.signer is not None:
                fixed = tuple((await spoken.endpoint.signer.sign(method, url, dict(fixed), body)).items())
            sending = HTTPRequest(method=method, url=url, headers=fixed, body=body, timeouts=timeouts)
            if gauge is None or self.drains is None:
                response = await self.transport.send(sending)
            else:
                response = await self.drains.send(self.transport, sending, gauge=gauge, model=model)
            if _log.isEnabledFor(logging.DEBUG):
                address, spent = url.partition("?")[0], (time.perf_counter() - started) * 1000
                _log.debug("%s %s %s: %d after %.0f ms", self.name, method, address, response.status, spent)
            if not 200 <= response.status < 300:
                raise await self._refusal(spoken, response)
        except Error as error:
            self._sign(error, model)
            raise
        return response

    async def _refusal(self, spoken: Spoken | Served, response: HTTPResponse) -> ProviderError:
        async with response:
            body = await response.read(_ERROR_LIMIT)
        error = spoken.wire.parse_error(response.status, dict(response.headers), body)
        if error.body is None:
            error.body = body
        return error

    async def _beginning(self, spoken: Spoken, response: HTTPResponse, chunks: AsyncIterator[bytes]) -> bytes:
        """Look at the first bytes of a reply that does not say that it is a stream, and give them.

        Many servers forget to say so, and such a reply is read all the same. A page, or
        a JSON object (which is an error, or a whole answer), is not a stream.
        """
        expected, told = spoken.wire.framing.media_type, response.header("content-type") or ""
        if expected != SERVER_SENT_EVENTS.media_type or told.startswith(expected):
            return b""
        start = b""
        async for chunk in chunks:
            start += chunk
            if start.strip():
                break
        if not start.lstrip(_BLANK).startswith((b"{", b"[", b"<")):
            return start
        pieces = [start]
        size = len(start)
        async for chunk in chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size > _BODY_LIMIT:
                break
        body = b"".join(pieces)
        if _is_page(body):
            raise ProtocolError(self._page_message(), status=response.status, body=body)
        spoken.wire.parse_response(body, dialect=spoken.dialect)  # raises the error that it carries
        raise ProtocolError(f"{self.name} answered whole, though a stream was asked for.", body=body)

    def _page_message(self) -> str:
        return (
            f"{self.name} answered with a web page instead of JSON; check the base URL "
            f"({self.endpoint.base_url}), which usually ends in a version such as /v1."
        )

    def _sign(self, error: Error, model: str | None) -> None:
        """Say on an error whom it was from."""
        error.provider = error.provider or self.name
        error.model = error.model or model


def _restoring(parser: StreamParser, emulation: Emulation) -> Callable[[bytes], Sequence[Event]]:
    """Read a stream whose calls are restored to those of the tools that the caller knows."""
    return lambda data: emulation.restored(parser.feed(data))


def wires_of_state(messages: Sequence[ModelMessage]) -> Iterator[str]:
    """Give the wires whose opaque state stands in a conversation, the latest first."""
    for message in reversed(messages):
        if message.role != "assistant" or not isinstance(message.content, list):
            continue
        for part in message.content:
            wire = part.wire if isinstance(part, ThinkingPart | OpaquePart) else None
            if wire is not None:
                yield wire


def _generates(spoken: "Spoken | Served", path: str, model: str | None) -> bool:
    """Tell whether a path is that of an answer, and not of a count or of what is kept."""
    if not isinstance(spoken, Spoken):
        return False
    plain = path.partition("?")[0]
    return any(spoken.wire.path(model or "", stream=way).partition("?")[0] == plain for way in (False, True))


def wire_named(name: WireName) -> Wire:
    """Give the wire of that name, which is loaded when it is first needed."""
    return cast("Wire", importlib.import_module(f"interlingua.wires.{name}"))


def _clocks(request: ModelRequest | EmbeddingRequest | RerankRequest, own: Timeouts) -> Timeouts:
    """Give the clocks of a request, which are its own if it has some, and else the provider's."""
    if request.timeouts is None:
        return own if request.timeout is None else own.lasting(request.timeout)
    return request.timeouts if request.timeout is None else request.timeouts.within(request.timeout)


def _names_stream_options(error: BadRequest) -> bool:
    body = error.body or b""
    if b'"loc"' in body:  # FastAPI's shape, which quotes the whole request beside the field that it means
        return _REFUSED_FIELD.search(body) is not None
    return (error.param or "").startswith("stream_options") or "stream_options" in error.message


def _is_page(body: bytes) -> bool:
    return body.lstrip(_BLANK).startswith(b"<")


def _with_warnings(events: Sequence[Event], warnings: tuple[Adaptation, ...]) -> list[Event]:
    first = events[0]
    if isinstance(first, StreamStart):
        return [msgspec.structs.replace(first, warnings=warnings), *events[1:]]
    return [StreamStart(warnings=warnings), *events]


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end of a body whose answer is over, so that its connection can be used again.

    It is not waited for: a server that holds the body open costs the connection only.
    """
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in chunks:
                pass
    except (TimeoutError, Error) as error:
        _log.debug("the body did not end with its answer: %s", error)
