"""Get an answer as a value of your own type.

A dataclass, a Pydantic model, a msgspec Struct and a JSON Schema all work.
"""

import asyncio
import os
from dataclasses import dataclass

from interlingua import Client, InvalidOutput

MODEL = os.environ.get("MODEL", "local/smollm2")


@dataclass
class City:
    """A city."""

    name: str
    country: str
    on_the_sea: bool


async def main() -> None:
    async with Client() as client:
        try:
            output = await client.generate(
                MODEL, "Describe the city of Lisbon.", response_format=City, max_tokens=100, temperature=0
            )
        except InvalidOutput as error:
            print("The model did not keep to the schema:", error.text)
            return
    city: City = output.parsed
    print(city)
    print(f"{city.name} lies in {city.country}.")


asyncio.run(main())
