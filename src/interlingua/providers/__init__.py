"""Who speaks which wire, where, with which key and quirks."""

from interlingua.providers.contract import Provider
from interlingua.providers.endpoint import Endpoint, TokenProvider, resolve
from interlingua.providers.registry import REGISTRY, Registry
from interlingua.providers.remote import RemoteProvider, wire_named
from interlingua.providers.row import Deployments, ProviderRow, read_row

__all__ = [
    "REGISTRY",
    "Deployments",
    "Endpoint",
    "Provider",
    "ProviderRow",
    "Registry",
    "RemoteProvider",
    "TokenProvider",
    "read_row",
    "resolve",
    "wire_named",
]
