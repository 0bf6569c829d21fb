"""Which package indexes this machine uses, and what their pages list.

Nothing here opens a network connection. pip itself is asked for its configuration and
for the index that it uses by default, so that whatever serves `pip install` on this
machine (a mirror, a directory of wheels, an environment variable) serves the models too.

The pages: PEP 503 (HTML) and PEP 691 (JSON), read 2026-11-22.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import msgspec

from interlingua.errors import ProtocolError

JSON_PAGE: Final = "application/vnd.pypi.simple.v1+json"
ACCEPT_PAGE: Final = f"{JSON_PAGE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

_ASK_PIP: Final = """
import glob, os, sys
try:
    import pip
except ImportError:
    import ensurepip
    sys.path[:0] = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
from pip._internal.cli.main import main
from pip._internal.models.index import PyPI
print("default=" + repr(PyPI.simple_url), flush=True)
sys.exit(main(["config", "list"]))
"""
_ASK_PIP_SECONDS: Final = 30.0


class PackageSource(msgspec.Struct, frozen=True):
    """A place that offers packages: an `index` has a page for each project, `links` is one page or folder."""

    url: str
    kind: Literal["index", "links"]

    def page_of(self, package: str) -> str:
        """Give the address of the page (or folder) that lists the files of `package`."""
        if self.kind == "links":
            return self.url
        return f"{self.url.rstrip('/')}/{re.sub(r'[-_.]+', '-', package).lower()}/"

    @property
    def shown(self) -> str:
        """The address as a message may show it: without user name and password."""
        return without_credentials(self.url)


class FileLink(msgspec.Struct, frozen=True):
    """A file that a page offers; hash and size (bytes) are None where the page does not say."""

    url: str
    sha256: str | None = None
    size: int | None = None


def package_sources(override: str | None = None) -> list[PackageSource]:
    """List the places to look for a package, nearest first. Takes about half a second: it runs pip.

    `override` is the only place when it is given: an index URL, or a folder of wheels.
    """
    if override:
        return [PackageSource(override, "links" if local_path(override) else "index")]
    return configured_sources(os.environ, _pip_configuration())


def configured_sources(environment: Mapping[str, str], pip: Mapping[str, str]) -> list[PackageSource]:
    """Order what the environment and pip's configuration name.

    `pip` has pip's own option names (`index-url`, `find-links`, …) as keys, and under
    `default` the index that pip uses when none is configured.
    """
    links = _words(pip.get("find-links"))
    indexes = _words(environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL") or pip.get("index-url"))
    if not indexes and pip.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
        indexes = _words(pip.get("default"))
    named = _words(environment.get("UV_INDEX")) + _words(environment.get("UV_EXTRA_INDEX_URL"))
    extra = [re.sub(r"^[\w-]+=(?=\w+:)", "", url) for url in named] + _words(pip.get("extra-index-url"))
    found = [PackageSource(url, "links") for url in links] + [PackageSource(url, "index") for url in indexes + extra]
    return list(dict.fromkeys(found))


def read_configuration(printed: str) -> dict[str, str]:
    """Read what `pip config list` prints; for one option the environment wins, then the command, then `global`."""
    ranked: dict[str, tuple[int, str]] = {}
    for line in printed.splitlines():
        key, mark, literal = line.partition("=")
        section, dot, option = key.rpartition(".")
        value = _literal(literal)
        if not mark or value is None or (dot and section not in ("global", "install", "download", ":env:")):
            continue
        rank = 2 if section == ":env:" else int(section in ("install", "download"))
        if rank >= ranked.get(option, (0, ""))[0]:
            ranked[option] = (rank, value)
    return {option: value for option, (_, value) in ranked.items()}


def parse_page(body: bytes, *, content_type: str, url: str) -> list[FileLink]:
    """Read a page of an index, in JSON or HTML; `url` is where it came from.

    Raises:
        ProtocolError: it says that it is JSON and is not.

    """
    if "json" in content_type:
        return _parse_json(body, url)
    parser = _Links(url)
    parser.feed(body.decode("utf-8", "replace"))
    return parser.links


def find_file(links: Sequence[FileLink], name: str) -> FileLink | None:
    """Give the link to the file called `name`, or None."""
    return next((link for link in links if unquote(urlsplit(link.url).path).rpartition("/")[2] == name), None)


def local_path(address: str) -> Path | None:
    """Give the path that a `file:` URL or a plain path means, or None for an address on a network."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        path = unquote(parts.path)
        return Path(path[1:] if re.match(r"/[A-Za-z]:", path) else path)
    if len(parts.scheme) > 1:  # one letter is a Windows drive
        return None
    return Path(address).expanduser()


def without_credentials(url: str) -> str:
    """Give the URL without user name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class _IndexFile(msgspec.Struct):
    url: str
    hashes: dict[str, str] = {}
    size: int | None = None


class _Page(msgspec.Struct):
    files: list[_IndexFile]


class _Links(HTMLParser):
    """Collects the anchors of an HTML page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = url
        self.links: list[FileLink] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of an anchor, or the base of those that follow."""
        values = dict(attrs)
        href = values.get("href")
        if href and tag == "base":
            self._base = urljoin(self._base, href)
        elif href and tag == "a":
            address, fragment = urldefrag(urljoin(self._base, href))
            name, _, digest = fragment.partition("=")
            self.links.append(FileLink(address, digest if name == "sha256" else None))


def _parse_json(body: bytes, url: str) -> list[FileLink]:
    try:
        page = msgspec.json.decode(body, type=_Page)
    except msgspec.DecodeError as error:
        raise ProtocolError(
            f"The page {without_credentials(url)} of the package index is not valid: {error}."
        ) from error
    return [FileLink(urljoin(url, file.url), file.hashes.get("sha256"), file.size) for file in page.files]


def _pip_configuration() -> dict[str, str]:
    """Ask pip, this environment's or the one that Python carries; empty where there is neither."""
    try:
        answer = subprocess.run(  # noqa: S603 - our own interpreter and a constant script
            [sys.executable, "-c", _ASK_PIP],
            capture_output=True,
            text=True,
            timeout=_ASK_PIP_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return read_configuration(answer.stdout)


def _words(value: str | None) -> list[str]:
    return (value or "").split()


def _literal(text: str) -> str | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return str(value)
