import asyncio
import logging
from collections.abc import AsyncGenerator

import msgspec
import pytest

from interlingua.errors import (
    BadRequest,
    ConnectFailed,
    Error,
    InvalidRequest,
    NotFound,
    ProtocolError,
    ProviderError,
    StreamInterrupted,
    Throttled,
    TimedOut,
    Unauthorized,
)
from interlingua.providers import REGISTRY, Registry, RemoteProvider, resolve
from interlingua.testing import Reply, ScriptedProvider
from interlingua.transport import HTTPTransport, Timeouts
from interlingua.types import (
    Event,
    Finish,
    ModelRequest,
    OutputAssembly,
    StreamEnd,
    StreamStart,
    TextDelta,
    UsageReport,
)

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("tiny", "Hello")
HTML = b"<!DOCTYPE html><html><body>Welcome</body></html>"
SSE = (("content-type", "text/event-stream"),)


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    async with ScriptedProvider() as server:
        yield server


@pytest.fixture
async def provider(server: ScriptedProvider) -> AsyncGenerator[RemoteProvider]:
    endpoint = resolve(REGISTRY.lookup("openai"), api_key="sk-test", base_url=server.base_url)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)
    yield provider
    await provider.aclose()


async def collect(provider: RemoteProvider, request: ModelRequest = REQUEST) -> list[Event]:
    return [event async for event in provider.stream(request)]


async def test_a_provider_is_a_row_alone(server: ScriptedProvider) -> None:
    registry = Registry({"acme": {"base_url": server.base_url, "key_env": ["ACME_KEY"]}})
    name, model = registry.split_model("acme/large")
    endpoint = resolve(registry.lookup(name), environ={"ACME_KEY": "sk-acme"})
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)
    request = ModelRequest.build_request(model, "Hello")
    server.reply("Hi there")
    server.stream("Hi", " there")
    server.fail(404, "no such model", code="model_not_found")

    output = await provider.generate(request)
    events = await collect(provider, request)
    with pytest.raises(NotFound) as caught:
        await provider.generate(request)
    await provider.aclose()

    assert output.text == "Hi there"
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hi there"
    assert (caught.value.provider, caught.value.model) == ("acme", "large")
    assert [seen.json["model"] for seen in server.requests] == ["large"] * 3
    assert {seen.headers["authorization"] for seen in server.requests} == {"Bearer sk-acme"}


async def test_an_answer_says_who_gave_it(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.reply("Hi", thinking="Hm", tool_calls=[("look", '{"at":"sky"}')])

    output = await provider.generate(REQUEST)

    assert (output.provider, output.text, output.thinking) == ("openai", "Hi", "Hm")
    assert [call.name for call in output.tool_calls] == ["look"]
    assert output.usage is not None
    assert output.usage.total_tokens == 5
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].headers["accept"] == "application/json"


async def test_a_stream_gives_the_events_in_order(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.stream("Hel", "lo")

    events = await collect(provider)

    assert [type(event) for event in events] == [StreamStart, TextDelta, TextDelta, Finish, UsageReport, StreamEnd]
    assert server.requests[0].json["stream_options"] == {"include_usage": True}
    assert server.requests[0].headers["accept"] == "text/event-stream"


async def test_connections_are_used_again(server: ScriptedProvider, provider: RemoteProvider) -> None:
    for _ in range(3):
        await collect(provider)
        await provider.generate(REQUEST)

    assert (server.connections, len(server.requests)) == (1, 6)


async def test_a_reader_that_stops_at_the_end_mark_keeps_the_connection(
    server: ScriptedProvider, provider: RemoteProvider
) -> None:
    stream = provider.stream(REQUEST)
    while not isinstance(await anext(stream), StreamEnd):
        pass
    await stream.aclose()

    await provider.generate(REQUEST)

    assert server.connections == 1


async def test_a_body_held_open_after_the_end_mark_is_not_waited_for(
    server: ScriptedProvider, provider: RemoteProvider
) -> None:
    server.stream("Hi", ending="hang")

    events = await asyncio.wait_for(collect(provider), 10)

    assert isinstance(events[-1], StreamEnd)
    await asyncio.wait_for(server.requests[0].left.wait(), 10)


async def test_closing_a_stream_closes_the_connection(server: ScriptedProvider, provider: RemoteProvider) -> None:
    gate = asyncio.Event()
    server.stream("Hel", "lo", gates={2: gate})
    stream = provider.stream(REQUEST)

    await anext(stream)
    await stream.aclose()

    await asyncio.wait_for(server.requests[0].left.wait(), 10)
    assert (await provider.generate(REQUEST)).text == "Hello!"


async def test_cancelling_the_reader_closes_the_connection(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.stream("Hello", gates={0: asyncio.Event()})
    task = asyncio.create_task(collect(provider))
    seen = await server.seen()

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await asyncio.wait_for(seen.left.wait(), 10)


async def test_a_cut_stream_is_an_error(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.stream("Hel", "lo", keep=2, ending="cut")

    with pytest.raises(StreamInterrupted) as caught:
        await collect(provider)

    assert (caught.value.provider, caught.value.model) == ("openai", "tiny")


async def test_a_stream_that_ends_without_an_end_is_an_error(
    server: ScriptedProvider, provider: RemoteProvider
) -> None:
    server.stream("Hel", "lo", keep=2)

    with pytest.raises(StreamInterrupted) as caught:
        await collect(provider)

    assert caught.value.provider == "openai"


async def test_an_error_within_a_stream_is_raised(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.fail_in_stream("out of capacity", after=["Hel"])

    with pytest.raises(ProviderError, match="out of capacity") as caught:
        await collect(provider)

    assert (caught.value.provider, caught.value.model) == ("openai", "tiny")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorized), (404, NotFound), (429, Throttled), (500, ProviderError)],
)
async def test_an_error_is_the_same_streamed_and_not(
    server: ScriptedProvider, provider: RemoteProvider, status: int, kind: type[Error]
) -> None:
    for _ in range(2):
        server.fail(status, "no", headers={"retry-after": "3"})

    with pytest.raises(kind) as whole:
        await provider.generate(REQUEST)
    with pytest.raises(kind) as streamed:
        await collect(provider)

    assert whole.value.to_dict() == streamed.value.to_dict()
    assert whole.value.status == status
    assert whole.value.request_id == "req_scripted"
    assert (whole.value.provider, whole.value.model) == ("openai", "tiny")


@pytest.mark.parametrize("content_type", ["text/html", "text/event-stream"])
async def test_a_web_page_is_refused_with_the_remedy(
    server: ScriptedProvider, provider: RemoteProvider, content_type: str
) -> None:
    page = Reply(headers=(("content-type", content_type),), pieces=(HTML,))
    server.send(page)
    with pytest.raises(ProtocolError, match="check the base URL"):
        await provider.generate(REQUEST)

    server.send(page)
    with pytest.raises(Error):
        await collect(provider)


async def test_a_json_error_with_status_200_is_raised(server: ScriptedProvider, provider: RemoteProvider) -> None:
    body = b'{"error": {"message": "no credit left", "code": "insufficient_quota"}}'
    for _ in range(2):
        server.send(Reply(pieces=(body,)))

    with pytest.raises(ProviderError, match="no credit left"):
        await provider.generate(REQUEST)
    with pytest.raises(ProviderError, match="no credit left") as caught:
        await collect(provider)

    assert caught.value.provider == "openai"


async def test_a_whole_answer_to_a_stream_is_refused(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.reply("Hello")

    with pytest.raises(ProtocolError, match="answered whole"):
        await collect(provider)


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", ""])
async def test_a_stream_that_does_not_say_so_is_read_all_the_same(
    server: ScriptedProvider, provider: RemoteProvider, content_type: str
) -> None:
    server.stream("Hel", "lo", content_type=content_type)

    events = await collect(provider)

    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hello"


async def test_an_empty_stream_is_an_error(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.send(Reply(headers=SSE))
    server.send(Reply(headers=()))

    for _ in range(2):
        with pytest.raises(Error):
            await collect(provider)


async def test_stream_options_that_are_refused_are_left_out_from_then_on(
    server: ScriptedProvider, provider: RemoteProvider
) -> None:
    server.fail(400, "Unrecognized request argument: stream_options", param="stream_options")
    server.stream("Hello")
    server.stream("Hello")

    first = await collect(provider)
    second = await collect(provider)

    assert [event.text for event in (*first, *second) if isinstance(event, TextDelta)] == ["Hello", "Hello"]
    assert ["stream_options" in seen.json for seen in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (b'{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs"}]}', 2),
        (b'{"detail":[{"loc":["body","model"],"msg":"unknown","input":{"stream_options":{}}}]}', 1),
    ],
)
async def test_only_a_refusal_that_names_stream_options_counts(
    server: ScriptedProvider, provider: RemoteProvider, body: bytes, asked: int
) -> None:
    server.send(Reply(status=422, pieces=(body,)))
    server.send(Reply(status=422, pieces=(body,)))

    with pytest.raises(BadRequest):
        await collect(provider)

    assert len(server.requests) == asked
    assert provider.spoken["chat_completions"].dialect.stream_usage is True


async def test_warnings_stand_on_the_output_and_on_the_start_of_a_stream(server: ScriptedProvider) -> None:
    row = Registry({"acme": {"base_url": server.base_url, "dialect": {"drop": ["seed"]}, "key_optional": True}})
    endpoint = resolve(row.lookup("acme"))
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)
    request = ModelRequest.build_request("tiny", "Hello", seed=1)

    output = await provider.generate(request)
    assembly = OutputAssembly()
    for event in await collect(provider, request):
        assembly.add(event)
    await provider.aclose()

    assert [(warning.kind, warning.feature) for warning in output.warnings] == [("dropped", "seed")]
    assert assembly.output().warnings == output.warnings


class Startless:
    """Reads any stream as one piece of text, without a start."""

    failure = None

    def feed(self, data: bytes) -> list[Event]:
        return [TextDelta("Hi")] if data else []

    def close(self) -> list[Event]:
        return [StreamEnd()]


async def test_warnings_are_given_even_where_a_stream_has_no_start(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Registry({"acme": {"base_url": server.base_url, "dialect": {"drop": ["seed"]}, "key_optional": True}})
    provider = RemoteProvider(resolve(row.lookup("acme")), transport=HTTPTransport(), owns_transport=True)
    monkeypatch.setattr(provider.wire, "stream_parser", lambda dialect: Startless())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    server.send(Reply(headers=SSE, pieces=(b"anything",)))

    events = await collect(provider, ModelRequest.build_request("tiny", "Hello", seed=1))
    await provider.aclose()

    assert [type(event) for event in events] == [StreamStart, TextDelta, StreamEnd]
    assert isinstance(events[0], StreamStart)
    assert [warning.feature for warning in events[0].warnings] == ["seed"]


async def test_headers_and_time_of_a_request(server: ScriptedProvider, provider: RemoteProvider) -> None:
    request = ModelRequest.build_request("tiny", "Hello", extra_headers={"X-Trace": "7"}, timeout=0.05)
    server.reply("Hi")
    server.hang()

    await provider.generate(request)
    with pytest.raises(TimedOut) as caught:
        await provider.generate(request)

    assert server.requests[0].headers["x-trace"] == "7"
    assert caught.value.seconds == 0.05
    assert caught.value.provider == "openai"


@pytest.mark.parametrize("headers", [{"x-trace": "7\r\nx-evil: 1"}, {"bad name": "7"}, {"Content-Length": "0"}])
async def test_a_header_of_a_request_that_cannot_be_sent_is_refused(
    server: ScriptedProvider, provider: RemoteProvider, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await provider.generate(ModelRequest.build_request("tiny", "Hello", extra_headers=headers))

    assert caught.value.param == "extra_headers"
    assert server.requests == []


async def test_a_body_cut_after_the_end_mark_does_no_harm(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.stream("Hi", ending="cut")

    events = await collect(provider)

    assert isinstance(events[-1], StreamEnd)


async def test_a_silent_provider_runs_into_the_first_token_clock(server: ScriptedProvider) -> None:
    endpoint = resolve(REGISTRY.lookup("openai"), api_key="sk", base_url=server.base_url)
    provider = RemoteProvider(
        endpoint, transport=HTTPTransport(), timeouts=Timeouts(first_token=0.05), owns_transport=True
    )
    server.hang()

    with pytest.raises(TimedOut) as caught:
        await provider.generate(REQUEST)
    await provider.aclose()

    assert caught.value.clock == "first_token"


async def test_nobody_there_is_a_typed_error() -> None:
    async with ScriptedProvider() as gone:
        base_url = gone.base_url
    endpoint = resolve(REGISTRY.lookup("openai"), api_key="sk", base_url=base_url)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)

    with pytest.raises(ConnectFailed) as caught:
        await provider.generate(REQUEST)
    await provider.aclose()

    assert (caught.value.provider, caught.value.model) == ("openai", "tiny")


async def test_a_connection_closed_without_an_answer_is_a_typed_error(
    server: ScriptedProvider, provider: RemoteProvider
) -> None:
    server.cut()

    with pytest.raises(Error) as caught:
        await provider.generate(REQUEST)

    assert caught.value.retryable


async def test_models_are_listed_and_described(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.models = ["unheard-of", {"id": "gpt-4o"}, {"id": "mine", "context_length": 4096, "name": "Mine"}, {"x": 1}]

    models = {model.model: model for model in await provider.models()}

    assert sorted(models) == ["gpt-4o", "mine", "unheard-of"]
    assert models["gpt-4o"].context_length == 128_000
    assert models["gpt-4o"].vision is True
    assert (models["mine"].context_length, models["mine"].label) == (4096, "Mine")
    assert models["unheard-of"].context_length is None


async def test_a_provider_that_lists_nothing_shows_what_its_row_knows(server: ScriptedProvider) -> None:
    endpoint = resolve(REGISTRY.lookup("perplexity"), api_key="sk", base_url=server.base_url)
    provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)

    models = await provider.models()
    await provider.aclose()

    assert "sonar" in [model.model for model in models]
    assert server.requests == []


async def test_a_wrong_key_is_refused_while_listing() -> None:
    async with ScriptedProvider(key="right") as server:
        endpoint = resolve(REGISTRY.lookup("openai"), api_key="wrong", base_url=server.base_url)
        provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)

        with pytest.raises(Unauthorized) as caught:
            await provider.models()
        await provider.aclose()

    assert caught.value.provider == "openai"


async def test_azure_is_called_by_deployment_with_its_own_header() -> None:
    async with ScriptedProvider(key="azure-key") as server:
        endpoint = resolve(
            REGISTRY.lookup("azure"),
            api_key="azure-key",
            base_url=server.origin,
            deployment="mine",
            api_version="2024-10-21",
            environ={},
        )
        provider = RemoteProvider(endpoint, transport=HTTPTransport(), owns_transport=True)

        output = await provider.generate(REQUEST)
        await provider.aclose()

    seen = server.requests[0]
    assert (seen.path, seen.query) == ("/openai/deployments/mine/chat/completions", "api-version=2024-10-21")
    assert seen.headers["api-key"] == "azure-key"
    assert seen.json["model"] == "mine"
    assert output.text == "Hello!"
    assert REQUEST.model == "tiny"


async def test_relayed_bytes_arrive_as_they_are(server: ScriptedProvider, provider: RemoteProvider) -> None:
    body = b'{ "model":"tiny",  "unknown": [1.50], "messages":[] }'
    server.reply("Hi")

    response = await provider.relay("/chat/completions", body, headers={"x-trace": "7"})
    async with response:
        reply = await response.read()

    assert server.requests[0].body == body
    assert server.requests[0].headers["authorization"] == "Bearer sk-test"
    assert server.requests[0].headers["x-trace"] == "7"
    assert msgspec.json.decode(reply)["choices"][0]["message"]["content"] == "Hi"


async def test_a_relayed_error_keeps_the_providers_own_body(server: ScriptedProvider, provider: RemoteProvider) -> None:
    server.fail(429, "slow down", code="rate_limit_exceeded", headers={"retry-after": "2"})

    with pytest.raises(Throttled) as caught:
        await provider.relay("/chat/completions", b'{"model":"tiny"}', model="tiny")

    assert caught.value.body is not None
    assert msgspec.json.decode(caught.value.body)["error"]["message"] == "slow down"
    assert (caught.value.status, caught.value.retry_after, caught.value.model) == (429, 2.0, "tiny")


async def test_the_log_has_no_prompt_and_no_secret(
    server: ScriptedProvider, provider: RemoteProvider, caplog: pytest.LogCaptureFixture
) -> None:
    request = ModelRequest.build_request("tiny", "my prompt", extra_headers={"x-secret": "hunter2"})
    server.fail(400, "no stream_options here", param="stream_options")

    with caplog.at_level(logging.DEBUG, logger="interlingua.providers"):
        await collect(provider, request)

    assert "openai POST http://127.0.0.1" in caplog.text
    assert not any(word in caplog.text for word in ("my prompt", "hunter2", "sk-test"))


async def test_a_shared_transport_stays_open(server: ScriptedProvider) -> None:
    transport = HTTPTransport()
    endpoint = resolve(REGISTRY.lookup("openai"), api_key="sk", base_url=server.base_url)
    first, second = (RemoteProvider(endpoint, transport=transport) for _ in range(2))

    await first.generate(REQUEST)
    await first.aclose()
    await second.generate(REQUEST)
    await transport.aclose()

    assert server.connections == 1
