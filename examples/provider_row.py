"""Add a provider with a row of data and no code, and a name of your own for one of its models.

The same tables can stand in `interlingua.toml`, as `[providers.acme]` and `[models]`.
"""

import asyncio

from interlingua import Client
from interlingua.testing import ScriptedProvider


async def main() -> None:
    async with ScriptedProvider(key="acme-key") as server:
        server.reply("Hello from Acme.")
        client = Client(
            providers={
                "acme": {
                    "base_url": server.base_url,
                    "api_key": "acme-key",
                    "dialect": {"max_tokens_field": "max_completion_tokens"},
                }
            },
            models={"house-model": {"model": "acme/tiny", "temperature": 0}},
            trust_env=False,
        )
        async with client:
            output = await client.generate("house-model", "Hello", max_tokens=20)
        print(output.text)
        print("sent:", server.requests[0].json)


asyncio.run(main())
