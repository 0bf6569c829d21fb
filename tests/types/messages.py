"""Messages in OpenAI's form, as its SDK's types allow them (openai 3.54, `types/chat/*_param.py`)."""

from typing import Any

from hypothesis import strategies as st

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
words = st.text("abcxyz_-019", min_size=1, max_size=6)
scalars = st.none() | st.booleans() | st.integers(-1000, 1000) | texts
unknown = st.dictionaries(st.sampled_from(["x_new", "x_other", "annotations", "cache_control"]), scalars, max_size=2)
cache = st.just({"mode": "explicit", "ttl": "30m"})


def optional(required: dict[str, Any], **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=fields)


def with_unknown(blocks: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(merged, blocks, unknown)


def merged(block: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    return {**extra, **block}


def typed(kind: str, extra: dict[str, Any]) -> dict[str, Any]:
    return {**extra, "type": kind}


text_blocks = with_unknown(optional({"type": st.just("text"), "text": texts}, prompt_cache_breakpoint=cache))
image_blocks = with_unknown(
    optional(
        {
            "type": st.just("image_url"),
            "image_url": optional({"url": words}, detail=st.sampled_from(["auto", "low", "high", "original", None])),
        },
        prompt_cache_breakpoint=cache,
    )
)
audio_blocks = with_unknown(
    optional(
        {"type": st.just("input_audio"), "input_audio": optional({"data": words}, format=words, x_rate=st.integers())}
    )
)
file_blocks = with_unknown(
    optional({"type": st.just("file"), "file": optional({}, file_data=words, file_id=words, filename=texts)})
)
refusal_blocks = optional({"type": st.just("refusal"), "refusal": texts})
strange_blocks = st.builds(typed, st.sampled_from(["video_url", "x-ray"]), unknown)

user_content = texts | st.lists(text_blocks | image_blocks | audio_blocks | file_blocks | strange_blocks, max_size=3)
system_content = texts | st.lists(text_blocks, max_size=3)
assistant_content = (
    st.none() | texts | st.lists(text_blocks | refusal_blocks | image_blocks | strange_blocks, max_size=3)
)

function_calls = with_unknown(
    optional(
        {
            "id": words,
            "type": st.just("function"),
            "function": optional({"name": words, "arguments": texts}, x_strict=st.booleans()),
        },
        extra_content=st.just({"google": {"thought_signature": "c2ln"}}),
    )
)
custom_calls = optional({"id": words, "type": st.just("custom"), "custom": optional({"name": words, "input": texts})})
strange_calls = optional({"id": words, "type": st.just("x_call"), "x_call": unknown})
details = st.fixed_dictionaries(
    {"type": st.sampled_from(["reasoning.text", "reasoning.summary", "reasoning.encrypted"])},
    optional={"text": texts, "summary": texts, "data": words, "signature": words, "index": st.integers(0, 3)},
)

messages = st.one_of(
    with_unknown(optional({"role": st.sampled_from(["system", "developer"]), "content": system_content}, name=words)),
    with_unknown(optional({"role": st.just("user"), "content": user_content}, name=words)),
    with_unknown(
        optional(
            {"role": st.just("assistant"), "content": assistant_content},
            name=words,
            refusal=st.none() | texts,
            audio=st.none() | optional({"id": words}),
            tool_calls=st.lists(function_calls | custom_calls | strange_calls, max_size=3),
            function_call=st.none() | optional({"name": words, "arguments": texts}),
            images=st.lists(image_blocks, max_size=2),
            reasoning_content=st.none() | texts,
            reasoning=st.none() | texts,
            reasoning_details=st.lists(details, max_size=3),
            extra_content=st.just({"google": {"thought_signature": "c2ln"}}) | st.just({"other": 1}),
        )
    ),
    with_unknown(optional({"role": st.just("tool"), "tool_call_id": words, "content": user_content}, name=words)),
    with_unknown(optional({"role": st.just("function"), "name": words, "content": st.none() | texts})),
)
