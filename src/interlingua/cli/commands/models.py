"""`interlingua models`."""

import asyncio
import logging
from argparse import Namespace
from datetime import UTC, datetime

import msgspec

from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.configuration import UNNATURAL, build_client, read_config
from interlingua.cli.options import options_of
from interlingua.cli.tables import print_json, print_table
from interlingua.cli.warnings import WarningsToScreen
from interlingua.client import Client
from interlingua.types import ModelMetadata
from interlingua.types.price import Rates

_CAPABILITIES = {"function_calling": "tools", "vision": "vision", "reasoning": "reasoning", "structured_output": "json"}


def run(arguments: Namespace) -> int:
    """Ask for the models and list them; a provider that cannot be reached is told on stderr."""
    with WarningsToScreen(logging.getLogger("interlingua.client")):
        models = asyncio.run(_listed(arguments))
    if arguments.json:
        print_json([_as_json(model) for model in models])
    else:
        print_table(("MODEL", "CONTEXT", "$/M IN", "$/M OUT", "CAN", "NOTES"), [_row(model) for model in models])
    return 0


async def _listed(arguments: Namespace) -> list[ModelMetadata]:
    async with build_client(arguments, read_config(arguments)) as client:
        return await client.models(arguments.provider)


def _as_json(model: ModelMetadata) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(model)
    del fields["ext_metadata"]
    return {name: value for name, value in fields.items() if value not in (None, {}, [], ())}


def _row(model: ModelMetadata) -> tuple[str, str, str, str, str, str]:
    can = [word for field, word in _CAPABILITIES.items() if getattr(model, field)]
    alias = model.metadata.get("alias_of")
    notes = f"is {alias}" if alias else (model.label or "")
    if model.metadata.get("cached") is False:
        notes += ", fetched when first asked for"
    if model.lifecycle is not None and model.lifecycle.retires is not None:
        notes += f"{', ' if notes else ''}retires {model.lifecycle.retires}"
    tariff = model.price.at(datetime.now(UTC)) if model.price is not None else None
    rates = tariff.rates if tariff is not None else Rates()
    window = str(model.context_length or "")
    return model.model, window, _dollars(rates.input), _dollars(rates.output), " ".join(can), notes


def _dollars(rate: int | None) -> str:
    return f"{rate / 1_000_000:g}" if rate is not None else ""


COMMAND = Command(
    description="Your own names, the embedded models, and those of every provider whose key is set.",
    run=run,
    options=(
        Option(("-p", "--provider"), "List this provider's alone.", metavar="NAME", words="providers"),
        JSON,
        CONFIG,
        *options_of(Client, group="network", without=UNNATURAL),
    ),
    examples=(
        ("", "all that can be called from here"),
        ("--provider groq", "one provider's"),
        ("--json | jq -r '.[].model'", "the names alone"),
    ),
)
