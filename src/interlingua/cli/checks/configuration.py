"""Is the config file right, and do the names in it lead anywhere?"""

from collections.abc import Iterator

from interlingua.cli.checks.finding import Finding, Site
from interlingua.errors import Error


def check_configuration(site: Site) -> Iterator[Finding]:
    """Say which file counts and what is wrong with it."""
    if site.config_problem is not None:
        yield Finding("broken", "config", site.config_problem.message, "correct that; then `interlingua config check`")
    elif site.path is None:
        yield Finding("note", "config", "there is no config file; defaults and environment variables count")
    else:
        yield Finding("ok", "config", f"{site.path} is valid")


def check_models(site: Site) -> Iterator[Finding]:
    """Resolve the default model and your own names of models."""
    if site.client_problem is not None:
        yield Finding("broken", "client", site.client_problem.message, "correct the setting or the variable")
    if site.client is None:
        return
    client = site.client
    names = {"default model": client.default_model} if client.default_model else {}
    names |= {f"model {name}": name for name in client.models_}
    for topic, name in names.items():
        try:
            target = client.resolve(name)
        except Error as error:
            yield Finding("broken", topic, error.message, "correct the name, or set the key")
        else:
            yield Finding("ok", topic, f"{name} is {target.provider.name}/{target.model}")
