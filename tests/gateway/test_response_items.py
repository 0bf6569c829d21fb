"""What the gateway reads of the Responses API beside the wire."""

import json
from typing import Any

import pytest

from interlingua.errors import InvalidRequest
from interlingua.gateway.doors.response_items import (
    continued,
    id_in_stream,
    id_of_answer,
    input_items,
    items_page,
    read_asked,
    referred,
    refers_here,
    response_of_last,
    unkept,
)
from interlingua.types import ModelRequest
from interlingua.wires.members import read_members

ITEMS: list[Any] = [
    {"role": "user", "content": "a"},
    {"id": "own", "type": "reasoning"},
    {"role": "user", "content": "b"},
]


def page(query: str) -> dict[str, Any]:
    return json.loads(items_page(json.dumps(ITEMS).encode(), query, response_id="resp_1"))


def test_what_is_asked_is_read_with_its_defaults() -> None:
    asked, _ = read_asked(b'{"model":"m"}')
    assert (asked.previous, asked.store, asked.background, asked.conversation) == (None, True, False, False)
    asked, _ = read_asked(b'{"previous_response_id":"resp_1","store":false,"background":true,"conversation":"c"}')
    assert (asked.previous, asked.store, asked.background, asked.conversation) == ("resp_1", False, True, True)
    asked, _ = read_asked(b'{"previous_response_id":null,"store":null,"background":null,"conversation":null}')
    assert (asked.previous, asked.store, asked.background, asked.conversation) == (None, True, False, False)


@pytest.mark.parametrize("field", ["previous_response_id", "store", "background"])
def test_wrong_types_are_named(field: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read_asked(b'{"%b":[]}' % field.encode())
    assert raised.value.param == field


def test_a_text_is_short_for_a_message() -> None:
    assert input_items(read_members(b'{"input":"a"}')) == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]}
    ]
    assert input_items(read_members(b'{"input":[{"x":1}]}')) == [{"x": 1}]
    assert input_items(read_members(b"{}")) == []
    for bad in (b"7", b"[7]", b"{}"):
        with pytest.raises(InvalidRequest):
            input_items(read_members(b'{"input":%b}' % bad))


def test_a_continued_request_keeps_all_else_as_it_was() -> None:
    body = continued(read_members(b'{"a":1.50,"input":"x","previous_response_id":"r", "b\\n":[ ]}'), [1])
    assert body == b'{"a":1.50,"b\\n":[ ],"input":[1]}'


def test_items_are_paged_from_the_newest() -> None:
    assert [item["id"] for item in page("")["data"]] == ["item_1_2", "own", "item_1_0"]
    first = page("limit=2&order=asc")
    assert ([item["id"] for item in first["data"]], first["has_more"]) == (["item_1_0", "own"], True)
    second = page(f"limit=2&order=asc&after={first['last_id']}")
    assert ([item["id"] for item in second["data"]], second["has_more"]) == (["item_1_2"], False)
    assert page("after=item_1_0")["data"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up", "after=nobody"])
def test_a_wrong_page_is_named(query: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        page(query)
    assert raised.value.param == query.partition("=")[0]


def test_ids_and_answers_are_found_in_what_passes() -> None:
    assert id_of_answer(b'{"id":"resp_1","x":1}') == "resp_1"
    assert id_of_answer(b"[]") is None
    assert id_in_stream(b'event: response.created\ndata: {"response":{"id": "resp_1","x":1}}\n\n') == "resp_1"
    assert id_in_stream(b": keep-alive\n\n") is None
    last = b'event: a\ndata: {"type":"response.completed","response":{"id":"resp_1"}}\n\n'
    assert response_of_last(b'data: {"type":"x"}\n\n' + last) == b'{"id":"resp_1"}'
    assert response_of_last(b"data: [DONE]\n\n") is None


NAME = "0a" * 25


@pytest.mark.parametrize(
    ("item", "read"),
    [
        ({"type": "item_reference", "id": f"msg_{NAME}_12"}, (f"resp_{NAME}", "msg", 12)),
        ({"id": f"item_{NAME}_0"}, (f"resp_{NAME}", "item", 0)),
        ({"type": "item_reference", "id": "msg_68a1"}, None),
        ({"type": "item_reference", "id": 7}, None),
        ({"type": "message", "id": f"msg_{NAME}_0"}, None),
        ({"role": "user", "id": f"msg_{NAME}_0"}, None),
        ("text", None),
    ],
)
def test_references_are_read(item: Any, read: tuple[str, str, int] | None) -> None:
    assert referred(item) == read


def test_a_body_that_refers_here_is_known_by_its_bytes() -> None:
    reference = json.dumps({"input": [{"type": "item_reference", "id": f"msg_{NAME}_0"}]}).encode()
    assert refers_here(reference)
    assert not refers_here(reference.replace(b"item_reference", b"message"))
    assert not refers_here(reference.replace(NAME.encode(), b"68a1"))


@pytest.mark.parametrize("speaks", [False, True])
def test_what_the_gateway_does_itself_is_not_asked_of_a_provider(speaks: bool) -> None:
    own = {"background": False, "previous_response_id": "resp_1", "truncation": "disabled", "max_tool_calls": 3}
    fields = {**own, "stream_options": {"include_obfuscation": True}, "include": ["message.output_text.logprobs"]}

    request = unkept(ModelRequest("m", [], store=True, extensions={"responses": fields}), "responses", speaks=speaks)

    assert request.store is (False if speaks else None)
    if speaks:
        assert request.extensions["responses"] == {
            "truncation": "disabled",
            "max_tool_calls": 3,
            "stream_options": {"include_obfuscation": True},
            "include": ["message.output_text.logprobs", "reasoning.encrypted_content"],
        }
    else:
        assert request.extensions == {"responses": {"max_tool_calls": 3}}
