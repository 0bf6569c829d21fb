"""`interlingua doctor`."""

import sys
from argparse import Namespace
from collections.abc import Iterator

from interlingua.cli.checks import CHECKS, Finding, Site, check_online
from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.commands.config import validate
from interlingua.cli.configuration import UNNATURAL, build_client, config_path
from interlingua.cli.options import options_of
from interlingua.cli.report import FAILED
from interlingua.cli.tables import print_json
from interlingua.cli.terminal import dim, green, red, yellow
from interlingua.client import Client
from interlingua.client.config_file import ConfigFile
from interlingua.errors import Error

_MARKS = {"ok": ("ok", green), "note": ("note", yellow), "broken": ("BROKEN", red)}


def run(arguments: Namespace) -> int:
    """Look at everything; exit code 1 says that something that was configured cannot work."""
    found: list[Finding] = []
    for finding in _findings(arguments):
        found.append(finding)
        if not arguments.json:
            _print_finding(finding)
    healthy = all(finding.state != "broken" for finding in found)
    if arguments.json:
        print_json({"healthy": healthy, "findings": [finding._asdict() for finding in found]})
    return 0 if healthy else FAILED


def _findings(arguments: Namespace) -> Iterator[Finding]:
    site = _site(arguments)
    for check in CHECKS.values():
        yield from check(site)
    if arguments.online:
        yield from check_online(site)


def _site(arguments: Namespace) -> Site:
    """Read the config file and build the client, keeping what goes wrong for the checks to tell."""
    path = config_path(arguments.config)
    config = None
    if path is not None:
        try:
            config = ConfigFile.read(path)
            validate(config)
        except Error as error:
            return Site(path, config_problem=error)
    try:
        client = build_client(arguments, config)
    except Error as error:
        return Site(path, config, client_problem=error)
    return Site(path, config, client=client)


def _print_finding(finding: Finding) -> None:
    word, colour = _MARKS[finding.state]
    print(f"{colour(f'{word:<6}', stream=sys.stdout)}  {finding.topic:<18} {finding.message}", flush=True)
    if finding.remedy and finding.state != "ok":
        print(f"{'':<26} {dim(f'→ {finding.remedy}', stream=sys.stdout)}", flush=True)


COMMAND = Command(
    description="Nothing is sent anywhere, unless --online is given. The exit code is 1 if something is broken.",
    run=run,
    options=(
        Option(("--online",), "Also ask each provider whose key is set for its models; it costs nothing.", switch=True),
        JSON,
        CONFIG,
        *options_of(Client, group="network", without=UNNATURAL),
    ),
    examples=(
        ("", "what is missing, and what to do"),
        ("--online", "whether the keys are taken, too"),
        ("--json | jq '.findings[] | select(.state == \"broken\")'", "for a script"),
    ),
)
