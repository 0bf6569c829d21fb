from pathlib import Path

import pytest

from interlingua.errors import InvalidConfig
from interlingua.local.gguf import read_metadata
from tests.local.wheels import gguf


def test_the_head_is_read_and_arrays_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf(template="{% if tools %}…{% endif %}"))

    metadata = read_metadata(path)

    assert metadata.architecture == "llama"
    assert metadata.name == "Tiny"
    assert metadata.context_length == 2048
    assert metadata.takes_tools


def test_a_template_without_tools_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf(template="{{ messages }}"))

    assert not read_metadata(path).takes_tools


@pytest.mark.parametrize("content", [b"", b"GG", b"hello, this is no model", gguf()[:60], gguf()[:25]])
def test_what_is_not_a_whole_model_file_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)

    with pytest.raises(InvalidConfig, match=r"broken\.gguf is not a whole GGUF"):
        read_metadata(path)


def test_a_claim_of_countless_entries_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + b"\3\0\0\0" + b"\0" * 8 + b"\xff" * 8)

    with pytest.raises(InvalidConfig, match="claims"):
        read_metadata(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"absent\.gguf: the model file cannot be read"):
        read_metadata(tmp_path / "absent.gguf")
