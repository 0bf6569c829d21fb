"""Bodies of the Responses API as OpenAI's own types have them (openai 3.54 `types/responses`, read 2026-11-25)."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, cast

import msgspec
from openai.types.responses.response_create_params import ResponseCreateParams
from openai.types.responses.response_input_item_param import ResponseInputItemParam
from openai.types.responses.tool_param import ToolParam
from pydantic import TypeAdapter

FUNCTION: Final[dict[str, Any]] = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
    "defer_loading": True,
    "async": True,
    "output_schema": {"type": "object"},
    "allowed_callers": ["direct", "programmatic"],
}
GRAMMAR: Final[dict[str, Any]] = {
    "type": "custom",
    "name": "patch",
    "description": "Applies a patch.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "a"'},
    "defer_loading": False,
}
TOOLS: Final[list[dict[str, Any]]] = [
    FUNCTION,
    GRAMMAR,
    {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 3},
    {"type": "computer"},
    {"type": "computer_use_preview", "display_height": 600, "display_width": 800, "environment": "browser"},
    {"type": "web_search", "search_context_size": "low", "user_location": {"type": "approximate", "country": "NO"}},
    {"type": "web_search_preview", "search_context_size": "low"},
    {"type": "mcp", "server_label": "wiki", "server_url": "https://mcp.example", "require_approval": "never"},
    {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file_1"]}},
    {"type": "programmatic_tool_calling"},
    {"type": "image_generation", "size": "1024x1024", "partial_images": 2},
    {"type": "local_shell"},
    {"type": "shell"},
    {"type": "namespace", "name": "crm", "description": "Customers.", "tools": [FUNCTION]},
    {"type": "tool_search"},
    {"type": "apply_patch"},
]
"""One of each of the 16 kinds."""

SOURCES: Final[list[dict[str, Any]]] = [
    {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 0, "end_index": 3},
    {"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 2},
    {
        "type": "container_file_citation",
        "container_id": "cntr_1",
        "file_id": "file_2",
        "filename": "b.csv",
        "start_index": 0,
        "end_index": 3,
    },
    {"type": "file_path", "file_id": "file_3", "index": 0},
]
TOKENS: Final[list[dict[str, Any]]] = [
    {"token": "It", "bytes": [73, 116], "logprob": -0.1, "top_logprobs": []},
    {
        "token": " is",
        "bytes": [32, 105, 115],
        "logprob": -0.2,
        "top_logprobs": [{"token": " is", "bytes": [32, 105, 115], "logprob": -0.2}],
    },
]
THOUGHT: Final[dict[str, Any]] = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "First."}, {"type": "summary_text", "text": "Then."}],
    "encrypted_content": "gAAAAABo+/=",
    "status": "completed",
}
SHOWN_THOUGHT: Final[dict[str, Any]] = {
    "type": "reasoning",
    "id": "rs_2",
    "summary": [],
    "content": [{"type": "reasoning_text", "text": "All of it."}],
    "status": "completed",
}
COMMENTARY: Final[dict[str, Any]] = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "phase": "commentary",
    "content": [
        {"type": "output_text", "text": "It is", "annotations": SOURCES, "logprobs": TOKENS},
        {"type": "output_text", "text": " cold.", "annotations": [], "logprobs": []},
    ],
}
CALL: Final[dict[str, Any]] = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "weather",
    "namespace": "crm",
    "caller": {"type": "program", "caller_id": "call_7"},
    "async": True,
    "arguments": '{"city": "Oslo"}',
    "status": "completed",
}
CUSTOM_CALL: Final[dict[str, Any]] = {
    "type": "custom_tool_call",
    "id": "ctc_1",
    "call_id": "call_2",
    "name": "patch",
    "input": "a",
    "caller": {"type": "direct"},
}
REFUSED: Final[dict[str, Any]] = {
    "type": "message",
    "id": "msg_2",
    "role": "assistant",
    "status": "completed",
    "phase": "final_answer",
    "content": [{"type": "refusal", "refusal": "I will not."}],
}
HOSTED: Final[list[dict[str, Any]]] = [
    {"type": "file_search_call", "id": "fs_1", "queries": ["a"], "status": "completed", "results": None},
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "a"}},
    {
        "type": "computer_call",
        "id": "cu_1",
        "call_id": "call_3",
        "pending_safety_checks": [],
        "status": "completed",
        "action": {"type": "wait"},
    },
    {"type": "tool_search_call", "id": "ts_1", "arguments": {"q": "a"}, "execution": "server", "status": "completed"},
    {"type": "tool_search_output", "id": "tso_1", "tools": [FUNCTION], "execution": "server", "status": "completed"},
    {"type": "additional_tools", "id": "at_1", "role": "developer", "tools": [FUNCTION]},
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAcompact"},
    {"type": "image_generation_call", "id": "ig_1", "result": "iVBORw0KGgo=", "status": "completed"},
    {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "code": "1",
        "container_id": "cntr_1",
        "outputs": [{"type": "logs", "logs": "1"}],
        "status": "completed",
    },
    {
        "type": "local_shell_call",
        "id": "lsh_1",
        "call_id": "call_4",
        "status": "completed",
        "action": {"type": "exec", "command": ["ls"], "env": {}},
    },
    {
        "type": "shell_call",
        "id": "sh_1",
        "call_id": "call_5",
        "action": {"commands": ["ls"]},
        "environment": None,
        "status": "completed",
    },
    {
        "type": "shell_call_output",
        "id": "sho_1",
        "call_id": "call_5",
        "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
        "status": "completed",
        "max_output_length": 9,
    },
    {
        "type": "apply_patch_call",
        "id": "ap_1",
        "call_id": "call_6",
        "operation": {"type": "delete_file", "path": "a"},
        "status": "completed",
    },
    {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "wiki", "tools": []},
    {"type": "mcp_approval_request", "id": "mcpr_1", "arguments": "{}", "name": "ask", "server_label": "wiki"},
    {"type": "mcp_call", "id": "mcp_1", "arguments": "{}", "name": "ask", "server_label": "wiki", "output": "a"},
    {"type": "program", "id": "pr_1", "call_id": "call_7", "code": "x()", "fingerprint": "f"},
    {"type": "program_output", "id": "pro_1", "call_id": "call_7", "result": "1", "status": "completed"},
]
"""Items that only this API knows, as an answer holds them."""

FUTURE: Final[dict[str, Any]] = {"type": "telepathy_call", "id": "tp_1", "thought": {"deep": [1, None, "é"]}}
OUTPUT: Final = [THOUGHT, SHOWN_THOUGHT, COMMENTARY, CALL, CUSTOM_CALL, *HOSTED, REFUSED]
"""An answer with everything in it."""

ITEMS: Final[list[dict[str, Any]]] = [
    {
        "type": "message",
        "role": "user",
        "status": "completed",
        "content": [
            {
                "type": "input_text",
                "text": "Look.",
                "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"},
            },
            {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "original"},
            {"type": "input_image", "file_id": "file_4", "detail": "auto"},
            {"type": "input_file", "file_id": "file_1", "detail": "low"},
            {"type": "input_file", "file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"},
            {"type": "input_file", "file_url": "https://a.example/c.pdf"},
        ],
    },
    {"type": "message", "role": "system", "content": "Be brief."},
    {"type": "message", "role": "developer", "content": "Be kind."},
    {"type": "message", "role": "assistant", "content": "One.", "phase": "commentary"},
    {"type": "message", "role": "assistant", "content": "Two.", "phase": "final_answer"},
    *OUTPUT,
    {
        "type": "function_call_output",
        "id": "fco_1",
        "call_id": "call_1",
        "caller": {"type": "direct"},
        "output": [
            {"type": "input_text", "text": "4 degrees"},
            {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"},
            {"type": "input_file", "file_url": "https://a.example/d.pdf"},
        ],
        "status": "completed",
    },
    {"type": "function_call_output", "name": "later", "namespace": "crm", "output": "of no call"},
    {"type": "custom_tool_call_output", "id": "cto_1", "call_id": "call_2", "output": "applied"},
    {
        "type": "computer_call_output",
        "call_id": "call_3",
        "output": {"type": "computer_screenshot", "file_id": "file_9"},
        "acknowledged_safety_checks": [{"id": "sc_1", "code": None, "message": None}],
    },
    {"type": "local_shell_call_output", "id": "lsh_1", "output": "a"},
    {"type": "apply_patch_call_output", "call_id": "call_6", "status": "completed", "output": "done"},
    {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True},
    {"type": "configuration_update", "reasoning": {"effort": "low"}},
    {"type": "compaction_trigger"},
    {"type": "item_reference", "id": "rs_9"},
    {"id": "msg_9"},
    {"type": "message", "role": "user", "content": "Go on."},
]
"""One of each of the 33 kinds at least."""

REQUEST: Final[dict[str, Any]] = {
    "model": "gpt-6.2-sol",
    "instructions": "You are a clerk.",
    "input": ITEMS,
    "tools": TOOLS,
    "tool_choice": {"type": "function", "name": "weather"},
    "parallel_tool_calls": False,
    "temperature": 0,
    "top_p": 0.5,
    "max_output_tokens": 64,
    "max_tool_calls": 3,
    "top_logprobs": 0,
    "reasoning": {"effort": "high", "summary": "detailed", "context": "all_turns", "mode": "pro"},
    "text": {
        "verbosity": "low",
        "format": {
            "type": "json_schema",
            "name": "a",
            "schema": {"type": "object"},
            "strict": True,
            "description": "A",
        },
    },
    "include": ["reasoning.encrypted_content", "message.output_text.logprobs", "file_search_call.results"],
    "metadata": {"a": "b"},
    "user": "u",
    "safety_identifier": "s",
    "service_tier": "flex",
    "store": False,
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"a": "b"}},
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "explicit", "ttl": "12h", "comparison_response_id": "resp_0"},
    "prompt_cache_retention": "24h",
    "previous_response_id": "resp_1",
    "truncation": "auto",
    "context_management": [{"type": "compaction", "compact_threshold": 1000}],
    "background": False,
    "background_options": {"completion_window": "soonest"},
    "moderation": {"model": "omni-moderation-latest", "policy": {"input": {"mode": "score"}}},
    "image": {"context_compression": "auto"},
    "access_programs": {"cyber": "standard"},
    "stream": True,
    "stream_options": {"include_obfuscation": False},
}
"""Every parameter but `conversation`, which excludes `previous_response_id`."""

USAGE: Final[dict[str, Any]] = {
    "input_tokens": 100,
    "input_tokens_details": {
        "cached_tokens": 40,
        "cache_write_tokens": 30,
        "cache_write_tokens_details": {"ttl_12h_tokens": 20, "ttl_30m_tokens": 10},
    },
    "output_tokens": 50,
    "output_tokens_details": {"reasoning_tokens": 20},
    "total_tokens": 150,
}
RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_763_800_000,
    "completed_at": 1_763_800_009,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "gpt-6.2-sol",
    "output": OUTPUT,
    "usage": USAGE,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "top_p": 0.98,
    "tool_choice": "auto",
    "tools": [],
    "truncation": "disabled",
    "background": False,
    "conversation": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "previous_response_id": None,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "prompt_cache_key": None,
    "prompt_cache_diagnostics": {"type": "cache_miss", "cache_missed_tokens": 3, "reason": "tools_changed"},
    "input_transformations": [
        {"id": "rs_0", "action": "removed", "reason": "model_mismatch", "type": "reasoning"},
    ],
    "tool_usage": {
        "image_gen": {
            "input_tokens": 1,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 1},
            "output_tokens": 2,
            "total_tokens": 3,
        },
        "web_search": {"num_requests": 1},
    },
    "reasoning": {"effort": "high", "summary": "detailed", "context": "all_turns"},
    "safety_identifier": None,
    "service_tier": "priority",
    "store": True,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "top_logprobs": 0,
}


def check_request(body: Mapping[str, Any]) -> None:
    """See that OpenAI's own types take a request; their lists are looked at as far down as they go."""
    _read_out(_adapter(ResponseCreateParams).validate_python(body))


def check_item(item: Mapping[str, Any]) -> None:
    """See that OpenAI's own types take an item."""
    _read_out(_adapter(ResponseInputItemParam).validate_python(item))


def check_tool(tool: Mapping[str, Any]) -> None:
    """See that OpenAI's own types take a tool."""
    _read_out(_adapter(ToolParam).validate_python(tool))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read_out(value: object) -> None:
    if isinstance(value, Mapping):
        for each in cast("Mapping[object, object]", value).values():
            _read_out(each)
    elif isinstance(value, Iterator) or type(value) is list:
        for each in cast("Iterator[object]", value):
            _read_out(each)


def event(kind: str, number: int, **fields: Any) -> bytes:
    body = {"type": kind, **fields, "sequence_number": number}
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode(body))


def streamed(response: Mapping[str, Any]) -> list[bytes]:
    """Write a response as OpenAI streams it, an event each."""
    begun: dict[str, Any] = {**response, "output": [], "usage": None, "status": "in_progress", "completed_at": None}
    begun |= {"tool_usage": None, "service_tier": "auto"}
    told: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    told.append({"type": "response.in_progress", "response": begun})
    for index, item in enumerate(response["output"]):
        told += [{"output_index": index, **each} for each in _events_of(item)]
    told.append({"type": f"response.{response['status']}", "response": dict(response)})
    return [event(each.pop("type"), number, **each) for number, each in enumerate(told)]


def _events_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    begun = dict(item)
    if "status" in item:
        begun["status"] = "in_progress"
    pieces: list[dict[str, Any]] = []
    if item["type"] == "message":
        begun["content"] = []
        for number, block in enumerate(item["content"]):
            pieces += [{"content_index": number, **each} for each in _block_events(block)]
    elif item["type"] == "reasoning":
        begun |= {"summary": [], "encrypted_content": None}
        begun.pop("content", None)
        for number, block in enumerate(item["summary"]):
            pieces += [{"summary_index": number, **each} for each in _texts("reasoning_summary", block)]
        for number, block in enumerate(item.get("content", ())):
            pieces += [{"content_index": number, **each} for each in _texts("reasoning", block)]
    elif item["type"] in ("function_call", "custom_tool_call"):
        field, name = ("arguments", "function_call_arguments"), "arguments"
        if item["type"] == "custom_tool_call":
            field, name = ("input", "custom_tool_call_input"), "input"
        begun[name] = ""
        pieces = [{"type": f"response.{field[1]}.delta", "delta": letter} for letter in item[name]]
        pieces.append({"type": f"response.{field[1]}.done", name: item[name], "name": item["name"]})
    told = [{**each, "item_id": item["id"]} for each in pieces]
    return [
        {"type": "response.output_item.added", "item": begun},
        *told,
        {"type": "response.output_item.done", "item": item},
    ]


def _block_events(block: dict[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "refusal":
        half = len(block["refusal"]) // 2
        return [
            {"type": "response.content_part.added", "part": {**block, "refusal": ""}},
            {"type": "response.refusal.delta", "delta": block["refusal"][:half]},
            {"type": "response.refusal.delta", "delta": block["refusal"][half:]},
            {"type": "response.refusal.done", "refusal": block["refusal"]},
            {"type": "response.content_part.done", "part": block},
        ]
    tokens = block["logprobs"] or [{"token": letter} for letter in block["text"]]
    deltas = [
        {
            "type": "response.output_text.delta",
            "delta": token["token"],
            "logprobs": [token] if block["logprobs"] else [],
            "obfuscation": "x",
        }
        for token in tokens
    ]
    sources = [
        {"type": "response.output_text.annotation.added", "annotation_index": number, "annotation": source}
        for number, source in enumerate(block["annotations"])
    ]
    return [
        {"type": "response.content_part.added", "part": {**block, "text": "", "annotations": [], "logprobs": []}},
        *deltas,
        *sources,
        {"type": "response.output_text.done", "text": block["text"], "logprobs": block["logprobs"]},
        {"type": "response.content_part.done", "part": block},
    ]


def _texts(kind: str, block: dict[str, Any]) -> list[dict[str, Any]]:
    part = "response.reasoning_summary_part" if kind == "reasoning_summary" else "response.content_part"
    return [
        {"type": f"{part}.added", "part": {**block, "text": ""}},
        *({"type": f"response.{kind}_text.delta", "delta": word} for word in (block["text"][:3], block["text"][3:])),
        {"type": f"response.{kind}_text.done", "text": block["text"]},
        {"type": f"{part}.done", "part": block},
    ]
