"""Call a model from code that is not asynchronous: a conversation of two turns."""

import os

from interlingua import ModelMessage, SyncClient

MODEL = os.environ.get("MODEL", "local/smollm2")

with SyncClient() as client:
    conversation = [ModelMessage.system("You answer in one sentence."), ModelMessage.user("What is a river?")]
    answer = client.generate(MODEL, conversation, max_tokens=60)
    print(answer.text)

    conversation += [ModelMessage.assistant(answer.parts), ModelMessage.user("And a lake?")]
    for piece in client.generate_stream(MODEL, conversation, max_tokens=60):
        print(piece.delta, end="", flush=True)
    print()
