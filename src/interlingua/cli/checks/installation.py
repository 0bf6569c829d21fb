"""Is everything installed?"""

import importlib.metadata
import platform
import re
from collections.abc import Iterator

from interlingua import __version__
from interlingua.cli.checks.finding import Finding, Site

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9._-]+).*extra\s*==\s*['\"]([\w-]+)['\"]")
_WHAT_FOR = {
    "local": "models on this machine",
    "speed": "a faster event loop",
    "tokens": "exact token counts for more models",
    "schema": "checking answers against a JSON Schema",
    "openai": "passing in a client of the openai package",
    "httpx2": "SOCKS proxies, HTTP/2",
}


def check_python(_: Site) -> Iterator[Finding]:
    """Say what runs where."""
    yield Finding(
        "ok",
        "python",
        f"interlingua {__version__}, {platform.python_implementation()} {platform.python_version()},"
        f" {platform.system()} {platform.machine()}",
    )


def check_extras(_: Site) -> Iterator[Finding]:
    """Look for the packages that are not needed and do something."""
    for extra, package in sorted(_extras()):
        purpose = _WHAT_FOR[extra]
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield Finding("note", f"extra {extra}", f"{package} is not installed: {purpose}", _install(extra))
        else:
            yield Finding("ok", f"extra {extra}", f"{package} {version}: {purpose}")


def _extras() -> Iterator[tuple[str, str]]:
    """Give the extras that are told of, with their packages, as the installed distribution names them."""
    for requirement in importlib.metadata.requires("interlingua") or ():
        match = _REQUIREMENT.match(requirement)
        if match is not None and match[2] in _WHAT_FOR:
            yield match[2], match[1]


def _install(extra: str) -> str:
    return f"pip install 'interlingua[{extra}]'"
