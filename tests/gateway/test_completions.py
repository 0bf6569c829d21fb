"""The API before Chat Completions, asked by OpenAI's SDK."""

from typing import Any

import openai
import pytest

from interlingua.testing import Reply, ScriptedProvider
from tests.gateway.house import KEY, gateway_over
from tests.gateway.raw import calling, post
from tests.gateway.test_official_sdk import sdk

pytestmark = pytest.mark.anyio

MODELS = pytest.mark.parametrize("model", ["relayed/tiny", "translated/tiny"])


@MODELS
async def test_a_prompt_is_a_users_message(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.reply("upon a time.")
        completion = await client.completions.create(model=model, prompt="Once ", max_tokens=9, temperature=0)
        assert (completion.object, completion.choices[0].text) == ("text_completion", "upon a time.")
        assert (completion.choices[0].finish_reason, completion.choices[0].logprobs) == ("stop", None)
        assert completion.usage is not None
        assert completion.usage.total_tokens == 5
        asked = upstream.requests[0].json
        assert asked["messages"] == [{"role": "user", "content": "Once "}]
        assert asked["temperature"] == 0
        assert "prompt" not in asked


@MODELS
async def test_stream(model: str) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.stream("upon", " a time.", finish_reason="length")
        stream = await client.completions.create(
            model=model, prompt="Once ", stream=True, echo=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == "Once upon a time."
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
        assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [2]


async def test_what_a_chat_model_cannot_be_asked_is_named() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, calling(server.port) as caller:
        body = {"model": "relayed/tiny", "prompt": ["Once "], "echo": True, "best_of": 3, "suffix": "end"}
        await caller.send(post("/v1/completions", body, f"Authorization: Bearer {KEY}"))
        answer = await caller.answer()
        assert answer.json()["choices"][0]["text"] == "Once Hello!"
        assert "dropped best_of" in answer.headers["x-interlingua-warnings"]
        assert "dropped suffix" in answer.headers["x-interlingua-warnings"]
        assert "emulated echo" in answer.headers["x-interlingua-warnings"]


async def test_logprobs_have_the_old_form() -> None:
    token = {"token": "upon", "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": "upon", "logprob": -0.5}]}
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        body = (
            b'{"id":"1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"message":'
            b'{"role":"assistant","content":"upon"},"finish_reason":"stop","logprobs":{"content":[%b]}}]}'
        ) % repr(token).replace("'", '"').replace("None", "null").encode()
        upstream.send(Reply(pieces=[body]))
        completion = await client.completions.create(model="translated/tiny", prompt="Once ", logprobs=1)
        logprobs = completion.choices[0].logprobs
        assert logprobs is not None
        assert (logprobs.tokens, logprobs.token_logprobs) == (["upon"], [-0.5])
        assert (logprobs.top_logprobs, logprobs.text_offset) == ([{"upon": -0.5}], [0])
        assert upstream.requests[0].json["top_logprobs"] == 1


@pytest.mark.parametrize("prompt", [[1, 2, 3], ["a", "b"], [[1]], 7, None, {"a": 1}, []])
async def test_a_prompt_that_is_no_text_is_refused(prompt: Any) -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        with pytest.raises(openai.BadRequestError) as raised:
            await client.completions.create(model="relayed/tiny", prompt=prompt)
        assert raised.value.param == "prompt"
        assert upstream.requests == []


async def test_a_failure_within_a_stream_is_raised() -> None:
    async with ScriptedProvider() as upstream, gateway_over(upstream) as server, sdk(server) as client:
        upstream.fail_in_stream("out of capacity", after=["One"])
        stream = await client.completions.create(model="relayed/tiny", prompt="Once ", stream=True)
        with pytest.raises(openai.APIError, match="out of capacity"):
            assert [chunk async for chunk in stream]
