"""Replies of Converse and the streams that say the same (botocore 1.44 `bedrock-runtime`)."""

from typing import Any

import msgspec

from interlingua.wires.aws_event_stream import render_message

SOURCE: dict[str, Any] = {
    "title": "Notes",
    "source": "https://example.org/notes",
    "sourceContent": [{"text": "It is cold."}],
    "location": {"documentChar": {"documentIndex": 1, "start": 3, "end": 14}},
}
FOUND: dict[str, Any] = {
    "title": "Oslo",
    "sourceContent": [{"text": "4 degrees"}],
    "location": {"web": {"url": "https://example.org/oslo", "domain": "example.org"}},
}
USAGE: dict[str, Any] = {
    "inputTokens": 3,
    "outputTokens": 20,
    "totalTokens": 30,
    "cacheReadInputTokens": 4,
    "cacheWriteInputTokens": 3,
    "cacheDetails": [{"ttl": "5m", "inputTokens": 1}, {"ttl": "1h", "inputTokens": 2}],
}
BESIDE: dict[str, Any] = {
    "metrics": {"latencyMs": 7},
    "trace": {"promptRouter": {"invokedModelId": "arn:aws:bedrock:us-east-1::foundation-model/a.b"}},
    "performanceConfig": {"latency": "optimized"},
    "serviceTier": {"type": "priority"},
}
SERVERS: list[dict[str, Any]] = [
    {"toolUse": {"toolUseId": "srv_1", "name": "nova_grounding", "input": {"q": "Oslo"}, "type": "server_tool_use"}},
    {
        "toolResult": {
            "toolUseId": "srv_1",
            "content": [{"text": "It is cold."}, {"json": {"degrees": 4}}],
            "status": "success",
            "type": "nova_grounding_result",
        }
    },
]
CONTENT: list[dict[str, Any]] = [
    {"reasoningContent": {"reasoningText": {"text": "Let me look.", "signature": "c2ln"}}},
    {"reasoningContent": {"redactedContent": "cmVkYWN0ZWQ="}},
    *SERVERS,
    {"text": "Hello."},
    {"citationsContent": {"content": [{"text": "It is cold."}], "citations": [SOURCE, FOUND]}},
    {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
    {"toolUse": {"toolUseId": "tooluse_1", "name": "w", "input": {"a": 1}}},
    {"toolUse": {"toolUseId": "tooluse_2", "name": "now", "input": {}}},
]
WHOLE: dict[str, Any] = {
    "output": {"message": {"role": "assistant", "content": CONTENT}},
    "stopReason": "tool_use",
    "usage": USAGE,
    "additionalModelResponseFields": {"stop_sequence": None},
    **BESIDE,
}


def event(kind: str, **fields: Any) -> bytes:
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return render_message(headers, msgspec.json.encode(fields))


def begun(index: int, **start: Any) -> bytes:
    return event("contentBlockStart", contentBlockIndex=index, start=start)


def grown(index: int, **delta: Any) -> bytes:
    return event("contentBlockDelta", contentBlockIndex=index, delta=delta, p="abcdef")


def ended(index: int) -> bytes:
    return event("contentBlockStop", contentBlockIndex=index, p="abc")


START = event("messageStart", role="assistant", p="abcd")
END: list[bytes] = [
    event("messageStop", stopReason="tool_use", additionalModelResponseFields={"stop_sequence": None}, p="ab"),
    event("metadata", usage=USAGE, **BESIDE, p="abcd"),
]
STREAM: list[bytes] = [
    START,
    grown(0, reasoningContent={"text": "Let me "}),
    grown(0, reasoningContent={"text": "look."}),
    grown(0, reasoningContent={"signature": "c2ln"}),
    ended(0),
    grown(1, reasoningContent={"redactedContent": "cmVk"}),
    grown(1, reasoningContent={"redactedContent": "YQ=="}),
    grown(1, reasoningContent={"redactedContent": "Y3RlZA=="}),
    ended(1),
    begun(2, toolUse={"toolUseId": "srv_1", "name": "nova_grounding", "type": "server_tool_use"}),
    grown(2, toolUse={"input": '{"q": '}),
    grown(2, toolUse={"input": '"Oslo"}'}),
    ended(2),
    begun(3, toolResult={"toolUseId": "srv_1", "status": "success", "type": "nova_grounding_result"}),
    grown(3, toolResult=[{"text": "It is "}]),
    grown(3, toolResult=[{"text": "cold."}, {"json": {"degrees": 4}}]),
    ended(3),
    grown(4, text="Hel"),
    grown(4, text="lo."),
    ended(4),
    grown(5, citation=SOURCE),
    grown(5, text="It is "),
    grown(5, text="cold."),
    grown(5, citation=FOUND),
    ended(5),
    begun(6, image={"format": "png"}),
    grown(6, image={"source": {"bytes": "iVBORw=="}}),
    grown(6, image={"source": {"bytes": "DQoaCg=="}}),
    ended(6),
    begun(7, toolUse={"toolUseId": "tooluse_1", "name": "w"}),
    grown(7, toolUse={"input": '{"a": '}),
    grown(7, toolUse={"input": "1}"}),
    ended(7),
    begun(8, toolUse={"toolUseId": "tooluse_2", "name": "now"}),
    ended(8),
    *END,
]
"""Says what `WHOLE` says, in pieces."""
