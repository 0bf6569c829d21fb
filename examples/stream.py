"""Print an answer while it is made, then what it cost."""

import asyncio
import os

from interlingua import Client

MODEL = os.environ.get("MODEL", "local/smollm2")


async def main() -> None:
    async with Client() as client:
        async for piece in client.generate_stream(MODEL, "Tell me about the sea.", max_tokens=60):
            print(piece.delta, end="", flush=True)
            if piece.usage and piece.metrics:
                first = piece.metrics.time_to_first_token
                print(f"\n{piece.usage.completion_tokens} tokens, the first after {first:.2f} s")


asyncio.run(main())
