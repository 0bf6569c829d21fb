"""LiteLLM's own transformation code on the same bodies; runs in its environment.

Reads `{"request": "...", "streams": {...}}` from its standard input and prints the CPU µs of one request, or of one
streamed event, for each wire that it has code for. Its stream wrapper, logging and proxy are left out: that favours it.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOG"] = "ERROR"

MODELS = {
    "messages": "claude-sonnet-4-5",
    "generate_content": "gemini-2.5-flash",
    "converse": "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "ollama": "llama3.1",
}


def cost(work: Callable[[], object], *, seconds: float = 0.4, rounds: int = 5) -> float:
    """Give the CPU µs of one call: the least of some rounds."""
    work()
    best = float("inf")
    for _ in range(rounds):
        count, started = 0, time.process_time()
        while time.process_time() - started < seconds / rounds:
            work()
            count += 1
        best = min(best, (time.process_time() - started) / count)
    return best * 1e6


def config_of(wire: str) -> Any:
    """Give the class that writes requests for a wire."""
    if wire == "messages":
        from litellm.llms.anthropic.chat.transformation import AnthropicConfig  # noqa: PLC0415

        return AnthropicConfig()
    if wire == "converse":
        from litellm.llms.bedrock.chat.converse_transformation import AmazonConverseConfig  # noqa: PLC0415

        return AmazonConverseConfig()
    if wire == "ollama":
        from litellm.llms.ollama.chat.transformation import OllamaChatConfig  # noqa: PLC0415

        return OllamaChatConfig()
    from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import (  # noqa: PLC0415
        GoogleAIStudioGeminiConfig,
    )

    return GoogleAIStudioGeminiConfig()


def request_work(wire: str, body: bytes) -> Callable[[], object]:
    """Give what turns a Chat Completions body into one of `wire`."""
    config, model = config_of(wire), MODELS[wire]

    def gemini(fields: dict[str, Any], options: dict[str, Any]) -> Any:
        from litellm.llms.vertex_ai.gemini.transformation import _transform_request_body  # noqa: PLC0415

        return _transform_request_body(
            messages=fields["messages"],
            model=model,
            optional_params=options,
            custom_llm_provider="gemini",
            litellm_params={},
            cached_content=None,
        )

    def work() -> bytes:
        fields = json.loads(body)
        given = {name: value for name, value in fields.items() if name not in ("model", "messages", "stream_options")}
        options = config.map_openai_params(given, {}, model, True)  # noqa: FBT003 - its fourth argument
        if wire == "generate_content":
            written = gemini(fields, options)
        else:
            written = config.transform_request(
                model=model, messages=fields["messages"], optional_params=options, litellm_params={}, headers={}
            )
        return json.dumps(written).encode()

    return work


def stream_work(wire: str, payloads: list[str]) -> Callable[[], object]:
    """Give what turns a stream of `wire` into chunks of Chat Completions."""
    parse = parser_of(wire)

    def work() -> int:
        size = 0
        for payload in payloads:
            chunk = parse(json.loads(payload))
            if hasattr(chunk, "model_dump_json"):
                size += len(chunk.model_dump_json(exclude_none=True, exclude_unset=True))
        return size

    return work


def parser_of(wire: str) -> Callable[[dict[str, Any]], Any]:
    """Give what reads one chunk of a wire."""
    if wire == "messages":
        from litellm.llms.anthropic.chat.handler import ModelResponseIterator  # noqa: PLC0415

        return ModelResponseIterator(streaming_response=iter(()), sync_stream=True).chunk_parser
    if wire == "ollama":
        from litellm.llms.ollama.chat.transformation import OllamaChatCompletionResponseIterator  # noqa: PLC0415

        return OllamaChatCompletionResponseIterator(streaming_response=iter(()), sync_stream=True).chunk_parser
    if wire == "generate_content":
        from unittest.mock import MagicMock  # noqa: PLC0415

        from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import (  # noqa: PLC0415
            ModelResponseIterator as GeminiIterator,
        )

        return GeminiIterator(streaming_response=iter(()), sync_stream=True, logging_obj=MagicMock()).chunk_parser
    raise LookupError(wire)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what it prints out of the figures."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


def main() -> None:
    """Measure what there is code for."""
    given = json.load(sys.stdin)
    figures: dict[str, dict[str, Any]] = {"requests": {}, "streams": {}}
    with quiet():
        for wire in MODELS:
            try:
                figures["requests"][wire] = cost(request_work(wire, given["request"].encode()))
            except Exception as error:  # noqa: BLE001 - a peer's failure is a figure
                figures["requests"][wire] = f"{type(error).__name__}: {str(error)[:120]}"
            payloads = given["streams"].get(wire)
            if payloads:
                try:
                    figures["streams"][wire] = cost(stream_work(wire, payloads)) / len(payloads)
                except Exception as error:  # noqa: BLE001 - as above
                    figures["streams"][wire] = f"{type(error).__name__}: {str(error)[:120]}"
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
