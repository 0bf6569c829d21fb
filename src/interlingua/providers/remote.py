"""A provider on another host."""

import asyncio
import importlib
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import cast

import msgspec

from interlingua.errors import BadRequest, Error, InvalidConfig, InvalidRequest, ProtocolError, ProviderError
from interlingua.providers.endpoint import Endpoint, checked_headers
from interlingua.providers.listing import described, read_models
from interlingua.providers.row import WireName
from interlingua.transport.contract import HTTPRequest, HTTPResponse, Timeouts, Transport
from interlingua.types import Adaptation, Event, ModelMetadata, ModelOutput, ModelRequest, StreamEnd, StreamStart
from interlingua.wires.contract import RenderedRequest, Wire
from interlingua.wires.dialect import Dialect

_log = logging.getLogger("interlingua.providers")

_BODY_LIMIT = 64 * 1024 * 1024
_ERROR_LIMIT = 1024 * 1024
_DRAIN_SECONDS = 0.05
_BLANK = b"\xef\xbb\xbf \t\r\n"
_REFUSED_FIELD = re.compile(rb'"loc"\s*:\s*\[[^\]]*"stream_options"')


class RemoteProvider:
    """Speaks a row's wire with the endpoint of that row.

    One call is one request, but for a provider that refuses to report usage in
    streams: it is asked again without, and not asked for it any more.

    Args:
        endpoint: where to, and with which key; see `resolve`.
        transport: what carries the bytes.
        timeouts: the four clocks of a call; a request's own `timeout` replaces them.
        wire: what to speak, where it is not the row's.
        name: what errors and outputs call the provider; the row's id unless given.
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
        owns_transport: bool = False,
    ) -> None:
        self.name = name or endpoint.row.id
        self.endpoint = endpoint
        self.transport = transport
        self.timeouts = timeouts or Timeouts()
        self.wire = wire or wire_named(endpoint.row.wire)
        self.dialect: Dialect = endpoint.row.dialect
        self._owns_transport = owns_transport

    def __repr__(self) -> str:
        return f"RemoteProvider({self.name!r}, {self.endpoint.base_url!r})"

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole; see `Provider`."""
        response, warnings = await self._ask(request, stream=False)
        try:
            async with response:
                body = await response.read(_BODY_LIMIT)
            if _is_page(body):
                raise ProtocolError(self._page_message(), status=response.status, body=body)
            output = self.wire.parse_response(body, dialect=self.dialect)
        except Error as error:
            self._sign(error, request.model)
            raise
        output.provider = self.name
        output.warnings.extend(warnings)
        return output

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as a stream of events; see `Provider`. Warnings stand on its `StreamStart`."""
        response, warnings = await self._ask(request, stream=True)
        parser = self.wire.stream_parser(dialect=self.dialect)
        feed = parser.feed
        try:
            chunks = aiter(response)
            chunk: bytes | None = await self._beginning(response, chunks)
            while chunk is not None:
                events = feed(chunk)
                if events:
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
                    if parser.failure is not None:
                        raise parser.failure
                chunk = await anext(chunks, None)
            for event in parser.close():
                yield event
        except Error as error:
            self._sign(error, request.model)
            raise
        finally:
            await response.aclose()

    async def models(self) -> list[ModelMetadata]:
        """List what the provider lists, or what its row knows where it lists nothing.

        Raises:
            Error: it could not be asked, or its list could not be read.

        """
        row = self.endpoint.row
        if not row.models_path:
            return [described(ModelMetadata(model=model, provider=self.name)) for model in row.models]
        response = await self._send("GET", self.endpoint.url_for(row.models_path), timeouts=self.timeouts)
        async with response:
            return read_models(await response.read(_BODY_LIMIT), provider=self.name)

    async def relay(
        self,
        path: str,
        body: bytes,
        *,
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> HTTPResponse:
        """Send bytes that are of this wire already, with our credentials, and give the raw reply.

        The caller reads the reply and closes it. `model` is only needed where it stands
        in the address.

        Raises:
            ProviderError: the reply's status is an error's; `status` and `body` are the provider's.
            Error: the request could not be sent.

        """
        return await self._send(
            "POST",
            self.endpoint.url_for(path, model),
            body,
            model=model,
            accept=accept,
            headers=headers,
            timeouts=timeouts or self.timeouts,
        )

    async def aclose(self) -> None:
        """Close the transport if it is this provider's own."""
        if self._owns_transport:
            await self.transport.aclose()

    async def _ask(self, request: ModelRequest, *, stream: bool) -> tuple[HTTPResponse, tuple[Adaptation, ...]]:
        rendered = self._rendered(request, self.dialect, stream=stream)
        try:
            return await self._sent(rendered, request, stream=stream), rendered.warnings
        except BadRequest as error:
            if not stream or not self.dialect.stream_usage or not _names_stream_options(error):
                raise
        _log.debug("%s refuses stream_options; asking again without", self.name)
        dialect = msgspec.structs.replace(self.dialect, stream_usage=False)
        rendered = self._rendered(request, dialect, stream=stream)
        response = await self._sent(rendered, request, stream=stream)
        self.dialect = dialect
        return response, rendered.warnings

    def _rendered(self, request: ModelRequest, dialect: Dialect, *, stream: bool) -> RenderedRequest:
        model = self.endpoint.model_name(request.model)
        if model != request.model:
            request = msgspec.structs.replace(request, model=model)
        return self.wire.render_request(request, dialect=dialect, stream=stream)

    async def _sent(self, rendered: RenderedRequest, request: ModelRequest, *, stream: bool) -> HTTPResponse:
        headers = dict(rendered.headers)
        if request.extra_headers:
            try:
                headers |= checked_headers(request.extra_headers)
            except InvalidConfig as error:
                raise InvalidRequest(error.message, param="extra_headers") from error
        return await self._send(
            "POST",
            self.endpoint.url_for(rendered.path, request.model),
            rendered.body,
            model=request.model,
            accept="text/event-stream" if stream else "application/json",
            headers=headers,
            timeouts=self.timeouts if request.timeout is None else _timeouts_within(request.timeout, self.timeouts),
        )

    async def _send(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        *,
        timeouts: Timeouts,
        model: str | None = None,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        started = time.perf_counter()
        fixed = await self.endpoint.headers()
        if headers or accept:
            merged = dict(fixed)
            if accept:
                merged["accept"] = accept
            if headers:
                merged |= checked_headers(headers)
            fixed = tuple(merged.items())
        try:
            response = await self.transport.send(
                HTTPRequest(method=method, url=url, headers=fixed, body=body, timeouts=timeouts)
            )
            if _log.isEnabledFor(logging.DEBUG):
                address, spent = url.partition("?")[0], (time.perf_counter() - started) * 1000
                _log.debug("%s %s %s: %d after %.0f ms", self.name, method, address, response.status, spent)
            if not 200 <= response.status < 300:
                raise await self._refusal(response)
        except Error as error:
            self._sign(error, model)
            raise
        return response

    async def _refusal(self, response: HTTPResponse) -> ProviderError:
        async with response:
            body = await response.read(_ERROR_LIMIT)
        error = self.wire.parse_error(response.status, dict(response.headers), body)
        if error.body is None:
            error.body = body
        return error

    async def _beginning(self, response: HTTPResponse, chunks: AsyncIterator[bytes]) -> bytes:
        """Look at the first bytes of a reply that does not say that it is a stream, and give them.

        Many servers forget to say so, and such a reply is read all the same. A page, or
        a JSON object (which is an error, or a whole answer), is not a stream.
        """
        if (response.header("content-type") or "").startswith("text/event-stream"):
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
        self.wire.parse_response(body, dialect=self.dialect)  # raises the error that it carries
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


def wire_named(name: WireName) -> Wire:
    """Give the wire of that name, which is loaded when it is first needed."""
    return cast("Wire", importlib.import_module(f"interlingua.wires.{name}"))


def _timeouts_within(seconds: float, clocks: Timeouts) -> Timeouts:
    """Give a request's own time to all clocks; connecting may still not take longer than it may anyway."""
    connect = seconds if clocks.connect is None else min(seconds, clocks.connect)
    return Timeouts(connect=connect, first_token=seconds, idle=seconds, total=seconds)


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
