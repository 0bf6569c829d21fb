"""The gateway as an ASGI application, for the rows that put another server in front of its core.

The settings come from the file that BENCH_CONFIG names, the one that `interlingua serve` reads.
"""

import os

from interlingua.client import Client
from interlingua.client.config_file import ConfigFile
from interlingua.gateway.app import Gateway
from interlingua.gateway.asgi import asgi_app
from interlingua.gateway.settings import ServerSettings

_config = ConfigFile.read(os.environ["BENCH_CONFIG"])
application = asgi_app(Gateway(ServerSettings(**_config.table("server")), Client.from_config_file(_config)))
