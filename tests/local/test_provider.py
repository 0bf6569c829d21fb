import sys
from pathlib import Path

import pytest

from interlingua.errors import InvalidConfig, NoSuchModel, Unsupported
from interlingua.local import LocalProvider
from interlingua.local.llama import LoadOptions, load_server
from interlingua.types import ModelRequest, Tool, ToolChoice
from tests.local.wheels import gguf, row, wheel

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest.build_request("smollm2", "Hi")


async def test_the_models_known_by_name_are_listed(tmp_path: Path) -> None:
    models = await LocalProvider(cache_dir=tmp_path).models()

    assert [(model.model, model.provider, model.context_length) for model in models] == [("smollm2", "local", 8192)]
    assert models[0].metadata["cached"] is False


async def test_only_allowed_models_are_listed_and_answer(tmp_path: Path) -> None:
    provider = LocalProvider(cache_dir=tmp_path, allowed=["tiny"])

    assert await provider.models() == []
    with pytest.raises(NoSuchModel, match="'smollm2' is not among those allowed"):
        await provider.generate(REQUEST)
    with pytest.raises(NoSuchModel, match="not among those allowed"):
        await provider.generate(ModelRequest.build_request("/etc/passwd", "Hi"))


async def test_a_name_that_means_nothing_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NoSuchModel, match="Did you mean 'smollm2'") as caught:
        await LocalProvider(cache_dir=tmp_path).generate(ModelRequest.build_request("smolm2", "Hi"))

    assert (caught.value.provider, caught.value.model) == ("local", "smolm2")


async def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.gguf"
    path.write_text("this is a text")

    with pytest.raises(InvalidConfig, match=r"text\.gguf is not a whole GGUF"):
        await LocalProvider(cache_dir=tmp_path).generate(ModelRequest.build_request(str(path), "Hi"))


async def test_a_model_whose_template_has_no_place_for_tools_is_not_made_to_call_one(tmp_path: Path) -> None:
    path = tmp_path / "plain.gguf"
    path.write_bytes(gguf())
    tools = [Tool(name="weather", parameters={"type": "object"})]

    with pytest.raises(Unsupported, match="tools"):
        await LocalProvider(cache_dir=tmp_path).generate(
            ModelRequest.build_request(str(path), "Hi", tools=tools, tool_choice=ToolChoice(mode="required"))
        )


@pytest.mark.model
async def test_a_file_that_llama_cannot_load_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.gguf"
    path.write_bytes(gguf())

    with pytest.raises(InvalidConfig, match=r"llama\.cpp cannot load .*empty\.gguf"):
        await LocalProvider(cache_dir=tmp_path).generate(ModelRequest.build_request(str(path), "Hi"))


async def test_without_llama_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = gguf()
    known = {"tiny": row(content, wheel(content))}
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "Tiny.gguf").write_bytes(content)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    with pytest.raises(InvalidConfig, match=r"pip install 'interlingua\[local\]'"):
        await LocalProvider(cache_dir=tmp_path, known=known).generate(ModelRequest.build_request("tiny", "Hi"))


async def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError("libgomp.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("importlib.import_module", refuse)
    path = Path(__file__).parent / "absent.gguf"

    with pytest.raises(InvalidConfig, match=r"libgomp\.so\.1.*libgomp1 on Debian"):
        load_server(path, LoadOptions(name="tiny", context_length=64))
