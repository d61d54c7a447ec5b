"""Files of older versions, with odd values and damage: what can be carried over is, and the rest is refused in words."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.command_errors import DamagedFile
from core.predecessors import moving_in
from core.predecessors.moving_in import Arrival
from core.predecessors.old_database import MOST, moment, number, term
from tests.predecessors.test_moving_in import OWNER, moving_house
from tests.support.old_systems import ANN, SYSTEMS, with_leases

SHANGHAI = ZoneInfo("Asia/Shanghai")
DROPPED = {
    "member_leases": "ALTER TABLE member_leases DROP COLUMN expires_at",
    "redemption_records": "ALTER TABLE redemption_codes DROP COLUMN warranty_days",
    "team_email_mappings": "ALTER TABLE team_email_mappings DROP COLUMN source",
}
ODD: Mapping[str, tuple[str, ...]] = {
    "member_leases": (
        "UPDATE redemption_codes SET max_uses = 1000000000000000000, notes = CAST(X'ff41' AS TEXT)",
        "UPDATE redemption_codes SET team_name = 'Team' || CAST(X'00' AS TEXT) || 'B' WHERE id = 5",
        "UPDATE member_leases SET invited_at = '0001-01-01 00:00:00'",
    ),
    "redemption_records": (
        "UPDATE teams SET max_members = 1000000000000000000",
        "UPDATE redemption_codes SET has_warranty = 1, warranty_days = 1000000000000000000",
    ),
    "gpt_accounts": (
        "UPDATE redemption_codes SET redeemed_at = '9999-12-31 23:59:59'",
        "UPDATE purchase_orders SET service_days = 99999999",
    ),
    "access_keys": (
        "UPDATE access_keys SET is_temp = 1, temp_hours = -5",
        "UPDATE invitations SET created_at = '0001-01-01'",
    ),
}


@pytest.mark.parametrize("system", sorted({*DROPPED, *ODD}))
async def test_what_is_odd_stops_nothing(database_url: str, tmp_path: Path, system: str):
    async with moving_house(database_url) as (house, teams):
        old = SYSTEMS[system](tmp_path, teams, house.core.now())
        with closing(sqlite3.connect(old.files[0])) as file:
            for statement in (*ODD.get(system, ()), *([DROPPED[system]] if system in DROPPED else [])):
                file.execute(statement)
            file.commit()
        done = await moving_in.move_in(house.core, OWNER, Arrival(old.files, old.secrets))
        assert {one.reason for one in done.teams.left} <= {"old_secret_missing"}
        assert done.holders.created == 3
        kept = await house.rows("SELECT max(max_uses) AS uses, (SELECT max(capacity) FROM teams) AS seats FROM codes")
        assert kept[0].uses <= MOST
        assert kept[0].seats <= 10_000
        assert await house.value("SELECT status FROM leases WHERE address = :who", who=ANN) == "active"
        assert await house.breaches() == []


async def test_what_a_killed_system_had_half_written_does_not_count(sqlite_url: str, tmp_path: Path):
    async with moving_house(sqlite_url) as (house, teams):
        [file] = with_leases(tmp_path, teams, house.core.now()).files
        with closing(sqlite3.connect(file, isolation_level=None)) as busy:
            busy.execute("PRAGMA cache_size = 1")  # so that what is not finished goes into the file
            busy.execute("BEGIN IMMEDIATE")
            busy.execute("DELETE FROM member_leases")
            busy.execute("UPDATE redemption_codes SET notes = hex(randomblob(20000))")
            left = tmp_path / "left"
            left.mkdir()
            for one in ("redemption.db", "redemption.db-journal", "team.json"):
                shutil.copy(tmp_path / one, left / one)
            busy.execute("ROLLBACK")
        before = {one.name: one.read_bytes() for one in left.iterdir()}
        shown = await moving_in.preview(house.core, OWNER, Arrival([left / file.name]))
        assert (shown.codes.created, shown.holders.created) == (5, 3)
        assert {one.name: one.read_bytes() for one in left.iterdir()} == before


async def test_what_is_damaged_is_refused_by_its_name(sqlite_url: str, tmp_path: Path):
    async with moving_house(sqlite_url) as (house, teams):
        [file] = with_leases(tmp_path, teams, house.core.now()).files
        whole = file.read_bytes()
        beside = tmp_path / "team.json"
        for damage, name in (("{", "team.json"), (None, file.name)):
            if damage is None:
                file.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
            beside.write_text(damage or "[]")
            with pytest.raises(DamagedFile) as refused:
                await moving_in.preview(house.core, OWNER, Arrival([file]))
            assert refused.value.facts == {"file": name}
            file.write_bytes(whole)
        for nothing, why in ((tmp_path / "nothing.db", FileNotFoundError), (Path(), IsADirectoryError)):
            with pytest.raises(why):
                await moving_in.preview(house.core, OWNER, Arrival([nothing]))
        beside.write_text('[{"account": "x"}, null, 3]')
        shown = await moving_in.preview(house.core, OWNER, Arrival([file]))
        assert shown.teams.created == 0


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59", None),
        ("99999999999", None),
        ("1e400", None),
        ("2026-01-01", datetime(2025, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_moments_are_possible_ones(written: str, read: Any):
    assert moment(written, SHANGHAI) == read


def test_numbers_and_terms_have_an_end():
    assert [number(one) for one in ("1e300", -(10**30), "nan", b"", 3.0)] == [MOST, -MOST, 0, 0, 3]
    assert [term(one) for one in (-1, 0, 30, 10**6)] == [None, None, "30d", "unlimited"]
    assert term(48, "h") == "48h"
