"""One model, as its maker or a host of it states it."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from interlingua.types.lifecycle import Lifecycle
from interlingua.types.price import Price

Modality = Literal["text", "image", "audio", "video", "file"]
"""What a model reads or writes; the words are those of OpenRouter's list of models."""

Length = Annotated[int, msgspec.Meta(gt=0)]


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model can do. True and False are known; None is unknown and best treated as worth a try."""

    tools: bool | None = None
    """Calls functions that the request declares."""
    vision: bool | None = None
    """Reads images."""
    audio: bool | None = None
    """Reads audio."""
    reasoning: bool | None = None
    """Thinks before it answers, with tokens of its own."""
    structured_output: bool | None = None
    """Keeps to a JSON schema when asked to."""


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model as its maker, or one host of it, states it. Lengths are in tokens; None is unknown."""

    id: str
    """The model's own name, in lower case, without vendor prefix."""
    provider: str
    """Who makes it; for a row that overrides the maker's limits, who serves it."""
    aliases: tuple[str, ...] = ()
    """Other names of the very same model."""
    match: tuple[str, ...] = ()
    """Shell patterns of further names; the row with the longest pattern wins. Meant for open weights."""
    context_length: Length | None = None
    """The whole window: input and output together."""
    max_input_length: Length | None = None
    """The most input it takes, where that is stated apart from the window."""
    max_output_length: Length | None = None
    """The most it writes in one answer, thinking included."""
    capabilities: Capabilities = Capabilities()
    input_modalities: tuple[Modality, ...] = ()
    """What it reads: `text`, `image`, `audio`, `video`, `file`; none named: what its capabilities say."""
    output_modalities: tuple[Modality, ...] = ()
    """What it writes, in the same words."""
    encoding: Literal["o200k_base", "cl100k_base"] | None = None
    """The packaged encoding that its tokens are counted with, where it is not known by the model's name."""
    price: Price | None = None
    """What it costs, where a row says so itself; `Catalog.price` knows the packaged prices too.

    A table of rates (`price = { input = 2_500_000, output = 10_000_000 }`) is read as a price of these.
    """
    lifecycle: Lifecycle | None = None
    """When it was released, deprecated and will be retired, where its provider has said so."""
    source: str | None = None
    """Where the facts are from; where a row does not say, its document and number."""
    checked: date | None = None
    """When they were last compared with the source."""

    @property
    def reads(self) -> tuple[Modality, ...]:
        """What it is known to read, by its row or by its capabilities; empty is unknown."""
        can = self.capabilities
        if self.input_modalities or can.tools is None:
            return self.input_modalities
        return ("text", *(("image",) if can.vision else ()), *(("audio",) if can.audio else ()))

    @property
    def writes(self) -> tuple[Modality, ...]:
        """What it is known to write, by its row or, since whoever calls tools writes text, by its capabilities."""
        return self.output_modalities or (("text",) if self.capabilities.tools else ())
