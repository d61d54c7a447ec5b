"""A record of what cannot be undone, outside the database: append-only, encrypted, on the disk before the commit.

A unit of work says with `note` what it is about to settle; the lines are written before the unit is committed. So a
line may exist without its commit, which then happens in another try, but never a commit without its line. One file per
day and machine; several processes append to it, each batch with one write.
"""

from __future__ import annotations

import base64
import binascii
import errno
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import structlog

from core.os_reasons import OsReason
from core.vault import Undecipherable, Vault

log = structlog.get_logger(__name__)

LINES: Final = "journal_lines"
"""Where a connection keeps what its unit has noted."""
ROW: Final = "journal"
"""What the ciphertext of every line is bound to."""
MOST_KEPT: Final = 10_000
"""Lines kept in memory while the disk accepts none."""
TAIL: Final = 64 * 1024
"""Bytes at the end of a file that are read to see how it ends."""
_NAME: Final = re.compile(r"(\d{8})-[\w.-]+\.journal")


def note(tx: sa.Connection, kind: str, at: datetime, **facts: Any) -> None:
    """Write a line with this transaction: `facts` are JSON values, moments or bytes."""
    lines = tx.info.get(LINES)
    if lines is not None:
        lines.append({"kind": kind, "at": at, **facts})


class Journal:
    """The lines in one directory."""

    def __init__(self, directory: Path, vault: Vault) -> None:
        self.directory = directory
        self.away: str | None = None
        """Why the last lines could not be written, as `OsReason.code`; they are kept and written with the next ones."""
        self.last: Mapping[str, Any] | None = None
        """The last line that this process has written."""
        self._vault = vault
        self._waiting: list[bytes] = []
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._written = self._synced = 0
        self._torn = False
        self._file: tuple[str, int] | None = None
        self._yesterday: int | None = None  # another thread may still be waiting for its disk

    def append(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Write lines and have them on the disk before this returns. Blocks; any thread may call it.

        A disk that accepts nothing stops no redemption: `away` says so, and the lines are kept in memory.
        """
        if not lines:
            return
        sealed = [self._seal(line) for line in lines]
        try:
            with self._writing:
                self._waiting += sealed
                handle = self._open(lines[-1]["at"])
                self._write(handle, b"".join(self._waiting))
                self._waiting = []
                self._written += 1
                mine = self._written
            with self._syncing:
                # Whoever waited here while another one synced finds its own lines on the disk already.
                if self._synced < mine:
                    upto = self._written
                    os.fsync(handle)
                    self._synced = upto
        except OSError as error:
            self.away = OsReason(error).code
            self._waiting = self._waiting[-MOST_KEPT:]
            log.exception("journal_not_written", reason=self.away, waiting=len(self._waiting))
        else:
            self.away, self.last = None, dict(lines[-1])

    def read(self) -> Iterator[dict[str, Any]]:
        """Every line that can be read, by file and in the order written; `{}` for one that cannot."""
        for path in self._paths():
            with path.open("rb") as file:
                yield from (self._unseal(raw) for raw in file if raw.strip())

    def tails(self) -> list[dict[str, Any]]:
        """The last readable lines of the newest file of each machine."""
        newest: dict[str, Path] = {}
        for path in self._paths():
            newest[path.name.partition("-")[2]] = path
        found = []
        for path in newest.values():
            with path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL))
                raw = file.read().splitlines()[1 if size > TAIL else 0 :]
            found += [line for line in map(self._unseal, raw) if line]
        return found

    def forget(self, before: date) -> int:
        """Delete the files of days before that one. Returns how many."""
        old = [path for path in self._paths() if date.fromisoformat(path.name[:8]) < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def rewrite(self, before: date, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> int:
        """Rewrite the files of days before that one, each line as `change` returns it. Returns how many lines changed.

        A line that cannot be read stays, and so does a file in which nothing changes.
        """
        changed = 0
        for path in self._paths():
            if date.fromisoformat(path.name[:8]) >= before:
                continue
            content, here = [], 0
            for raw in path.read_bytes().splitlines(keepends=True):
                line = self._unseal(raw)
                other = change(line) if line else line
                here += other is not line
                content.append(raw if other is line else self._seal(other))
            if here:
                beside = path.with_suffix(".anew")
                handle = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.writelines(content)
                    file.flush()
                    os.fsync(handle)
                beside.replace(path)
                _sync_directory(self.directory)
            changed += here
        return changed

    def close(self) -> None:
        with self._writing, self._syncing:
            for handle in (self._yesterday, None if self._file is None else self._file[1]):
                if handle is not None:
                    os.close(handle)
            self._yesterday = self._file = None

    def _paths(self) -> list[Path]:
        if not self.directory.is_dir():
            return []
        return sorted(path for path in self.directory.iterdir() if _NAME.fullmatch(path.name))

    def _open(self, now: datetime) -> int:
        name = f"{now:%Y%m%d}-{re.sub(r'[^A-Za-z0-9_.-]', '_', socket.gethostname()) or 'here'}.journal"
        path = self.directory / name
        if self._file is not None and self._file[0] == name and path.exists():
            return self._file[1]
        if self._yesterday is not None:
            os.close(self._yesterday)
        self._yesterday, self._file = (None if self._file is None else self._file[1]), None
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
        self._file = (name, handle)
        size = os.fstat(handle).st_size
        self._torn = bool(size) and os.pread(handle, 1, size - 1) != b"\n"
        if not size:
            _sync_directory(self.directory)
        return handle

    def _write(self, handle: int, content: bytes) -> None:
        """One write, so that lines of several processes never mix. A line that was cut is ended by the next batch."""
        content = b"\n" + content if self._torn else content
        self._torn = True
        if os.write(handle, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False

    def _seal(self, line: Mapping[str, Any]) -> bytes:
        text = json.dumps(line, default=_plain, separators=(",", ":"), ensure_ascii=False)
        return base64.b64encode(self._vault.encrypt(text, row=ROW)) + b"\n"

    def _unseal(self, raw: bytes) -> dict[str, Any]:
        try:
            text = self._vault.decrypt(base64.b64decode(raw.strip(), validate=True), row=ROW)
            line: dict[str, Any] = json.loads(text)
        except (Undecipherable, binascii.Error, ValueError):
            return {}
        line["at"] = datetime.fromisoformat(line["at"])
        return line


def directory_for(url: sa.URL, configured: str | None) -> Path | None:
    """Where the journal of a database lies; None where there is no place that is known to be its own."""
    if configured is not None:
        return Path(configured)
    name = (url.database or "").split("?")[0]
    if url.get_backend_name() != "sqlite" or name in {"", ":memory:"} or name.startswith("file:"):
        return None
    return Path(f"{name}.journal")


def first_day(now: datetime, days: int) -> date:
    """The first day whose lines are kept."""
    return (now - timedelta(days=days)).date()


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    raise TypeError(type(value).__name__)
