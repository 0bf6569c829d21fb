"""Fetch a page or a large file over HTTP: redirects, resumption, progress.

Only GET requests are made. A redirect to another host is followed, and what identifies
the caller (`authorization`) stays behind.
"""

import asyncio
import base64
import errno
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from interlingua.errors import (
    Forbidden,
    InvalidConfig,
    NotFound,
    ProtocolError,
    ProviderError,
    ServerFault,
    StreamInterrupted,
    Throttled,
    TimedOut,
    Unauthorized,
)
from interlingua.local.index import without_credentials
from interlingua.transport import HTTPRequest, HTTPResponse, Timeouts, Transport
from interlingua.types import Secret

Progress: TypeAlias = Callable[[int, int | None], None]
"""Told how many bytes there are and how many there will be (None: unknown); called about once a mebibyte."""

_TIMEOUTS: Final = Timeouts(connect=15.0, first_token=60.0, idle=60.0, total=None)
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS: Final = 8
_MAX_FRUITLESS: Final = 3
_PIECE: Final = 1 << 20
_FAILURES: Final[dict[int, type[ProviderError]]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    410: NotFound,
    429: Throttled,
}


class Page(msgspec.Struct, frozen=True):
    """A small reply, whole; `url` is where it was found after redirects."""

    url: str
    body: bytes
    content_type: str


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to fetch: `size` in bytes and `sha256` where somebody has said.

    `authorization` is for the host of `url` alone.
    """

    url: str
    sha256: str | None = None
    size: int | None = None
    authorization: Secret | None = None


async def fetch_page(transport: Transport, url: str, *, accept: str, authorization: Secret | None = None) -> Page:
    """Fetch a small document.

    Raises:
        ProviderError: the host answered with an error status (`NotFound`, `Unauthorized`, …).
        TransportError: the host could not be reached, or the reply was cut.
        ProtocolError: the reply is not HTTP, or redirects in circles.

    """
    response, found = await _open(transport, url, {"accept": accept}, authorization)
    async with response:
        if response.status != 200:
            raise await _failure(response, found)
        return Page(found, await response.read(), response.header("content-type") or "")


async def fetch_file(transport: Transport, file: RemoteFile, part: Path, *, progress: Progress | None = None) -> None:
    """Fetch `file` into `part`, going on where an earlier attempt stopped; check its size and SHA-256.

    A dropped connection is taken up again as long as that brings bytes. When the call
    fails or is cancelled, `part` keeps what arrived; when the content is wrong it is deleted.

    Raises:
        ProviderError: the host answered with an error status.
        TransportError: the connection failed and did not recover.
        ProtocolError: the file is not the one that was asked for.
        InvalidConfig: `part` cannot be written (the disk is full, for example).

    """
    resumed = _size_of(part) > 0
    await _receive(transport, file, part, progress)
    problem = await asyncio.to_thread(_mismatch, file, part)
    if problem and resumed:
        # What was kept belonged to another file: once more, from the beginning.
        _discard(part)
        await _receive(transport, file, part, progress)
        problem = await asyncio.to_thread(_mismatch, file, part)
    if problem:
        _discard(part)
        raise ProtocolError(
            f"{without_credentials(file.url)} is not the file that was asked for: {problem}. It has been deleted; "
            "something between you and its publisher serves another file."
        )


def sha256_of(path: Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal; about a third of a second for 100 MB."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def storage_error(error: OSError, path: Path) -> InvalidConfig:
    """Say what is wrong with the disk below `path` and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InvalidConfig(
            f"The disk that holds {path.parent} is full. Free some space, or set INTERLINGUA_CACHE_DIR to another "
            "disk; what has been fetched is kept.",
            param="cache_dir",
        )
    return InvalidConfig(
        f"{path}: {error.strerror or error}. Make {path.parent} writable, or set INTERLINGUA_CACHE_DIR to another "
        "folder.",
        param="cache_dir",
    )


async def _receive(transport: Transport, file: RemoteFile, part: Path, progress: Progress | None) -> None:
    fruitless = 0
    while True:
        before = _size_of(part)
        try:
            return await _attempt(transport, file, part, progress)
        except (StreamInterrupted, TimedOut) as error:
            fruitless = fruitless + 1 if _size_of(part) <= before else 0
            if fruitless >= _MAX_FRUITLESS:
                raise StreamInterrupted(
                    f"The download of {without_credentials(file.url)} keeps breaking off ({error.message}). "
                    f"{_size_of(part):,} bytes are kept: run it again to go on from there."
                ) from error


async def _attempt(transport: Transport, file: RemoteFile, part: Path, progress: Progress | None) -> None:
    have = _size_of(part)
    if file.size is not None and have == file.size:
        return
    if file.size is not None and have > file.size:
        _discard(part)
        have = 0
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    if have:
        headers["range"] = f"bytes={have}-"
    response, found = await _open(transport, file.url, headers, file.authorization)
    async with response:
        if response.status == 416 and have:
            _discard(part)
            raise StreamInterrupted("The host has no such range.")
        if response.status not in (200, 206):
            raise await _failure(response, found)
        start, total = _range_of(response) if response.status == 206 else (0, _length_of(response))
        if start not in (0, have):
            raise ProtocolError(f"{without_credentials(found)} answered with bytes from {start}, not from {have}.")
        await _store(response, part, start, file.size or total, progress)
    expected = file.size or total
    if expected is not None and _size_of(part) < expected:
        raise StreamInterrupted(f"The connection closed after {_size_of(part):,} of {expected:,} bytes.")


async def _store(response: HTTPResponse, part: Path, start: int, total: int | None, progress: Progress | None) -> None:
    """Write the body behind the first `start` bytes of `part`; the disk is waited for in a thread."""
    try:
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            done = start
            if progress is not None:
                progress(done, total)
            pieces: list[bytes] = []
            size = 0
            try:
                async for piece in response:
                    pieces.append(piece)
                    size += len(piece)
                    if size >= _PIECE:
                        # Taken off first: what was tried must not be written again on the way out.
                        whole, pieces, done, size = pieces, [], done + size, 0
                        await asyncio.to_thread(_write, file, whole)
                        if progress is not None:
                            progress(done, total)
            finally:
                _write(file, pieces)
            if progress is not None:
                progress(done + size, total)
    except OSError as error:
        raise storage_error(error, part) from error


def _write(file: BinaryIO, pieces: list[bytes]) -> None:
    file.writelines(pieces)
    file.flush()


async def _open(
    transport: Transport, url: str, headers: Mapping[str, str], authorization: Secret | None
) -> tuple[HTTPResponse, str]:
    """Send a GET request and follow its redirects; give the reply and the address that sent it."""
    plain, own = _split_credentials(url)
    authorization = authorization or own
    for _ in range(_MAX_REDIRECTS):
        sent = dict(headers)
        if authorization is not None:
            sent["authorization"] = authorization.reveal()
        request = HTTPRequest(
            method="GET", url=plain, headers=tuple(sent.items()), timeouts=_TIMEOUTS, follow_redirects=False
        )
        response = await transport.send(request)
        location = response.header("location")
        if response.status not in _REDIRECTS or location is None:
            return response, plain
        await response.aclose()
        target, own = _split_credentials(urljoin(plain, location))
        if urlsplit(target).scheme != "https" and urlsplit(plain).scheme == "https":
            raise ProtocolError(f"{plain} redirects to an address that is not encrypted; it was not followed.")
        if _origin(target) != _origin(plain):
            authorization = own
        plain = target
    raise ProtocolError(f"{without_credentials(url)} redirects more than {_MAX_REDIRECTS} times.")


async def _failure(response: HTTPResponse, url: str) -> ProviderError:
    body = await response.read()
    kind = _FAILURES.get(response.status, ServerFault if response.status >= 500 else ProviderError)
    return kind(f"{url} answered with status {response.status}.", provider="local", status=response.status, body=body)


def _split_credentials(url: str) -> tuple[str, Secret | None]:
    """Take user name and password out of a URL, as the value of an `authorization` header."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return without_credentials(url), Secret("Basic " + base64.b64encode(pair.encode()).decode())


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _range_of(response: HTTPResponse) -> tuple[int, int | None]:
    """Read `content-range: bytes 10-99/100` as where it starts and how long the whole file is."""
    unit, _, rest = (response.header("content-range") or "").partition(" ")
    span, _, total = rest.partition("/")
    first = span.partition("-")[0]
    if unit != "bytes" or not first.isdecimal():
        raise ProtocolError("The host sent a part of the file without saying which part.")
    return int(first), int(total) if total.isdecimal() else None


def _length_of(response: HTTPResponse) -> int | None:
    length = response.header("content-length") or ""
    return int(length) if length.isdecimal() else None


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _discard(path: Path) -> None:
    path.unlink(missing_ok=True)


def _mismatch(file: RemoteFile, part: Path) -> str | None:
    """Say how `part` differs from what `file` promises, or give None."""
    size = _size_of(part)
    if file.size is not None and size != file.size:
        return f"it has {size:,} bytes instead of {file.size:,}"
    if file.sha256 is None:
        return None
    digest = sha256_of(part)
    return None if digest == file.sha256 else f"its SHA-256 is {digest} instead of {file.sha256}"
