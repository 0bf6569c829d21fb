"""`docs/gateway.md` names every path."""

import re
from pathlib import Path

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.settings import ServerSettings

PAGE = Path(__file__).parents[2].joinpath("docs", "gateway.md").read_text(encoding="utf-8")
PATHS = re.findall(r"`(GET|POST|DELETE) (/[^`? ]*)", PAGE)


def test_every_route_is_on_the_page() -> None:
    gateway = Gateway(ServerSettings(), Client())
    described = {(method, re.sub(r"\{.*", "*", path)) for method, path in PATHS}
    missing = [
        (route.method, route.path)
        for route in gateway.routes
        if (route.method, route.path) not in described and (route.method, route.path) != ("POST", "/v1/models/*")
    ]
    assert missing == []
