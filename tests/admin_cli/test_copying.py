"""Moves, backups and restores: every row arrives, and the house goes on as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.admin_cli.conftest import Installed
from tests.support.postgres import PostgresServer


@pytest.fixture
def lived_in(usher: Installed) -> tuple[Installed, list[str]]:
    usher.open_sandbox(workspaces=2)
    codes = usher.codes(3)
    usher.json("redeem", "anna@example.com", codes[0])
    usher.accept("anna@example.com")
    usher.json("team", "sync")
    usher.json("code", "disable", codes[2])
    return usher, codes


def goes_on(usher: Installed, codes: list[str], **elsewhere: Any) -> None:
    assert usher.json("doctor", "--upstream", **elsewhere)["breaches"] == 0
    [lease] = usher.json("lease", "list", **elsewhere)["leases"]
    assert (lease["address"], lease["status"]) == ("anna@example.com", "active")
    [used] = usher.json("redeem", "ben@example.com", codes[0], code=1, **elsewhere)["results"]
    assert used["reason"] == "code_refused"
    [result] = usher.json("redeem", "ben@example.com", codes[1], **elsewhere)["results"]
    assert result["state"] == "invited"
    figures = usher.json("stats", **elsewhere)
    assert (figures["redeemed"], figures["joined"], figures["seats"]["taken"]) == (2, 1, 2)
    assert usher.json("doctor", **elsewhere)["breaches"] == 0


def test_a_house_moves_to_postgresql(lived_in: tuple[Installed, list[str]], postgres: PostgresServer) -> None:
    usher, codes = lived_in
    url = postgres.create_database(empty=True)
    try:
        copied = usher.json("db", "copy", url)
        assert copied["rows"]["codes"] == 3
        assert copied["rows"]["leases"] == 1
        again = usher.json("db", "copy", url, code=3)
        assert "not empty" in again["error"]["message"]
        goes_on(usher, codes, USHER_DATABASE__URL=url)
    finally:
        postgres.drop_database(url)


def test_a_backup_brings_the_house_back(lived_in: tuple[Installed, list[str]], tmp_path: Path) -> None:
    usher, codes = lived_in
    total = usher.json("db", "backup", tmp_path / "backup.db")["total"]
    assert usher.json("db", "backup", tmp_path / "backup.db", code=1)["error"]["key"] == "file_exists"
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0
    elsewhere: dict[str, Any] = {"USHER_DATABASE__URL": f"sqlite:///{tmp_path}/restored.db"}
    assert usher.json("db", "restore", tmp_path / "backup.db", **elsewhere)["total"] == total
    assert usher.json("doctor", code=1, **elsewhere)["breaches"] == 1, "it knows that it was restored"
    usher.json("db", "reconcile", "--apart", "0", "--yes", **elsewhere)
    usher.json("db", "release", **elsewhere)  # its journal begins with the restore, so its codes wait for a word
    goes_on(usher, codes, **elsewhere)
    assert usher.json("db", "restore", tmp_path / "nothing.db", code=2)["error"]["key"] == "file_unreadable"
