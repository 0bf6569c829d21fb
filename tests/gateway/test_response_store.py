"""What the response store keeps, for how long, and for whom."""

from pathlib import Path

import pytest

from interlingua.errors import InvalidConfig
from interlingua.gateway.response_store import ResponseStore, StoredResponse

pytestmark = pytest.mark.anyio


def entry(number: int, size: int = 2) -> StoredResponse:
    return StoredResponse(id=f"resp_{number}", owner="me", model="a/b", response=b"x" * size, items=b"[1]")


async def test_an_answer_comes_back_as_it_was() -> None:
    store = ResponseStore()
    await store.put(entry(1))
    assert await store.get("resp_1") == entry(1)
    assert await store.get("resp_2") is None
    await store.delete("resp_1")
    assert await store.get("resp_1") is None
    await store.aclose()


async def test_what_was_put_without_waiting_is_there_for_whoever_asks_next() -> None:
    store = ResponseStore()
    store.put_soon(entry(1))
    assert await store.get("resp_1") == entry(1)
    await store.aclose()


async def test_the_oldest_go_first() -> None:
    store = ResponseStore(most_entries=2)
    for number in range(4):
        await store.put(entry(number))
    assert [await store.get(f"resp_{number}") is not None for number in range(4)] == [False, False, True, True]
    await store.aclose()


async def test_bytes_are_bounded_too() -> None:
    store = ResponseStore(most_bytes=1000)
    await store.put(entry(1, 400))
    await store.put(entry(2, 400))
    await store.put(entry(3, 400))
    await store.put(entry(4, 4000))
    assert [await store.get(f"resp_{number}") is not None for number in range(5)] == [False, False, True, True, False]
    await store.aclose()


async def test_a_file_outlives_the_process_and_knows_its_owners(tmp_path: Path) -> None:
    path = str(tmp_path / "responses.db")
    store = ResponseStore(path)
    await store.put(entry(1))
    owner = await store.owner(b"a-key-of-somebody")
    await store.aclose()
    again = ResponseStore(path)
    assert await again.get("resp_1") == entry(1)
    assert await again.owner(b"a-key-of-somebody") == owner
    assert await again.owner(b"a-key-of-another") != owner
    assert await again.owner(None) == ""
    await again.aclose()
    assert b"a-key-of-somebody" not in _read(path)
    assert _mode(path) == 0o600


async def test_a_file_that_cannot_be_used_is_a_config_error(tmp_path: Path) -> None:
    store = ResponseStore(str(tmp_path))
    with pytest.raises(InvalidConfig, match="response_store"):
        await store.open()
    await store.aclose()


async def test_two_processes_may_share_a_file(tmp_path: Path) -> None:
    path = str(tmp_path / "responses.db")
    one, other = ResponseStore(path), ResponseStore(path)
    await one.put(entry(1))
    assert await other.get("resp_1") == entry(1)
    assert await one.owner(b"key") == await other.owner(b"key")
    await one.aclose()
    await other.aclose()


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _mode(path: str) -> int:
    return Path(path).stat().st_mode & 0o777
