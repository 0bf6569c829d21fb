"""The embedded model itself, answering: slow tests, made of few tokens."""

import asyncio
import re
import signal
import subprocess
import sys
import threading
from contextlib import aclosing

import msgspec
import pytest

from interlingua.errors import BadRequest, ConcurrencyExceeded, ContextTooLong, TimedOut
from interlingua.local import LocalProvider
from interlingua.types import (
    Event,
    Finish,
    ModelMessage,
    ModelOutput,
    ModelRequest,
    ResponseFormat,
    StreamEnd,
    StreamStart,
    TextDelta,
    Timeouts,
    Tool,
    ToolChoice,
    UsageReport,
)

pytestmark = [pytest.mark.anyio, pytest.mark.model]

WEATHER = Tool(
    name="get_weather",
    description="Get the weather of a city",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


class Person(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    age: int


def request(messages: object = "Why is the sky blue?", **options: object) -> ModelRequest:
    return ModelRequest.build_request("smollm2", messages, **({"max_new_tokens": 12} | options))  # pyright: ignore[reportArgumentType]


async def test_an_answer_streams_and_ends_with_reason_and_usage(local: LocalProvider) -> None:
    endless = request(extra_body={"ignore_eos": True})
    events: list[Event] = [event async for event in local.stream(endless)]

    assert isinstance(events[0], StreamStart)
    assert events[0].model == "smollm2"
    assert sum(isinstance(event, TextDelta) for event in events) > 5
    assert [event.reason for event in events if isinstance(event, Finish)] == ["length"]
    usage = next(event.usage for event in events if isinstance(event, UsageReport))
    assert usage.completion_tokens == 12
    assert usage.prompt_tokens > 20
    assert isinstance(events[-1], StreamEnd)


async def test_a_whole_answer_has_text_usage_and_names(local: LocalProvider) -> None:
    output = await local.generate(request(extra_body={"ignore_eos": True}))

    assert output.text
    assert (output.provider, output.model, output.finish_reason) == ("local", "smollm2", "length")
    assert output.usage is not None
    assert output.usage.total_tokens == output.usage.prompt_tokens + 12


async def test_a_prompt_that_was_read_before_is_counted_as_cached(local: LocalProvider) -> None:
    await local.generate(request("Tell me of the sea.", max_new_tokens=1))
    output = await local.generate(request("Tell me of the sea.", max_new_tokens=1))

    assert output.usage is not None
    assert output.usage.cache_read_tokens > 20


async def test_an_answer_ends_before_a_stop_text(local: LocalProvider) -> None:
    output = await local.generate(
        request("Count: one two three four five", stop=["three"], temperature=0, max_new_tokens=40)
    )

    assert output.finish_reason == "stop"
    assert "three" not in output.text


async def test_the_same_seed_gives_the_same_answer(local: LocalProvider) -> None:
    answers = [await local.generate(request(seed=7, temperature=1.0)) for _ in range(2)]
    other = await local.generate(request(seed=8, temperature=1.0))

    assert answers[0].text == answers[1].text
    assert other.text != answers[0].text


async def test_temperature_zero_gives_the_same_answer_whatever_the_seed(local: LocalProvider) -> None:
    answers = [await local.generate(request(temperature=0, seed=seed)) for seed in (1, 2)]

    assert answers[0].text == answers[1].text


async def test_an_answer_fits_its_json_schema(local: LocalProvider) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "maximum": 150}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    shape = ResponseFormat(type="json_schema", name="person", schema=schema, strict=True)

    output = await local.generate(request("Invent a person.", response_format=shape, max_new_tokens=80, seed=1))

    assert output.finish_reason == "stop"
    assert isinstance(msgspec.json.decode(output.text, type=Person), Person)


async def test_a_demanded_tool_is_called_with_arguments_of_its_schema(local: LocalProvider) -> None:
    output = await local.generate(
        request(
            "What is the weather in Paris?",
            tools=[WEATHER],
            tool_choice=ToolChoice(mode="required"),
            temperature=0,
            max_new_tokens=80,
        )
    )

    call = output.tool_calls[0]
    assert (call.name, call.kind, output.finish_reason) == ("get_weather", "function", "tool_calls")
    assert isinstance(call.parsed_arguments()["city"], str)
    assert call.id


async def test_the_result_of_a_tool_is_read(local: LocalProvider) -> None:
    first = await local.generate(
        request(
            "Weather in Paris?", tools=[WEATHER], tool_choice=ToolChoice(mode="required"), max_new_tokens=80, seed=1
        )
    )
    call = first.tool_calls[0]

    output = await local.generate(
        request(
            [
                ModelMessage.user("Weather in Paris?"),
                ModelMessage.assistant([call]),
                ModelMessage.tool_result(call.id, "sunny"),
            ],
            tools=[WEATHER],
        )
    )

    assert output.usage is not None
    assert output.usage.prompt_tokens > 100


async def test_several_answers_and_their_probabilities_are_given(local: LocalProvider) -> None:
    output = await local.generate(request(n=2, logprobs=True, top_logprobs=2, max_new_tokens=2))

    assert len(output.choices) == 2
    assert all(len((choice.logprobs or {})["content"]) == 2 for choice in output.choices)


async def test_leaving_a_stream_stops_the_generation(local: LocalProvider) -> None:
    endless = request("Tell a very long story.", max_new_tokens=None, extra_body={"ignore_eos": True})

    async with aclosing(local.stream(endless)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    # Both places are free again: two answers are made at once, while the story would have filled one for minutes.
    answers = await asyncio.gather(*(local.generate(request(max_new_tokens=2)) for _ in range(2)))

    assert all(answer.usage for answer in answers)
    engine = local.engine("smollm2")
    assert engine is not None
    assert engine.busy == 0


async def test_more_requests_than_may_wait_are_refused(local: LocalProvider) -> None:
    results = await asyncio.gather(
        *(local.generate(request(max_new_tokens=4)) for _ in range(5)), return_exceptions=True
    )

    refused = [result for result in results if isinstance(result, ConcurrencyExceeded)]
    assert len(refused) == 2
    assert sum(isinstance(result, ModelOutput) for result in results) == 3


def test_two_loops_ask_at_once(local: LocalProvider) -> None:
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(asyncio.run(local.generate(request(max_new_tokens=4))).text))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(texts) == 2
    assert all(texts)


async def test_a_prompt_that_does_not_fit_is_too_long(local: LocalProvider) -> None:
    with pytest.raises(ContextTooLong) as caught:
        await local.generate(request("word " * 3000))

    assert (caught.value.provider, caught.value.model, caught.value.status) == ("local", "smollm2", 400)


async def test_what_llama_refuses_is_a_bad_request(local: LocalProvider) -> None:
    with pytest.raises(BadRequest, match="'n'"):
        await local.generate(request(n=9))


async def test_a_request_may_limit_its_time(local: LocalProvider) -> None:
    with pytest.raises(TimedOut, match="total clock"):
        await local.generate(request("Tell a very long story.", max_new_tokens=None, timeout=0.05))


@pytest.mark.parametrize("clock", ["first_token", "total"])
async def test_the_clocks_of_an_attempt_hold_here_too(local: LocalProvider, clock: str) -> None:
    clocks = Timeouts(**{clock: 0.001})

    with pytest.raises(TimedOut, match=f"{clock} clock") as caught:
        await local.generate(request("Tell a very long story.", max_new_tokens=None, timeouts=clocks))

    assert (caught.value.clock, caught.value.provider) == (clock, "local")


async def test_an_answer_that_goes_on_winds_its_clock(local: LocalProvider) -> None:
    clocks = Timeouts(first_token=60, idle=10, total=60)

    output = await local.generate(request("Count to ten.", extra_body={"ignore_eos": True}, timeouts=clocks))

    assert output.usage is not None
    assert output.usage.output_tokens == 12


async def test_parts_of_any_unicode_arrive_whole(local: LocalProvider) -> None:
    output = await local.generate(request("Answer with emojis only: 😀😀😀", max_new_tokens=20, seed=1))

    assert "�" not in output.text.rstrip("�")


SCRIPT = """
import asyncio, sys
from interlingua.local import LocalProvider
from interlingua.types import ModelRequest, TextDelta

async def main():
    request = ModelRequest.build_request("smollm2", "Tell a story.", extra_body={"ignore_eos": True})
    async for event in LocalProvider(context_length=2048).stream(request):
        if isinstance(event, TextDelta):
            print("token", flush=True)
            if sys.argv[1] == "leave":
                return

asyncio.run(main())
"""


def test_a_program_that_leaves_in_the_middle_of_an_answer_ends_cleanly_and_silently() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, "leave"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "token\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_program_in_the_middle_of_an_answer() -> None:
    arguments = [sys.executable, "-c", SCRIPT, "stay"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "token\n"
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)

    assert program.returncode == -signal.SIGINT
    assert re.fullmatch(r"KeyboardInterrupt", errors.strip().splitlines()[-1])
