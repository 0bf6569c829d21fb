"""Names and files on the Hugging Face hub: which GGUF file `owner/name:Q4_K_M` means.

Nothing here does I/O. The listing is `GET /api/models/{id}?blobs=true`, a file is
`GET /{id}/resolve/{revision}/{file}` (https://huggingface.co/docs/hub/api, read 2026-11-22).
"""

import re
from collections.abc import Sequence
from typing import Final, Self
from urllib.parse import quote

import msgspec

from interlingua.errors import NoSuchModel, ProtocolError

_ID: Final = re.compile(r"([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)(?::(.+))?")
_SHARD: Final = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)
_PREFERRED: Final = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q4_1", "Q5_K_M", "Q8_0")
"""What is taken when nobody chooses: about four bits a weight is the usual balance of size and quality."""


class HubName(msgspec.Struct, frozen=True):
    """A repository and, after a colon, what to take from it: a quantisation or a file name."""

    owner: str
    repository: str
    choice: str | None = None

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Read `owner/name[:choice]`; None when `name` has another form."""
        match = _ID.fullmatch(name)
        return None if match is None or ".." in name else cls(*match.groups())

    @property
    def id(self) -> str:
        """The hub's own name of the repository."""
        return f"{self.owner}/{self.repository}"

    def listing_url(self, endpoint: str) -> str:
        """Give the address of the listing of files."""
        return f"{endpoint.rstrip('/')}/api/models/{self.id}?blobs=true"

    def file_url(self, endpoint: str, revision: str, file: str) -> str:
        """Give the address of a file."""
        return f"{endpoint.rstrip('/')}/{self.id}/resolve/{quote(revision, safe='')}/{quote(file)}"


class HubFile(msgspec.Struct, frozen=True):
    """A file of a repository; `size` in bytes."""

    name: str
    size: int | None = None
    sha256: str | None = None


class HubListing(msgspec.Struct, frozen=True):
    """The files of a repository at one revision."""

    revision: str
    files: tuple[HubFile, ...]


class _Blob(msgspec.Struct):
    sha256: str | None = None
    size: int | None = None


class _Sibling(msgspec.Struct):
    rfilename: str
    size: int | None = None
    lfs: _Blob | None = None


class _Answer(msgspec.Struct):
    siblings: list[_Sibling] = []
    sha: str = "main"


def parse_listing(body: bytes, *, name: HubName) -> HubListing:
    """Read the hub's answer.

    Raises:
        ProtocolError: it has another shape, or a file name that leads out of the repository.

    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"The hub's listing of {name.id} is not valid: {error}.") from error
    files = tuple(_file(sibling) for sibling in answer.siblings)
    for file in files:
        if file.name.startswith("/") or ".." in file.name.split("/") or "\\" in file.name:
            raise ProtocolError(f"The hub's listing of {name.id} has a file with the name {file.name!r}.")
    return HubListing(answer.sha, files)


def choose_files(files: Sequence[HubFile], name: HubName) -> list[HubFile]:
    """Give the file that `name` means, or all pieces of it, the first one first.

    Raises:
        NoSuchModel: the repository has no GGUF file, or none that fits; the message lists them.

    """
    models = _models(files)
    if not models:
        raise NoSuchModel(
            f"{name.id} has no GGUF file; look for a repository whose name ends in -GGUF.",
            provider="local",
            model=name.id,
        )
    for wanted in (name.choice,) if name.choice else _PREFERRED:
        fitting = [pieces for title, pieces in models.items() if _fits(title, pieces, wanted)]
        if fitting:
            return min(fitting, key=_size)
    if name.choice:
        raise NoSuchModel(
            f"{name.id} has nothing that fits {name.choice!r}; it has {', '.join(sorted(models))}.",
            provider="local",
            model=name.id,
        )
    return min(models.values(), key=_size)


def _models(files: Sequence[HubFile]) -> dict[str, list[HubFile]]:
    """Group the GGUF files by model, pieces of one together; projectors for images are left out."""
    models: dict[str, list[HubFile]] = {}
    for file in sorted(files, key=lambda file: file.name):
        base = file.name.rpartition("/")[2].lower()
        if base.endswith(".gguf") and "mmproj" not in base:
            shard = _SHARD.fullmatch(file.name)
            models.setdefault(shard[1] + ".gguf" if shard else file.name, []).append(file)
    return models


def _fits(title: str, pieces: Sequence[HubFile], wanted: str) -> bool:
    if wanted.lower().endswith(".gguf"):
        return wanted in (title, title.rpartition("/")[2], pieces[0].name)
    stem = title.rpartition("/")[2].lower().removesuffix(".gguf")
    return re.search(rf"(^|[-_.]){re.escape(wanted.lower())}$", stem) is not None


def _size(pieces: Sequence[HubFile]) -> int:
    return sum(file.size or 0 for file in pieces)


def _file(sibling: _Sibling) -> HubFile:
    blob = sibling.lfs or _Blob()
    return HubFile(sibling.rfilename, blob.size if blob.size is not None else sibling.size, blob.sha256)
