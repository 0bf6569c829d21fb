"""An `openai` client that somebody else has made, of whichever major version is installed here."""

import openai
import pytest

from interlingua import (
    ConnectFailed,
    InvalidConfig,
    ModelRequest,
    NotFound,
    OpenAILLMClient,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
    Unauthorized,
)
from interlingua.testing import ScriptedProvider

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("tiny", "Hello", temperature=0, seed=0, top_k=None, reasoning_effort="low")


async def test_an_injected_client_answers(server: ScriptedProvider) -> None:
    server.reply("4", thinking="2+2", tool_calls=[("look", '{"a": 1}')])
    async with openai.AsyncOpenAI(api_key="theirs", base_url=server.base_url) as sdk:
        output = await OpenAILLMClient(openai_client=sdk).generate(REQUEST)
    assert (output.text, output.thinking, output.tool_calls[0].name) == ("4", "2+2", "look")
    assert output.usage is not None
    assert output.usage.total_tokens == 5
    assert server.requests[0].headers["authorization"] == "Bearer theirs"
    assert server.requests[0].json["temperature"] == 0
    assert server.requests[0].json["reasoning_effort"] == "low"


async def test_an_injected_client_streams(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo")
    async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as sdk:
        outputs = [output async for output in OpenAILLMClient(openai_client=sdk).generate_stream(REQUEST)]
    assert [output.text for output in outputs] == ["Hel", "Hello", "Hello"]
    assert outputs[-1].usage is not None
    assert outputs[-1].finish_reason == "stop"


async def test_azure_of_the_sdk_keeps_its_own_addresses(server: ScriptedProvider) -> None:
    async with openai.AsyncAzureOpenAI(api_key="k", api_version="2024-10-21", azure_endpoint=server.origin) as sdk:
        client = OpenAILLMClient(openai_client=sdk, api_type="azure", model="my-deployment")
        await client.generate(ModelRequest.build_request("", "Hello"))
    assert server.requests[0].path == "/openai/deployments/my-deployment/chat/completions"


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (404, NotFound), (429, Throttled)])
async def test_its_failures_are_ours(server: ScriptedProvider, status: int, error: type[Exception]) -> None:
    server.fail(status)
    async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as sdk:
        with pytest.raises(error):
            await OpenAILLMClient(openai_client=sdk, max_retries=0).generate(REQUEST)


async def test_a_refused_connection_and_a_silent_server(server: ScriptedProvider) -> None:
    server.hang()
    async with openai.AsyncOpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0) as sdk:
        with pytest.raises(ConnectFailed):
            await OpenAILLMClient(openai_client=sdk, max_retries=0).generate(REQUEST)
    async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0, timeout=0.05) as sdk:
        with pytest.raises(TimedOut):
            await OpenAILLMClient(openai_client=sdk, max_retries=0).generate(REQUEST)


async def test_a_cut_stream_is_not_an_answer(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo", keep=2)
    async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as sdk:
        with pytest.raises(StreamInterrupted) as caught:
            [output async for output in OpenAILLMClient(openai_client=sdk).generate_stream(REQUEST)]
    assert caught.value.partial == "Hel"


async def test_an_error_within_a_stream_is_raised(server: ScriptedProvider) -> None:
    server.fail_in_stream("no more", after=["Hel"])
    async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as sdk:
        with pytest.raises(ServerFault, match="no more"):
            [output async for output in OpenAILLMClient(openai_client=sdk, max_retries=0).generate_stream(REQUEST)]


def test_the_blocking_client_is_refused_with_the_remedy() -> None:
    with openai.OpenAI(api_key="k") as sdk:
        client = OpenAILLMClient(openai_client=sdk)  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidConfig, match="AsyncOpenAI"):
            client.sync_generate(REQUEST)


def test_a_client_of_the_sdk_is_given_on_request() -> None:
    sdk = OpenAILLMClient(api_key="k", api_base="http://127.0.0.1:9/v1").client
    assert isinstance(sdk, openai.AsyncOpenAI)
    assert str(sdk.base_url) == "http://127.0.0.1:9/v1/"
