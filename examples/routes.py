"""A name with two targets: failures become answers, and a stream that is cut is gone on with.

The provider here is the wall that ships for tests, whose models fail as their names say.
"""

import asyncio

from interlingua import Client
from interlingua.testing import FaultWall


async def main() -> None:
    async with FaultWall() as wall:
        wall_provider = {"base_url": wall.base_url, "api_key": "any"}
        routes = {
            "smart": {"targets": ["wall/f20-503", "wall/healthy"]},
            "whole": {"targets": ["wall/f06-cut-after-9", "wall/healthy"], "rescue": "restart"},
        }
        async with Client(providers={"wall": wall_provider}, routes=routes) as client:
            output = await client.generate("smart", "Who keeps the lighthouse?")
            print(output.text, *output.route, sep="\n")

            async for output in client.generate_stream("whole", "Who keeps the lighthouse?"):
                print(output.delta, end="|", flush=True)
            print("\nwhole" if output.text == wall.canonical else "\ncut", *output.route, sep="\n")


asyncio.run(main())
