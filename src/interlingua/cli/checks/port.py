"""Can the gateway listen where it is told to?"""

import socket
from collections.abc import Iterator

from interlingua.cli.checks.finding import Finding, Site
from interlingua.cli.commands.serve import server_settings
from interlingua.errors import Error


def check_port(site: Site) -> Iterator[Finding]:
    """Try to take the gateway's address for a moment."""
    try:
        settings = server_settings(site.config, {})
    except Error as error:
        yield Finding("broken", "gateway", error.message, "correct the setting")
        return
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
    except OSError as error:
        remedy = "`interlingua serve --port 0` takes a free port, if it is not the gateway itself that listens there"
        yield Finding("note", "gateway", f"{where} cannot be taken: {error.strerror or error}", remedy)
    else:
        yield Finding("ok", "gateway", f"{where} is free")
