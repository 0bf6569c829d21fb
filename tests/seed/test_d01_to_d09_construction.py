"""D1 to D9: how the seed's client is built and what it sends."""

import asyncio
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import interlingua
from interlingua import InvalidConfig, MissingKey, ModelRequest, OpenAILLMClient, Secret, TimedOut
from interlingua.flow.resources import palette
from interlingua.testing import ScriptedProvider

pytestmark = pytest.mark.anyio


def request(**options: Any) -> ModelRequest:
    return ModelRequest.build_request("tiny", "Hello", **options)


async def test_d01_a_key_typed_into_the_form_reaches_the_client(server: ScriptedProvider) -> None:
    form = palette().lookup("openai_llm_client")
    fields = [parameter.name for parameter in form.parameters]
    assert "api_key" in fields
    for name in ("api_key", "apk_key"):
        async with form.build({name: "sk-typed", "api_base": server.base_url}) as client:
            await client.generate(request())
    assert [seen.headers["authorization"] for seen in server.requests] == ["Bearer sk-typed"] * 2


def test_d02_an_unknown_argument_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidConfig, match=r"no setting 'api_keyy'; did you mean 'api_key'\?"):
        OpenAILLMClient(api_keyy="sk-1")  # pyright: ignore[reportCallIssue]


async def test_d02_full_url_is_an_argument_of_its_own(server: ScriptedProvider) -> None:
    async with OpenAILLMClient(api_key="k", full_url=f"{server.origin}/own/chat/completions") as client:
        await client.generate(request())
    assert server.requests[0].path == "/own/chat/completions"


async def test_d03_zero_temperature_and_zero_max_tokens_are_sent(server: ScriptedProvider) -> None:
    async with OpenAILLMClient(api_key="k", api_base=server.base_url) as client:
        await client.generate(request(temperature=0, max_new_tokens=0, top_p=0, seed=0, presence_penalty=0))
    body = server.requests[0].json
    assert (body["temperature"], body["top_p"], body["seed"], body["presence_penalty"]) == (0, 0, 0, 0)
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 0


async def test_d03_unset_is_not_sent(server: ScriptedProvider) -> None:
    async with OpenAILLMClient(api_key="k", api_base=server.base_url) as client:
        await client.generate(request())
    assert set(server.requests[0].json) <= {"model", "messages", "stream"}


async def test_d04_every_sampling_field_is_sent(server: ScriptedProvider) -> None:
    options = {
        "stop": ["a", "b"],
        "top_p": 0.5,
        "user": "u",
        "seed": 7,
        "frequency_penalty": 0.1,
        "presence_penalty": 0.2,
        "n": 2,
        "logprobs": True,
        "top_logprobs": 3,
        "parallel_tool_calls": False,
    }
    async with OpenAILLMClient(api_key="k", api_base=server.base_url) as client:
        await client.generate(request(**options))
    assert options.items() <= server.requests[0].json.items()


async def test_d04_what_a_wire_cannot_say_is_a_warning_and_not_silence(server: ScriptedProvider) -> None:
    async with OpenAILLMClient(api_key="k", api_base=server.base_url) as client:
        output = await client.generate(request(context_len=2048, echo=True, stop_token_ids=[1]))
    assert {warning.feature for warning in output.warnings} == {"context_len", "echo", "stop_token_ids"}


def test_d05_no_version_is_compared_as_text() -> None:
    package = Path(inspect.getfile(interlingua)).parent
    comparison = re.compile(r"version\w*\)?\s*(?:[<>]=?|==)\s*[\"']")
    offenders = [path.name for path in package.rglob("*.py") if comparison.search(path.read_text(encoding="utf-8"))]
    assert comparison.search('openai_version >= "1.0.0"')
    assert offenders == []


async def test_d06_the_timeout_is_honoured(server: ScriptedProvider) -> None:
    server.hang()
    async with OpenAILLMClient(api_key="k", api_base=server.base_url, timeout=0.05, max_retries=0) as client:
        with pytest.raises(TimedOut) as caught:
            await client.generate(request())
    assert caught.value.seconds == 0.05


async def test_d06_retries_are_configurable(server: ScriptedProvider) -> None:
    for _ in range(2):
        server.fail(500)
    async with OpenAILLMClient(api_key="k", api_base=server.base_url, max_retries=0) as client:
        with pytest.raises(interlingua.ServerFault):
            await client.generate(request())
    assert len(server.requests) == 1


async def test_d07_a_client_can_be_built_with_a_proxy_and_uses_it(server: ScriptedProvider) -> None:
    client = OpenAILLMClient(api_key="k", api_base="http://far.example/v1", proxies=server.origin)
    async with client:
        output = await client.generate(request())
    assert output.text == "Hello!"
    assert server.requests[0].headers["host"] == "far.example"


async def test_d07_azure_goes_through_the_proxy_too(server: ScriptedProvider) -> None:
    client = OpenAILLMClient(
        api_key="k",
        api_type="azure",
        api_base="http://far.example",
        api_version="2024-10-21",
        model="dep",
        proxies={"http": server.origin},
    )
    async with client:
        await client.generate(ModelRequest.build_request("", "Hello"))
    assert "/openai/deployments/dep/chat/completions" in server.requests[0].path


def test_d08_the_base_url_is_optional() -> None:
    client = OpenAILLMClient(api_key="k")
    assert str(client.default_model)


async def test_d08_a_missing_key_names_the_variable_that_is_read(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OpenAILLMClient(api_base=server.base_url) as client:
        with pytest.raises(MissingKey, match="OPENAI_API_KEY"):
            await client.generate(request())
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    async with OpenAILLMClient(api_base=server.base_url) as client:
        await client.generate(request())
    assert server.requests[0].headers["authorization"] == "Bearer from-environment"


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
async def test_d08_the_base_url_is_read_from_the_variables_that_are_documented(
    server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, server.base_url)
    async with OpenAILLMClient(api_key="k") as client:
        await client.generate(request())
    assert len(server.requests) == 1


async def test_d08_azure_without_a_base_names_the_missing_field() -> None:
    async with OpenAILLMClient(api_key="k", api_type="azure", api_version="v", model="m") as client:
        with pytest.raises(InvalidConfig, match="base_url"):
            await client.generate(request())


async def test_d09_two_clients_do_not_share_their_keys(server: ScriptedProvider) -> None:
    async with (
        OpenAILLMClient(api_key="one", api_base=server.base_url) as first,
        OpenAILLMClient(api_key="two", api_base=server.base_url) as second,
    ):
        await asyncio.gather(first.generate(request()), second.generate(request()))
    assert {seen.headers["authorization"] for seen in server.requests} == {"Bearer one", "Bearer two"}


def test_d33_d34_no_sdk_is_loaded_to_build_a_client() -> None:
    loaded = set(sys.modules)
    OpenAILLMClient(api_key="k")
    assert not {name for name in set(sys.modules) - loaded if name.partition(".")[0] == "openai"}


def test_d35_the_misspelt_names_are_gone() -> None:
    names = {name for module in ("interlingua", "interlingua.client") for name in dir(importlib.import_module(module))}
    names |= set(dir(OpenAILLMClient))
    assert not [name for name in names if "covert" in name or "less_then" in name or "Medata" in name]


def test_d38_every_secret_has_the_type_that_does_not_print() -> None:
    parameters = interlingua.ProxyModelParameters(proxy_api_key="sk-key", proxy_api_secret="sk-secret")
    assert isinstance(parameters.proxy_api_secret, Secret)
    assert "sk-" not in repr(parameters)
    assert "sk-" not in str(OpenAILLMClient(api_key="sk-key"))


def test_d39_nothing_is_read_from_the_environment_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    module = importlib.reload(importlib.import_module("interlingua.client.parameters"))
    assert module.ProxyModelParameters().http_proxy is None
