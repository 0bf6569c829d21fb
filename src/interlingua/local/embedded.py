"""The models that are known by name: rows of `data/models.toml`."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from interlingua.errors import NoSuchModel
from interlingua.types.suggestion import nearest

DEFAULT_MODEL = "smollm2"
"""The model that `local` means when no other is named."""


_DATA: Final = Path(__file__).parent / "data"


class EmbeddedModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model whose file travels inside a wheel of a package index.

    Sizes are bytes, `context_length` is tokens. `chat_template` names a file beside the
    table that replaces the template of the GGUF file; `tool_call_start` is what that
    template writes before a call, with which an answer begins when a call is demanded.
    """

    name: str = ""
    label: str
    description: str
    package: str
    version: str
    wheel: str
    wheel_size: int
    wheel_sha256: str
    member: str
    """The path of the GGUF file inside the wheel."""
    size: int
    sha256: str
    licence: str
    context_length: int
    chat_template: str | None = None
    tool_call_start: str | None = None
    source: str
    checked: date

    @property
    def file_name(self) -> str:
        """The name of the GGUF file, without its folders."""
        return self.member.rpartition("/")[2]

    def template_text(self) -> str | None:
        """Read the chat template that replaces the file's own, or give None."""
        return None if self.chat_template is None else _data(self.chat_template)


@cache
def embedded_models() -> dict[str, EmbeddedModel]:
    """Read the packaged table once; the keys are the names that users write."""
    rows = msgspec.convert(tomllib.loads(_data("models.toml")), dict[str, EmbeddedModel])
    return {name: msgspec.structs.replace(row, name=name) for name, row in rows.items()}


def embedded_model(name: str, rows: Mapping[str, EmbeddedModel]) -> EmbeddedModel:
    """Give the row of `rows` called `name`.

    Raises:
        NoSuchModel: there is none; the message gives the nearest and the other forms of a name.

    """
    row = rows.get(name)
    if row is None:
        near = nearest(name, rows)
        hint = f"Did you mean {near!r}?" if near else f"Known names: {', '.join(rows)}."
        raise NoSuchModel(
            f"There is no local model {name!r}. {hint} "
            "The path of a .gguf file or a Hugging Face id (owner/name) works too.",
            provider="local",
            model=name,
        )
    return row


def _data(name: str) -> str:
    return (_DATA / name).read_text("utf-8")
