"""Opening the SQLite file of another system so that nothing of it changes, and reading what stands in it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from core.command_errors import DamagedFile
from core.rules.terms import UNLIMITED

EARLIEST = 946_684_800
"""2000-01-01 in seconds since 1970: what is before it is no moment of such a system, but what it writes for none."""
LATEST = 7_258_118_400
"""2200-01-01 in seconds since 1970: what is said to end later never ends."""
MOST = 1_000_000
"""More than that of anything is how such a system writes that there is no limit."""
HUNDRED_YEARS = {"d": 36_500, "h": 876_000}
_MILLISECONDS = 100_000_000_000
_YES = frozenset({"1", "true", "yes", "y", "t"})


class Row(dict[str, Any]):
    """One row by its column names. A column that the file's version of the system does not have holds nothing."""

    def __missing__(self, name: str) -> None:
        return None


class OldDatabase:
    """One system, in one file or in several that belong together.

    Raises: OSError for a file that is not there, DamagedFile for what cannot be read.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._where: dict[str, tuple[sqlite3.Connection, Path]] = {}
        self.columns: dict[str, frozenset[str]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            for file in self._files:
                self._look_into(file)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def directory(self) -> Path:
        """Where the first file is."""
        return self._files[0].parent

    def has(self, table: str, *columns: str) -> bool:
        """Is there such a table, with all of these columns?"""
        return table in self.columns and self.columns[table] >= set(columns)

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        """Every row by its column names, in the order of the rows; none where there is no such table.

        Raises: DamagedFile.
        """
        if table not in self._where:
            return []
        connection, file = self._where[table]
        try:
            cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')  # noqa: S608 - a name out of the file itself
            names = [column[0] for column in cursor.description]
            return [
                Row(
                    (name, _decoded(value) if isinstance(value, bytes) else value)
                    for name, value in zip(names, row, strict=True)
                )
                for row in cursor
            ]
        except sqlite3.Error as error:
            raise DamagedFile(file=file.name) from error

    def _look_into(self, file: Path) -> None:
        file.open("rb").close()
        # What was written last may still stand in the log beside the file; without one, not even a lock is taken.
        log = file.with_name(f"{file.name}-wal")
        how = "mode=ro" if log.is_file() and log.stat().st_size else "mode=ro&immutable=1"
        if (read := self._put_in_order(file)) is not file:
            how = "mode=rw"
        try:
            connection = self._open.enter_context(
                closing(sqlite3.connect(f"file:{quote(str(read.resolve()))}?{how}", uri=True))
            )
            connection.text_factory = _decoded
            connection.execute("PRAGMA query_only = 1")
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                if name not in self.columns:
                    columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
                    self.columns[name] = frozenset(column[1] for column in columns)
                    self._where[name] = (connection, file)
        except sqlite3.Error as error:
            raise DamagedFile(file=file.name) from error

    def _put_in_order(self, file: Path) -> Path:
        """The file or, where SQLite would have to write in order to read it, a copy with what stands beside it.

        That is so after a transaction that was not finished, and of a log in a folder that nobody may write to.
        """
        logs = [file.with_name(f"{file.name}{end}") for end in ("-journal", "-wal")]
        logs = [log for log in logs if log.is_file() and log.stat().st_size]
        if not logs or (logs[0].name.endswith("-wal") and os.access(file.parent, os.W_OK)):
            return file
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="usher-adopt-")))
        for one in (file, *logs):
            shutil.copyfile(one, folder / one.name)
        return folder / file.name


def text(value: Any) -> str | None:
    """What is written in a column, as any database can hold it; None for nothing and for space."""
    found = "" if value is None else _decoded(str(value).encode("utf-8", "replace"))
    return found.strip() or None


def number(value: Any, otherwise: int = 0) -> int:
    """A whole number, at most `MOST`; `otherwise` for nothing, and for what is none."""
    try:
        return max(-MOST, min(int(float(value)), MOST))
    except (TypeError, ValueError, OverflowError):
        return otherwise


def term(count: int, unit: Literal["d", "h"] = "d") -> str | None:
    """A membership of so many days or hours; unlimited beyond a hundred years, None for none."""
    if count > HUNDRED_YEARS[unit]:
        return str(UNLIMITED)
    return f"{count}{unit}" if count > 0 else None


def flag(value: Any, otherwise: bool = False) -> bool:
    """A switch, however the other system wrote it; `otherwise` for nothing."""
    found = text(value)
    return otherwise if found is None else found.lower() in _YES


def moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """A moment in UTC, written as a date, a date with a time, or a number since 1970; None for what is none.

    Without an offset it was in `zone`. What is before `EARLIEST` or behind `LATEST` is none.
    """
    written = text(value)
    if written is None:
        return None
    try:
        if re.fullmatch(r"\d{9,14}(\.\d+)?", written):
            seconds = float(written)
            found = datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
        else:
            found = datetime.fromisoformat(re.sub(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", _dashed, written))
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found.timestamp() < LATEST else None


def _decoded(stored: bytes) -> str:
    """What no database of ours could hold is shown as a hole."""
    return stored.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _dashed(found: re.Match[str]) -> str:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
