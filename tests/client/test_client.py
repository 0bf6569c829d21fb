"""The way that most people call a model."""

import asyncio
import inspect

import msgspec
import pytest

from interlingua import (
    Client,
    InvalidConfig,
    InvalidOutput,
    InvalidRequest,
    MissingKey,
    ModelRequest,
    NoSuchModel,
    NoSuchProvider,
    SyncClient,
)
from interlingua.testing import ScriptedProvider

pytestmark = pytest.mark.anyio


class Person(msgspec.Struct):
    name: str
    age: int


def client_of(server: ScriptedProvider, **settings: object) -> Client:
    table = {"base_url": server.base_url, "api_key": "k"}
    return Client(providers={"acme": table}, **settings)  # pyright: ignore[reportArgumentType]


async def test_a_text_is_answered(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        output = await client.generate("acme/tiny", "Hello", temperature=0, max_tokens=5)
    assert (output.text, output.provider, output.finish_reason) == ("Hello!", "acme", "stop")
    assert output.metrics is not None
    assert output.metrics.duration is not None
    body = server.requests[0].json
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0, 5)


async def test_a_model_name_may_have_slashes(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        await client.generate("acme/Qwen/Qwen3-8B", "Hello")
    assert server.requests[0].json["model"] == "Qwen/Qwen3-8B"


async def test_messages_may_be_dicts(server: ScriptedProvider) -> None:
    async with client_of(server) as client:
        await client.generate("acme/tiny", [{"role": "system", "content": "s"}, {"role": "human", "content": "h"}])
    assert [message["role"] for message in server.requests[0].json["messages"]] == ["system", "user"]


async def test_a_request_is_taken_as_it_is(server: ScriptedProvider) -> None:
    request = ModelRequest.build_request("acme/tiny", "Hello", seed=0)
    async with client_of(server) as client:
        await client.generate(request)
        with pytest.raises(InvalidRequest, match="already holds"):
            await client.generate(request, temperature=1)
    assert server.requests[0].json["seed"] == 0
    assert request.model == "acme/tiny"


async def test_a_stream_has_deltas_and_a_whole_last_item(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo")
    async with client_of(server) as client:
        pieces = [piece async for piece in client.generate_stream("acme/tiny", "Hello")]
    assert [piece.delta for piece in pieces] == ["Hel", "lo", ""]
    last = pieces[-1]
    assert (last.text, last.finish_reason, last.provider) == ("Hello", "stop", "acme")
    assert last.usage is not None
    assert last.metrics is not None
    assert last.metrics.time_to_first_token is not None


async def test_leaving_a_stream_early_stops_the_provider(server: ScriptedProvider) -> None:
    server.stream("one", "two", gates={2: asyncio.Event()})
    async with client_of(server) as client:
        stream = client.generate_stream("acme/tiny", "Hello")
        assert (await anext(stream)).delta == "one"
        await stream.aclose()
        await asyncio.wait_for(server.requests[0].left.wait(), 5)


async def test_a_name_of_your_own_brings_its_settings(server: ScriptedProvider) -> None:
    models = {"fast": {"model": "acme/tiny", "temperature": 0.5, "max_tokens": 9}}
    async with client_of(server, models=models, default_model="fast") as client:
        await client.generate(messages="Hello", temperature=0)
    body = server.requests[0].json
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0, 9)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("gpt-4o", NoSuchModel, r"no provider is named in 'gpt-4o'; write `provider/gpt-4o`"),
        ("opnai/gpt-4o", NoSuchProvider, r"did you mean 'openai'\?"),
        ("openai/", NoSuchModel, "no provider is named"),
        (None, NoSuchModel, "no model is named"),
    ],
)
async def test_an_unknown_model_is_an_error_with_a_remedy(
    server: ScriptedProvider, model: str | None, error: type[Exception], message: str
) -> None:
    async with client_of(server) as client:
        with pytest.raises(error, match=message):
            await client.generate(model, "Hello")


async def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    async with Client() as client:
        with pytest.raises(MissingKey, match="DEEPSEEK_API_KEY"):
            await client.generate("deepseek/deepseek-chat", "Hello")


async def test_a_shape_is_asked_for_and_its_value_given(server: ScriptedProvider) -> None:
    server.reply('{"name": "Ada", "age": 36}')
    async with client_of(server) as client:
        output = await client.generate("acme/tiny", "Who?", response_format=Person)
    assert output.parsed == Person("Ada", 36)
    sent = server.requests[0].json["response_format"]
    assert (sent["type"], sent["json_schema"]["name"], sent["json_schema"]["strict"]) == ("json_schema", "Person", True)


async def test_an_answer_that_does_not_fit_keeps_its_text(server: ScriptedProvider) -> None:
    server.reply('{"name": "Ada"}')
    async with client_of(server) as client:
        with pytest.raises(InvalidOutput, match="age") as caught:
            await client.generate("acme/tiny", "Who?", response_format=Person)
    assert caught.value.text == '{"name": "Ada"}'


async def test_one_round_of_repair(server: ScriptedProvider) -> None:
    server.reply('{"name": "Ada"}')
    server.reply('{"name": "Ada", "age": 36}')
    async with client_of(server) as client:
        output = await client.generate("acme/tiny", "Who?", response_format=Person, repair=True)
    assert output.parsed == Person("Ada", 36)
    assert output.usage is not None
    assert output.usage.total_tokens == 10
    shown = server.requests[1].json["messages"]
    assert [message["role"] for message in shown] == ["user", "assistant", "user"]
    assert "age" in shown[2]["content"]


async def test_a_stream_gives_its_value_at_the_end(server: ScriptedProvider) -> None:
    server.stream('{"name": "Ada",', ' "age": 36}')
    async with client_of(server) as client:
        stream = client.generate_stream("acme/tiny", "Who?", response_format=Person)
        pieces = [piece async for piece in stream]
    assert pieces[-1].parsed == Person("Ada", 36)


async def test_a_function_is_a_tool_and_calling_it_stays_with_you(server: ScriptedProvider) -> None:
    def weather(city: str) -> str:
        """Tell the weather."""
        raise AssertionError(city)

    server.reply(None, tool_calls=[("weather", '{"city": "Paris"}')])
    async with client_of(server) as client:
        output = await client.generate(
            "acme/tiny", "Weather?", tools=[weather], tool_choice="required", response_format=Person
        )
    assert output.tool_calls[0].parsed_arguments() == {"city": "Paris"}
    assert output.parsed is None
    sent = server.requests[0].json
    assert (sent["tools"][0]["function"]["description"], sent["tool_choice"]) == ("Tell the weather.", "required")


async def test_models_of_a_provider_that_cannot_be_reached_are_left_out(server: ScriptedProvider) -> None:
    providers = {
        "acme": {"base_url": server.base_url, "api_key": "k"},
        "dead": {"base_url": "http://127.0.0.1:9/v1", "api_key": "k"},
    }
    async with Client(providers=providers, models={"mine": "acme/tiny"}, max_retries=0) as client:
        listed = [metadata.model for metadata in await client.models()]
        one = [metadata.model for metadata in await client.models("acme")]
    assert {"mine", "acme/tiny"} <= set(listed)
    assert not [name for name in listed if name.startswith("dead/")]
    assert one == ["acme/tiny"]


async def test_a_confined_client_serves_only_local_models_that_somebody_named() -> None:
    async with Client(models={"mine": "local/./mine.gguf"}) as client:
        client.confine()
        listed = [metadata.model for metadata in await client.models("local")]
        with pytest.raises(NoSuchModel, match="not among those allowed"):
            await client.generate("local//etc/passwd", "Hello")
    assert listed == ["local/smollm2"]


def test_the_blocking_twin_has_the_same_methods_and_parameters() -> None:
    for name in ("generate", "generate_stream", "models", "count_token"):
        ours = list(inspect.signature(getattr(SyncClient, name)).parameters)
        theirs = list(inspect.signature(getattr(Client, name)).parameters)
        assert ours == theirs, name


async def test_the_blocking_twin_works_inside_a_running_loop(server: ScriptedProvider) -> None:
    def ask() -> list[str]:
        with SyncClient(providers={"acme": {"base_url": server.base_url, "api_key": "k"}}) as client:
            whole = client.generate("acme/tiny", "Hello").text
            return [whole, *(piece.delta for piece in client.generate_stream("acme/tiny", "Hello"))]

    assert await asyncio.to_thread(ask) == ["Hello!", "Hello", "!", ""]


@pytest.mark.parametrize("settings", [{"when_caller_leaves": "drain"}, {"when_caller_leaves": "cancel"}, {}])
async def test_a_stream_that_is_left_is_read_on_where_a_provider_is_set_so(
    server: ScriptedProvider, settings: dict[str, object]
) -> None:
    gate = asyncio.Event()
    server.stream("One", "two", gates={2: gate})
    table = {"base_url": server.base_url, "api_key": "k", **settings}
    client = Client(providers={"acme": table})
    outputs = client.generate_stream("acme/tiny", "Hello")
    await anext(outputs)
    await outputs.aclose()
    closing = asyncio.create_task(client.aclose())
    if settings.get("when_caller_leaves") == "drain":
        for _ in range(5):
            await asyncio.sleep(0)
        assert not closing.done()
        gate.set()
    await asyncio.wait_for(closing, 5)
    await asyncio.wait_for(server.requests[0].over.wait(), 5)

    assert server.requests[0].outcome == ("whole" if gate.is_set() else "left")


async def test_settings_of_reading_on_are_checked() -> None:
    with pytest.raises(InvalidConfig, match=r"providers\.acme: .*when_caller_leaves"):
        Client(providers={"acme": {"base_url": "http://127.0.0.1:9", "when_caller_leaves": "stay"}})
    with pytest.raises(InvalidConfig, match=r"providers\.acme: .*drain_tokens"):
        Client(providers={"acme": {"base_url": "http://127.0.0.1:9", "drain_tokens": 0}})
