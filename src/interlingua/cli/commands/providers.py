"""`interlingua providers`."""

from argparse import Namespace

from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.configuration import read_config
from interlingua.cli.provider_state import ProviderState, provider_states
from interlingua.cli.tables import print_json, print_table
from interlingua.client.client import LOCAL
from interlingua.local.embedded import DEFAULT_MODEL


def run(arguments: Namespace) -> int:
    """List the providers."""
    states = list(provider_states(read_config(arguments)))
    if arguments.json:
        print_json([_LOCAL_FIELDS, *map(_as_json, states)])
        return 0
    shown = [state for state in states if state.in_use or not arguments.set]
    heading = ("PROVIDER", "NAME", "BASE URL", "KEY", "DEFAULT MODEL")
    print_table(heading, [(LOCAL, "This machine", "", "none needed", DEFAULT_MODEL), *map(_row, shown)])
    return 0


def _row(state: ProviderState) -> tuple[str, str, str, str, str]:
    row = state.row
    return row.id, row.name, state.base_url or "your own", _key(state), row.default_model or ""


def _key(state: ProviderState) -> str:
    if state.key_from is not None:
        return f"set ({state.key_from})"
    if not state.key_variables or not state.key_needed:
        return "none needed"
    first, *others = state.key_variables
    return f"not set: {first}" + (f" (or {len(others)} more)" if others else "")


def _as_json(state: ProviderState) -> dict[str, object]:
    row = state.row
    return {
        "id": row.id,
        "name": row.name,
        "base_url": state.base_url,
        "key_variables": state.key_variables,
        "key_needed": state.key_needed,
        "key_set": state.key_from is not None,
        "key_from": state.key_from,
        "default_model": row.default_model,
        "aliases": row.aliases,
        "configured": state.where is not None,
    }


_LOCAL_FIELDS: dict[str, object] = {
    "id": LOCAL,
    "name": "This machine",
    "base_url": None,
    "key_variables": (),
    "key_needed": False,
    "key_set": False,
    "key_from": None,
    "default_model": DEFAULT_MODEL,
    "aliases": (),
    "configured": True,
}

COMMAND = Command(
    description="A model of a provider is written provider/model; the key is taken from the variable shown.",
    run=run,
    options=(
        Option(("--set",), "Only those that are configured, or whose key is set.", switch=True),
        JSON,
        CONFIG,
    ),
    examples=(
        ("", "everybody who can be called"),
        ("--set", "those who can be called now"),
        ("--json | jq -r '.[] | select(.key_set).id'", "the same, for a script"),
    ),
)
