"""What is known about models: windows, output limits and capabilities, each with its source and date.

    entry = lookup("openai/gpt-4o-2024-08-06")
    entry.context_length             # 128000
    entry.capabilities.tools         # True
    entry.capabilities.audio         # None: unknown, so try it

The facts are rows of `data/models.toml`; your own go on top with `Catalog.extend` or `Catalog.extend_from_file`.
None always means unknown, never no and never zero. Nothing is read before the first lookup.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Self, cast

import msgspec

from interlingua.catalog.lifecycles import lifecycle_among
from interlingua.catalog.prices import price_among
from interlingua.catalog.rules import ModelRules, RuleTable, packaged_rules
from interlingua.catalog.words import check_words, read_row, read_rows
from interlingua.errors import InvalidConfig
from interlingua.types.lifecycle import Lifecycle
from interlingua.types.price import Price, Rates

if TYPE_CHECKING:
    from pathlib import Path

DATE_SUFFIX = r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{3,4}|latest|preview(?:-\d{2}-\d{2}(?:-\d{4})?|-\d{2}-\d{4})?)$"
"""What a name may carry after the model: `-2024-08-06`, `@20250514`, `-0613`, `-001`, `-latest`, `-preview-05-06`.

Sources: the model lists of OpenAI, Anthropic, Google (also Vertex AI) and Mistral, 2026-11-22.
"""

HOST_SUFFIX = r"(?:-v\d+:\d+|:(?:free|batch|nitro|floor|online|thinking|latest)|:\d+)$"
"""What a host appends: Bedrock's `-v1:0`, OpenRouter's `:free`, Ollama's `:latest`; 2026-11-22."""

HOST_PREFIX = r"^(?:(?:us|eu|apac|au|jp|global|regional)\.)?(?:anthropic|deepseek|meta|mistral|openai|qwen)\."
"""Bedrock's `us.anthropic.` before a name; 2026-11-22."""


MAX_NAME_CHARACTERS = 256
"""No model's name is longer; a longer one is not looked at, so a hostile one costs nothing."""

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


class Catalog:
    """Entries that can be looked up by any of the names that people and hosts give a model. Immutable.

    catalog = packaged_catalog().extend(
        {"model": [{"id": "house-7b", "provider": "vllm", "context_length": 32_768}]}
    )
    catalog.lookup("vllm/house-7b")
    """

    def __init__(self, entries: Iterable[ModelEntry] = (), *, rules: RuleTable | None = None) -> None:
        """Build a catalog; of two entries with the same provider and id the later one counts.

        Without `rules` those that come with the package hold.
        """
        self._rules = rules
        self._price = lru_cache(maxsize=1024)(self._find_price)
        self._lifecycle = lru_cache(maxsize=1024)(self._find_lifecycle)
        self._entries = {(entry.provider, entry.id): entry for entry in entries}
        self._names: dict[str, list[ModelEntry]] = {}
        self._patterns: list[tuple[str, ModelEntry]] = []
        for entry in self._entries.values():
            for name in (entry.id, *entry.aliases):
                self._names.setdefault(name.lower(), []).append(entry)
            self._patterns.extend((pattern.lower(), entry) for pattern in entry.match)
        self._patterns.sort(key=lambda pair: len(pair[0]), reverse=True)

    def __iter__(self) -> Iterator[ModelEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def lookup(self, model: str, *, provider: str | None = None) -> ModelEntry | None:
        """Find what is known about `model`, or None.

        The name may carry a vendor (`openai/gpt-4o`, `openrouter/openai/gpt-4o`, `us.anthropic.claude-…`), a date
        or release word (`gpt-4o-2024-08-06`, `claude-opus-4-1@20250805`, `-latest`), a host's mark (`:free`) or be a
        fine-tuned model's (`ft:gpt-4o:…`). The fullest form that is known wins, so a dated row goes before its
        family.

        Args:
            model: The name in any of these forms; case does not matter.
            provider: Who serves it. Its own row is preferred; without one the maker's facts are given. Left out, a
                prefix of `model` takes its place.
        """
        if len(model) > MAX_NAME_CHARACTERS:
            return None
        vendors, spellings = _spellings(model)
        hosts = [provider.lower()] if provider else vendors
        for spelling in spellings:
            known = self._names.get(spelling)
            if known:
                return _preferred(known, hosts)
        for spelling in spellings:
            pattern = next((p for p, _ in self._patterns if fnmatchcase(spelling, p)), None)
            if pattern:
                return _preferred([entry for p, entry in self._patterns if p == pattern], hosts)
        return None

    def price(self, model: str, *, provider: str | None = None) -> Price | None:
        """Find what a model costs, or None; a row's own price goes before the packaged ones.

        Args:
            model: The name, in any form that `lookup` takes.
            provider: Who serves it, whose prices alone are looked at. Left out, the vendors in front of `model`
                take its place, else the model's maker.
        """
        return self._price(model, provider)

    def _find_price(self, model: str, provider: str | None) -> Price | None:
        entry = self.lookup(model, provider=provider)
        if entry is not None and entry.price is not None and provider in (None, entry.provider):
            return entry.price
        names, hosts = _names_and_hosts(model, provider, entry)
        found = (price_among(names, host) for host in hosts)
        return next((price for price in found if price is not None), None)

    def lifecycle(self, model: str, *, provider: str | None = None) -> Lifecycle | None:
        """Find when a model was deprecated and is retired, or None; a row's own dates go before the packaged ones.

        The arguments are those of `price`: another provider's dates are not taken.
        """
        return self._lifecycle(model, provider)

    def _find_lifecycle(self, model: str, provider: str | None) -> Lifecycle | None:
        entry = self.lookup(model, provider=provider)
        if entry is not None and entry.lifecycle is not None and provider in (None, entry.provider):
            return entry.lifecycle
        names, hosts = _names_and_hosts(model, provider, entry)
        found = (lifecycle_among(names, host) for host in hosts)
        return next((lifecycle for lifecycle in found if lifecycle is not None), None)

    def rules(self, model: str, *, provider: str | None = None) -> ModelRules | None:
        """Find what a model takes and refuses at a provider, or None; see `RuleTable.find`."""
        return (self._rules or packaged_rules()).find(model, provider=provider)

    def extend(self, document: Mapping[str, object], *, origin: str = "your models") -> Self:
        """Give a new catalog with the rows of `document["model"]` and `document["rules"]` on top of this one.

        A row with the provider and id of a known one changes only the fields that it names. A row of another provider
        for a known model has the limits and capabilities of its maker's where it names none itself.

        Args:
            document: `{"model": [{"id": …, "provider": …, …}], "rules": [{"match": […], …}]}`, the fields being those
                of `ModelEntry` and `ModelRules`.
            origin: What error messages call the document, such as its path.

        Raises:
            InvalidConfig: A key is unknown (the nearest known one is suggested), is missing or has the wrong type;
                `param` is its place, such as `model.2.context_length`.
        """
        check_words(document, ("model", "rules"), origin)
        added = [self._merged(*row) for row in read_rows(document, "model", origin)]
        rules = (
            (self._rules or packaged_rules()).extend(document, origin=origin) if "rules" in document else self._rules
        )
        return type(self)([*self, *added], rules=rules)

    def extend_from_file(self, path: "str | Path") -> Self:
        """Give a new catalog with the rows of a TOML file on top; `extend` says what they hold.

        Raises:
            InvalidConfig: As `extend`, or the file is not there or is not TOML.
        """
        import tomllib  # noqa: PLC0415 - these two are not needed before the first lookup
        from pathlib import Path  # noqa: PLC0415

        try:
            document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidConfig(f"{path}: cannot be read as TOML: {error}") from error
        return self.extend(document, origin=str(path))

    def _merged(self, fields: Mapping[str, object], where: str, place: str) -> ModelEntry:
        check_words(fields, ModelEntry.__struct_fields__, where, place)
        for word, kind in (("capabilities", Capabilities), ("lifecycle", Lifecycle)):
            table = fields.get(word)
            if isinstance(table, Mapping):
                words = cast("Mapping[str, object]", table)
                check_words(words, kind.__struct_fields__, f"{where}, {word}", f"{place}.{word}")
        fields = _with_price(fields, where, place)
        base = self._base(fields.get("provider"), fields.get("id"))
        merged: dict[str, object] = {**base, "source": where, **fields}
        own, capabilities = fields.get("capabilities"), base.get("capabilities")
        if isinstance(own, Mapping) and capabilities is not None:
            merged["capabilities"] = {**msgspec.structs.asdict(cast("Capabilities", capabilities)), **own}
        return read_row(merged, ModelEntry, where, place)

    def _base(self, provider: object, name: object) -> dict[str, object]:
        """Give what a row lies over: the known one of its provider, or what the maker says of the model itself."""
        if not isinstance(provider, str) or not isinstance(name, str):
            return {}
        known = self._entries.get((provider, name))
        if known is not None:
            return {**msgspec.structs.asdict(known), "checked": None}
        made = self._names.get(name.lower())
        if made is None:
            return {}
        return {**msgspec.structs.asdict(made[0]), "checked": None, "price": None, "lifecycle": None}


def _with_price(fields: Mapping[str, object], origin: str, place: str) -> Mapping[str, object]:
    """Read a table of rates as a price; and check the words of its tables."""
    given = fields.get("price")
    if not isinstance(given, Mapping):
        return fields
    price = cast("Mapping[str, object]", given)
    where, place = f"{origin}, price", f"{place}.price"
    if "tariffs" not in price:
        check_words(price, Rates.__struct_fields__, where, place)
        return {**fields, "price": {"tariffs": [{"rates": price}], "source": origin}}
    check_words(price, Price.__struct_fields__, where, place)
    return {**fields, "price": {"source": origin, **price}}


@cache
def packaged_catalog() -> Catalog:
    """Give the catalog that comes with the package, read once."""
    return Catalog().extend_from_file(__file__.removesuffix("models.py") + "data/models.toml")


def lookup(model: str, *, provider: str | None = None) -> ModelEntry | None:
    """Find what the packaged catalog knows about `model`, or None; see `Catalog.lookup`."""
    return packaged_catalog().lookup(model, provider=provider)


def price_of(model: str, *, provider: str | None = None) -> Price | None:
    """Find what the packaged catalog knows of a model's price, or None; see `Catalog.price`."""
    return packaged_catalog().price(model, provider=provider)


def lifecycle_of(model: str, *, provider: str | None = None) -> Lifecycle | None:
    """Find what the packaged catalog knows of a model's life, or None; see `Catalog.lifecycle`."""
    return packaged_catalog().lifecycle(model, provider=provider)


def _spellings(model: str) -> tuple[list[str], list[str]]:
    """Split off hosts and vendors, outermost first, and give the names to try, fullest first."""
    name = model.strip().lower()
    parts = name.split("/")
    vendors = parts[:-1]
    starts = ["/".join(parts[n:]) for n in range(len(parts))]
    tuned = parts[-1].removeprefix("ft:").split(":")[0] if parts[-1].startswith("ft:") else None
    spellings: dict[str, None] = {}
    for start in [*starts, re.sub(HOST_PREFIX, "", parts[-1]), *([tuned] if tuned else [])]:
        spelling = start
        while spelling not in spellings:
            spellings[spelling] = None
            shorter = re.sub(HOST_SUFFIX, "", spelling)
            spelling = shorter if shorter != spelling else re.sub(DATE_SUFFIX, "", spelling)
    dashed = [s.replace(".", "-") for s in spellings if "." in s]
    return vendors, [*spellings, *dashed]


def _names_and_hosts(
    model: str, provider: str | None, entry: ModelEntry | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names to try and at whom: the provider, else the vendors that are named, else the maker."""
    if len(model) > MAX_NAME_CHARACTERS:
        return (), ()
    vendors, spellings = _spellings(model)
    known = [entry.id] if entry is not None else []
    makers = [*vendors, entry.provider] if entry is not None else vendors
    return tuple(dict.fromkeys([*spellings, *known])), (provider.lower(),) if provider else tuple(makers)


def _preferred(entries: list[ModelEntry], hosts: list[str]) -> ModelEntry:
    """Take the entry of the first of `hosts` that has one; otherwise the first entry, which is the maker's."""
    for host in hosts:
        for entry in entries:
            if entry.provider == host:
                return entry
    return entries[0]
