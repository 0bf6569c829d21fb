"""The same call and the same stream in each library; runs in that library's own environment.

An adapter gives `(call, stream, close)`: `call(model)` gives the answer's text, `stream(model)` the number of
pieces that had text. Each does what its users write, and reads the text as they do.
"""

import importlib
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Call: TypeAlias = Callable[[str], Awaitable[str]]
Stream: TypeAlias = Callable[[str], Awaitable[int]]
Close: TypeAlias = Callable[[], Awaitable[None]]
Adapter: TypeAlias = tuple[Call, Stream, Close]

KEY = "sk-bench-0123456789"
QUESTION = "What is a pangram? Please give one short example and explain it in one sentence. "
MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": QUESTION * 2},
]
HEADERS = {"Authorization": f"Bearer {KEY}"}


def _body(model: str, *, stream: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "messages": MESSAGES, "max_tokens": 128, "temperature": 0.7}
    return {**body, "stream": True} if stream else body


async def _nothing() -> None:
    return


def openai_llm_client(base_url: str) -> Adapter:
    """`OpenAILLMClient`: requests built from dicts, typed outputs."""
    interlingua = importlib.import_module("interlingua")
    client = interlingua.OpenAILLMClient(api_key=KEY, api_base=base_url, model="mock", trust_env=False)
    build = interlingua.ModelRequest.build_request

    async def call(model: str) -> str:
        output = await client.generate(build(model, MESSAGES, max_new_tokens=128, temperature=0.7))
        return output.text

    async def stream(model: str) -> int:
        count = 0
        request = build(model, MESSAGES, max_new_tokens=128, temperature=0.7)
        async for output in client.generate_stream(request):
            if output.delta:
                count += 1
        return count

    return call, stream, client.aclose


def client(base_url: str) -> Adapter:
    """`Client`, the way most people call it."""
    interlingua = importlib.import_module("interlingua")
    client = interlingua.Client(providers={"mock": {"base_url": base_url, "api_key": KEY}}, trust_env=False)

    async def call(model: str) -> str:
        output = await client.generate(f"mock/{model}", MESSAGES, max_tokens=128, temperature=0.7)
        return output.text

    async def stream(model: str) -> int:
        count = 0
        async for output in client.generate_stream(f"mock/{model}", MESSAGES, max_tokens=128, temperature=0.7):
            if output.delta:
                count += 1
        return count

    return call, stream, client.aclose


def bare_transport(base_url: str) -> Adapter:
    """The transport alone, as one would use aiohttp: dicts in, untyped JSON out."""
    msgspec = importlib.import_module("msgspec")
    transport_module = importlib.import_module("interlingua.transport")
    parser_class = importlib.import_module("interlingua.wires.sse").SSEParser
    transport = transport_module.HTTPTransport(trust_env=False)
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
    url = f"{base_url}/chat/completions"

    def request(body: dict[str, Any]) -> Any:
        return transport_module.HTTPRequest(method="POST", url=url, headers=headers, body=encode(body))

    async def call(model: str) -> str:
        async with await transport.send(request(_body(model))) as response:
            return decode(await response.read())["choices"][0]["message"]["content"]

    async def stream(model: str) -> int:
        count = 0
        parser = parser_class()
        async with await transport.send(request(_body(model, stream=True))) as response:
            async for data in response:
                for event in parser.feed(data):
                    if event.data == b"[DONE]":
                        continue
                    choices = decode(event.data)["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        count += 1
        return count

    return call, stream, transport.aclose


def aiohttp(base_url: str) -> Adapter:
    """The session alone, with the standard library's JSON."""
    module = importlib.import_module("aiohttp")
    session = module.ClientSession(connector=module.TCPConnector(limit=0), headers=HEADERS)
    url = f"{base_url}/chat/completions"

    async def call(model: str) -> str:
        async with session.post(url, json=_body(model)) as response:
            return json.loads(await response.read())["choices"][0]["message"]["content"]

    async def stream(model: str) -> int:
        count = 0
        async with session.post(url, json=_body(model, stream=True)) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        count += 1
        return count

    return call, stream, session.close


def httpx2(base_url: str) -> Adapter:
    """The client alone, with the standard library's JSON."""
    module = importlib.import_module("httpx2")
    limits = module.Limits(max_connections=100, max_keepalive_connections=100)
    client = module.AsyncClient(headers=HEADERS, limits=limits, timeout=60, trust_env=False)
    url = f"{base_url}/chat/completions"

    async def call(model: str) -> str:
        response = await client.post(url, json=_body(model))
        return json.loads(response.content)["choices"][0]["message"]["content"]

    async def stream(model: str) -> int:
        count = 0
        async with client.stream("POST", url, json=_body(model, stream=True)) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        count += 1
        return count

    return call, stream, client.aclose


def openai(base_url: str) -> Adapter:
    """The official SDK with its own back end, httpx2."""
    return _openai(base_url)


def openai_aiohttp(base_url: str) -> Adapter:
    """The official SDK with its aiohttp back end."""
    return _openai(base_url, http_client=importlib.import_module("openai").DefaultAioHttpClient())


def _openai(base_url: str, **options: Any) -> Adapter:
    client = importlib.import_module("openai").AsyncOpenAI(base_url=base_url, api_key=KEY, **options)

    async def call(model: str) -> str:
        answer = await client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=128, temperature=0.7)
        return answer.choices[0].message.content

    async def stream(model: str) -> int:
        count = 0
        chunks = await client.chat.completions.create(
            model=model, messages=MESSAGES, max_tokens=128, temperature=0.7, stream=True
        )
        async for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
        return count

    return call, stream, client.close


def litellm(base_url: str) -> Adapter:
    """The SDK's `acompletion`."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    module: Any = importlib.import_module("litellm")
    module.suppress_debug_info = True

    def options(model: str) -> dict[str, Any]:
        where = {"api_base": base_url, "api_key": KEY}
        return {"model": f"openai/{model}", "messages": MESSAGES, "max_tokens": 128, "temperature": 0.7, **where}

    async def call(model: str) -> str:
        answer = await module.acompletion(**options(model))
        return answer.choices[0].message.content

    async def stream(model: str) -> int:
        count = 0
        async for chunk in await module.acompletion(**options(model), stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
        return count

    return call, stream, _nothing


ADAPTERS: dict[str, Callable[[str], Adapter]] = {
    adapter.__name__: adapter
    for adapter in (openai_llm_client, client, bare_transport, aiohttp, httpx2, openai, openai_aiohttp, litellm)
}
