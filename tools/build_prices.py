"""Build `src/interlingua/catalog/data/prices.json` from the package `genai-prices`.

    python -m tools.build_prices            # writes the file; needs genai-prices, so run `make prices`
    python -m tools.build_prices --check    # reads the file and says what is wrong with it; needs nothing

`genai-prices` (MIT, Pydantic) collects prices from the providers' pages. What is taken: rates per token of every
provider that has a row here, their tiers by length of the prompt, changes by date, and hours of the day. What is left
out: variants (batch, fast), and everything that is not paid by the token.

The file is JSON with a model on each line. A name that stands for another has that one's name as its value.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Final

import msgspec

from interlingua.catalog.prices import PriceFile
from interlingua.types.price import Price, Rates, Tariff, Tier

TARGET: Final = Path(__file__).parents[1] / "src" / "interlingua" / "catalog" / "data" / "prices.json"

PROVIDERS: Final = {
    # ours, and the one whose prices it has in genai-prices
    "anthropic": "anthropic",
    "azure": "azure",
    "baseten": "baseten",
    "bedrock": "aws",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "gemini": "google",
    "groq": "groq",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "novita": "novita",
    "openai": "openai",
    "openrouter": "openrouter",
    "ovhcloud": "ovhcloud",
    "perplexity": "perplexity",
    "together": "together",
    "vertex": "google",
    "xai": "x-ai",
    "zai": "zai",
    "zhipu": "zhipuai",
}

RATES: Final = {
    "input": ("input_mtok", "input_text_mtok"),
    "cache_read": ("cache_read_mtok", "cache_text_read_mtok"),
    "cache_write": ("cache_write_5m_mtok", "cache_write_mtok", "cache_text_write_mtok"),
    "cache_write_long": ("cache_write_1h_mtok",),
    "input_audio": ("input_audio_mtok",),
    "input_image": ("input_image_mtok",),
    "output": ("output_mtok", "output_text_mtok"),
    "reasoning": ("output_reasoning_mtok",),
    "output_audio": ("output_audio_mtok",),
    "output_image": ("output_image_mtok",),
}
"""Our rates, and theirs: the first that is there."""


def build(*, today: date) -> str:
    """Give the text of the file, from the package as it is installed."""
    data: Any = import_module("genai_prices.data")
    theirs = {provider.id: provider for provider in data.providers}
    version = metadata.version("genai-prices")
    lines = ["{", f' "source": "genai-prices {version}",', f' "checked": "{today}",', ' "providers": {']
    for number, (ours, name) in enumerate(PROVIDERS.items(), 1):
        provider = theirs[name]
        page = json.dumps((provider.pricing_urls or [""])[0])
        rows = ",\n".join(f"   {json.dumps(name)}: {row}" for name, row in sorted(_rows(provider).items()))
        end = "" if number == len(PROVIDERS) else ","
        lines.append(f'  "{ours}": {{"source": {page}, "models": {{\n{rows}}}}}{end}')
    return "\n".join([*lines, " }", "}", ""])


def _rows(provider: Any) -> dict[str, str]:
    priced = [(model, tariffs) for model in provider.models if (tariffs := _tariffs(model.prices))]
    rows = {model.id.lower(): msgspec.json.encode(tariffs).decode() for model, tariffs in priced}
    for model, _ in priced:
        for name in _names(model.match):
            rows.setdefault(name.lower(), json.dumps(model.id.lower()))
    return rows


def _names(match: Any) -> Iterator[str]:
    """Give the names that a match says as they are; a beginning is one, since dates after it are cut off."""
    for alternative in getattr(match, "or_", None) or ():
        yield from _names(alternative)
    for word in ("equals", "starts_with"):
        name = getattr(match, word, None)
        if name:
            yield name.rstrip("-@")


def _tariffs(prices: Any) -> list[Tariff]:
    conditional: list[Any] = [None] if hasattr(prices, "input_mtok") else list(prices)
    found: list[Tariff] = []
    for each in conditional:
        price: Any = prices if each is None else each.prices
        constraint: Any = None if each is None else each.constraint
        rates = {name: value for name, words in RATES.items() if (value := _first(price, words)) is not None}
        if "input" not in rates and "output" not in rates:
            continue
        starts = getattr(constraint, "start_date", None)
        hours = (constraint.start_time, constraint.end_time) if hasattr(constraint, "start_time") else None
        found.append(Tariff(rates=_at(rates, 0), tiers=_tiers(rates), starts=starts, hours=hours))
    return found


def _first(price: Any, words: tuple[str, ...]) -> Any:
    return next((value for word in words if (value := getattr(price, word, None)) is not None), None)


def _tiers(rates: dict[str, Any]) -> tuple[Tier, ...]:
    starts = sorted({tier.start for value in rates.values() for tier in getattr(value, "tiers", ())})
    return tuple(Tier(above=start, rates=_at(rates, start + 1)) for start in starts)


def _at(rates: dict[str, Any], tokens: int) -> Rates:
    """Give all rates for a prompt of so many tokens."""
    taken: dict[str, int] = {}
    for name, value in rates.items():
        dollars = getattr(value, "base", value)
        for tier in getattr(value, "tiers", ()):
            if tokens > tier.start:
                dollars = tier.price
        taken[name] = round(dollars * Decimal(1_000_000))  # OpenRouter's have endless decimals
    return Rates(**taken)


def problems(text: bytes) -> list[str]:
    """Say what is wrong with a file, a line for each thing."""
    try:
        file = msgspec.json.decode(text, type=PriceFile)
    except msgspec.MsgspecError as error:
        return [f"not as it should be: {error}"]
    found = [] if file.source and file.checked else ["no source or no date"]
    for provider, table in file.providers.items():
        if not table.source:
            found.append(f"{provider}: no source")
        for name in table.models:
            try:
                price: Price | None = file.price(provider, name)
            except msgspec.MsgspecError as error:
                found.append(f"{provider}/{name}: {error}")
                continue
            if price is None or not price.tariffs:
                found.append(f"{provider}/{name}: stands for a name that is not there")
    return found


def main() -> None:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description="Build the packaged prices from the installed genai-prices.")
    parser.add_argument("--check", action="store_true", help="read the file and tell what is wrong with it")
    if not parser.parse_args().check:
        TARGET.write_text(build(today=datetime.now(UTC).date()), encoding="utf-8")
    wrong = problems(TARGET.read_bytes())
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
