"""Any reply of Converse says the same whole and as a stream."""

import base64
from contextlib import suppress
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import ProtocolError, ProviderError, StreamInterrupted
from interlingua.types import Choice, ModelOutput, OutputAssembly, ToolCallPart
from interlingua.wires import converse
from tests.wires.converse.replies import END, START, WHOLE, begun, ended, event, grown

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
inputs = st.dictionaries(texts, texts | st.integers(-9, 9) | st.none() | st.lists(texts, max_size=2), max_size=3)
sources = st.fixed_dictionaries(
    {
        "title": texts,
        "sourceContent": st.lists(st.fixed_dictionaries({"text": texts}), min_size=1, max_size=2),
        "location": st.just({"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}),
    }
)
coded = st.binary(min_size=1, max_size=9).map(lambda data: base64.b64encode(data).decode())


def block_of(kind: str, content: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({kind: content})


servers: dict[str, st.SearchStrategy[str]] = {"toolUseId": st.just("s"), "type": st.just("server_tool_use")}
blocks = st.one_of(
    block_of("text", texts),
    block_of(
        "citationsContent",
        st.fixed_dictionaries(
            {
                "content": st.lists(st.fixed_dictionaries({"text": texts}), min_size=1, max_size=1),
                "citations": st.lists(sources, min_size=1, max_size=2),
            }
        ),
    ),
    block_of(
        "reasoningContent",
        block_of("reasoningText", st.fixed_dictionaries({"text": texts, "signature": texts})),
    ),
    block_of("reasoningContent", block_of("redactedContent", coded)),
    block_of("toolUse", st.fixed_dictionaries({"toolUseId": st.just(""), "name": texts, "input": inputs})),
    block_of("toolUse", st.fixed_dictionaries({"name": texts, "input": inputs, **servers})),
    block_of(
        "toolResult",
        st.fixed_dictionaries(
            {
                "toolUseId": st.just("s"),
                "content": st.lists(st.fixed_dictionaries({"text": texts}), min_size=1, max_size=1),
                "status": st.just("success"),
            }
        ),
    ),
    block_of("image", st.fixed_dictionaries({"format": st.just("png"), "source": block_of("bytes", coded)})),
    block_of("novel", block_of("words", texts)),
)


def cut(text: str, places: list[int]) -> list[str]:
    """Cut a text at some of its places."""
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def cut_bytes(text: str, places: list[int]) -> list[str]:
    """Cut coded bytes, each piece coded for itself."""
    data = base64.b64decode(text)
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [base64.b64encode(data[start:end]).decode() for start, end in pairwise(edges)]


def pieces_of(index: int, block: dict[str, Any], places: list[int], *, sources_first: bool) -> list[bytes]:
    """Write a block as Bedrock streams it."""
    ((kind, content),) = block.items()
    if kind == "text":
        return [grown(index, text=piece) for piece in cut(content, places)]
    if kind == "citationsContent":
        words = [grown(index, text=piece) for piece in cut(content["content"][0]["text"], places)]
        cited = [grown(index, citation=each) for each in content["citations"]]
        return [*cited, *words] if sources_first else [*words, *cited]
    if kind == "reasoningContent" and "reasoningText" in content:
        shown = content["reasoningText"]
        thoughts = [grown(index, reasoningContent={"text": piece}) for piece in cut(shown["text"], places)]
        return [*thoughts, grown(index, reasoningContent={"signature": shown["signature"]})]
    if kind == "reasoningContent":
        pieces = cut_bytes(content["redactedContent"], places)
        return [grown(index, reasoningContent={"redactedContent": piece}) for piece in pieces]
    if kind == "toolUse":
        start = {name: value for name, value in content.items() if name != "input"}
        text = msgspec.json.encode(content["input"]).decode()
        return [begun(index, toolUse=start), *(grown(index, toolUse={"input": piece}) for piece in cut(text, places))]
    if kind == "toolResult":
        start = {name: value for name, value in content.items() if name != "content"}
        pieces = cut(content["content"][0]["text"], places)
        return [begun(index, toolResult=start), *(grown(index, toolResult=[{"text": piece}]) for piece in pieces)]
    if kind == "image":
        pieces = cut_bytes(content["source"]["bytes"], places)
        given = [grown(index, image={"source": {"bytes": piece}}) for piece in pieces]
        return [begun(index, image={"format": content["format"]}), *given]
    return [grown(index, novel={"words": piece}) for piece in cut(content["words"], places)]


def plain(choices: list[Choice]) -> list[Choice]:
    """Give the choices with the arguments of calls as the same text for the same object."""
    for choice in choices:
        for part in choice.parts:
            if isinstance(part, ToolCallPart):
                part.arguments = msgspec.json.encode(part.parsed_arguments()).decode()
    return choices


def assembled(data: bytes, size: int) -> ModelOutput:
    parser, assembly = converse.stream_parser(), OutputAssembly()
    for start in range(0, len(data), size):
        for each in parser.feed(data[start : start + size]):
            assembly.add(each)
    for each in parser.close():
        assembly.add(each)
    return assembly.output()


@given(st.lists(blocks, max_size=5), st.lists(st.integers(0, 20), max_size=3), st.booleans(), st.integers(1, 300))
def test_any_reply_is_the_same_whole_and_streamed(
    content: list[dict[str, Any]],
    places: list[int],
    sources_first: bool,
    size: int,
) -> None:
    data = START
    for number, block in enumerate(content):
        if "type" not in block.get("toolUse", {"type": ""}):
            block["toolUse"]["toolUseId"] = f"t{number}"
        data += b"".join(pieces_of(number, block, places, sources_first=sources_first)) + ended(number)
    whole = converse.parse_response(
        msgspec.json.encode({**WHOLE, "output": {"message": {"role": "assistant", "content": content}}})
    )

    streamed = assembled(data + b"".join(END), size)

    assert plain(streamed.choices) == plain(whole.choices)
    assert (streamed.usage, streamed.extensions) == (whole.usage, whole.extensions)


names = st.sampled_from(
    [
        *("text", "toolUse", "toolResult", "reasoningContent", "citation", "image", "novel", "input", "content"),
        *("source", "bytes", "format", "name", "toolUseId", "type", "signature", "redactedContent", "location"),
    ]
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=6,
)
members = st.dictionaries(names, values, max_size=3)
odd = st.one_of(
    members.map(lambda start: begun(0, **start)),
    members.map(lambda delta: grown(0, **delta)),
    values.map(lambda delta: event("contentBlockDelta", contentBlockIndex=0, delta=delta)),
    values.map(lambda index: event("contentBlockStop", contentBlockIndex=index)),
    values.map(lambda word: event("messageStop", stopReason=word)),
    values.map(lambda usage: event("metadata", usage=usage)),
    st.just(ended(0)),
)


@given(st.lists(odd, max_size=6))
def test_odd_streams_fail_as_streams_do(pieces: list[bytes]) -> None:
    parser = converse.stream_parser()
    with suppress(ProtocolError, ProviderError, StreamInterrupted):
        for piece in pieces:
            parser.feed(piece)
        parser.close()


@given(st.lists(st.dictionaries(names, values, min_size=1, max_size=2), max_size=3))
def test_odd_replies_fail_as_replies_do(content: list[dict[str, Any]]) -> None:
    body = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn"}
    with suppress(ProtocolError, ProviderError):
        converse.parse_response(msgspec.json.encode(body))
