"""Which way do requests take?"""

from collections.abc import Iterator

from interlingua.cli.checks.finding import Finding, Site
from interlingua.cli.provider_state import provider_states
from interlingua.client import Client
from interlingua.transport.proxy import ProxyTable, read_environment, read_settings
from interlingua.transport.url import parse_url


def check_proxies(site: Site) -> Iterator[Finding]:
    """Say which proxy serves each provider that somebody means to call, by settings and environment."""
    if site.client is None:
        return
    source = "settings" if site.client.proxies else "environment"
    table = _table(site.client)
    states = [state for state in provider_states(site.config) if state.in_use and state.endpoint is not None]
    routes = {state.row.id: table.find(parse_url(state.base_url or "").origin) for state in states}
    used = {name: proxy for name, proxy in routes.items() if proxy is not None}
    for name, proxy in used.items():
        yield Finding("ok", f"proxy of {name}", f"{proxy.origin} (from the {source})")
    if not used:
        yield Finding("ok", "proxies", "requests go straight to their hosts")


def _table(client: Client) -> ProxyTable:
    if client.proxies:
        return read_settings(client.proxies)
    return read_environment() if client.trust_env else ProxyTable({})
