"""Names that a shell offers, found without any network."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from interlingua.cli.configuration import model_store, read_config
from interlingua.cli.provider_state import provider_states
from interlingua.client.client import LOCAL


def provider_names(arguments: Namespace) -> Iterator[str]:
    """Give every provider's name."""
    yield LOCAL
    for state in provider_states(read_config(arguments)):
        yield state.row.id


def model_names(arguments: Namespace) -> Iterator[str]:
    """Give your own names, the models on this machine, and those that the providers' rows name.

    A provider that can be called also gives its name with a slash, to go on from.
    """
    config = read_config(arguments)
    tables: dict[str, Any] = config.table("models") if config is not None else {}
    yield from tables
    local: dict[str, Any] = config.table("providers").get(LOCAL, {}) if config is not None else {}
    for model in model_store(local).available():
        yield f"{LOCAL}/{model.name}"
    for state in provider_states(config):
        names = (*((state.row.default_model,) if state.row.default_model else ()), *state.row.models)
        for name in dict.fromkeys(names):
            yield f"{state.row.id}/{name}"
        if state.in_use and not names:
            yield f"{state.row.id}/"


NAMES: Mapping[str, Callable[[Namespace], Iterator[str]]] = {"models": model_names, "providers": provider_names}
