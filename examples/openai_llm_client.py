"""Use DB-GPT's client: against OpenAI when OPENAI_API_KEY is set, else against a stand-in on the loopback."""

import asyncio
import os
from contextlib import AsyncExitStack

from interlingua import ModelRequest, OpenAILLMClient
from interlingua.testing import ScriptedProvider


async def main() -> None:
    async with AsyncExitStack() as stack:
        if os.environ.get("OPENAI_API_KEY"):
            client = OpenAILLMClient(model="gpt-6-luna")
        else:
            server = await stack.enter_async_context(ScriptedProvider())
            server.stream("Hello ", "from ", "the ", "stand-in.")
            client = OpenAILLMClient(api_key="unused", api_base=server.base_url, model="tiny", trust_env=False)
        await stack.enter_async_context(client)

        request = ModelRequest.build_request("", "Say hello.")
        async for output in client.generate_stream(request):
            print(output.delta, end="", flush=True)
        print()
        print([model.model for model in await client.models()])


asyncio.run(main())
