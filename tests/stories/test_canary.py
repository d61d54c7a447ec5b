"""A canary credential, code and address go through everything, on good days and bad ones, and turn up nowhere.

Looked for in the database's files byte by byte, in every log at its most talkative, in errors, in the audit log and
alerts, in the metrics, and in what the chats answer. An address may stand in its own columns and in answers to those
who asked for it; a code in full only in the answer that hands it out.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from core import telemetry
from core.actors import SYSTEM
from core.errors import CredentialUnreadable
from core.leases import leases, recovery
from core.providers.protocol import Workspace
from core.providers.registry import parse_session
from core.rules.codes import canonical
from core.settings import LogSettings
from core.sync import sync
from core.teams import teams
from core.telemetry import configure_logging, exposition
from core.transfers import sweep, transfers
from tests.support.chats import Chat, open_chat, telegram_settings
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram

ADDRESS = "canary.person@canary-nest.example"
KINDS = ("chatgpt", "openai_admin", "scim")
FAULTS = (
    "applied-then-500", "applied-then-reset", "html-200", "html-403", "bad-json", "truncated", "empty-invites",
    "401-once", "422-address", "409-member", "429", "partial-batch", "page-cut", "other-case",
)  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, at the lowest level, by us and by the libraries."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config(), logging.raiseExceptions)
    quiet = {
        name: logging.getLogger(name).level
        for name in ("httpx", "aiohttp.access", "aiogram.event", "aiosqlite", "sqlalchemy.engine")
    }
    configure_logging(LogSettings(level="debug", json_lines=True), stream)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.handlers[:], level, config, logging.raiseExceptions = before[0], before[1], before[2], before[3]
    root.setLevel(level)
    structlog.configure(**config)
    for name, old in quiet.items():
        logging.getLogger(name).setLevel(old)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[tuple[House, Chat, FakeTelegram]]:
    async with FakeTelegram() as telegram:
        sections: dict[str, Any] = {
            "telegram": telegram_settings(telegram),
            "staff": {"owners": ["telegram:7"]},
            "upstream": {"timeout": 20.0},
            "redemption": {"recovery_interval": 1.0},
        }
        async with (
            open_house(url, workspaces=6, seats=8, kinds=KINDS, **sections) as house,
            open_chat("telegram", house, patience=5.0, telegram=telegram) as chat,
        ):
            yield house, chat, telegram


async def test_nothing_sings(database_url: str, log: io.StringIO, request: pytest.FixtureRequest):
    telemetry.enable_metrics()
    said: list[str] = []
    errors: list[str] = []
    async with _opened(database_url) as (house, chat, telegram):
        world = house.sandbox.world
        spare = {**house.sandbox.sessions("openai_admin")[4], "organization": "org-spare"}

        # Credentials come in by chat: a good one, a known one, a broken one, and one that is left as a draft.
        said.append(await chat.say("/import"))
        said.append(await chat.say(json.dumps(spare)))
        said.append(await chat.press(chat.words("button-store", count=1)))
        said.append(await chat.say(f"/import {json.dumps(house.sandbox.sessions()[0])}"))
        said.append(await chat.say(f'/import {{"accessToken": "{world.spaces["ws-1"].token}"'))
        said.append(await chat.say("/teams"))

        # Codes are used well and badly.
        codes = await house.make_codes(len(FAULTS) + 4)
        said.append(await chat.say(f"{ADDRESS} {codes[0]}"))
        said.append(await chat.say(f"{ADDRESS} {codes[0]}"))
        said.append(await chat.say(f"other@canary-nest.example {codes[0]}"))
        said.append(await chat.say(f"{ADDRESS} {codes[1][:-1]}{'A' if codes[1][-1] != 'A' else 'B'}"))
        said.append(await chat.say(f"/verify {codes[1]}"))
        said.append(await chat.say(f"/disable {codes[2]}"))

        # Every upstream has a bad day, with people in the middle of it.
        for number, fault in enumerate(FAULTS):
            house.sandbox.set_faults([fault, f"members:{fault}", f"remove:{fault}"])
            await house.redeem(f"{number}.{ADDRESS}", codes[3 + number], key=f"canary {number}", wait=0)
            await sync.sync_all(house.core, SYSTEM)
        house.sandbox.set_faults([])
        house.sandbox.accept(ADDRESS)
        world.revoke(world.spaces["ws-2"], renew=True)
        await sync.sync_all(house.core, SYSTEM)
        await recovery.recover(house.core)
        await transfers.transfer(house.core, SYSTEM, ADDRESS, forced=True)
        await sweep.advance_transfers(house.core)
        await leases.end(house.core, SYSTEM, ADDRESS)

        # Something breaks that never should, in the middle of a command and in the middle of the core.
        await house.execute("ALTER TABLE waitlist RENAME TO waitlist_away")
        said.append(await chat.say(f"/waitlist {ADDRESS} {codes[-1]}"))
        await house.execute("ALTER TABLE waitlist_away RENAME TO waitlist")
        for attempt in (
            lambda: parse_session({"admin_key": world.spaces["ws-3"].token + "\u00e9"}, "openai_admin"),
            lambda: parse_session(f'{{"accessToken": "{world.spaces["ws-3"].token}"'),
        ):
            with pytest.raises(CredentialUnreadable) as refused:
                attempt()
            errors.append(repr(refused.value) + str(refused.value))
        with pytest.raises(sa.exc.DBAPIError) as broken:
            await house.core.write(_break, ADDRESS, world.spaces["ws-1"].token)
        errors.append(str(broken.value))
        logging.getLogger("somebody.elses").error("canary: %s %s", ADDRESS, codes[0], exc_info=broken.value)
        parsed = parse_session(house.sandbox.sessions()[0])
        [candidate] = await teams.preview_teams(house.core, SYSTEM, json.dumps(house.sandbox.sessions()[0]))
        errors += [
            repr(parsed),
            repr(candidate),
            repr(Workspace(parsed.provider, parsed.external_id, parsed.credential)),
            repr(house.core.settings),
        ]

        tokens = [space.token for space in world.spaces.values()] + [telegram.token]
        pieces = [piece for code in codes for piece in (code, canonical(code), canonical(code)[-12:])]
        stored = await _files_of(house, request)
        tables = await _rows_that_must_not_name_people(house)

    secrets = [*tokens, *pieces]
    assert await _found(secrets, stored) == [], "the database's files"
    written = log.getvalue()
    assert len(written) > 100_000, "the log was really listened to"
    assert '"level": "debug"' in written
    assert "c***@canary-nest.example" in written, "the canary came by, and was covered"
    assert _in(written, [*secrets, ADDRESS, ADDRESS.swapcase()]) == [], "logs"
    assert _in(" ".join(errors), secrets) == [], "errors"
    assert _in(str(broken.value), [ADDRESS]) == []
    assert _in(tables, [*secrets, ADDRESS]) == [], "audit, alerts, facts and sweeps"
    metrics = exposition().decode()
    assert "usher_provider_calls" in metrics
    assert _in(metrics, [*secrets, ADDRESS, "canary"]) == [], "metrics"
    assert _in("\n".join(said), secrets) == [], "what the chat answered"


def _break(tx: sa.Connection, address: str, token: str) -> None:
    tx.execute(sa.text("INSERT INTO nowhere VALUES (:address, :token)"), {"address": address, "token": token})


def _in(text: str, secrets: list[str]) -> list[str]:
    return [secret[:9] + "…" for secret in secrets if secret in text]


async def _found(secrets: list[str], files: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(name, secret[:9]) for name, content in files.items() for secret in secrets if secret.encode() in content]


async def _files_of(house: House, request: pytest.FixtureRequest) -> dict[str, bytes]:
    """Every byte on the disk that the database wrote, its journal included."""
    if "sqlite" in house.url:
        path = Path(house.url.partition("///")[2])
        files = [one for one in path.parent.glob(f"{path.name}*") if one.is_file()]
    else:
        server = request.getfixturevalue("postgres")
        server.psql("CHECKPOINT")
        name = house.url.rpartition("/")[2]
        oid = server.psql(f"SELECT oid FROM pg_database WHERE datname = '{name}'").strip()
        files = [one for one in (server.data / "base" / oid).iterdir() if one.is_file()]
    content = {one.name: one.read_bytes() for one in files}
    assert any(ADDRESS.encode() in one for one in content.values()), "these are the right files"
    return content


async def _rows_that_must_not_name_people(house: House) -> str:
    found = [
        str(tuple(row))
        for table in ("audit_log", "alerts", "facts", "sweeps", "batches", "pools")
        for row in await house.rows(f"SELECT * FROM {table}")
    ]
    assert len(found) > 50
    return "\n".join(found)
