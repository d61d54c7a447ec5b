"""The drill of an operator: a backup, more work, the loss, the backup restored, and nobody the worse for it."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from admin_cli.commands.database import _called
from core.actors import SYSTEM
from core.restores import marks
from core.service import open_core
from core.settings import load_settings
from core.storage import copying
from core.storage.migrate import downgrade_database
from core.upkeep import backups
from tests.admin_cli.conftest import Call, Installed
from tests.architecture.source import REPOSITORY


def redeem(usher: Installed, address: str, code: str, *, code_of: int = 0) -> dict:
    return usher.json("redeem", address, code, code=code_of)["results"][0]


def lose(usher: Installed, *, journal: bool) -> list[str]:
    """Two redemptions, a backup, three more and one end; then the database is gone, and the backup restored."""
    usher.open_sandbox(workspaces=2, seats=4)
    codes = usher.codes(7)
    for number in (0, 1):
        assert redeem(usher, f"person{number}@example.com", codes[number])["state"] == "invited"
    usher.run("db", "backup", "backup.db").expect()
    for number in (2, 3, 4):
        assert redeem(usher, f"person{number}@example.com", codes[number])["state"] == "invited"
    usher.run("lease", "end", "person0@example.com").expect()
    [database] = [path for path in usher.directory.rglob("usher.db") if path.is_file()]
    for left in database.parent.glob("usher.db*"):
        if left.is_file():
            left.unlink()
        elif not journal:
            shutil.rmtree(left)
    usher.run("db", "upgrade").expect()
    usher.run("db", "restore", "backup.db").expect()
    return codes


@pytest.mark.parametrize("journal", [True, False], ids=["journal", "no journal"])
def test_a_backup_is_restored_and_reconciled(usher: Installed, journal: bool):
    codes = lose(usher, journal=journal)
    before = usher.ledger()
    waiting = redeem(usher, "stranger@example.com", codes[2], code_of=1)
    assert waiting["reason"] == "restored_wait"
    assert usher.json("code", "generate", "--count", "1", code=1)["error"]["key"] == "restored_wait"
    assert usher.run("doctor").code == 1
    dry = usher.json("db", "reconcile", "--apart", "0")
    assert not dry["done"]
    done = usher.json("db", "reconcile", "--apart", "0", "--yes")
    assert done["done"]
    assert done["counts"] == dry["counts"]
    assert done["journal"] is journal
    assert usher.json("db", "reconcile", code=1)["error"]["key"] == "not_restored"
    usher.run("doctor").expect()
    for number in (2, 3, 4):
        assert redeem(usher, f"thief{number}@example.com", codes[number], code_of=1)["state"] == "refused"
        assert redeem(usher, f"person{number}@example.com", codes[number])["state"] in {"invited", "already_member"}
    after = usher.ledger()
    assert [one["email"] for one in after["pending"]] == [one["email"] for one in before["pending"]]
    if journal:
        assert redeem(usher, "new@example.com", codes[5])["state"] == "invited"
    else:
        assert redeem(usher, "new@example.com", codes[5], code_of=1)["reason"] == "code_suspended"
        assert usher.json("db", "release")["batches"] == 1
        assert redeem(usher, "new@example.com", codes[6])["state"] == "invited"


def test_a_database_finds_its_journal_ahead_of_it(usher: Installed):
    """Nobody has said that the file was put back: it was copied by hand."""
    usher.open_sandbox(seats=4)
    codes = usher.codes(2)
    redeem(usher, "ann@example.com", codes[0])
    [database] = [path for path in usher.directory.rglob("usher.db") if path.is_file()]
    old = Path(shutil.copy(database, usher.directory / "old.db"))
    redeem(usher, "bob@example.com", codes[1])
    shutil.copy(old, database)
    for left in (Path(f"{database}-wal"), Path(f"{database}-shm")):
        left.unlink(missing_ok=True)
    assert redeem(usher, "thief@example.com", codes[1], code_of=1)["reason"] == "restored_wait"
    assert usher.json("db", "reconcile", "--apart", "0", "--yes")["counts"]["seat_restored"] == 1
    assert redeem(usher, "thief@example.com", codes[1], code_of=1)["reason"] == "code_refused"


def test_a_drill_changes_nothing(usher: Installed):
    usher.open_sandbox(seats=4)
    codes = usher.codes(2)
    redeem(usher, "ann@example.com", codes[0])
    usher.run("db", "backup", "backup.db").expect()
    redeem(usher, "bob@example.com", codes[1])
    tried = usher.json("db", "drill", "backup.db", "--apart", "0")
    assert not tried["done"]
    assert tried["counts"] == {"seat_restored": 1, "use_noted": 1}
    assert usher.json("db", "drill", "--apart", "0")["counts"] == {}
    usher.run("doctor").expect()
    assert redeem(usher, "bob@example.com", codes[1])["state"] == "invited"


def test_a_failover_that_lost_data_is_distrusted(usher: Installed):
    usher.open_sandbox(seats=4)
    codes = usher.codes(2)
    redeem(usher, "ann@example.com", codes[0])
    assert usher.run("db", "distrust", "--since", "yesterday").code == 2
    assert usher.json("db", "distrust", "--since", "2026-01-31T10:00")["distrusted"]
    assert redeem(usher, "bob@example.com", codes[1], code_of=1)["reason"] == "restored_wait"
    usher.run("db", "reconcile", "--apart", "0", "--yes").expect()
    usher.run("doctor").expect()


def revision_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_a_backup_of_an_older_usher_is_restored_and_stays_as_it_is(call: Call, tmp_path: Path):
    call("pool", "add", "spare")
    backup = tmp_path / "backup.db"
    call("db", "backup", str(backup))
    asyncio.run(downgrade_database(f"sqlite+aiosqlite:///{backup}", "0016"))
    assert call("db", "drill", str(backup), "--apart", "0")["rows"] > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USHER_DATABASE__URL", f"sqlite:///{tmp_path}/again.db")
        call("db", "restore", str(backup))
        assert "spare" in {one["name"] for one in call("pool", "list")["pools"]}
    assert revision_of(backup) == "0016"


def test_what_is_no_backup_is_refused_before_anything_is_made(call: Call, tmp_path: Path):
    (tmp_path / "codes.csv").write_text("code,pool\n")
    newer = tmp_path / "newer.db"
    call("db", "backup", str(newer))
    with closing(sqlite3.connect(newer)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    other = sqlite3.connect(tmp_path / "songs.db")
    other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USHER_DATABASE__URL", f"sqlite:///{tmp_path}/again.db")
        for name in ("codes.csv", "songs.db"):
            assert call("db", "restore", str(tmp_path / name), code=1)["error"]["key"] == "damaged_file"
        assert "newer Usher" in call("db", "restore", str(newer), code=3)["error"]["message"]
    assert not (tmp_path / "again.db").exists()


def test_whoever_is_killed_while_restoring_leaves_nothing_that_serves(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A database that is restored and does not know it would give seats twice."""
    call("pool", "add", "spare")
    call("db", "backup", str(tmp_path / "backup.db"))
    monkeypatch.setenv("USHER_DATABASE__URL", f"sqlite:///{tmp_path}/again.db")

    def killed(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(marks, "mark", killed)
        call("db", "restore", str(tmp_path / "backup.db"), code=3)
    assert "spare" not in {one["name"] for one in call("pool", "list")["pools"]}
    call("db", "restore", str(tmp_path / "backup.db"))
    assert call("db", "reconcile", "--apart", "0")["why"] == "restored"


def test_a_journal_that_is_not_there_is_named(call: Call, tmp_path: Path):
    call("db", "distrust", "--since", "2026-01-31T10:00")
    assert call("db", "reconcile", "--journal", str(tmp_path / "typo"), code=2)["error"]["key"] == "file_unreadable"


def test_a_disk_that_a_backup_fills_is_called_full(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def full(*_: Any, **__: Any) -> None:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("PRAGMA max_page_count = 1")
            try:
                database.execute("CREATE TABLE songs (title TEXT)")
            except sqlite3.OperationalError as error:
                raise OperationalError("CREATE", {}, error) from error

    monkeypatch.setattr(copying, "copy_database", full)
    assert "is full" in call("db", "backup", str(tmp_path / "backup.db"), code=3)["error"]["message"]
    assert list(tmp_path.glob("backup.db*")) == []


def test_everything_that_reconciling_does_has_words():
    sources = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "core/restores").glob("*.py")]
    noted = {what for text in sources for what in re.findall(r'(?:note\(|counts\[)"(\w+)"', text)}
    noted |= {
        what for text in sources for pair in re.findall(r'note\(\s*"(\w+)" if .* else "(\w+)"', text) for what in pair
    }
    assert len(noted) > 10
    assert noted <= _called().keys()


def test_backups_are_listed_where_they_are_kept_and_one_is_restored_by_its_name(
    call: Call, usher: Installed, monkeypatch: pytest.MonkeyPatch
):
    async def make() -> str:
        async with open_core(load_settings()) as core:
            return (await backups.make_backup(core, SYSTEM)).name

    usher.open_sandbox(workspaces=2)
    name = asyncio.run(make())
    listed = call("db", "backups")
    assert [(one["name"], one["by_itself"]) for one in listed["backups"]] == [(name, False)]
    assert call("db", "drill", name, "--apart", "0")["rows"]
    monkeypatch.setenv("USHER_DATABASE__URL", f"sqlite:///{listed['place']}/../restored.db")
    assert "file_unreadable" in str(call("db", "restore", "usher-20200101-000000.db", code=2))
    assert call("db", "restore", name)["rows"]["teams"] == 2
