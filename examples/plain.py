"""Ask a model once, and look at what came back.

Run it with any model: `MODEL=openai/gpt-6-luna python examples/plain.py`.
"""

import asyncio
import os

from interlingua import Client

MODEL = os.environ.get("MODEL", "local/smollm2")


async def main() -> None:
    async with Client() as client:
        output = await client.generate(MODEL, "What is the capital of France?", max_tokens=60)
    print(output.text)
    print(f"ended by {output.finish_reason}, {output.usage.total_tokens if output.usage else '?'} tokens")


asyncio.run(main())
