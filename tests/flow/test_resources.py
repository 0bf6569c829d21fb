"""The palette: what a flow may hold, and how a screen shows it."""

import json

import pytest

from interlingua import InvalidConfig, OpenAILLMClient, Parameter, ResourceCategory, register_resource
from interlingua.flow.resources import ResourceRegistry, Text, languages, palette


def test_the_document_has_db_gpts_shape() -> None:
    document = palette().lookup("openai_llm_client").to_dict()
    assert list(document) == [
        "type_name",
        "type_cls",
        "label",
        "custom_label",
        "name",
        "description",
        "category",
        "category_label",
        "flow_type",
        "icon",
        "documentation_url",
        "id",
        "tags",
        "resource_type",
        "parent_cls",
        "parameters",
    ]
    assert document["id"] == "resource_interlingua.client.openai_client.OpenAILLMClient"
    assert [name.rpartition(".")[2] for name in document["parent_cls"]] == [
        "OpenAILLMClient",
        "ProxyLLMClient",
        "LLMClient",
    ]
    assert (document["category"], document["category_label"]) == ("llm_client", "LLM Client")
    json.dumps(document)


def test_a_field_has_db_gpts_shape() -> None:
    parameter = palette().lookup("openai_llm_client").parameters[1]
    assert parameter.to_dict(value="http://127.0.0.1:1/v1") == {
        "type_name": "str",
        "type_cls": "builtins.str",
        "dynamic": False,
        "dynamic_minimum": 0,
        "label": "OpenAI API Base",
        "name": "api_base",
        "is_list": False,
        "category": "common",
        "resource_type": "instance",
        "optional": True,
        "default": None,
        "placeholder": None,
        "description": "Base URL; else OPENAI_BASE_URL or OPENAI_API_BASE, then the provider's own.",
        "value": "http://127.0.0.1:1/v1",
        "options": None,
    }


def test_choices_become_options() -> None:
    fields = {field["name"]: field for field in palette().lookup("openai_llm_client").to_dict()["parameters"]}
    assert [option["value"] for option in fields["on_error"]["options"]] == ["raise", "return"]
    assert [option["value"] for option in fields["api_type"]["options"]] == ["open_ai", "openai", "azure"]
    assert (fields["timeout"]["type_name"], fields["trust_env"]["type_name"]) == ("float", "bool")


def test_a_form_makes_the_object() -> None:
    client = palette().lookup("openai_llm_client").build({"apk_key": "k", "timeout": "30", "model": None})
    assert isinstance(client, OpenAILLMClient)
    assert client.timeout == 30.0


def test_the_name_in_a_saved_flow_of_db_gpt_finds_the_client() -> None:
    saved = "resource_dbgpt.model.proxy.llms.chatgpt.OpenAILLMClient"
    assert palette().lookup(saved) is palette().lookup("openai_llm_client")


def test_an_unknown_field_or_resource_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidConfig, match=r"no setting 'api_kee'; did you mean 'api_key'\?"):
        palette().lookup("openai_llm_client").build({"api_kee": "k"})
    with pytest.raises(InvalidConfig, match="did you mean 'openai_llm_client'"):
        palette().lookup("openai_llm_clint")


def test_a_class_of_yours_joins_the_palette() -> None:
    registry = ResourceRegistry()
    size = Parameter.build_from("Size", "size", int, alias=["length"])

    @register_resource("Box", name="box", category=ResourceCategory.EXAMPLE, parameters=[size], registry=registry)
    class Box:
        def __init__(self, size: int) -> None:
            self.size = size

    assert registry.lookup("box").build({"length": 3}).size == 3
    with pytest.raises(InvalidConfig, match="size must be given"):
        registry.lookup("box").build({})
    assert [resource.cls for resource in registry] == [Box]


def test_a_name_belongs_to_one_class() -> None:
    registry = ResourceRegistry()
    register_resource("One", name="box", registry=registry)(int)
    with pytest.raises(InvalidConfig, match="taken"):
        register_resource("Two", name="box", registry=registry)(str)


def test_every_category_has_a_label() -> None:
    assert all(category.label for category in ResourceCategory)


@pytest.mark.parametrize("language", ["zh", "zh_CN", "zh-CN", "fr;q=0.2, zh-Hans;q=0.9, en;q=0.1"])
def test_labels_are_translated_for_each_request(language: str) -> None:
    resource = palette().lookup("openai_llm_client")
    assert resource.to_dict(language)["category_label"] == "LLM 客户端"
    assert resource.to_dict("en")["category_label"] == "LLM Client"


@pytest.mark.parametrize("language", ["", "xx", "en", "zh;q=0", "../../etc", "zh;q=x"])
def test_any_other_language_is_english(language: str) -> None:
    assert Text("LLM Client").to(language) == "LLM Client"


def test_the_shipped_languages() -> None:
    assert languages() == ["en", "zh_CN"]
