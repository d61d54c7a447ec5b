"""The worlds in which two operations meet: few people, in a situation each, built once and put back in milliseconds."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.actors import SYSTEM, Actor, Role
from core.clock import MovedClock
from core.codes import codes
from core.leases import recovery
from core.providers.http import HttpClient, Limits
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.reports import doctor
from core.rules.codes import CodeText, read_code
from core.service import Core
from core.settings import Settings
from core.storage import tables as t
from core.storage.database import Database
from core.storage.schema import metadata
from core.sync import sync
from core.teams import teams
from core.transfers import sweep as transfer_sweep
from core.vault import Vault
from core.waitlist import sweep as waitlist_sweep
from tests.races.halting import waits_for_a_lock
from tests.races.upstream import START, Prompt
from tests.simulation.upstream import Adapter
from tests.support.house import settings_for

SEATS = 3
PAUSES = (1, 6, 90)
"""Minutes before each round of every sweep, after the two are done: what is due later comes as well."""


@dataclass
class World:
    """One situation in one database. `notes` is what the situation says of itself: addresses, numbers, codes."""

    cores: dict[str, Core]
    upstream: Prompt
    clock: MovedClock
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def core(self) -> Core:
        return self.cores["look"]

    async def value(self, statement: str, **values: Any) -> Any:
        def ask(tx: sa.Connection) -> Any:
            return tx.execute(sa.text(statement), values).scalar()

        return await self.core.read(ask)

    async def execute(self, statement: str) -> None:
        def do(tx: sa.Connection) -> None:
            tx.execute(sa.text(statement))

        await self.core.write(do)

    async def codes(self, count: int = 1, **plan: Any) -> list[CodeText]:
        _, made = await codes.generate_list(self.core, SYSTEM, codes.BatchPlan(count=count, override=True, **plan))
        return [read_code(one, await self.core.shapes()) for one in made]

    async def seat(self, name: str, *, accept: bool = True, **plan: Any) -> int:
        """Somebody has redeemed a code, and joined; returns the lease."""
        [code] = await self.codes(**plan)
        self.notes[f"code of {name}"] = code
        await redemptions.redeem_all(
            self.core, holder(name), RedeemWish(address(name), [code], request_key=f"seat {name}"), wait=0
        )
        lease_id, workspace = await self.core.read(_newest_lease, address(name))
        self.notes[f"redemption of {name}"] = await self.value("SELECT max(id) FROM redemptions")
        if accept:
            self.upstream.accept(workspace, address(name))
            await sync.sync_all(self.core, SYSTEM)
        return int(lease_id)


def address(name: str) -> str:
    return f"{name}@example.com"


def holder(name: str) -> Actor:
    """Somebody in a chat; an operator's attempts are not counted, and those are not what is tried here."""
    return Actor("telegram", str(100 + sum(map(ord, name))), Role.OPERATOR)


Build = Callable[[World], Awaitable[None]]


class Stage:
    """A database that can be put into each of its situations again and again.

    On SQLite the other side is a process of its own, which opens the file itself (`tests.races.neighbour`).
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self.settings = settings_for(
            url,
            transfers={"grace_hours": 1},
            upstream={"concurrency": 1},
            backups={"enabled": False, "target": "memory://world"},
            unauthorised={"enabled": True, "active_from": "00:00", "active_to": "23:59"},
        )
        self._pictures: dict[str, tuple[Any, Any, datetime]] = {}
        self._engine = create_async_engine(url) if not url.startswith("sqlite") else None
        self._monitor: AsyncConnection | None = None
        self._kept: dict[str, Database] = {}

    @property
    def is_sqlite(self) -> bool:
        return self._engine is None

    async def close(self) -> None:
        for database in self._kept.values():
            await database.close()
        if self._engine is not None:
            if self._monitor is not None:
                await self._monitor.close()
            await self._engine.dispose()

    async def blocked(self) -> bool:
        """Whether somebody waits for a lock of a halted one (PostgreSQL)."""
        assert self._engine is not None
        if self._monitor is None:
            self._monitor = await (await self._engine.connect()).execution_options(isolation_level="AUTOCOMMIT")
        return await waits_for_a_lock(self._monitor)

    async def keep(self, name: str, build: Build) -> None:
        """Build a situation from nothing, and keep a picture of it."""
        async with self._opened(name, None) as world:
            await _furnish(world)
            await build(world)
            there = copy.deepcopy(world.upstream.people)
            self._pictures[name] = (dict(world.notes), there, world.clock.now())
            if self._engine is not None:
                await self._save(name)
        if self._engine is None:
            self._checkpoint(self._path)
            shutil.copy(self._path, self._folder / f"{name}.kept")

    @asynccontextmanager
    async def put_back(self, name: str) -> AsyncIterator[World]:
        """The situation as it was kept."""
        async with self._opened(name, self._pictures[name]) as world:
            yield world

    @asynccontextmanager
    async def _opened(self, name: str, picture: tuple[Any, Any, datetime] | None) -> AsyncIterator[World]:
        clock = MovedClock(START if picture is None else picture[2])

        upstream = Prompt(clock)
        if self._engine is None:
            source = self._folder / ("empty.kept" if picture is None else f"{name}.kept")
            if not source.exists():
                shutil.copy(self._path, source)
            for left in self._path.parent.glob(f"{self._path.name}-*"):
                left.unlink()
            shutil.copy(source, self._path)
        else:
            await self._restore("empty" if picture is None else name)
        if picture is not None:
            upstream.people = copy.deepcopy(picture[1])
        roles = ("a", "look") if self.is_sqlite else ("a", "b", "look")
        databases = {role: self._database(role) for role in roles}
        http = HttpClient(Limits(connect=1, total=1))
        cores = {role: core_on(self.settings, database, http, clock, upstream) for role, database in databases.items()}
        try:
            yield World(cores, upstream, clock, dict(picture[0]) if picture is not None else {})
        finally:
            await http.aclose()
            if self._engine is None:
                for database in databases.values():
                    await database.close()

    def _database(self, role: str) -> Database:
        if self._engine is None:
            return on_file(self.url)
        if role not in self._kept:
            self._kept[role] = Database(self.url, connections=6, lock_timeout=30.0, slow=60.0)
        return self._kept[role]

    @property
    def _path(self) -> Path:
        return Path(self.url.removeprefix("sqlite+aiosqlite:///"))

    def _checkpoint(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    # -- PostgreSQL: a copy of every table in a schema of its own ------------------------------------------------

    async def _tables(self, connection: AsyncConnection) -> list[str]:
        listed = await connection.execute(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        )
        return sorted(listed.scalars())

    async def _save(self, name: str) -> None:
        assert self._engine is not None
        async with self._engine.begin() as connection:
            await connection.execute(sa.text(f'CREATE SCHEMA "{name}"'))
            for table in await self._tables(connection):
                await connection.execute(sa.text(f'CREATE TABLE "{name}".{table} AS SELECT * FROM public.{table}'))
            await connection.execute(
                sa.text(
                    f'CREATE TABLE "{name}".seqs AS SELECT sequencename::text, last_value'
                    " FROM pg_sequences WHERE schemaname = 'public'"
                )
            )

    async def _restore(self, name: str) -> None:
        assert self._engine is not None
        async with self._engine.begin() as connection:
            if not await connection.scalar(sa.text("SELECT to_regproc('public.put_back') IS NOT NULL")):
                await self._prepare(connection)
            await connection.execute(sa.text("SELECT public.put_back(:name)"), {"name": name})

    async def _prepare(self, connection: AsyncConnection) -> None:
        steps = "".join(
            f"DELETE FROM public.{table}; EXECUTE format('INSERT INTO public.{table} SELECT * FROM %I.{table}', kept);"
            for table in await self._tables(connection)
        )
        await connection.execute(
            sa.text("ALTER DATABASE " + self.url.rpartition("/")[2] + " SET deadlock_timeout = '50ms'")
        )
        await connection.execute(
            sa.text(
                "CREATE FUNCTION public.put_back(kept text) RETURNS void LANGUAGE plpgsql AS $put$ BEGIN"
                f" SET LOCAL session_replication_role = replica; {steps}"
                " EXECUTE format('SELECT setval(format(''public.%%I'', sequencename), coalesce(last_value, 1),"
                " last_value IS NOT NULL) FROM %I.seqs', kept);"
                " END $put$"
            ).execution_options(no_parameters=True)
        )
        await connection.execute(sa.text('CREATE SCHEMA "empty"'))
        for table in await self._tables(connection):
            await connection.execute(sa.text(f'CREATE TABLE "empty".{table} AS SELECT * FROM public.{table}'))
        await connection.execute(
            sa.text(
                'CREATE TABLE "empty".seqs AS SELECT sequencename::text, last_value'
                " FROM pg_sequences WHERE schemaname = 'public'"
            )
        )


def on_file(url: str) -> Database:
    """A connection and a writing thread on a file of SQLite, which may have others."""
    return Database(url, lock_timeout=30.0, slow=60.0)


def core_on(settings: Settings, database: Database, http: HttpClient, clock: MovedClock, upstream: Prompt) -> Core:
    vault = Vault({name: key.get_secret_value() for name, key in settings.vault.keys.items()}, settings.vault.active)
    return Core(settings, database, vault, http, clock, lambda place, _: Adapter(upstream, place))


def _newest_lease(tx: sa.Connection, wanted: str) -> tuple[int, str]:
    asked = sa.text(
        "SELECT l.id, t.external_id FROM leases l JOIN teams t ON t.id = l.team_id"
        " WHERE l.address = :a ORDER BY l.id DESC LIMIT 1"
    )
    row = tx.execute(asked, {"a": wanted}).one()
    return int(row[0]), str(row[1])


async def _furnish(world: World) -> None:
    """Two teams of three seats, and an alert that was there before."""
    await add_team(world, 1)
    await add_team(world, 2)


async def add_team(
    world: World, number: int, seats: int = SEATS, *, core: Core | None = None, pool: str | None = None
) -> None:
    core = core or world.core
    line = {"accessToken": "x", "account": {"id": f"ws-{number}", "name": f"W{number}"}, "seats": seats}
    found = await teams.preview_teams(core, SYSTEM, json.dumps(line))
    await teams.import_teams(core, SYSTEM, found, pool=pool)


async def picture(world: World) -> int:
    """What everything that happens later follows from: all rows but for what is drawn by lot, and who is where."""
    rows = await world.core.read(_rows)
    people = (
        (place, who, one.kind, one.at, one.hidden)
        for place, there in world.upstream.people.items()
        for who, one in there.items()
    )
    return hash((*rows, *sorted(map(str, people))))


def _rows(tx: sa.Connection) -> list[str]:
    return sorted(tx.execute(_EVERY_ROW).scalars())


def _as_text(table: sa.Table) -> str:
    left_out = _NUMBERED if table in (t.audit_log, t.notices) else _BY_LOT
    columns = [each.name for each in table.c if not isinstance(each.type, sa.LargeBinary) and each.name not in left_out]
    row = " || '|' || ".join(f"coalesce(CAST(\"{name}\" AS TEXT), '')" for name in columns)
    return f"SELECT '{table.name} ' || {row} FROM {table.name}"


_BY_LOT = frozenset({"claim", "nonce"})
_NUMBERED = frozenset({"claim", "id"})
"""Their rows are the same in another order."""
_EVERY_ROW = sa.text(" UNION ALL ".join(_as_text(table) for table in metadata.sorted_tables)).execution_options(
    no_parameters=True
)


async def settle(world: World) -> None:
    """Let every sweep have its turn, several times, on a clock that goes on."""
    from core.jobs import sweep as job_sweep
    from core.leases import expiry
    from core.people import privacy

    core = world.core
    for minutes in PAUSES:
        world.clock.move(minutes=minutes)
        await recovery.recover(core)
        await job_sweep.work_off(core)
        await transfer_sweep.advance_transfers(core)
        await expiry.expire(core)
        await waitlist_sweep.serve(core)
        await sync.read_due(core)
        await privacy.forget_ended(core)
    world.clock.move(seconds=1)


IN_TIME = frozenset(
    one.name for one in doctor.EVERY if any(f":{past}" in one.offenders for past in ("late", "old", "forsaken"))
)
"""Promises that something is done before long: they are broken where no sweep has had its turn."""


async def broken_promises(world: World) -> list[str]:
    """What `doctor` says of what has to be true at every moment."""
    found = await doctor.examine(world.core, SYSTEM)
    return [f"doctor: {one.name} {one.detail}" for one in found if one.breaches and one.name not in IN_TIME]


async def breaches(world: World) -> list[str]:
    """What every oracle says of the present state, when all is settled."""
    found = [f"doctor: {one.name} {one.detail}" for one in await doctor.examine(world.core, SYSTEM) if one.breaches]
    return found + await world.core.read(_ledger, world.upstream)


def _ledger(tx: sa.Connection, upstream: Prompt) -> list[str]:
    """Whom the books have in each team, and who truly is there."""
    found = []
    asked = sa.text(
        "SELECT t.external_id, l.address_key FROM leases l JOIN teams t ON t.id = l.team_id"
        " WHERE l.status IN ('held', 'invited', 'active', 'transferring') AND t.removed_at IS NULL"
        " UNION SELECT t.external_id, s.occupant FROM seats s JOIN teams t ON t.id = s.team_id"
        " WHERE s.occupant IS NOT NULL"
    )
    books: dict[str, set[str]] = {}
    for workspace, person in tx.execute(asked):
        books.setdefault(workspace, set()).add(person)
    known = set(tx.execute(sa.text("SELECT external_id FROM teams WHERE removed_at IS NULL")).scalars())
    for workspace in sorted(known):
        ours, theirs = books.get(workspace, set()), set(upstream.there(workspace))
        if ours != theirs:
            found.append(f"ledger: {workspace} has {sorted(theirs)}, the books say {sorted(ours)}")
    return found
