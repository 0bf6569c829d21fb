"""Let a model ask for a Python function, call it, and give the result back.

A tiny model is not good at choosing tools, so this one is made to call: `tool_choice="required"`.
"""

import asyncio
import os

from interlingua import Client, ModelMessage

MODEL = os.environ.get("MODEL", "local/smollm2")


def weather(city: str) -> str:
    """Tell today's weather.

    Args:
        city: The city to tell the weather of.

    """
    return f"Sunny in {city}, 21 degrees."


async def main() -> None:
    conversation = [ModelMessage.user("What is the weather in Oslo?")]
    async with Client() as client:
        asked = await client.generate(
            MODEL, conversation, tools=[weather], tool_choice="required", max_tokens=80, temperature=0
        )
        conversation.append(ModelMessage.assistant(asked.parts))
        for call in asked.tool_calls:
            result = weather(**call.parsed_arguments())
            print(f"{call.name}({call.arguments}) gives {result!r}")
            conversation.append(ModelMessage.tool_result(call.id, result))
        answer = await client.generate(MODEL, conversation, tools=[weather], max_tokens=80, temperature=0)
    print(answer.text)


asyncio.run(main())
