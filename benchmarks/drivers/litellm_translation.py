"""LiteLLM's own transformation code on the same bodies; runs in its environment.

Reads `{"request": "...", "streams": {...}}` from its standard input and prints the CPU µs of one request, or of one
streamed event, for each wire that it has code for. A stream is measured twice: its parser of chunks alone, and with the
wrapper that every stream of its passes through. Its logging, router and proxy are left out: that favours it.
"""

import contextlib
import datetime as dt
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
PROVIDERS = {"messages": "anthropic", "generate_content": "gemini", "ollama": "ollama_chat"}


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
    from litellm.llms.gemini.chat.transformation import GoogleAIStudioGeminiConfig  # noqa: PLC0415

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


def parser_work(wire: str, payloads: list[str]) -> Callable[[], object]:
    """Give what reads a stream of `wire`, chunk by chunk."""
    parse = iterator_of(wire, []).chunk_parser

    def work() -> int:
        size = 0
        for payload in payloads:
            chunk = parse(json.loads(payload))
            if hasattr(chunk, "model_dump_json"):
                size += len(chunk.model_dump_json(exclude_none=True, exclude_unset=True))
        return size

    return work


def wrapper_work(wire: str, payloads: list[str]) -> Callable[[], object]:
    """Give what turns a stream of `wire` into chunks of Chat Completions, as its users get them."""
    from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper  # noqa: PLC0415

    lines = payloads if wire == "ollama" else [f"data: {payload}" for payload in payloads]

    def work() -> int:
        chunks = CustomStreamWrapper(
            completion_stream=iter(iterator_of(wire, lines)),
            model=MODELS[wire],
            custom_llm_provider=PROVIDERS[wire],
            logging_obj=logging_of(wire),
        )
        return sum(len(chunk.model_dump_json(exclude_none=True, exclude_unset=True)) for chunk in chunks)

    return work


def iterator_of(wire: str, lines: list[str]) -> Any:
    """Give what reads the lines of a wire's stream."""
    if wire == "messages":
        from litellm.llms.anthropic.chat.handler import ModelResponseIterator  # noqa: PLC0415

        return ModelResponseIterator(streaming_response=iter(lines), sync_stream=True)
    if wire == "ollama":
        from litellm.llms.ollama.chat.transformation import OllamaChatCompletionResponseIterator  # noqa: PLC0415

        return OllamaChatCompletionResponseIterator(streaming_response=iter(lines), sync_stream=True)
    if wire == "generate_content":
        from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import (  # noqa: PLC0415
            ModelResponseIterator as GeminiIterator,
        )

        return GeminiIterator(streaming_response=iter(lines), sync_stream=True, logging_obj=logging_of(wire))
    raise LookupError(wire)


def logging_of(wire: str) -> Any:
    """Give what it hands through a call to log it; nothing is set up that would listen."""
    from litellm.litellm_core_utils.litellm_logging import Logging  # noqa: PLC0415

    logging = Logging(
        model=MODELS[wire],
        messages=[{"role": "user", "content": "Hello"}],
        stream=True,
        call_type="completion",
        start_time=dt.datetime.now(),  # noqa: DTZ005 - as its own code gives it
        litellm_call_id="1",
        function_id="1",
    )
    logging.update_environment_variables(
        model=MODELS[wire], user=None, optional_params={}, litellm_params={}, custom_llm_provider=PROVIDERS[wire]
    )
    return logging


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what it prints out of the figures."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


def figure(make: Callable[[str, Any], Callable[[], object]], wire: str, given: Any) -> float | str:
    """Give the µs of what `make` makes; a failure of the peer is a figure too."""
    try:
        return cost(make(wire, given))
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {str(error)[:120]}"


def main() -> None:
    """Measure what there is code for."""
    given = json.load(sys.stdin)
    streams = {wire: payloads for wire, payloads in given["streams"].items() if wire in PROVIDERS}
    with quiet():
        figures = {
            "requests": {wire: figure(request_work, wire, given["request"].encode()) for wire in MODELS},
            "parsed": {wire: figure(parser_work, wire, payloads) for wire, payloads in streams.items()},
            "wrapped": {wire: figure(wrapper_work, wire, payloads) for wire, payloads in streams.items()},
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
