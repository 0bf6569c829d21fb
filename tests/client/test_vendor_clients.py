"""The clients that are named after a provider, over scripted providers of their wires."""

import pytest

from interlingua import (
    AnthropicLLMClient,
    BedrockLLMClient,
    CohereLLMClient,
    GeminiLLMClient,
    InvalidConfig,
    ModelMessage,
    ModelRequest,
    OllamaLLMClient,
    ProxyModelParameters,
    Unauthorized,
)
from interlingua.testing import ScriptedProvider
from interlingua.testing.voice import Line
from interlingua.types import ThinkingPart

pytestmark = pytest.mark.anyio


def asked(text: str = "Hello") -> ModelRequest:
    return ModelRequest.build_request("", text)


async def test_anthropic_speaks_messages() -> None:
    async with (
        ScriptedProvider(key="secret") as server,
        AnthropicLLMClient("secret", server.origin, "claude-haiku-5-5", max_tokens=77, betas=["b-1", "b-2"]) as client,
    ):
        server.reply("Hi.")
        output = await client.generate(asked())

    assert (output.text, output.provider) == ("Hi.", "anthropic")
    seen = server.requests[0]
    assert (seen.path, seen.json["model"], seen.json["max_tokens"]) == ("/v1/messages", "claude-haiku-5-5", 77)
    assert (seen.headers["anthropic-beta"], seen.headers["anthropic-version"]) == ("b-1,b-2", "2023-06-01")


async def test_anthropic_brings_its_thinking_back_byte_by_byte() -> None:
    async with ScriptedProvider() as server, AnthropicLLMClient("k", server.origin, "claude-opus-5-5") as client:
        server.say(Line(thinking="I should ask.", signature="EqQB+/=é", tool_calls=[("weather", '{"city":"Oslo"}')]))
        first = await client.generate(asked("Weather?"))
        history = [
            ModelMessage.user("Weather?"),
            ModelMessage.assistant(first.parts),
            ModelMessage.tool_result(first.tool_calls[0].id, "4 degrees"),
        ]
        server.reply("Cold.")
        await client.generate(ModelRequest("", history))

    blocks = server.requests[1].json["messages"][1]["content"]
    assert blocks[0] == {"type": "thinking", "thinking": "I should ask.", "signature": "EqQB+/=é"}
    assert blocks[1]["input"] == {"city": "Oslo"}


async def test_a_thinking_budget_and_an_effort_are_settings() -> None:
    async with (
        ScriptedProvider() as server,
        AnthropicLLMClient("k", server.origin, "m", thinking_budget=2048, effort="low") as client,
    ):
        await client.generate(asked())

    body = server.requests[0].json
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert body["output_config"] == {"effort": "low"}


async def test_gemini_speaks_generate_content() -> None:
    filters = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    async with (
        ScriptedProvider(key="secret") as server,
        GeminiLLMClient(
            "secret", server.origin, "gemini-4-carbon", thinking_level="low", safety_settings=filters
        ) as client,
    ):
        server.stream("Hi", ".")
        pieces = [output.delta async for output in client.generate_stream(asked())]

    assert "".join(pieces) == "Hi."
    seen = server.requests[0]
    assert (seen.path, seen.query) == ("/v1beta/models/gemini-4-carbon:streamGenerateContent", "alt=sse")
    assert seen.json["safetySettings"] == filters
    assert seen.json["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "LOW"


async def test_gemini_brings_the_signature_of_a_call_back() -> None:
    async with ScriptedProvider() as server, GeminiLLMClient("k", server.origin, "gemini-4-argon") as client:
        server.say(Line(thinking="Hm.", signature="c2lnbmF0dXJl", tool_calls=[("weather", '{"city":"Oslo"}')]))
        outputs = [output async for output in client.generate_stream(asked("Weather?"))]
        first = outputs[-1]
        assert first.tool_calls[0].signature == "c2lnbmF0dXJl"
        assert [part.text for part in first.parts if isinstance(part, ThinkingPart)] == ["Hm."]
        history = [
            ModelMessage.user("Weather?"),
            ModelMessage.assistant(first.parts),
            ModelMessage.tool_result(first.tool_calls[0].id, "4 degrees"),
        ]
        server.reply("Cold.")
        await client.generate(ModelRequest("", history))

    contents = server.requests[1].json["contents"]
    assert contents[1]["parts"][1] == {
        "functionCall": {"name": "weather", "args": {"city": "Oslo"}},
        "thoughtSignature": "c2lnbmF0dXJl",
    }
    assert contents[2]["parts"] == [{"functionResponse": {"name": "weather", "response": {"result": "4 degrees"}}}]


async def test_cohere_speaks_chat_completions() -> None:
    async with ScriptedProvider() as server, CohereLLMClient("k", server.base_url, "command-a") as client:
        server.reply("Hi.")
        assert (await client.generate(asked())).text == "Hi."
    assert server.requests[0].path == "/v1/chat/completions"


async def test_failures_are_raised_or_returned() -> None:
    async with (
        ScriptedProvider(key="right") as server,
        AnthropicLLMClient("wrong", server.origin, "m") as raising,
        AnthropicLLMClient("wrong", server.origin, "m", on_error="return") as returning,
    ):
        with pytest.raises(Unauthorized):
            await raising.generate(asked())
        output = await returning.generate(asked())

    assert (output.error_code, output.text, type(output.error)) == (1, "", Unauthorized)


async def test_a_worker_builds_them_from_its_parameters() -> None:
    parameters = ProxyModelParameters(
        model_name="my-claude", proxy_api_key="k", proxy_api_base="http://localhost:1/v1", proxyllm_backend="claude-x"
    )

    client = AnthropicLLMClient.new_client(parameters)

    assert [model.model for model in await client.models()] == ["my-claude"]
    assert client.default_model == "claude-x"


def test_request_defaults_are_checked_at_once() -> None:
    with pytest.raises(InvalidConfig, match="request_defaults: a request has no field 'temprature'"):
        GeminiLLMClient("k", request_defaults={"temprature": 1})


async def test_ollama_speaks_its_own_api() -> None:
    async with (
        ScriptedProvider() as server,
        OllamaLLMClient(None, server.origin, "qwen3.6", num_ctx=8192, keep_alive="5m") as client,
    ):
        server.stream("Hi", ".", content_type="application/x-ndjson")
        pieces = [output.delta async for output in client.generate_stream(asked())]

    assert "".join(pieces) == "Hi."
    seen = server.requests[0]
    assert (seen.path, seen.json["model"], seen.json["keep_alive"]) == ("/api/chat", "qwen3.6", "5m")
    assert seen.json["options"]["num_ctx"] == 8192


async def test_bedrock_signs_its_requests() -> None:
    async with (
        ScriptedProvider() as server,
        BedrockLLMClient(
            None,
            server.origin,
            "anthropic.claude-x-v1:0",
            region="eu-central-1",
            access_key_id="AKIDEXAMPLE",
            secret_access_key="secret",
        ) as client,
    ):
        server.reply("Hi.")
        output = await client.generate(asked())

    assert output.text == "Hi."
    seen = server.requests[0]
    assert seen.path == "/model/anthropic.claude-x-v1%3A0/converse"
    assert seen.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/bedrock/aws4_request" in seen.headers["authorization"]
    assert "secret" not in repr(client)


async def test_bedrock_streams_with_a_key_of_its_own() -> None:
    async with ScriptedProvider() as server, BedrockLLMClient("key", server.origin, "m") as client:
        server.say(Line(pieces=["Hi", "."], thinking="Hm.", signature="c2ln"))
        outputs = [output async for output in client.generate_stream(asked())]

    assert (outputs[-1].text, outputs[-1].thinking, outputs[-1].finish_reason) == ("Hi.", "Hm.", "stop")
    assert server.requests[0].headers["authorization"] == "Bearer key"


def test_bedrock_asks_for_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InvalidConfig, match="AWS_REGION"):
        BedrockLLMClient(model="m", access_key_id="a", secret_access_key="b").endpoint()
