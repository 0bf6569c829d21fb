"""What is known about models: windows, output limits and capabilities, each with its source and date.

    entry = lookup("openai/gpt-4o-2024-08-06")
    entry.context_length             # 128000
    entry.capabilities.tools         # True
    entry.capabilities.audio         # None: unknown, so try it

The facts are rows of `data/models.toml`; your own go on top with `Catalog.extend` or `Catalog.extend_from_file`.
None always means unknown, never no and never zero. Nothing is read before the first lookup.
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Self, TypeAlias, cast

import msgspec

from interlingua.catalog.entry import Capabilities, ModelEntry
from interlingua.catalog.lifecycles import lifecycle_among
from interlingua.catalog.names import MAX_NAME_CHARACTERS, spellings_of
from interlingua.catalog.prices import price_among
from interlingua.catalog.rules import ModelRules, RuleTable, packaged_rules
from interlingua.catalog.words import check_words, read_row, read_rows
from interlingua.errors import InvalidConfig
from interlingua.types.lifecycle import Lifecycle
from interlingua.types.price import Price, Rates

if TYPE_CHECKING:
    from pathlib import Path

Host: TypeAlias = str | tuple[str, ...] | None
"""Who serves a model, by one name or by several of which the first counts most (a provider that is like another)."""


class Catalog:
    """Entries that can be looked up by any of the names that people and hosts give a model. Immutable.

    catalog = packaged_catalog().extend(
        {"model": [{"id": "house-7b", "provider": "vllm", "context_length": 32_768}]}
    )
    catalog.lookup("vllm/house-7b")
    """

    def __init__(
        self,
        entries: Iterable[ModelEntry] = (),
        *,
        rules: RuleTable | None = None,
        given: Mapping[tuple[str, str], frozenset[str]] | None = None,
    ) -> None:
        """Build a catalog; of two entries with the same provider and id the later one counts.

        Without `rules` those that come with the package hold. `given` are the words that rows of one's own give, by
        provider and id; see the method of that name.
        """
        self._rules = rules
        self._given = given or {}
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

    def lookup(self, model: str, *, provider: Host = None) -> ModelEntry | None:
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
        vendors, spellings = spellings_of(model)
        hosts = _hosts(provider) or vendors
        for spelling in spellings:
            known = self._names.get(spelling)
            if known:
                return _preferred(known, hosts)
        for spelling in spellings:
            pattern = next((p for p, _ in self._patterns if fnmatchcase(spelling, p)), None)
            if pattern:
                return _preferred([entry for p, entry in self._patterns if p == pattern], hosts)
        return None

    def price(self, model: str, *, provider: Host = None) -> Price | None:
        """Find what a model costs, or None; a row's own price goes before the packaged ones.

        Args:
            model: The name, in any form that `lookup` takes.
            provider: Who serves it, whose prices alone are looked at. Left out, the vendors in front of `model`
                take its place, else the model's maker.
        """
        return self._price(model, provider)

    def _find_price(self, model: str, provider: Host) -> Price | None:
        entry = self.lookup(model, provider=provider)
        if entry is not None and entry.price is not None and (provider is None or entry.provider in _hosts(provider)):
            return entry.price
        names, hosts = _names_and_hosts(model, provider, entry)
        found = (price_among(names, host) for host in hosts)
        return next((price for price in found if price is not None), None)

    def lifecycle(self, model: str, *, provider: Host = None) -> Lifecycle | None:
        """Find when a model was deprecated and is retired, or None; a row's own dates go before the packaged ones.

        The arguments are those of `price`: another provider's dates are not taken.
        """
        return self._lifecycle(model, provider)

    def _find_lifecycle(self, model: str, provider: Host) -> Lifecycle | None:
        entry = self.lookup(model, provider=provider)
        if (
            entry is not None
            and entry.lifecycle is not None
            and (provider is None or entry.provider in _hosts(provider))
        ):
            return entry.lifecycle
        names, hosts = _names_and_hosts(model, provider, entry)
        found = (lifecycle_among(names, host) for host in hosts)
        return next((lifecycle for lifecycle in found if lifecycle is not None), None)

    def rules(self, model: str, *, provider: Host = None) -> ModelRules | None:
        """Find what a model takes and refuses at a provider, or None; see `RuleTable.find`."""
        return (self._rules or packaged_rules()).find(model, provider=provider)

    def given(self, model: str, *, provider: Host = None) -> frozenset[str]:
        """Give the words that rows of one's own say of a model (`context_length`, `capabilities.tools`).

        They are worth more than what a provider lists; the arguments are those of `lookup`.
        """
        entry = self.lookup(model, provider=provider) if self._given else None
        return self._given.get((entry.provider, entry.id), frozenset()) if entry is not None else frozenset()

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
        rows = read_rows(document, "model", origin)
        added = [self._merged(*row) for row in rows]
        given = dict(self._given)
        for entry, (fields, *_) in zip(added, rows, strict=True):
            key = entry.provider, entry.id
            given[key] = given.get(key, frozenset()) | _words_of(fields)
        rules = (
            (self._rules or packaged_rules()).extend(document, origin=origin) if "rules" in document else self._rules
        )
        return type(self)([*self, *added], rules=rules, given=given)

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


def _words_of(fields: Mapping[str, object]) -> frozenset[str]:
    """Give the words of a row, those of its capabilities with their place."""
    capabilities = fields.get("capabilities")
    if not isinstance(capabilities, Mapping):
        return frozenset(fields)
    return frozenset([*fields, *(f"capabilities.{name}" for name in cast("Mapping[str, object]", capabilities))])


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
    return Catalog(Catalog().extend_from_file(__file__.removesuffix("models.py") + "data/models.toml"))


def lookup(model: str, *, provider: Host = None) -> ModelEntry | None:
    """Find what the packaged catalog knows about `model`, or None; see `Catalog.lookup`."""
    return packaged_catalog().lookup(model, provider=provider)


def price_of(model: str, *, provider: Host = None) -> Price | None:
    """Find what the packaged catalog knows of a model's price, or None; see `Catalog.price`."""
    return packaged_catalog().price(model, provider=provider)


def lifecycle_of(model: str, *, provider: Host = None) -> Lifecycle | None:
    """Find what the packaged catalog knows of a model's life, or None; see `Catalog.lifecycle`."""
    return packaged_catalog().lifecycle(model, provider=provider)


def _names_and_hosts(model: str, provider: Host, entry: ModelEntry | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names to try and at whom: the provider, else the vendors that are named, else the maker."""
    if len(model) > MAX_NAME_CHARACTERS:
        return (), ()
    vendors, spellings = spellings_of(model)
    known = [entry.id] if entry is not None else []
    makers = [*vendors, entry.provider] if entry is not None else vendors
    return tuple(dict.fromkeys([*spellings, *known])), tuple(_hosts(provider) or makers)


def _hosts(provider: Host) -> list[str]:
    names = (provider,) if isinstance(provider, str) else provider or ()
    return [name.lower() for name in names if name]


def _preferred(entries: list[ModelEntry], hosts: list[str]) -> ModelEntry:
    """Take the entry of the first of `hosts` that has one; otherwise the first entry, which is the maker's."""
    for host in hosts:
        for entry in entries:
            if entry.provider == host:
                return entry
    return entries[0]
