"""M1 to M10: the message layer that the seed's client stands on."""

import asyncio
import copy

import pytest

from interlingua import (
    DefaultMessageConverter,
    InvalidRequest,
    ModelExtraMetadata,
    ModelInferenceMetrics,
    ModelMessage,
    ModelMetadata,
    OpenAILLMClient,
    ProxyModel,
)
from interlingua.testing import ScriptedProvider

NO_SYSTEM = ModelMetadata(model="m", ext_metadata=ModelExtraMetadata(prompt_roles=("user", "assistant")))


def pairs(messages: list[ModelMessage]) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in messages]


def test_m01_converting_changes_nothing_of_the_callers_and_twice_is_once() -> None:
    messages = [ModelMessage("system", "S"), ModelMessage("human", "H")]
    before = copy.deepcopy(messages)
    once = DefaultMessageConverter().convert(messages, NO_SYSTEM)
    assert messages == before
    assert pairs(once) == [("user", "S\nH")]
    assert DefaultMessageConverter().convert(once, NO_SYSTEM) == once


def test_m02_a_system_message_alone_is_not_lost() -> None:
    assert pairs(DefaultMessageConverter().convert([ModelMessage("system", "S")], NO_SYSTEM)) == [("user", "S")]


def test_m03_system_text_goes_to_the_users_message_and_not_to_the_models() -> None:
    messages = [ModelMessage("system", "S"), ModelMessage("human", "H"), ModelMessage("ai", "A")]
    assert ("assistant", "A") in pairs(DefaultMessageConverter().convert(messages, NO_SYSTEM))
    assert ("user", "S\nH") in pairs(DefaultMessageConverter().convert(messages, NO_SYSTEM))


def test_m04_the_last_message_of_the_user_moves_to_the_end() -> None:
    messages = [ModelMessage("human", "H"), ModelMessage("ai", "A")]
    sent = ModelMessage.to_common_messages(messages, convert_to_compatible_format=True)
    assert [message["role"] for message in sent] == ["assistant", "user"]
    assert [message["role"] for message in ModelMessage.to_common_messages(messages)] == ["user", "assistant"]


def test_m05_a_users_message_at_index_0_counts() -> None:
    messages = [ModelMessage("human", "H"), ModelMessage("ai", "A")]
    assert pairs(DefaultMessageConverter().convert(messages)) == [("assistant", "A"), ("user", "H")]


def test_m06_without_a_system_role_the_text_is_merged_and_nothing_is_raised() -> None:
    messages = [ModelMessage("system", "S"), ModelMessage("human", "H")]
    assert ModelMessage.to_common_messages(messages, support_system_role=False) == [{"role": "user", "content": "S\nH"}]


def test_m07_openai_messages_are_read_whole() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
    given = [
        {"role": "developer", "content": "d"},
        {"role": "user", "content": [{"type": "text", "text": "what?"}, image]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "t"},
    ]
    read = ModelMessage.from_openai_messages(given)
    assert len(read) == len(given)
    assert ModelMessage.to_common_messages(read) == given


def test_m07_an_unknown_role_is_an_error() -> None:
    with pytest.raises(InvalidRequest, match="role"):
        ModelMessage.from_openai_messages([{"role": "oracle", "content": "?"}])


def test_m08_a_client_can_be_called_inside_a_running_loop() -> None:
    async def main() -> str:
        async with (
            ScriptedProvider() as server,
            OpenAILLMClient(api_key="k", api_base=server.base_url, model="tiny") as client,
        ):
            return (await client("", "Hello")).text

    assert asyncio.run(main()) == "Hello!"


def test_m09_a_proxy_model_counts_the_tokens_of_a_message() -> None:
    worker = ProxyModel(None, OpenAILLMClient(api_key="k", model="gpt-4o"))
    assert worker.count_token("Hello") == 1
    assert worker.count_token(ModelMessage("user", "Hello")) > 1
    assert worker.count_token([ModelMessage("user", "Hello")]) > 1


def test_m10_no_speed_is_divided_by_zero() -> None:
    metrics = ModelInferenceMetrics(start_time_ms=5.0, current_time_ms=5.0, end_time_ms=5.0, completion_tokens=3)
    assert metrics.speed_per_second is None
    assert metrics.decode_speed_per_second is None
    assert ModelInferenceMetrics.create_metrics(ModelInferenceMetrics.create_metrics()).collect_index == 1
