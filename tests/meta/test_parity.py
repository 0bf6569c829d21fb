"""The client for code that is not asynchronous offers what the other one does."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from interlingua import Client, SyncClient

SAME = ["count_token", "embed", "from_config", "generate", "generate_stream", "models", "rerank"]
ONLY_ASYNCHRONOUS = {"aclose", "confine", "from_config_file", "resolve"}
"""`aclose` is `close` there; the others are for the gateway and the command line."""


def public_methods(cls: type) -> set[str]:
    """Give the names of the methods that the class itself defines."""
    return {
        name for name, value in vars(cls).items() if callable(getattr(cls, name, value)) and not name.startswith("_")
    }


def parameters(method: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Give name, kind and default of each parameter."""
    return [(each.name, each.kind, each.default) for each in inspect.signature(method).parameters.values()]


@pytest.mark.parametrize("name", SAME)
def test_both_clients_take_the_same_arguments(name: str) -> None:
    assert parameters(getattr(SyncClient, name)) == parameters(getattr(Client, name))


def test_neither_client_has_a_method_of_its_own() -> None:
    assert public_methods(SyncClient) - {"close"} == set(SAME)
    declared = {name for name in public_methods(Client) if name not in ONLY_ASYNCHRONOUS}
    assert declared == set(SAME)
