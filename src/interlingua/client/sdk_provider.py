"""Answering through an `openai` client object that somebody else has made.

Versions 1, 2 and 3 of the official SDK are taken. Only its connection is used: the
body is written and the reply is read by our own codec, so that an answer is the same
whichever way it came, and no release of the SDK changes it.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec

from interlingua.errors import ConnectFailed, Error, InvalidConfig, TimedOut, TransportError
from interlingua.types import Event, ModelMetadata, ModelOutput, ModelRequest
from interlingua.wires import chat_completions
from interlingua.wires.dialect import Dialect

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class SDKProvider:
    """A provider behind an `openai.AsyncOpenAI` or `AsyncAzureOpenAI` object.

    Its key, base URL, headers, proxies, retries and clocks are those of that object.
    It stays its maker's to close.

    Raises:
        InvalidConfig: the object is not an asynchronous client of the SDK.

    """

    def __init__(self, client: "AsyncOpenAI", *, name: str = "openai", dialect: Dialect | None = None) -> None:
        if not hasattr(client, "chat") or not hasattr(client, "with_options"):
            raise InvalidConfig(
                f"openai_client: an openai.AsyncOpenAI is needed, not a {type(client).__name__}.", param="openai_client"
            )
        if hasattr(client, "__enter__"):
            raise InvalidConfig(
                "openai_client: this is the SDK's blocking client; pass its asynchronous one"
                f" (Async{type(client).__name__}).",
                param="openai_client",
            )
        self.name = name
        self.client = client
        self._dialect = dialect or Dialect()

    async def generate(self, request: ModelRequest) -> ModelOutput:
        """Answer whole."""
        rendered = chat_completions.render_request(request, dialect=self._dialect, stream=False)
        create = self.client.chat.completions.with_raw_response.create
        reply = await self._translated(request.model, create, **_arguments(rendered.body, request))
        output = chat_completions.parse_response(reply.http_response.content, dialect=self._dialect)
        output.warnings.extend(rendered.warnings)
        return output

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event]:
        """Answer as events."""
        rendered = chat_completions.render_request(request, dialect=self._dialect, stream=True)
        parser = chat_completions.stream_parser(dialect=self._dialect)
        create = self.client.chat.completions.with_raw_response.create
        reply = await self._translated(request.model, create, stream=True, **_arguments(rendered.body, request))
        response = reply.http_response
        pieces = response.aiter_bytes()
        try:
            while (data := await self._translated(request.model, anext, pieces, b"")) != b"":
                for event in parser.feed(data):
                    yield event
                if parser.failure is not None:
                    raise self._named(parser.failure, request.model)
            for event in parser.close():
                yield event
        finally:
            await response.aclose()

    async def models(self) -> list[ModelMetadata]:
        """Ask the other side for its models."""
        page = await self._translated(None, self.client.models.list)
        return [ModelMetadata(model=model.id, provider=self.name) for model in page.data]

    async def aclose(self) -> None:
        """Do nothing: the SDK's object belongs to whoever made it."""

    async def _translated(
        self, asked: str | None, call: Callable[..., Awaitable[Any]], /, *values: Any, **named: Any
    ) -> Any:
        """Await a call of the SDK's, its exceptions becoming ours."""
        import openai  # noqa: PLC0415 - only with an injected client, which has loaded it

        try:
            return await call(*values, **named)
        except openai.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            failure: Error = chat_completions.parse_error(error.status_code, headers, error.response.content)
            raise self._named(failure, asked) from error
        except openai.APITimeoutError as error:
            raise TimedOut("total", 0.0, provider=self.name, model=asked) from error
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            raise ConnectFailed(
                f"the openai client could not connect: {cause}", provider=self.name, model=asked
            ) from error
        except _transport_errors(self.client) as error:
            raise TransportError(
                f"the openai client lost its connection: {error}", provider=self.name, model=asked
            ) from error

    def _named(self, error: Error, model: str | None) -> Error:
        error.provider, error.model = error.provider or self.name, error.model or model
        return error


def _arguments(body: bytes, request: ModelRequest) -> dict[str, Any]:
    """Give the arguments of `create`; all but the required two travel in `extra_body`, which every version takes."""
    fields = cast("dict[str, Any]", msgspec.json.decode(body))
    fields.pop("stream", None)
    arguments: dict[str, Any] = {"model": fields.pop("model"), "messages": fields.pop("messages"), "extra_body": fields}
    if request.extra_headers:
        arguments["extra_headers"] = request.extra_headers
    if request.timeout is not None:
        arguments["timeout"] = request.timeout
    return arguments


def _transport_errors(client: Any) -> tuple[type[Exception], ...]:
    """Give the exceptions of the HTTP library that this version of the SDK stands on."""
    library = type(client._client).__mro__[1].__module__.partition(".")[0]
    module = __import__(library)
    kind = getattr(module, "TransportError", None)
    return (kind,) if isinstance(kind, type) and issubclass(kind, Exception) else ()
