"""What `interlingua doctor` looks at, one topic a module: each gives findings, and says what to do about them."""

from collections.abc import Callable, Iterator, Mapping

from interlingua.cli.checks.configuration import check_configuration, check_models
from interlingua.cli.checks.finding import Finding, Site
from interlingua.cli.checks.installation import check_extras, check_python
from interlingua.cli.checks.port import check_port
from interlingua.cli.checks.providers import check_online, check_providers
from interlingua.cli.checks.proxies import check_proxies
from interlingua.cli.checks.weights import check_weights

CHECKS: Mapping[str, Callable[[Site], Iterator[Finding]]] = {
    "python": check_python,
    "extras": check_extras,
    "config": check_configuration,
    "providers": check_providers,
    "proxies": check_proxies,
    "models": check_models,
    "weights": check_weights,
    "port": check_port,
}
"""Every check that stays on this machine, in the order in which a person reads them."""

__all__ = ["CHECKS", "Finding", "Site", "check_online"]
