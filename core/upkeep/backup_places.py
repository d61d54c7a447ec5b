"""Where backups are kept: a folder of this machine, or what a URL names and fsspec reaches (sftp, s3, …)."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog

from core.errors import BackupRefused
from core.upkeep.backup_files import PART, BackupUnreadable, verify, written_whole

if TYPE_CHECKING:
    from core.settings import Settings

log = structlog.get_logger(__name__)
T = TypeVar("T")

FOLDER: Final = "backups"
SSH: Final = frozenset({"sftp", "ssh"})
_SSH_OPTIONS: Final[dict[str, Any]] = {"known_hosts": (), "connect_timeout": 30, "keepalive_interval": 15}
"""Timeouts and host checks of asyncssh. Without them any server would be trusted, and a silent one waited for for ever.
"""


class BackupTargetFailed(BackupRefused):
    """The place that `backups.target` names could not be used; no file has the backup's name there."""

    def __init__(self, error: str) -> None:
        super().__init__(reason="target", error=error)


class _NobodyWaits(Exception):
    """Whoever wanted this has been cancelled."""


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.shown = str(path)

    def where(self, name: str) -> str:
        """Where that backup can be found."""
        return str(self._path / name)

    @asynccontextmanager
    async def written(self, name: str) -> AsyncIterator[Path]:
        """Where to write what appears as `name` once it is complete and can be read. Raises: BackupRefused."""
        with written_whole(self._path / name) as part:
            yield part
            await asyncio.to_thread(verify, part)

    @asynccontextmanager
    async def fetched(self, name: str) -> AsyncIterator[Path]:
        """That backup as a file of this machine, for reading only. Raises: FileNotFoundError."""
        if not (path := self._path / name).is_file():
            raise FileNotFoundError(name)
        yield path

    async def sizes(self) -> dict[str, int]:
        """Every file there, with its size in bytes."""
        return await asyncio.to_thread(self._sizes)

    async def delete(self, name: str) -> None:
        """Delete that file, if it is there."""
        await asyncio.to_thread((self._path / name).unlink, missing_ok=True)

    def _sizes(self) -> dict[str, int]:
        return {one.name: one.stat().st_size for one in self._path.glob("*") if one.is_file()}


class RemoteFolder:
    """A folder that a URL names. What is written there is read back before it counts as a backup.

    Every method raises BackupTargetFailed, which names only the kind of error: the library's words might hold a
    password.
    """

    def __init__(self, url: str, options: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._url = url
        self._options: dict[str, Any] = {**(_SSH_OPTIONS if parts.scheme in SSH else {}), **options}
        self._protocol = parts.scheme
        host = parts.netloc.rpartition("@")[2]
        self.shown = f"{parts.scheme}://{host}{parts.path}".rstrip("/")

    def where(self, name: str) -> str:
        """Where that backup can be found."""
        return f"{self.shown}/{name}"

    @asynccontextmanager
    async def written(self, name: str) -> AsyncIterator[Path]:
        """Where to write what appears as `name` once it is complete and was read back."""
        with tempfile.TemporaryDirectory(prefix="usher-backup-") as folder:
            part = Path(folder) / name
            yield part
            await asyncio.to_thread(verify, part)
            await self._do(lambda files, root, watched: _store(files, root, part, watched))

    @asynccontextmanager
    async def fetched(self, name: str) -> AsyncIterator[Path]:
        """That backup as a file of this machine, which is deleted afterwards. Raises: FileNotFoundError."""
        if name not in await self.sizes():
            raise FileNotFoundError(name)
        with tempfile.TemporaryDirectory(prefix="usher-backup-") as folder:
            path = Path(folder) / name
            await self._do(lambda files, root, watched: files.get_file(f"{root}/{name}", str(path), callback=watched))
            yield path

    async def sizes(self) -> dict[str, int]:
        """Every file there, with its size in bytes."""
        return await self._do(lambda files, root, _watched: _listed(files, root))

    async def delete(self, name: str) -> None:
        """Delete that file, if it is there."""
        await self._do(lambda files, root, _watched: files.rm_file(f"{root}/{name}"))

    async def _do(self, work: Callable[[Any, str, Any], T]) -> T:
        try:
            return await _apart(lambda stop: self._connected(work, stop))
        except BackupRefused:
            raise
        except Exception as error:  # noqa: BLE001 - each protocol has a library with errors of its own
            # An import that fails says what to install, and no more than that.
            why = {"why": str(error)} if isinstance(error, ImportError) else {}
            log.warning("backup_target_failed", protocol=self._protocol, kind=type(error).__name__, **why)
            raise BackupTargetFailed(type(error).__name__) from None

    def _connected(self, work: Callable[[Any, str, Any], T], stop: threading.Event) -> T:
        files, root = self._opened()
        try:
            return work(files, root, _callback(stop))
        finally:
            if self._protocol in SSH:
                from fsspec.asyn import sync

                # The library ends a connection when its object is collected, which may be much later.
                sync(files.loop, _hang_up, files.client, timeout=10)

    def _opened(self) -> tuple[Any, str]:
        """The file system, with connections of its own, and the folder in it."""
        from fsspec import get_filesystem_class
        from fsspec.core import url_to_fs

        if self._protocol in SSH and not get_filesystem_class(self._protocol).__module__.startswith("sshfs"):
            raise ImportError("sftp needs the package sshfs, which knows hosts")
        files, root = url_to_fs(self._url, skip_instance_cache=True, **self._options)
        return files, str(root).rstrip("/")


BackupPlace: TypeAlias = Folder | RemoteFolder


def place_of(settings: Settings) -> BackupPlace:
    """Where this house keeps its backups. Raises: BackupRefused where it has no place that is known to be its own."""
    chosen = settings.backups
    if chosen.target is not None:
        options = {name: value.get_secret_value() for name, value in chosen.options.items()}
        return RemoteFolder(chosen.target.get_secret_value(), options)
    if chosen.directory is not None:
        return Folder(Path(chosen.directory).resolve())
    url = sa.make_url(settings.database.url)
    if url.get_backend_name() != "sqlite":
        raise BackupRefused(reason="postgresql")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise BackupRefused(reason="no_file")
    return Folder(Path(url.database).resolve().parent / FOLDER)


def _store(files: Any, root: str, part: Path, watched: Any) -> None:
    """Send a file, read it back, and only then give it its name."""
    if part.name in _listed(files, root):
        raise BackupRefused(reason="too_soon")
    files.makedirs(root, exist_ok=True)
    there = f"{root}/{part.name}{PART}"
    back = part.with_suffix(".back")
    try:
        files.put_file(str(part), there, callback=watched)
        files.get_file(there, str(back), callback=watched)
        if _digest(back) != _digest(part):
            raise BackupUnreadable
        verify(back)
        files.mv(there, f"{root}/{part.name}")
    except BaseException:
        _take_back(files, there)
        raise
    finally:
        back.unlink(missing_ok=True)


def _take_back(files: Any, there: str) -> None:
    try:
        files.rm_file(there)
    except Exception as error:  # noqa: BLE001 - whichever library the protocol has
        # Whatever ended the sending may have ended the connection as well; a later round deletes it.
        log.info("backup_part_left", kind=type(error).__name__)


async def _hang_up(client: Any) -> None:
    client.close()
    await client.wait_closed()


def _listed(files: Any, root: str) -> dict[str, int]:
    try:
        found = files.ls(root or "/", detail=True)
    except FileNotFoundError:
        return {}
    return {PurePosixPath(one["name"]).name: int(one["size"] or 0) for one in found if one["type"] == "file"}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _callback(stop: threading.Event) -> Any:
    """The function that fsspec calls after every block: it ends a transfer that nobody waits for any more."""
    from fsspec.callbacks import Callback

    def look(*_: object, **__: object) -> None:
        if stop.is_set():
            raise _NobodyWaits

    return Callback(hooks={"stop": look})


async def _apart(work: Callable[[threading.Event], T]) -> T:
    """Do `work` in a thread that does not keep the process from ending; the event says that nobody waits any more."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    stop = threading.Event()

    def tell(how: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(lambda: None if done.done() else how(what))

    def run() -> None:
        try:
            tell(done.set_result, work(stop))
        except BaseException as error:  # noqa: BLE001 - it is raised where the thread is waited for
            tell(done.set_exception, error)

    threading.Thread(target=run, name="backup-target", daemon=True).start()
    try:
        return await done
    except asyncio.CancelledError:
        stop.set()
        raise
