"""Small databases of existing systems, all with the same people and codes in them, as each of them stores it.

Ann has joined, Bob is invited, Gary had joined and is not there any more; one code is unused, one was used by nobody
knows whom where the system can say so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ANN, BOB, GARY = "ann@example.com", "bob@example.com", "gary@example.com"
CODES = {ANN: "K7QA-OLDI-0001", BOB: "K7QA-OLDI-0002", GARY: "K7QA-OLDI-0003"}
UNUSED, SPENT = "K7QA-OLDI-0004", "K7QA-OLDI-0005"
SECRET = "what the old house kept to itself"
SINCE = timedelta(days=10)
LASTING = timedelta(days=30)

Teams = Sequence[Mapping[str, Any]]
Moment = Callable[[datetime], str]


@dataclass(frozen=True)
class Old:
    """One system's files. `ends` says whether it knows when Ann's membership ends, `spent` whether `SPENT` is in it."""

    files: list[Path]
    secrets: Path | None
    ends: bool = True
    spent: bool = True


def naive(zone: str) -> Moment:
    return lambda at: at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", "seconds")


def write(file: Path, schema: str, **rows: Sequence[tuple[Any, ...]]) -> Path:
    """A database of these tables, each with these rows."""
    with closing(sqlite3.connect(file)) as made:
        made.executescript(schema)
        for table, listed in rows.items():
            for row in listed:
                made.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        made.commit()
    return file


def with_leases(folder: Path, teams: Teams, now: datetime) -> Old:
    (folder / "team.json").write_text(json.dumps(list(teams)))
    at = naive("UTC")
    since, ends = at(now - SINCE), at(now - SINCE + LASTING)
    file = write(
        folder / "redemption.db",
        """CREATE TABLE redemption_codes (id INTEGER PRIMARY KEY, code TEXT, team_name TEXT, max_uses INTEGER,
               used_count INTEGER, expires_at DATETIME, status TEXT, notes TEXT, auto_transfer_enabled INTEGER);
           CREATE TABLE redemptions (id INTEGER PRIMARY KEY, code_id INTEGER, email TEXT, team_name TEXT,
               redeemed_at DATETIME, invite_status TEXT);
           CREATE TABLE member_leases (id INTEGER PRIMARY KEY, email TEXT, team_name TEXT, team_account_id TEXT,
               invited_at DATETIME, joined_at DATETIME, expires_at DATETIME, status TEXT)""",
        redemption_codes=[
            (1, CODES[ANN], "TeamA", 1, 1, None, "active", None, 1),
            (2, CODES[BOB], "TeamB", 1, 1, None, "active", None, 0),
            (3, CODES[GARY], "TeamA", 1, 1, None, "active", None, 1),
            (4, UNUSED, "TeamB", 2, 0, None, "active", "for later", 1),
            (5, SPENT, "TeamA", 1, 1, None, "active", None, 1),
        ],
        redemptions=[
            (1, 1, ANN, "TeamA", since, "success"),
            (2, 2, BOB, "TeamB", since, "success"),
            (3, 3, GARY, "TeamA", since, "success"),
            (4, 4, "ivy@example.com", "TeamB", since, "failed"),
        ],
        member_leases=[
            (1, ANN, "TeamA", teams[0]["account"]["id"], since, since, ends, "active"),
            (2, BOB, "TeamB", teams[1]["account"]["id"], since, None, ends, "pending"),
            (3, GARY, "TeamA", teams[0]["account"]["id"], since, since, ends, "active"),
        ],
    )
    return Old([file], None)


def _records(folder: Path, teams: Teams, now: datetime, *, mappings: bool) -> Old:
    name = "ENCRYPTION_KEY" if mappings else "SECRET_KEY"
    secrets = folder / ".env"
    secrets.write_text(f"# settings\nDEBUG=0\n{name}='{SECRET}'\n")
    box = Fernet(base64.urlsafe_b64encode(hashlib.sha256(SECRET.encode()).digest()))
    at = naive("Asia/Shanghai")
    since, later = at(now - SINCE), at(now + LASTING)
    more = "pool_type TEXT, reusable_by_seat BOOLEAN, extension_days INTEGER" if mappings else "unknown TEXT"
    tail = ("welfare", 0, 0) if mappings else (None,)
    schema = f"""
        CREATE TABLE teams (id INTEGER PRIMARY KEY, email TEXT, access_token_encrypted TEXT, account_id TEXT,
            team_name TEXT, max_members INTEGER, status TEXT, {"pool_type" if mappings else "unknown"} TEXT);
        CREATE TABLE redemption_codes (id INTEGER PRIMARY KEY, code TEXT, status TEXT, expires_at DATETIME,
            has_warranty BOOLEAN, warranty_days INTEGER, {more});
        CREATE TABLE redemption_records (id INTEGER PRIMARY KEY, email TEXT, code TEXT, team_id INTEGER,
            account_id TEXT, redeemed_at DATETIME);
        {"CREATE TABLE team_email_mappings (id INTEGER PRIMARY KEY, team_id INTEGER, email TEXT, status TEXT, source TEXT);" if mappings else ""}"""
    rows: dict[str, Any] = {
        "teams": [
            (place, team["user"]["email"], box.encrypt(team["accessToken"].encode()).decode(), team["account"]["id"],
             team["account"]["name"], 5, "active", "welfare" if mappings else None)
            for place, team in enumerate(teams, start=1)
        ],
        "redemption_codes": [
            (1, CODES[ANN], "warranty_active", None, 1, 30, *tail),
            (2, CODES[BOB], "used", None, 0, 30, *tail),
            (3, CODES[GARY], "used", None, 0, 30, *tail),
            (4, UNUSED, "unused", later, 1, 30, *tail),
            (5, SPENT, "used", None, 0, 30, *tail),
        ],
        "redemption_records": [
            (1, ANN, CODES[ANN], 1, "", since),
            (2, BOB, CODES[BOB], 2, "", since),
            (3, GARY, CODES[GARY], 1, "", since),
        ],
    }  # fmt: skip
    if mappings:
        rows["team_email_mappings"] = [
            (1, 1, ANN, "joined", "redeem"),
            (2, 2, BOB, "invited", "redeem"),
            (3, 1, GARY, "joined", "redeem"),
            (4, 2, "someone@example.com", "joined", "sync"),
        ]
    return Old([write(folder / "team_manage.db", schema, **rows)], secrets)


def with_records(folder: Path, teams: Teams, now: datetime) -> Old:
    return _records(folder, teams, now, mappings=False)


def with_mappings(folder: Path, teams: Teams, now: datetime) -> Old:
    return _records(folder, teams, now, mappings=True)


def with_accounts(folder: Path, teams: Teams, now: datetime) -> Old:
    at = naive("UTC")
    since = at(now - SINCE)
    mails = [team["user"]["email"] for team in teams]
    file = write(
        folder / "database.sqlite",
        """CREATE TABLE gpt_accounts (id INTEGER PRIMARY KEY, email TEXT, token TEXT, chatgpt_account_id TEXT,
               expire_at TEXT, is_banned INTEGER, is_open INTEGER);
           CREATE TABLE redemption_codes (id INTEGER PRIMARY KEY, code TEXT, is_redeemed INTEGER, redeemed_at DATETIME,
               redeemed_by TEXT, account_email TEXT, reserved_for_order_email TEXT);
           CREATE TABLE purchase_orders (id INTEGER PRIMARY KEY, code TEXT, service_days INTEGER)""",
        gpt_accounts=[
            (place, team["user"]["email"], team["accessToken"], team["account"]["id"], "2099/1/2 00:00:00", 0, 1)
            for place, team in enumerate(teams, start=1)
        ],
        redemption_codes=[
            (1, CODES[ANN], 1, since, f"uid 12 | email: {ANN} | shop", mails[0], None),
            (2, CODES[BOB], 1, since, BOB, mails[1], None),
            (3, CODES[GARY], 1, since, GARY, mails[0], None),
            (4, UNUSED, 0, None, None, mails[1], "buyer@example.com"),
            (5, SPENT, 1, since, "by hand", None, None),
        ],
        purchase_orders=[(1, CODES[ANN], 30)],
    )
    return Old([file], None)


def with_keys(folder: Path, teams: Teams, now: datetime) -> Old:
    at = naive("UTC")
    since, ends = at(now - SINCE), at(now - SINCE + LASTING)
    file = write(
        folder / "app.db",
        """CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT, account_id TEXT, access_token TEXT,
               organization_id TEXT, email TEXT, active_until DATETIME);
           CREATE TABLE access_keys (id INTEGER PRIMARY KEY, key_code TEXT, is_cancelled BOOLEAN, is_temp BOOLEAN,
               temp_hours INTEGER);
           CREATE TABLE invitations (id INTEGER PRIMARY KEY, team_id INTEGER, email TEXT, key_id INTEGER, status TEXT,
               temp_expire_at DATETIME, is_confirmed BOOLEAN, created_at DATETIME)""",
        teams=[
            (
                place,
                team["account"]["name"],
                team["account"]["id"],
                team["accessToken"],
                "",
                team["user"]["email"],
                None,
            )
            for place, team in enumerate(teams, start=1)
        ],
        access_keys=[
            (1, CODES[ANN], 0, 1, 720),
            (2, CODES[BOB], 0, 0, None),
            (3, CODES[GARY], 0, 1, 24),
            (4, UNUSED, 0, 0, None),
            (5, SPENT, 1, 0, None),
        ],
        invitations=[
            (1, 1, ANN, 1, "success", ends, 0, since),
            (2, 2, BOB, 2, "success", None, 0, since),
            (3, 1, GARY, 3, "success", since, 1, since),
            (4, 2, "ivy@example.com", 4, "failed", None, 0, since),
        ],
    )
    return Old([file], None)


def with_hashes(folder: Path, teams: Teams, now: datetime) -> Old:
    key = os.urandom(32)
    secrets = folder / "secrets.env"
    secrets.write_text(f"ENCRYPTION_KEY={base64.b64encode(key).decode()}\n")

    def sealed(text: str) -> str:
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()

    def hashed(code: str) -> str:
        return hashlib.sha256(code.encode()).hexdigest()

    at = naive("UTC")
    since, ends = at(now - SINCE), at(now - SINCE + LASTING)
    pool = write(
        folder / "pool.db",
        """CREATE TABLE mother_accounts (id INTEGER PRIMARY KEY, name TEXT, access_token_enc TEXT, status TEXT,
               seat_limit INTEGER);
           CREATE TABLE mother_teams (id INTEGER PRIMARY KEY, mother_id INTEGER, team_id TEXT, workspace_id TEXT,
               team_name TEXT, is_enabled BOOLEAN);
           CREATE TABLE seats (id INTEGER PRIMARY KEY, mother_id INTEGER, slot_index INTEGER, team_id TEXT, email TEXT,
               status TEXT, created_at DATETIME)""",
        mother_accounts=[
            (place, f"mother {place}", sealed(team["accessToken"]), "active", 7)
            for place, team in enumerate(teams, start=1)
        ],
        mother_teams=[
            (place, place, f"t{place}", team["account"]["id"], team["account"]["name"], 1)
            for place, team in enumerate(teams, start=1)
        ],
        seats=[
            (1, 1, 1, "t1", ANN, "used", since),
            (2, 2, 1, "t2", BOB, "used", since),
            (3, 1, 2, "t1", GARY, "used", since),
            (4, 1, 3, "t1", None, "free", since),
        ],
    )
    users = write(
        folder / "users.db",
        """CREATE TABLE redeem_codes (id INTEGER PRIMARY KEY, code_hash TEXT, status TEXT, used_by_email TEXT,
               bound_email TEXT, used_at DATETIME, expires_at DATETIME, lifecycle_expires_at DATETIME, active BOOLEAN);
           CREATE TABLE invite_requests (id INTEGER PRIMARY KEY, team_id TEXT, email TEXT, code_id INTEGER,
               status TEXT)""",
        redeem_codes=[
            (1, hashed(CODES[ANN]), "used", ANN, ANN, since, None, ends, 1),
            (2, hashed(CODES[BOB]), "used", BOB, BOB, since, None, None, 1),
            (3, hashed(CODES[GARY]), "used", GARY, None, since, None, ends, 1),
            (4, hashed(UNUSED), "unused", None, None, None, None, None, 1),
            (5, hashed(SPENT), "used", None, None, since, None, None, 1),
        ],
        invite_requests=[(1, "t2", BOB, 2, "sent")],
    )
    return Old([pool, users], secrets)


SYSTEMS: dict[str, Callable[[Path, Teams, datetime], Old]] = {
    "member_leases": with_leases,
    "redemption_records": with_records,
    "team_email_mappings": with_mappings,
    "gpt_accounts": with_accounts,
    "access_keys": with_keys,
    "redeem_codes": with_hashes,
}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
