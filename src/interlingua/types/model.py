"""What is known of a model."""

from typing import Any

import msgspec

from interlingua.types.lifecycle import Lifecycle
from interlingua.types.price import Price


class ModelExtraMetadata(msgspec.Struct, kw_only=True):
    """How a model wants its prompt: the roles it takes and what joins merged texts."""

    prompt_roles: tuple[str, ...] = ("system", "user", "assistant")
    prompt_sep: str = "\n"
    prompt_chat_template: str | None = None

    @property
    def support_system_message(self) -> bool:
        """Whether the model takes system messages."""
        return "system" in self.prompt_roles


class ModelMetadata(msgspec.Struct, kw_only=True):
    """A model as `models()` lists it.

    `context_length` and `max_output_length` are tokens, None where nobody has said.
    A capability that is None is unknown, which means: try it. Modalities (`text`, `image`,
    `audio`, `video`, `file`) are those that are known; none named is unknown.
    """

    model: str
    context_length: int | None = None
    max_output_length: int | None = None
    chat_model: bool = True
    provider: str | None = None
    label: str | None = None
    description: str | None = None
    link: str | None = None
    function_calling: bool | None = None
    vision: bool | None = None
    reasoning: bool | None = None
    structured_output: bool | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    price: Price | None = None
    lifecycle: Lifecycle | None = None
    metadata: dict[str, Any] = {}
    ext_metadata: ModelExtraMetadata = msgspec.field(default_factory=ModelExtraMetadata)

    @property
    def is_function_calling_model(self) -> bool:
        """DB-GPT's name for `function_calling`, unknown being False."""
        return bool(self.function_calling)
