import asyncio
import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from interlingua.errors import ConnectFailed, InvalidConfig, NoSuchModel, ProtocolError, StreamInterrupted
from interlingua.local.embedded import embedded_models
from interlingua.local.weights import ModelStore, user_cache
from interlingua.types import Secret
from tests.local.hosting import Host, Reply, hosting
from tests.local.wheels import WHEEL, gguf, row, wheel

pytestmark = pytest.mark.anyio

CONTENT = gguf() + os.urandom(3 << 20)
PACKED = wheel(CONTENT)
ROW = row(CONTENT, PACKED)
PAGE = "/simple/tiny-model/"
FILE = f"/files/{WHEEL}"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INTERLINGUA_CACHE_DIR", "INTERLINGUA_INDEX_URL", "HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def store(folder: Path, index: str | None = None, **options: object) -> ModelStore:
    return ModelStore(cache_dir=folder, index_url=index, known={"tiny": ROW}, **options)  # pyright: ignore[reportArgumentType]


def serve_index(host: Host, packed: bytes = PACKED, sha256: str = ROW.wheel_sha256) -> str:
    page = {"files": [{"filename": WHEEL, "url": f"../..{FILE}", "hashes": {"sha256": sha256}}]}
    host.replies[PAGE] = Reply(
        msgspec.json.encode(page), headers={"content-type": "application/vnd.pypi.simple.v1+json"}
    )
    host.replies[FILE] = Reply(packed)
    return f"{host.url}/simple"


async def test_a_model_is_fetched_from_the_index_and_then_found_in_the_cache(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    async with hosting() as host:
        models = store(tmp_path, serve_index(host))
        assert models.cached("tiny") is None

        path = await models.ensure("tiny", progress=lambda done, total: told.append((done, total)))

    assert path.read_bytes() == CONTENT
    assert models.cached("tiny") == path
    assert await models.ensure("tiny") == path
    assert host.targets() == [PAGE, FILE]
    assert told[-1] == (len(PACKED), len(PACKED))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == [path.name]


async def test_an_index_that_speaks_html_alone_will_do(tmp_path: Path) -> None:
    async with hosting() as host:
        index = serve_index(host)
        host.replies[PAGE] = Reply(f'<a href="{host.url}{FILE}">x</a>'.encode(), headers={"content-type": "text/html"})

        assert (await store(tmp_path, index).ensure("tiny")).read_bytes() == CONTENT


async def test_a_folder_of_wheels_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(PACKED)

    path = await store(tmp_path / "cache", str(tmp_path)).ensure("tiny")

    assert path.read_bytes() == CONTENT
    assert (tmp_path / WHEEL).exists()


@pytest.mark.parametrize("spelled", ["{path}", "{uri}"])
async def test_a_wheel_may_be_named_itself(tmp_path: Path, spelled: str) -> None:
    file = tmp_path / WHEEL
    file.write_bytes(PACKED)

    path = await store(tmp_path / "cache", spelled.format(path=file, uri=file.as_uri())).ensure("tiny")

    assert path.read_bytes() == CONTENT


async def test_a_dropped_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    async with hosting() as host:
        index = serve_index(host)
        host.replies[FILE].cut_after = [1000, 2_000_000]

        path = await store(tmp_path, index).ensure("tiny")

    assert path.read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in host.asked[1:]] == [None, "bytes=1000-", "bytes=2001000-"]


async def test_a_connection_that_keeps_dropping_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    async with hosting() as host:
        index = serve_index(host)
        host.replies[FILE].cut_after = [1000, 0, 0, 0]
        models = store(tmp_path, index)

        with pytest.raises(StreamInterrupted, match="1,000 bytes are kept: run it again"):
            await models.ensure("tiny")

    assert models.kept("tiny") == 1000
    assert models.cached("tiny") is None


async def test_a_cancelled_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host))

        def cancel(done: int, total: int | None) -> None:
            task.cancel()

        task = asyncio.ensure_future(models.ensure("tiny", progress=cancel))
        with pytest.raises(asyncio.CancelledError):
            await task
        kept = models.kept("tiny")
        assert 0 < kept < len(PACKED)

        assert (await models.ensure("tiny")).read_bytes() == CONTENT

    assert host.asked[-1].headers["range"] == f"bytes={kept}-"
    assert models.kept("tiny") == 0


async def test_a_host_that_ignores_ranges_is_read_from_the_beginning(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host))
        host.replies[FILE].ranges = False
        models.folder.mkdir(parents=True)
        (models.folder / f"{WHEEL}.part").write_bytes(PACKED[:500])

        assert (await models.ensure("tiny")).read_bytes() == CONTENT


async def test_a_kept_part_of_another_file_is_thrown_away(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host))
        models.folder.mkdir(parents=True)
        (models.folder / f"{WHEEL}.part").write_bytes(b"?" * 500)

        assert (await models.ensure("tiny")).read_bytes() == CONTENT

    assert [asked.headers.get("range") for asked in host.asked[1:]] == ["bytes=500-", None]


async def test_a_wrong_file_is_refused_and_deleted(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host, packed=b"!" * len(PACKED)))

        with pytest.raises(ProtocolError, match="SHA-256"):
            await models.ensure("tiny")

    assert models.kept("tiny") == 0
    assert models.cached("tiny") is None


async def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host, packed=PACKED + b"more"))

        with pytest.raises(ProtocolError, match=r"bytes instead of"):
            await models.ensure("tiny")

    assert models.kept("tiny") == 0


async def test_an_index_that_offers_another_file_under_the_name_is_not_used(tmp_path: Path) -> None:
    async with hosting() as host:
        models = store(tmp_path, serve_index(host, sha256="00" * 32))

        with pytest.raises(NoSuchModel, match="instead of"):
            await models.ensure("tiny")

    assert host.targets() == [PAGE]


async def test_a_wheel_with_another_model_in_it_is_refused(tmp_path: Path) -> None:
    other = wheel(gguf() + b"other")
    (tmp_path / WHEEL).write_bytes(other)

    with pytest.raises(ProtocolError, match="SHA-256"):
        await store(tmp_path / "cache", str(tmp_path)).ensure("tiny")
    (tmp_path / WHEEL).write_bytes(b"no zip at all")
    with pytest.raises(ProtocolError, match="is not a wheel"):
        await store(tmp_path / "cache", str(tmp_path)).ensure("tiny")

    assert list((tmp_path / "cache" / "models").glob("*.*")) == [tmp_path / "cache" / "models" / ".locks"]


async def test_a_full_disk_is_named_and_what_came_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_until_full(file: BinaryIO, pieces: list[bytes]) -> None:
        if file.tell() > 1 << 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        file.writelines(pieces)

    async with hosting() as host:
        models = store(tmp_path, serve_index(host))
        with monkeypatch.context() as patched:
            patched.setattr("interlingua.local.download._write", write_until_full)
            with pytest.raises(InvalidConfig, match=r"full.*INTERLINGUA_CACHE_DIR"):
                await models.ensure("tiny")
        assert 0 < models.kept("tiny") < len(PACKED)

        assert (await models.ensure("tiny")).read_bytes() == CONTENT


async def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(InvalidConfig, match="INTERLINGUA_CACHE_DIR"):
        await store(tmp_path / "file", str(tmp_path)).ensure("tiny")


async def test_without_a_network_the_error_says_what_would_do(tmp_path: Path) -> None:
    with pytest.raises(ConnectFailed) as caught:
        await store(tmp_path, "http://user:hush@127.0.0.1:1/simple").ensure("tiny")

    assert "http://127.0.0.1:1/simple" in caught.value.message
    assert "INTERLINGUA_INDEX_URL" in caught.value.message
    assert "pip install --no-deps tiny_model==1.0" in caught.value.message
    assert "hush" not in caught.value.message


async def test_an_index_without_the_package_is_named(tmp_path: Path) -> None:
    async with hosting() as host:
        with pytest.raises(NoSuchModel, match="status 404"):
            await store(tmp_path, f"{host.url}/simple").ensure("tiny")


async def test_callers_at_once_fetch_once(tmp_path: Path) -> None:
    async with hosting() as host:
        index = serve_index(host)

        paths = await asyncio.gather(*(store(tmp_path, index).ensure("tiny") for _ in range(4)))

    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert host.targets() == [PAGE, FILE]


async def test_processes_at_once_fetch_once(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from tests.local.test_weights import msgspec, store\n"
        "from interlingua.local.embedded import EmbeddedModel\n"
        "known = {'tiny': msgspec.json.decode(sys.argv[3], type=EmbeddedModel)}\n"
        "models = store(Path(sys.argv[1]), sys.argv[2]); models.known = known\n"
        "print(asyncio.run(models.ensure('tiny')))"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path)]
    async with hosting() as host:
        index = serve_index(host)
        described = msgspec.json.encode(ROW).decode()
        started = [
            await asyncio.create_subprocess_exec(
                *arguments, index, described, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
            )
            for _ in range(2)
        ]
        printed = {(await process.communicate())[0] for process in started}

    assert len(printed) == 1
    assert printed.pop().decode().strip() == str(tmp_path / "models" / "Tiny.gguf")
    assert host.targets() == [PAGE, FILE]


async def test_credentials_stay_with_the_host_they_were_given_for(tmp_path: Path) -> None:
    async with hosting() as index, hosting() as files:
        serve_index(index)
        files.replies[FILE] = Reply(PACKED)
        index.replies[FILE] = Reply(status=302, headers={"location": f"{files.url}{FILE}"})
        address = index.url.replace("://", "://user:hush@")

        await store(tmp_path, f"{address}/simple").ensure("tiny")

    assert index.asked[0].headers["authorization"].startswith("Basic ")
    assert "authorization" not in files.asked[0].headers


async def test_redirects_in_circles_end(tmp_path: Path) -> None:
    async with hosting() as host:
        host.replies[PAGE] = Reply(status=301, headers={"location": PAGE})

        with pytest.raises(NoSuchModel, match="redirects more than"):
            await store(tmp_path, f"{host.url}/simple").ensure("tiny")


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(CONTENT)

    assert store(tmp_path).cached(str(tmp_path / "m.gguf")) == tmp_path / "m.gguf"
    with pytest.raises(NoSuchModel, match="There is no file"):
        store(tmp_path).cached("./absent.gguf")


def test_an_unknown_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(NoSuchModel, match="Did you mean 'tiny'"):
        store(tmp_path).cached("tinny")


def test_the_cache_is_in_the_users_cache_folder_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert ModelStore().folder == tmp_path / "interlingua" / "models"
    assert user_cache() == tmp_path / "interlingua"

    monkeypatch.setenv("INTERLINGUA_CACHE_DIR", str(tmp_path / "mine"))
    assert ModelStore().folder == tmp_path / "mine" / "models"


def test_the_packaged_table_is_complete() -> None:
    rows = embedded_models()

    assert rows["smollm2"].file_name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert all(row.name == name and len(row.sha256) == len(row.wheel_sha256) == 64 for name, row in rows.items())
    assert "<tool_call>" in (rows["smollm2"].template_text() or "")


# Models of the hub

LISTING = "/api/models/owner/Tiny-GGUF"
HUB_FILE = "/owner/Tiny-GGUF/resolve/abc/Tiny-Q4_0.gguf"


def serve_hub(host: Host, *names: str, sha256: str | None = ROW.sha256) -> None:
    siblings = [{"rfilename": name, "size": len(CONTENT), "lfs": {"sha256": sha256}} for name in names]
    host.replies[LISTING] = Reply(msgspec.json.encode({"sha": "abc", "siblings": siblings}))
    for name in names:
        host.replies[f"/owner/Tiny-GGUF/resolve/abc/{name}"] = Reply(CONTENT)


async def test_a_model_of_the_hub_is_fetched_and_then_found_without_the_hub(tmp_path: Path) -> None:
    async with hosting() as host:
        serve_hub(host, "Tiny-Q4_0.gguf", "Tiny-Q8_0.gguf")
        models = store(tmp_path, hub_endpoint=host.url)

        path = await models.ensure("owner/Tiny-GGUF")

    assert path.read_bytes() == CONTENT
    assert host.targets() == [f"{LISTING}?blobs=true", HUB_FILE]
    assert models.cached("owner/Tiny-GGUF:Q4_0") == path
    assert models.cached("owner/Tiny-GGUF:Q8_0") is None
    assert [model.name for model in models.available()] == ["tiny", "owner/Tiny-GGUF:Tiny-Q4_0.gguf"]


async def test_the_token_is_sent_to_the_hub_alone(tmp_path: Path) -> None:
    async with hosting() as hub, hosting() as storage:
        serve_hub(hub, "Tiny-Q4_0.gguf")
        hub.replies[HUB_FILE] = Reply(status=302, headers={"location": f"{storage.url}/blob"})
        storage.replies["/blob"] = Reply(CONTENT)

        await store(tmp_path, hub_endpoint=hub.url, hub_token=Secret("hush")).ensure("owner/Tiny-GGUF")

    assert [asked.headers["authorization"] for asked in hub.asked] == ["Bearer hush", "Bearer hush"]
    assert "authorization" not in storage.asked[0].headers


async def test_the_pieces_of_a_split_model_are_all_fetched(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    names = ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf")
    async with hosting() as host:
        serve_hub(host, *names)
        models = store(tmp_path, hub_endpoint=host.url)

        path = await models.ensure("owner/Tiny-GGUF", progress=lambda done, total: told.append((done, total)))
        assert models.cached("owner/Tiny-GGUF") == path

    assert path.name == names[0]
    assert told[-1] == (2 * len(CONTENT), 2 * len(CONTENT))
    path.with_name(names[1]).unlink()
    assert models.cached("owner/Tiny-GGUF") is None


async def test_a_wrong_file_of_the_hub_is_refused(tmp_path: Path) -> None:
    async with hosting() as host:
        serve_hub(host, "Tiny-Q4_0.gguf", sha256="00" * 32)

        with pytest.raises(ProtocolError, match="SHA-256"):
            await store(tmp_path, hub_endpoint=host.url).ensure("owner/Tiny-GGUF")


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_repository_that_the_hub_does_not_show_is_no_model(tmp_path: Path, status: int) -> None:
    async with hosting() as host:
        host.replies[LISTING] = Reply(status=status)

        with pytest.raises(NoSuchModel, match="HF_TOKEN"):
            await store(tmp_path, hub_endpoint=host.url).ensure("owner/Tiny-GGUF")


async def test_a_hub_out_of_reach_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectFailed, match="HF_ENDPOINT"):
        await store(tmp_path, hub_endpoint="http://127.0.0.1:1").ensure("owner/Tiny-GGUF")


async def test_the_environment_names_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosting() as host:
        serve_hub(host, "Tiny-Q4_0.gguf")
        monkeypatch.setenv("HF_ENDPOINT", host.url)
        monkeypatch.setenv("HF_TOKEN", "hush")

        await ModelStore(cache_dir=tmp_path).ensure("owner/Tiny-GGUF:Q4_0")

    assert host.asked[0].headers["authorization"] == "Bearer hush"


async def test_waiting_for_another_process_can_be_cancelled(tmp_path: Path) -> None:
    asked = asyncio.Event()
    go_on = asyncio.Event()

    class SlowHost(Host):
        async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await go_on.wait()
            await super().answer(reader, writer)

    host = SlowHost()
    server = await asyncio.start_server(host.answer, "127.0.0.1", 0)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    index = serve_index(host)
    async with server:
        first = asyncio.ensure_future(store(tmp_path, index).ensure("tiny"))
        await asked.wait()
        second = asyncio.ensure_future(store(tmp_path, index).ensure("tiny"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        go_on.set()
        assert (await first).read_bytes() == CONTENT
