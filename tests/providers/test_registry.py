import pytest

from interlingua.errors import InvalidConfig, NoSuchModel, NoSuchProvider
from interlingua.providers import REGISTRY, Registry


def test_an_unknown_provider_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(NoSuchProvider, match="did you mean 'deepseek'"):
        REGISTRY.lookup("deepsek")


def test_an_unknown_provider_without_a_near_name_points_to_the_list() -> None:
    with pytest.raises(NoSuchProvider, match="interlingua providers"):
        REGISTRY.lookup("xyzzyxyzzy")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("openai/gpt-6-luna", ("openai", "gpt-6-luna")),
        ("siliconflow/Qwen/Qwen2.5-72B", ("siliconflow", "Qwen/Qwen2.5-72B")),
        ("qwen/qwen-plus", ("dashscope", "qwen-plus")),
        ("perplexity", ("perplexity", "sonar")),
        ("perplexity/", ("perplexity", "sonar")),
        ("proxy/perplexity", ("perplexity", "sonar")),
        ("chatgpt_proxyllm", ("openai", "gpt-6-luna")),
        ("tongyi_proxyllm", ("dashscope", "qwen-plus")),
    ],
)
def test_a_model_string_is_split_at_its_first_slash(model: str, expected: tuple[str, str]) -> None:
    assert REGISTRY.split_model(model) == expected


def test_a_model_without_a_provider_is_refused_with_the_form_to_write() -> None:
    with pytest.raises(NoSuchModel, match="provider/model"):
        REGISTRY.split_model("gpt-6-luna")


def test_a_model_of_an_unknown_provider_is_refused() -> None:
    with pytest.raises(NoSuchProvider, match="'groqq'"):
        REGISTRY.split_model("groqq/llama")


def test_a_provider_without_a_default_model_asks_for_one() -> None:
    with pytest.raises(NoSuchModel, match="write `vllm/model`"):
        REGISTRY.split_model("vllm")


def test_a_row_of_the_user_is_found_like_any_other() -> None:
    registry = Registry(
        {"acme": {"base_url": "https://api.acme.example/v1", "key_env": ["ACME_KEY"], "aliases": ["a"]}}
    )

    assert registry.lookup("a").base_url == "https://api.acme.example/v1"
    assert registry.lookup("acme").name == "acme"
    assert "acme" in registry
    assert "acme" not in REGISTRY
    assert next(row.id for row in registry) == "acme"


def test_words_of_a_built_in_row_can_be_changed() -> None:
    registry = Registry({"groq": {"base_url": "https://groq.corp.example/v1", "dialect": {"think_tags": False}}})

    row = registry.lookup("groq")

    assert row.base_url == "https://groq.corp.example/v1"
    assert row.key_env == ("GROQ_API_KEY",)
    assert row.dialect.think_tags is False
    assert row.dialect.drop == ("logprobs", "top_logprobs", "logit_bias")


def test_a_row_can_start_from_another() -> None:
    registry = Registry({"work": {"extends": "openai", "name": "Work", "key_env": ["WORK_KEY"]}})

    row = registry.lookup("work")

    assert (row.id, row.name, row.key_env) == ("work", "Work", ("WORK_KEY",))
    assert row.base_url == REGISTRY.lookup("openai").base_url
    assert registry.lookup("chatgpt").id == "openai"


def test_starting_from_an_unknown_row_is_refused() -> None:
    with pytest.raises(NoSuchProvider, match="did you mean 'openai'"):
        Registry({"work": {"extends": "opnai"}})


def test_starting_from_something_that_is_no_name_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="extends"):
        Registry({"work": {"extends": 3}})
