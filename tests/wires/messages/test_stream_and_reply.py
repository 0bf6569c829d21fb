"""Any reply of Messages says the same whole and as a stream, and so does what is written of it."""

from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interlingua.types import Choice, ModelOutput, ModelRequest, OutputAssembly, ToolCallPart
from interlingua.wires import messages

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
inputs = st.dictionaries(texts, texts | st.integers(-9, 9) | st.none() | st.lists(texts, max_size=2), max_size=3)
nothing: st.SearchStrategy[None] = st.none()
citations = st.fixed_dictionaries(
    {
        "type": st.just("char_location"),
        "cited_text": texts,
        "document_index": st.integers(0, 9),
        "document_title": nothing | texts,
        "file_id": nothing,
        "start_char_index": st.just(0),
        "end_char_index": st.integers(0, 9),
    }
)


def block_of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


blocks = st.one_of(
    block_of("text", text=texts, citations=nothing),
    block_of("text", text=texts, citations=st.lists(citations, min_size=1, max_size=2)),
    block_of("thinking", thinking=texts, signature=texts),
    block_of("redacted_thinking", data=texts),
    block_of("tool_use", id=st.just(""), name=texts, input=inputs),
    block_of("server_tool_use", id=st.just("srvtoolu_1"), name=st.just("web_search"), input=inputs),
    block_of("later_block", value=inputs),
)


def cut(text: str, places: list[int]) -> list[str]:
    """Cut a text at some of its places."""
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def pieces_of(block: dict[str, Any], places: list[int], *, sources_first: bool) -> tuple[Any, list[dict[str, Any]]]:
    kind = block["type"]
    if kind == "text":
        words = [{"type": "text_delta", "text": piece} for piece in cut(block["text"], places)]
        sources = [{"type": "citations_delta", "citation": each} for each in block["citations"] or ()]
        return {**block, "text": "", "citations": None}, [*sources, *words] if sources_first else [*words, *sources]
    if kind == "thinking":
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in cut(block["thinking"], places)]
        signed = {"type": "signature_delta", "signature": block["signature"]}
        return {**block, "thinking": "", "signature": ""}, [*thoughts, signed]
    if kind in ("tool_use", "server_tool_use"):
        text = msgspec.json.encode(block["input"]).decode()
        return {**block, "input": {}}, [
            {"type": "input_json_delta", "partial_json": piece} for piece in cut(text, places)
        ]
    return block, []


def stream_of(reply: dict[str, Any], places: list[int], *, sources_first: bool) -> bytes:
    """Write a reply as Anthropic streams it."""
    empty: list[Any] = []
    start = {**reply, "content": empty, "stop_reason": None, "usage": {**reply["usage"], "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(reply["content"]):
        begun, deltas = pieces_of(block, places, sources_first=sources_first)
        events.append({"type": "content_block_start", "index": index, "content_block": begun})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    ending = {"stop_reason": reply["stop_reason"], "stop_sequence": None}
    events += [
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": reply["usage"]["output_tokens"]}},
        {"type": "message_stop"},
    ]
    return b"".join(b"event: %b\ndata: %b\n\n" % (each["type"].encode(), msgspec.json.encode(each)) for each in events)


def assembled(data: bytes, size: int) -> ModelOutput:
    parser, assembly = messages.stream_parser(), OutputAssembly()
    for start in range(0, len(data), size):
        for event in parser.feed(data[start : start + size]):
            assembly.add(event)
    for event in parser.close():
        assembly.add(event)
    return assembly.output()


def plain(choices: list[Choice]) -> list[Choice]:
    """Give the choices with the arguments of calls as the same text for the same object."""
    for choice in choices:
        for part in choice.parts:
            if isinstance(part, ToolCallPart):
                part.arguments = msgspec.json.encode(part.parsed_arguments()).decode()
    return choices


@given(st.lists(blocks, max_size=5), st.lists(st.integers(0, 20), max_size=3), st.booleans(), st.integers(1, 200))
def test_any_reply_is_the_same_whole_and_streamed(
    content: list[dict[str, Any]],
    places: list[int],
    sources_first: bool,
    size: int,
) -> None:
    for number, block in enumerate(content):
        if block["type"] == "tool_use":
            block["id"] = f"toolu_{number}"
    reply: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 1,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 9,
        },
    }
    whole = messages.parse_response(msgspec.json.encode(reply))
    assert msgspec.json.decode(messages.render_response(whole)) == reply

    streamed = assembled(stream_of(reply, places, sources_first=sources_first), size)
    assert plain(streamed.choices) == plain(whole.choices)
    assert streamed.usage == whole.usage

    parser, renderer = messages.stream_parser(), messages.stream_renderer(ModelRequest("m", []))
    events = [*parser.feed(stream_of(reply, places, sources_first=sources_first)), *parser.close()]
    again = assembled(b"".join(renderer.render(event) for event in events), size)
    assert plain(again.choices) == plain(whole.choices)
