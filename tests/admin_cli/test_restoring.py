"""The drill of an operator: a backup, more work, the loss, the backup restored, and nobody the worse for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.admin_cli.conftest import Installed


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
