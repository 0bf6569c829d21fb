"""Run the gateway inside a program, and call it with the official openai SDK.

Usually it is a process of its own: `interlingua serve`.
"""

import asyncio

from openai import AsyncOpenAI

from interlingua import Client
from interlingua.gateway.app import Gateway
from interlingua.gateway.server import HTTPServer
from interlingua.gateway.settings import ServerSettings


async def main() -> None:
    settings = ServerSettings(port=0)
    async with Client() as client:
        server = HTTPServer(Gateway(settings, client), settings)
        await server.start()
        try:
            async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="unused") as openai:
                stream = await openai.chat.completions.create(
                    model="local/smollm2",
                    messages=[{"role": "user", "content": "What is a gateway?"}],
                    max_tokens=60,
                    stream=True,
                )
                async for chunk in stream:
                    for choice in chunk.choices:
                        print(choice.delta.content or "", end="", flush=True)
                print()
        finally:
            await server.stop()


asyncio.run(main())
