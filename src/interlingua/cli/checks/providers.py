"""Are the keys set, do the addresses make sense, and does anybody answer?"""

import asyncio
from collections.abc import Iterator, Sequence

from interlingua.cli.checks.finding import Finding, Site
from interlingua.cli.provider_state import ProviderState, provider_states
from interlingua.client import Client
from interlingua.errors import Error, MissingKey, NotFound

ONLINE_SECONDS = 10.0
"""How long `--online` waits for each provider."""


def check_providers(site: Site) -> Iterator[Finding]:
    """Look at the key and the address of every provider that somebody means to call."""
    states = _in_use(site)
    for state in states:
        yield _finding(state)
    if site.config_problem is None and not states:
        yield Finding(
            "note",
            "providers",
            "no provider's key is set; local/smollm2 works without",
            "`interlingua providers` shows the variables",
        )


def check_online(site: Site) -> Iterator[Finding]:
    """Ask every provider that can be called for its models."""
    states = [state for state in _in_use(site) if state.endpoint is not None]
    if site.client is not None:
        yield from asyncio.run(_answers(site.client, states))


def _in_use(site: Site) -> Sequence[ProviderState]:
    if site.config_problem is not None:
        return ()
    return [state for state in provider_states(site.config) if state.in_use]


def _finding(state: ProviderState) -> Finding:
    topic = f"provider {state.row.id}"
    if isinstance(state.problem, MissingKey):
        return Finding("broken", topic, f"{state.where or 'it'} sets it up, and there is no key", state.problem.message)
    if state.problem is not None:
        place = f" ({state.where})" if state.where else ""
        return Finding("broken", topic, f"{state.problem.message}{place}", "correct the address or the setting")
    key = f"key from {state.key_from}" if state.key_from else "no key"
    return Finding("ok", topic, f"{state.base_url}, {key}")


async def _answers(client: Client, states: Sequence[ProviderState]) -> list[Finding]:
    async with client:
        return await asyncio.gather(*(_answer(client, state) for state in states))


async def _answer(client: Client, state: ProviderState) -> Finding:
    topic = f"online {state.row.id}"
    try:
        async with asyncio.timeout(ONLINE_SECONDS):
            models = await client.models(state.row.id)
    except TimeoutError:
        remedy = "check the network and the proxy"
        return Finding("broken", topic, f"no answer within {ONLINE_SECONDS:g} s from {state.base_url}", remedy)
    except NotFound:
        return Finding("note", topic, f"{state.base_url} answers, and has no list of models there")
    except Error as error:
        return Finding("broken", topic, error.message, _remedy(error, state))
    return Finding("ok", topic, f"{state.base_url} answers: {len(models)} models")


def _remedy(error: Error, state: ProviderState) -> str:
    if error.status in (401, 403):
        return f"check the key from {state.key_from or 'nowhere'}"
    return "check the address, the proxy and the network"
