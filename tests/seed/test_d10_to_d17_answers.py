"""D10 to D17: what comes back, whole and as a stream."""

import gc

import pytest

from interlingua import Error, ModelOutput, ModelRequest, NotFound, OpenAILLMClient, Unauthorized
from interlingua.testing import Reply, ScriptedProvider

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("tiny", "Hello")


def client_of(server: ScriptedProvider, **settings: object) -> OpenAILLMClient:
    return OpenAILLMClient(api_key="k", api_base=server.base_url, max_retries=0, **settings)  # pyright: ignore[reportArgumentType]


async def collected(client: OpenAILLMClient, *, incremental: bool = False) -> list[ModelOutput]:
    return [output async for output in client.generate_stream(REQUEST, incremental=incremental)]


def whole(body: bytes) -> Reply:
    return Reply(pieces=[body], length=len(body))


def streamed(*events: bytes) -> Reply:
    return Reply(
        headers=[("content-type", "text/event-stream")], pieces=[b"data: " + event + b"\n\n" for event in events]
    )


async def test_d10_a_failure_is_raised_streamed_or_not(server: ScriptedProvider) -> None:
    server.key = "another"
    async with client_of(server) as client:
        with pytest.raises(Unauthorized):
            await client.generate(REQUEST)
        with pytest.raises(Unauthorized):
            await collected(client)


async def test_d10_or_returned_streamed_or_not(server: ScriptedProvider) -> None:
    server.key = "another"
    async with client_of(server, on_error="return") as client:
        whole_output = await client.generate(REQUEST)
        (streamed_output,) = await collected(client)
    for output in (whole_output, streamed_output):
        assert (output.success, output.error_code, output.text) == (False, 1, "")
        assert isinstance(output.error, Unauthorized)


async def test_d11_a_failure_has_a_type_and_its_details_and_is_never_text(server: ScriptedProvider) -> None:
    server.fail(404, "no such model", code="model_not_found", headers={"x-request-id": "req_7"})
    async with client_of(server) as client:
        with pytest.raises(NotFound) as caught:
            await client.generate(REQUEST)
    error = caught.value
    assert (error.status, error.code, error.request_id, error.retryable) == (404, "model_not_found", "req_7", False)
    assert (error.provider, error.model) == ("openai", "tiny")


async def test_d12_an_answer_without_usage_is_an_answer(server: ScriptedProvider) -> None:
    server.send(
        whole(b'{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}')
    )
    async with client_of(server) as client:
        output = await client.generate(REQUEST)
    assert (output.text, output.usage, output.success) == ("Hi", None, True)


async def test_d12_no_choices_is_an_empty_answer(server: ScriptedProvider) -> None:
    server.send(whole(b'{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0,"total_tokens":1}}'))
    async with client_of(server) as client:
        output = await client.generate(REQUEST)
    assert (output.text, output.success) == ("", True)


async def test_d12_null_content_is_empty_text(server: ScriptedProvider) -> None:
    server.reply(None, tool_calls=[("look", '{"x": 1}')])
    async with client_of(server) as client:
        output = await client.generate(REQUEST)
    assert output.text == ""
    assert [(call.name, call.parsed_arguments()) for call in output.tool_calls] == [("look", {"x": 1})]


async def test_d13_a_stream_reports_its_usage(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo")
    async with client_of(server) as client:
        outputs = await collected(client)
    assert server.requests[0].json["stream_options"] == {"include_usage": True}
    assert outputs[-1].usage is not None
    assert (outputs[-1].usage.prompt_tokens, outputs[-1].usage.completion_tokens) == (3, 2)


@pytest.mark.parametrize(
    ("raw", "reason"), [("length", "length"), ("content_filter", "content_filter"), ("odd", "other")]
)
async def test_d14_the_finish_reason_arrives_in_both_modes(server: ScriptedProvider, raw: str, reason: str) -> None:
    server.reply("Hel", finish_reason=raw)
    server.stream("Hel", finish_reason=raw)
    async with client_of(server) as client:
        output = await client.generate(REQUEST)
        last = (await collected(client))[-1]
    assert output.finish_reason == last.finish_reason == reason
    assert output.choices[0].raw_finish_reason == last.choices[0].raw_finish_reason == raw


async def test_d15_a_chunk_whose_delta_is_null_is_passed_over(server: ScriptedProvider) -> None:
    server.send(
        streamed(
            b'{"choices":[{"index":0,"delta":null,"finish_reason":null}]}',
            b'{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}',
            b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
            b"[DONE]",
        )
    )
    async with client_of(server) as client:
        outputs = await collected(client)
    assert outputs[-1].text == "Hi"


async def test_d16_a_role_alone_is_no_item_and_there_is_a_last_one(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo")
    async with client_of(server) as client:
        outputs = await collected(client)
    assert [output.delta for output in outputs] == ["Hel", "lo", ""]
    assert [output.text for output in outputs] == ["Hel", "Hello", "Hello"]
    assert [output.finish_reason for output in outputs] == [None, None, "stop"]


async def test_d17_deltas_are_there_and_cumulative_text_is_joined_only_when_read(server: ScriptedProvider) -> None:
    pieces = ["abcd"] * 4000
    server.stream(*pieces)
    async with client_of(server) as client:
        outputs = await collected(client)
    assert "".join(output.delta for output in outputs) == "abcd" * 4000
    kept = [gc.get_referents(output) for output in outputs[:-1]]
    assert not [each for referents in kept for each in referents if isinstance(each, str) and len(each) > 4]
    assert outputs[9].text == "abcd" * 10


async def test_d17_incremental_streams_have_the_delta_as_text(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo")
    async with client_of(server) as client:
        outputs = await collected(client, incremental=True)
    assert [output.text for output in outputs] == ["Hel", "lo", ""]
    assert all(output.incremental for output in outputs)
    assert outputs[-1].choices[0].text == "Hello"


async def test_d31_every_choice_and_kind_of_part_arrives(server: ScriptedProvider) -> None:
    choices = ",".join(
        f'{{"index":{index},"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}'
        for index, text in enumerate(("one", "two"))
    )
    message = b'{"role":"assistant","content":null,"refusal":"No."}'
    refusal = b'{"choices":[{"index":0,"message":' + message + b',"finish_reason":"stop"}]}'
    server.send(whole(f'{{"choices":[{choices}]}}'.encode()))
    server.send(whole(refusal))
    server.reply("4", thinking="2+2")
    async with client_of(server) as client:
        two, refused, thought = [await client.generate(REQUEST) for _ in range(3)]
    assert [choice.text for choice in two.choices] == ["one", "two"]
    assert refused.refusal == "No."
    assert (thought.thinking, thought.text) == ("2+2", "4")


async def test_d11_a_cut_stream_is_an_error_that_keeps_what_came(server: ScriptedProvider) -> None:
    server.stream("Hel", "lo", keep=2, ending="cut")
    async with client_of(server) as client:
        with pytest.raises(Error) as caught:
            await collected(client)
    assert getattr(caught.value, "partial", None) == "Hel"
