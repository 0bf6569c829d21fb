"""Every failure that interlingua raises, in one tree.

Error:
    ├── ConfigError             something you wrote is wrong; nothing has been sent
    │   ├── InvalidConfig
    │   ├── InvalidRequest
    │   ├── MissingKey
    │   ├── NoSuchModel
    │   └── NoSuchProvider
    ├── Unsupported             the target cannot express what was asked for
    ├── LimitError              a limit of yours was reached; the provider was not asked
    │   └── ConcurrencyExceeded
    ├── TransportError          the network failed before a whole answer arrived
    │   ├── ConnectFailed
    │   ├── StreamInterrupted
    │   └── TimedOut
    ├── NoTarget                a route has nobody to ask now
    ├── ProtocolError           the other side broke its own protocol
    ├── InvalidOutput           the model's answer does not fit the schema you asked for
    └── ProviderError           the provider answered, and its answer was an error
        ├── BadRequest
        │   ├── ContentBlocked
        │   └── ContextTooLong
        ├── Forbidden
        ├── NotFound
        ├── Overloaded
        ├── ServerFault
        ├── Throttled
        │   └── QuotaExhausted
        └── Unauthorized

Catch `Error` and you have caught them all. Every error carries the same fields,
so code that logs or retries reads attributes and never parses a message:

    try:
        output = await client.generate("openai/gpt-6.2-sol", "Hello")
    except interlingua.Throttled as error:
        await asyncio.sleep(error.retry_after or 1.0)

The gateway turns any of them into an answer with `status_hint`.
"""

from collections.abc import Iterator
from typing import ClassVar


class Error(Exception):
    """The root of the tree.

    `message` says what happened and, where there is one, the remedy. `detail`
    fields that do not apply are None. `retry_after` is in seconds.
    """

    kind: ClassVar[str] = "error"
    """A stable name for logs and for the `type` field of an error body."""

    retryable: bool = False
    """Whether the same request may succeed when it is sent again."""

    status_hint: ClassVar[int] = 500
    """The HTTP status that the gateway answers with."""

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        status: int | None = None,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: bytes | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.model = model
        self.status = status
        self.code = code
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body
        self.route: tuple[object, ...] = ()
        """Whom a route has asked before it failed: `interlingua.RouteStep`s."""

    def to_dict(self) -> dict[str, object]:
        """Give the fields that are set, for a log line or an error body; the raw body stays out."""
        fields: dict[str, object | None] = {
            "type": self.kind,
            "message": self.message,
            "status": self.status,
            "code": self.code,
            "param": self.param,
            "provider": self.provider,
            "model": self.model,
            "request_id": self.request_id,
            "retry_after": self.retry_after,
            "route": [str(step) for step in self.route] or None,
        }
        return {key: value for key, value in fields.items() if value is not None} | {"retryable": self.retryable}


class ConfigError(Error):
    """Something you wrote is wrong; correct it, since no byte has left this process."""

    kind = "config_error"
    status_hint = 500


class InvalidConfig(ConfigError):
    """A setting or a config file is wrong; the message gives its name, file and line."""

    kind = "invalid_config"


class InvalidRequest(ConfigError):
    """A request cannot be sent as it is; the message names the field (`param`)."""

    kind = "invalid_request"
    status_hint = 400


class MissingKey(ConfigError):
    """A provider's key is not set; the message names the environment variable to set."""

    kind = "missing_key"
    status_hint = 500


class NoSuchModel(ConfigError):
    """No provider here serves a model of that name; `interlingua models` lists them."""

    kind = "no_such_model"
    status_hint = 404


class NoSuchProvider(ConfigError):
    """No provider has that name; `interlingua providers` lists them."""

    kind = "no_such_provider"
    status_hint = 404


class Unsupported(Error):
    """The target cannot express a feature of the request; choose another model or drop the feature."""

    kind = "unsupported"
    status_hint = 400

    def __init__(self, feature: str, *, wire: str | None = None, model: str | None = None, remedy: str = "") -> None:
        target = model or wire or "this target"
        super().__init__(f"{target} does not support {feature}." + (f" {remedy}" if remedy else ""), model=model)
        self.feature = feature
        self.wire = wire


class LimitError(Error):
    """A limit that you set was reached; wait, or raise the limit."""

    kind = "limit_reached"
    status_hint = 429
    retryable = True


class ConcurrencyExceeded(LimitError):
    """Too many calls are waiting already; retry later, or raise the limit and the queue."""

    kind = "concurrency_exceeded"


class TransportError(Error):
    """The network failed before a whole answer arrived."""

    kind = "transport_error"
    status_hint = 502
    retryable = True


class ConnectFailed(TransportError):
    """No connection could be made; check the address, the proxy and the network."""

    kind = "connect_failed"


class TimedOut(TransportError):
    """One of the four clocks ran out; `clock` is connect, first_token, idle or total."""

    kind = "timed_out"
    status_hint = 504

    def __init__(self, clock: str, seconds: float, *, provider: str | None = None, model: str | None = None) -> None:
        super().__init__(
            f"No answer within {seconds:g} s (the {clock} clock); raise `timeout` if the model needs longer.",
            provider=provider,
            model=model,
        )
        self.clock = clock
        self.seconds = seconds


class StreamInterrupted(TransportError):
    """The answer was cut before its end; `partial` holds the text that had arrived."""

    kind = "stream_interrupted"

    def __init__(
        self, message: str, *, partial: str = "", provider: str | None = None, model: str | None = None
    ) -> None:
        super().__init__(message, provider=provider, model=model)
        self.partial = partial


class NoTarget(Error):
    """None of a route's targets can be asked now; wait `retry_after` seconds, or give the route another target."""

    kind = "no_target"
    status_hint = 503
    retryable = True


class ProtocolError(Error):
    """The other side broke its own protocol: bad HTTP, bad JSON, or a body of the wrong shape."""

    kind = "protocol_error"
    status_hint = 502


class InvalidOutput(Error):
    """The model's answer does not fit the schema; `text` keeps it whole."""

    kind = "invalid_output"
    status_hint = 502

    def __init__(self, message: str, *, text: str, model: str | None = None) -> None:
        super().__init__(message, model=model)
        self.text = text


class ProviderError(Error):
    """The provider answered, and its answer was an error; `status`, `code` and `body` are its own."""

    kind = "provider_error"
    status_hint = 502


class BadRequest(ProviderError):
    """The provider refused the request; its message says why."""

    kind = "bad_request"
    status_hint = 400


class ContextTooLong(BadRequest):
    """The prompt is longer than the model's window; shorten it, or use a larger model."""

    kind = "context_too_long"


class ContentBlocked(BadRequest):
    """The provider's content filter refused the request or its answer."""

    kind = "content_blocked"


class Unauthorized(ProviderError):
    """The key was refused; check it, and that it belongs to this provider."""

    kind = "unauthorized"
    status_hint = 401


class Forbidden(ProviderError):
    """The key is valid and may not do this; check its rights, region and model access."""

    kind = "forbidden"
    status_hint = 403


class NotFound(ProviderError):
    """The provider knows no such model, deployment or path."""

    kind = "not_found"
    status_hint = 404


class Throttled(ProviderError):
    """Too many requests; wait `retry_after` seconds when it is given."""

    kind = "throttled"
    status_hint = 429
    retryable = True


class QuotaExhausted(Throttled):
    """The account's money or quota is used up; sending again will not help."""

    kind = "quota_exhausted"
    retryable = False


class Overloaded(ProviderError):
    """The provider is out of capacity for now (503 or 529); retry or use another target."""

    kind = "overloaded"
    status_hint = 503
    retryable = True


class ServerFault(ProviderError):
    """The provider failed inside (a 5xx); retry or use another target."""

    kind = "server_fault"
    status_hint = 502
    retryable = True


def error_tree(root: type[Error] = Error) -> Iterator[type[Error]]:
    """Walk `root` and every class below it, parents first, siblings by name."""
    yield root
    for child in sorted(root.__subclasses__(), key=lambda cls: cls.__name__):
        yield from error_tree(child)
