"""Turn texts into vectors, find the nearest one, and sort documents by how well they answer a question.

Run it with a model made for it: `MODEL=openai/text-embedding-3-small RERANKER=cohere/rerank-v4.0-pro`.
"""

import asyncio
import os
from operator import mul

from interlingua import Client

MODEL = os.environ.get("MODEL", "local/smollm2")
RERANKER = os.environ.get("RERANKER", "local/smollm2")
DOCUMENTS = [
    "The cat sleeps on the sofa all day.",
    "Share prices fell by two percent on Monday.",
    "Heavy rain is expected over the mountains.",
]


def likeness(one: list[float], other: list[float]) -> float:
    """Multiply two vectors, which is the cosine between them where their length is 1."""
    return sum(map(mul, one, other))


async def main() -> None:
    async with Client() as client:
        documents = await client.embed(MODEL, DOCUMENTS, purpose="document")
        query = await client.embed(MODEL, "A kitten naps on the couch.", purpose="query")
        best = max(range(len(DOCUMENTS)), key=lambda n: likeness(query.vectors[0], documents.vectors[n]))
        print(f"nearest: {DOCUMENTS[best]} ({len(query.vectors[0])} numbers a vector)")

        ranking = await client.rerank(RERANKER, "What is the weather like?", DOCUMENTS, top=2)
        for result in ranking.results:
            print(f"{result.score:.2f} {DOCUMENTS[result.index]}")
        print("told:", *ranking.warnings)


asyncio.run(main())
