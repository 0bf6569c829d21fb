"""D18 to D29: logs, limits, names, settings, resources."""

import asyncio
import gc
import json
import logging
import socket
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from interlingua import (
    InvalidConfig,
    MessageConverter,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    OpenAILLMClient,
    ProxyLLMClient,
    ProxyModel,
    ProxyModelParameters,
    chatgpt_generate_stream,
)
from interlingua.errors import NoSuchModel
from interlingua.flow.resources import palette
from interlingua.testing import ScriptedProvider
from interlingua.types import DefaultMessageConverter, settings_of

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("tiny", "a very private prompt")


def client_of(server: ScriptedProvider, **settings: object) -> OpenAILLMClient:
    return OpenAILLMClient(api_key="sk-private", api_base=server.base_url, **settings)  # pyright: ignore[reportArgumentType]


async def test_d18_neither_prompts_nor_secrets_are_logged(
    server: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kwargs = {"extra_headers": {"x-token": "header-secret"}}
    async with client_of(server, openai_kwargs=kwargs) as client:
        await client.generate(REQUEST)
        async for _ in client.generate_stream(REQUEST):
            pass
    assert server.requests[0].headers["x-token"] == "header-secret"
    for private in ("sk-private", "header-secret", "a very private prompt"):
        assert private not in caplog.text


async def test_d19_the_context_length_is_what_was_given_or_is_known() -> None:
    parameters = ProxyModelParameters(proxyllm_backend="gpt-4-32k", max_context_size=1000)
    assert await OpenAILLMClient.new_client(parameters).get_context_length() == 1000
    assert await OpenAILLMClient(api_key="k", model="gpt-4-32k").get_context_length() == 32768
    (metadata,) = await OpenAILLMClient(api_key="k", model="nobody-knows-it").models()
    assert metadata.metadata["context_length"] == "assumed"


async def test_d20_a_message_converter_works_streamed_or_not(server: ScriptedProvider) -> None:
    request = ModelRequest.build_request("tiny", [{"role": "view", "content": "v"}, {"role": "human", "content": "h"}])
    async with client_of(server) as client:
        await client.generate(request, DefaultMessageConverter())
        async for _ in client.generate_stream(request, DefaultMessageConverter()):
            pass
    assert [seen.json["messages"] for seen in server.requests] == [[{"role": "user", "content": "h"}]] * 2
    assert [message.role for message in request.messages] == ["view", "user"]


@pytest.mark.parametrize(
    ("asked", "sent"), [("chatgpt_proxyllm", "real"), ("", "real"), ("small", "real-s"), ("x", "x")]
)
async def test_d21_an_alias_is_not_sent(server: ScriptedProvider, asked: str, sent: str) -> None:
    async with client_of(server, model="real", aliases={"small": "real-s"}) as client:
        await client.generate(ModelRequest.build_request(asked, "Hello"))
        listed = [metadata.model for metadata in await client.models()]
    assert server.requests[0].json["model"] == sent
    assert listed == ["chatgpt_proxyllm", "small"]


async def test_d22_a_request_wins_over_the_client_and_extras_are_merged(server: ScriptedProvider) -> None:
    kwargs = {"temperature": 0.9, "top_p": 0.5, "max_tokens": 5, "custom": 1, "extra_headers": {"x-a": "1", "x-b": "1"}}
    async with client_of(server, openai_kwargs=kwargs) as client:
        request = ModelRequest.build_request(
            "tiny", "Hello", temperature=0, extra_headers={"x-b": "2"}, extra_body={"mine": True}
        )
        await client.generate(request)
    seen = server.requests[0]
    assert (seen.json["temperature"], seen.json["top_p"], seen.json["custom"], seen.json["mine"]) == (0, 0.5, 1, True)
    assert (seen.headers["x-a"], seen.headers["x-b"]) == ("1", "2")


@pytest.mark.parametrize("name", ["stream", "model", "messages"])
def test_d22_what_a_request_decides_cannot_be_a_default(name: str) -> None:
    with pytest.raises(InvalidConfig, match=name):
        OpenAILLMClient(api_key="k", openai_kwargs={name: True})


async def test_d23_azure_is_known_before_the_first_call(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_TYPE", "azure")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    client = OpenAILLMClient(api_base=server.origin, azure_deployment="dep-a", api_version="2024-10-21")
    assert (client.provider, client.default_model) == ("azure", "dep-a")
    async with client:
        await client.generate(ModelRequest.build_request("", "Hello"))
    assert server.requests[0].path == "/openai/deployments/dep-a/chat/completions"
    assert server.requests[0].query == "api-version=2024-10-21"
    assert server.requests[0].headers["api-key"] == "azure-key"


async def test_d23_azure_takes_a_token_provider(server: ScriptedProvider) -> None:
    tokens = iter(["first", "second"])
    client = OpenAILLMClient(
        api_type="azure", api_base=server.origin, model="m", azure_ad_token_provider=lambda: next(tokens)
    )
    async with client:
        for _ in range(2):
            await client.generate(ModelRequest.build_request("", "Hello"))
    assert [seen.headers["authorization"] for seen in server.requests] == ["Bearer first", "Bearer second"]


class Blocking(ProxyLLMClient):
    """A client whose library can only block; it answers with the name of its thread."""

    def sync_generate(
        self,
        request: ModelRequest,
        message_converter: MessageConverter | None = None,
    ) -> ModelOutput:
        return ModelOutput(threading.current_thread().name)


async def test_d24_the_executor_that_is_passed_in_is_used_and_an_own_one_ends() -> None:
    with ThreadPoolExecutor(thread_name_prefix="mine") as executor:
        assert (await Blocking(["m"], executor=executor).generate(REQUEST)).text.startswith("mine")
    own = Blocking(["m"])
    await own.generate(REQUEST)
    thread_pool = own.executor
    await own.aclose()
    with pytest.raises(RuntimeError, match="after shutdown"):
        thread_pool.submit(print)


async def test_d24_leaving_a_stream_early_closes_it_upstream(server: ScriptedProvider) -> None:
    gate = asyncio.Event()
    server.stream("one", "two", gates={2: gate})
    async with client_of(server) as client:
        stream = client.generate_stream(REQUEST)
        assert (await anext(stream)).delta == "one"
        await stream.aclose()
        await asyncio.wait_for(server.requests[0].left.wait(), 5)


def test_d25_one_client_serves_several_event_loops() -> None:
    client = OpenAILLMClient(api_key="k", max_retries=0)

    async def ask() -> str:
        async with ScriptedProvider(port=client_port) as _:
            return (await client.generate(REQUEST)).text

    with socket.create_server(("127.0.0.1", 0)) as free:
        client_port = free.getsockname()[1]
    client.api_base = f"http://127.0.0.1:{client_port}/v1"
    answers = [asyncio.run(ask()) for _ in range(3)]
    client.close()
    assert answers == ["Hello!"] * 3


async def test_d26_nothing_keeps_a_client_alive(server: ScriptedProvider) -> None:
    client = client_of(server)
    first = await client.models()
    assert first is not await client.models()
    await client.aclose()
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None


async def test_d27_tokens_are_counted_offline_and_an_estimate_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    client = OpenAILLMClient(api_key="k")
    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", refuse)
        known = await client.count_token("gpt-4o", "Hello, world")
        unknown = await client.count_token("a-model-nobody-knows", "Hello, world")
        message = await client.count_token("gpt-4o", ModelMessage("user", "Hello, world"))
    assert (known, known.estimated) == (3, False)
    assert unknown > 0
    assert unknown.estimated
    assert message > known


async def test_d28_clients_do_not_share_their_lists_of_models() -> None:
    first, second = OpenAILLMClient(api_key="k", model_alias="A"), OpenAILLMClient(api_key="k", model_alias="B")
    assert [metadata.model for metadata in await first.models()] == ["A"]
    assert (await second.get_model_metadata("B")).model == "B"
    with pytest.raises(NoSuchModel, match="serves B"):
        await second.get_model_metadata("A")


def test_d29_the_form_has_every_argument_and_marks_secrets() -> None:
    form = palette().lookup("openai_llm_client")
    document = form.to_dict()
    fields = {field["name"]: field for field in document["parameters"]}
    assert set(fields) == {each.name for each in settings_of(OpenAILLMClient) if not each.runtime}
    assert fields["api_key"]["ui"] == {"ui_type": "password"}
    assert fields["api_key"]["tags"] == {"privacy": "privacy"}
    api_key = next(parameter for parameter in form.parameters if parameter.name == "api_key")
    assert "sk-1" not in json.dumps(api_key.to_dict(value="sk-1"))


async def test_d30_every_known_role_is_sent(server: ScriptedProvider) -> None:
    messages = [
        {"role": "system", "content": "s"},
        {"role": "human", "content": "h"},
        {"role": "ai", "content": "a"},
        {"role": "user", "content": "u"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "t"},
    ]
    async with client_of(server) as client:
        await client.generate(ModelRequest.build_request("tiny", messages))
    sent = server.requests[0].json["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user", "assistant", "tool"]


async def test_d32_one_worker_serves_several_models_with_all_their_fields(server: ScriptedProvider) -> None:
    worker = ProxyModel(None, client_of(server, model="default"))
    params = {"messages": [{"role": "human", "content": "h"}], "temperature": 0, "stop": ["x"], "user_name": "u"}
    for extra in ({}, {"model": "another"}):
        async for _ in chatgpt_generate_stream(worker, None, params | extra, None):
            pass
    await worker.proxy_llm_client.aclose()
    assert [seen.json["model"] for seen in server.requests] == ["default", "another"]
    assert [(seen.json["temperature"], seen.json["stop"]) for seen in server.requests] == [(0, ["x"])] * 2


async def test_d36_retries_wait_as_the_server_asks_and_calls_are_bounded(server: ScriptedProvider) -> None:
    server.fail(429, headers={"retry-after-ms": "1"})
    server.reply("after")
    async with client_of(server, max_concurrency=1) as client:
        first, second = await asyncio.gather(client.generate(REQUEST), client.generate(REQUEST))
    assert {first.text, second.text} == {"after", "Hello!"}
    assert server.connections == 1


async def test_d37_what_is_given_beats_the_environment_and_urls_are_cleaned(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/never")
    given: list[dict[str, Any]] = [
        {"proxy_server_url": f"{server.base_url}/chat/completions"},
        {"proxy_api_base": f"{server.base_url}///"},
        {"proxy_api_base": f"{server.base_url}/chat/completions"},
    ]
    for fields in given:
        parameters = ProxyModelParameters(proxy_api_key="k", **fields)
        async with OpenAILLMClient.new_client(parameters) as client:
            await client.generate(REQUEST)
    assert [seen.path for seen in server.requests] == ["/v1/chat/completions"] * 3
