"""Six existing systems are moved out of: every holder keeps what they had, and is told so in the chat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bots.terminal_chat.chat import TerminalChat
from core.actors import Actor, Role
from core.command_errors import DamagedFile, UnknownSystem
from core.predecessors import moving_in
from core.predecessors.moving_in import Arrival
from core.sandbox.server import Sandbox
from core.service import open_core
from core.storage import tables as t
from core.upkeep import rotation
from core.vault import Vault, fresh_key
from tests.support.house import KEY, House, settings_for
from tests.support.old_systems import (
    ANN,
    BOB,
    CODES,
    GARY,
    LASTING,
    SINCE,
    SPENT,
    SYSTEMS,
    UNUSED,
    Old,
    with_hashes,
    write,
)

OWNER = Actor("cli", "keeper", Role.OWNER)


@asynccontextmanager
async def moving_house(url: str, seats: int = 6) -> AsyncIterator[tuple[House, list[dict[str, Any]]]]:
    """An empty Usher beside an upstream where Ann is a member and Bob is invited."""
    async with Sandbox(workspaces=2, seats=seats, latency_ms=0, faults=[]) as sandbox:
        settings = settings_for(url, upstream={"chatgpt_base": f"{sandbox.root}/backend-api"})
        async with open_core(settings) as core:
            first, second = sandbox.world.spaces.values()
            sandbox.world.join(first, ANN)
            sandbox.world.invite(second, BOB)
            yield House(core, sandbox, url), sandbox.sessions()


def digest_of(files: list[Path]) -> list[tuple[str, str]]:
    return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in sorted(files[0].parent.iterdir())]


async def said(house: House, who: str, text: str) -> str:
    chat = TerminalChat(house.core, identity=who, language="en")
    return "\n".join(one.text for one in await chat.send(text) if not one.passing)


async def counts(house: House) -> dict[str, int]:
    tables = ("teams", "codes", "batches", "leases", "redemptions", "audit_log", "seats", "pools", "facts", "alerts")
    one_by_one = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables)
    return {row[0]: row[1] for row in await house.rows(one_by_one)}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_who_holds_what_is_carried_over_and_told_in_the_chat(database_url: str, system: str, tmp_path: Path):
    async with moving_house(database_url) as (house, teams):
        now = house.core.now()
        folder = tmp_path / "old"
        folder.mkdir()
        old = SYSTEMS[system](folder, teams, now)
        before = digest_of(old.files)
        arrival = Arrival(old.files, old.secrets)
        shown = await moving_in.preview(house.core, OWNER, arrival)
        counted = (shown.teams.created, shown.codes.created, shown.holders.created)
        assert (shown.system, shown.done, counted) == (system, False, (2, 5, 3))
        assert set((await counts(house)).values()) == {0}, "a preview stores nothing"

        done = await moving_in.move_in(house.core, OWNER, arrival)
        assert (done.teams.created, done.codes.created, done.holders.created) == (2, 5, 3)
        assert [done.teams.left, done.codes.left, done.holders.left, done.unread] == [[], [], [], []]
        assert [(one.name, one.reason) for one in done.missing] == [(GARY, "not_there")]
        assert digest_of(old.files) == before, "nothing of the old system was touched, not even a file beside it"
        assert house.invited() == [(house.invited()[0][0], BOB)], "Bob had been invited before; nobody was now"

        leases = {row.address: row for row in await house.rows("SELECT * FROM leases ORDER BY id")}
        assert {address: row.status for address, row in leases.items()} == {
            ANN: "active",
            BOB: leases[BOB].status,
            GARY: "active",
        }
        ends = await house.core.read(_ends, ANN)
        assert ends == now.replace(microsecond=0) - SINCE + LASTING

        for who in (ANN, BOB):
            answer = await said(house, who, f"{who} {CODES[who]}")
            team = await house.value(
                "SELECT t.name FROM leases l JOIN teams t ON t.id = l.team_id WHERE address = :who", who=who
            )
            assert {who, team} == {one for one in (who, team) if one in answer}, answer
            assert await house.value("SELECT identity FROM leases WHERE address = :who", who=who) == who
        assert team in await said(house, BOB, "/myseat")
        stranger = await said(house, "stranger", f"stranger@example.com {CODES[ANN]}")
        spent = await said(house, "stranger", f"stranger@example.com {SPENT}")
        assert "not valid" in stranger
        assert "not valid" in spent
        mine = await said(house, "new", f"ivy@example.com {UNUSED.lower()}")
        assert "ivy@example.com" in mine
        assert house.invited()[-1][1] == "ivy@example.com", "an unused code is unused"

        here = await counts(house)
        again = await moving_in.move_in(house.core, OWNER, arrival)
        assert (again.teams.known, again.codes.known, again.holders.known) == (2, 5, 3)
        assert (again.teams.created, again.codes.created, again.holders.created, again.pools) == (0, 0, 0, [])
        assert await counts(house) == here
        assert [one.name for one in again.missing] == [GARY]
        assert await house.breaches() == []


def _ends(tx: sa.Connection, address: str) -> Any:
    return tx.execute(sa.select(t.leases.c.expires_at).where(t.leases.c.address == address)).scalar_one()


async def test_what_cannot_be_told_is_named_and_follows_when_it_can(database_url: str, tmp_path: Path):
    """Codes that read the same, holders of nowhere, an owner, a team without a token; and then the token is there."""
    async with moving_house(database_url) as (house, teams):
        old = _with_trouble(tmp_path, teams)
        shown = await moving_in.move_in(house.core, OWNER, Arrival(old.files))
        assert [(one.name, one.reason) for one in shown.teams.left] == [("TeamB", "old_secret_missing")]
        assert sorted((one.name, one.reason, one.other) for one in shown.codes.left) == [
            ("K7QA-DUPE-000A", "code_falls_together", "k7qa-dupe-000a"),
            ("K7QA-TEAM-000B", "old_team_left", None),
            ("k7qa-dupe-000a", "code_falls_together", "K7QA-DUPE-000A"),
            ("кот №5", "code_unreadable", None),
        ]
        assert sorted((one.name, one.reason) for one in shown.holders.left) == [
            (BOB, "old_team_left"),
            ("no address", "bad_address"),
            (teams[0]["user"]["email"], "owner"),
        ]
        assert (shown.codes.created, shown.holders.created, shown.unexplained, shown.past) == (1, 7, 1, 1)
        row = await house.rows("SELECT max_uses, used FROM codes")
        assert tuple(row[0]) == (9, 8), "ten uses: of seven who have a seat, of one who had, and of nobody knows whom"
        assert await house.value("SELECT capacity FROM teams") == 7, "nobody of seven loses their seat of four"
        assert await house.breaches() == []
        (tmp_path / "team.json").write_text(json.dumps(list(teams)))
        again = await moving_in.move_in(house.core, OWNER, Arrival(old.files))
        assert (again.teams.created, again.teams.known, again.holders.created, again.holders.known) == (1, 1, 1, 7)
        assert (again.codes.created, again.codes.known) == (1, 1)
        assert (
            await house.value(
                "SELECT t.name FROM leases l JOIN teams t ON t.id = l.team_id WHERE l.address = :a", a=BOB
            )
            == "TeamB"
        )
        assert await house.breaches() == []


@pytest.mark.parametrize("system", ["redemption_records", "redeem_codes"])
async def test_holders_whose_team_could_not_be_opened_have_their_codes_afterwards(
    database_url: str, tmp_path: Path, system: str
):
    """The wrong secrets first: their uses were nobody's then, and are theirs as soon as the team is there."""
    async with moving_house(database_url) as (house, teams):
        old = SYSTEMS[system](tmp_path, teams, house.core.now())
        wrong = tmp_path / "wrong.env"
        wrong.write_text("SECRET_KEY=nope\nENCRYPTION_KEY=nope\n")
        first = await moving_in.move_in(house.core, OWNER, Arrival(old.files, wrong))
        assert (first.codes.created, first.holders.created, first.unexplained) == (5, 0, 4)
        then = await moving_in.move_in(house.core, OWNER, Arrival(old.files, old.secrets))
        assert (then.codes.known, then.holders.created, then.holders.left) == (5, 3, [])
        once_more = await moving_in.move_in(house.core, OWNER, Arrival(old.files, old.secrets))
        assert (once_more.holders.created, once_more.holders.known) == (0, 3)
        assert ANN in await said(house, ANN, f"{ANN} {CODES[ANN]}")
        assert await house.value("SELECT identity FROM leases WHERE address = :who", who=ANN) == ANN
        for code in (CODES[ANN], SPENT):
            assert "not valid" in await said(house, "stranger", f"stranger@example.com {code}")
        assert await house.value("SELECT sum(used) FROM codes") == 3
        assert await house.value("SELECT sum(max_uses) FROM codes") == 4, "of the fifth nobody knows who used it"
        assert await house.breaches() == []


async def test_a_code_that_is_a_hash_lives_through_a_new_key_and_may_be_any_spelling(database_url: str, tmp_path: Path):
    async with moving_house(database_url) as (house, teams):
        folder = tmp_path / "old"
        folder.mkdir()
        old = with_hashes(folder, teams, house.core.now())
        wrong = folder / "wrong.env"
        wrong.write_text("ENCRYPTION_KEY=something else\n")
        for secrets, why in ((None, "old_secret_missing"), (wrong, "old_secret_wrong")):
            left = await moving_in.move_in(house.core, OWNER, Arrival(old.files, secrets))
            assert ({one.reason for one in left.teams.left}, left.teams.created) == ({why}, 0)
        await moving_in.move_in(house.core, OWNER, Arrival(old.files, old.secrets))
        stored = await house.rows("SELECT digest, cipher, last4 FROM codes")
        assert {row.last4 for row in stored} == {"????"}
        keys = {"k1": KEY, "k2": fresh_key()}
        house.core.vault = Vault(keys, "k2")
        rotated = await rotation.rotate_keys(house.core, OWNER)
        assert (rotated.codes, rotated.unreadable) == (5, [])
        for written in (f"sha256:{hashlib.sha256(UNUSED.encode()).hexdigest()}", UNUSED.replace("7", "8")):
            assert "not valid" in await said(house, "thief", f"thief@example.com {written}")
        assert (await house.redeem("ivy@example.com", UNUSED.replace("-", " ").lower(), key="one")).state == "invited"
        assert await house.value("SELECT count(*) FROM codes WHERE last4 = '0004'") == 1
        again = await moving_in.move_in(house.core, OWNER, Arrival(old.files, old.secrets))
        assert (again.codes.known, again.codes.created) == (5, 0)
        assert await house.breaches() == []


async def test_a_file_of_no_known_system_is_refused(sqlite_url: str, tmp_path: Path):
    async with moving_house(sqlite_url) as (house, _):
        other = write(tmp_path / "other.db", "CREATE TABLE songs (title TEXT)")
        text = tmp_path / "notes.txt"
        text.write_text("no database at all, and long enough to be looked into" * 40)
        for file, facts in ((other, {"tables": ["songs"]}), (text, {})):
            with pytest.raises(UnknownSystem if facts else DamagedFile) as refused:
                await moving_in.preview(house.core, OWNER, Arrival([file]))
            assert refused.value.facts == {"file": file.name, **facts}


def _with_trouble(folder: Path, teams: list[dict[str, Any]]) -> Old:
    (folder / "team.json").write_text(json.dumps(teams[:1]))
    account, other = (team["account"]["id"] for team in teams)
    crowd = [f"person{number}@example.com" for number in range(7)]
    file = write(
        folder / "redemption.db",
        """CREATE TABLE redemption_codes (id INTEGER PRIMARY KEY, code TEXT, team_name TEXT, max_uses INTEGER,
               used_count INTEGER, status TEXT);
           CREATE TABLE redemptions (id INTEGER PRIMARY KEY, code_id INTEGER, email TEXT, team_name TEXT,
               redeemed_at DATETIME, invite_status TEXT);
           CREATE TABLE member_leases (id INTEGER PRIMARY KEY, email TEXT, team_name TEXT, team_account_id TEXT,
               created_at DATETIME, joined_at DATETIME, expires_at DATETIME, status TEXT)""",
        redemption_codes=[
            (1, "K7QA-MANY-000C", "TeamA", 10, 9, "active"),
            (2, "K7QA-DUPE-000A", "TeamA", 1, 0, "active"),
            (3, "k7qa-dupe-000a", "TeamA", 1, 0, "active"),
            (4, "кот №5", "TeamA", 1, 0, "active"),
            (5, "K7QA-TEAM-000B", "TeamB", 1, 0, "active"),
        ],
        redemptions=[
            *((number, 1, address, "TeamA", "2026-01-01 00:00:00", "success") for number, address in enumerate(crowd)),
            (20, 1, "once@example.com", "TeamA", "2026-01-01 00:00:00", "success"),
        ],
        member_leases=[
            *((number, address, "TeamA", account, "2026-01-01", None, "2099-01-01", "active") for number, address in enumerate(crowd)),
            (20, "once@example.com", "TeamA", account, "2026-01-01", None, "2026-02-01", "cancelled"),
            (21, BOB, "TeamB", other, "2026-01-01", None, "2099-01-01", "pending"),
            (22, "no address", "TeamA", account, "2026-01-01", None, "2099-01-01", "active"),
            (23, teams[0]["user"]["email"], "TeamA", account, "2026-01-01", None, "2099-01-01", "active"),
        ],
    )  # fmt: skip
    return Old([file], None)
