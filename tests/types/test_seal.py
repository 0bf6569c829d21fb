"""Opaque state of one provider on its way through another's wire."""

from hypothesis import given
from hypothesis import strategies as st

from interlingua.types import OpaquePart, TextPart, ThinkingPart, ToolCallPart
from interlingua.types.seal import MARK, is_foreign, rejoin, seal, unseal

texts = st.none() | st.text()


@given(signature=texts, encrypted=texts, field=texts)
def test_what_is_sealed_comes_out_as_it_was(signature: str | None, encrypted: str | None, field: str | None) -> None:
    part = ThinkingPart(signature=signature, encrypted=encrypted, field=field, wire="messages")

    sealed = seal(part)

    assert sealed is not None
    assert sealed.isascii()
    assert unseal(sealed) == part


@given(text=st.text(), wire=st.none() | st.just("responses"))
def test_reasoning_without_state_comes_back_to_the_place_that_it_was_in(text: str, wire: str | None) -> None:
    part = ThinkingPart(text=text, field="reasoning_content", wire=wire)

    assert unseal(seal(part, whole=True) or "") == part
    assert unseal(seal(part) or "") == ThinkingPart(field="reasoning_content", wire=wire)


def test_only_the_owners_extensions_are_sealed() -> None:
    part = ThinkingPart(signature="s", wire="responses", extensions={"responses": {"id": "rs_1"}, "messages": {"x": 1}})

    opened = unseal(seal(part) or "")

    assert opened == ThinkingPart(signature="s", wire="responses", extensions={"responses": {"id": "rs_1"}})


def test_a_calls_signature_finds_its_call_again() -> None:
    call = ToolCallPart(id="call_2", name="weather", signature="sig")
    sealed = unseal(seal(call) or "")
    assert sealed is not None

    joined = rejoin([sealed, ToolCallPart(id="call_1", name="time"), ToolCallPart(id="call_2", name="weather")])

    assert joined == [ToolCallPart(id="call_1", name="time"), call]


def test_a_texts_signature_goes_to_the_next_text_or_stands_alone() -> None:
    sealed = unseal(seal(TextPart("Hi", signature="sig")) or "")
    assert sealed is not None

    assert rejoin([sealed, TextPart("Hi")]) == [TextPart("Hi", signature="sig")]
    assert rejoin([TextPart("Hi"), sealed]) == [TextPart("Hi"), TextPart("", signature="sig")]


def test_a_block_that_nobody_else_knows_travels_whole() -> None:
    block = OpaquePart("messages", {"type": "server_tool_use", "input": {"query": "é"}})

    assert unseal(seal(block) or "") == block


def test_a_part_of_nobody_needs_no_seal() -> None:
    assert seal(ThinkingPart(text="visible")) is None
    assert seal(TextPart("Hi")) is None
    assert seal(ToolCallPart(id="1", name="f")) is None


@given(st.text())
def test_other_texts_are_not_ours(text: str) -> None:
    assert unseal(text) is None


def test_damaged_seals_are_not_opened() -> None:
    sealed = seal(ThinkingPart(signature="s" * 40, wire="messages")) or ""

    for end in range(len(MARK), len(sealed)):
        assert unseal(sealed[:end]) is None


def test_state_is_foreign_to_every_wire_but_its_own() -> None:
    part = ThinkingPart(signature="s", wire="messages")

    assert is_foreign(part, "responses")
    assert not is_foreign(part, "messages")
    assert not is_foreign(ThinkingPart(text="plain"), "messages")
    assert is_foreign(OpaquePart("responses", {}), "messages")
