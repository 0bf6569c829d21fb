"""What models cost at which provider, from the rows of `data/prices.json`, which `make prices` writes.

    price = price_of("gpt-4o", provider="openai")
    price.cost(usage)                # micro-dollars

A provider without prices here has none: what the model's maker asks is not what somebody else does. Nothing is read
before the first lookup, and a row not before it is asked for.
"""

from datetime import date
from functools import cache, lru_cache

import msgspec

from interlingua.types.price import Price, Tariff

_ROW = msgspec.json.Decoder(str | tuple[Tariff, ...])


class ProviderPrices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of one provider: tariffs, or the name of the row that has them."""

    source: str
    """The provider's page of prices."""
    models: dict[str, msgspec.Raw]


class PriceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All prices, with the collection that they are from and the day on which it was read."""

    source: str
    checked: date
    providers: dict[str, ProviderPrices]

    def price(self, provider: str, name: str) -> Price | None:
        """Give the price of a row by its exact name."""
        table = self.providers.get(provider)
        raw = table.models.get(name) if table is not None else None
        if table is None or raw is None:
            return None
        row = _ROW.decode(raw)
        if isinstance(row, str):
            return self.price(provider, row) if row != name else None
        return Price(tariffs=row, source=f"{self.source}; {table.source}", checked=self.checked)


@cache
def packaged_prices() -> PriceFile:
    """Give the file that comes with the package, read once."""
    with open(__file__.removesuffix("prices.py") + "data/prices.json", "rb") as file:  # noqa: PTH123 - pathlib costs time
        return msgspec.json.decode(file.read(), type=PriceFile)


@lru_cache(maxsize=1024)
def price_among(spellings: tuple[str, ...], provider: str) -> Price | None:
    """Give the price of the first of several spellings of a name that a provider has a row for."""
    prices = packaged_prices()
    found = (prices.price(provider, spelling) for spelling in spellings)
    return next((price for price in found if price is not None), None)
