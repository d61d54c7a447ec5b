"""From nothing to the present schema and back, on both databases; the tables in the code are what comes out."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

from core import outbox
from core.actors import SYSTEM
from core.codes.verification import verify
from core.people.people import recognise
from core.people.privacy import erase_person
from core.reports.doctor import examine
from core.rules.codes import read_code
from core.service import open_core
from core.sources.models import list_models
from core.sources.report import source_list
from core.storage import chat_tables, migrate, subaccount_tables, talk_tables
from core.storage import tables as t
from core.storage.all_tables import for_migrations, metadata
from core.storage.migrations.versions import v0001_first
from core.sweeps import runner
from core.teams import pools
from tests.support.credit import open_bank
from tests.support.house import open_house, settings_for


async def run(url: str, work: Any) -> Any:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def differences(connection: sa.Connection) -> list[Any]:
    return list(
        compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), for_migrations())
    )


async def test_the_migrations_make_what_the_tables_say(empty_database_url: str) -> None:
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, differences) == []
    assert await run(empty_database_url, migrate.present_revision) == migrate.HEAD


async def test_upgrading_twice_changes_nothing(empty_database_url: str) -> None:
    await migrate.upgrade_database(empty_database_url)
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, migrate.present_revision) == migrate.HEAD


def test_the_newest_revision_is_the_one_that_usher_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


FROZEN = {
    "sqlite": "f7ea280e7a7fd586c32f7071803a100e9d17ff52bd4f636e44ec1f7722f9d15d",
    "postgresql": "36ea76a98fb33631c150887b175b7d1e3d50a409747ad9d6a0809e1cf6dbc04c",
}
"""The words of the first migration on each database, as they were released."""


@pytest.mark.parametrize("dialect", FROZEN)
def test_the_first_migration_makes_what_was_released(dialect: str) -> None:
    words = io.StringIO()
    context = MigrationContext.configure(
        url=f"{dialect}://", dialect_name=dialect, opts={"as_sql": True, "output_buffer": words}
    )
    with Operations.context(context):
        v0001_first.upgrade()
    assert hashlib.sha256(words.getvalue().encode()).hexdigest() == FROZEN[dialect]


def test_a_migration_calls_nothing_that_goes_on_changing() -> None:
    """One that follows the tables or another module would make tomorrow's schema in yesterday's step."""
    folder = Path(migrate.__file__).parent / "migrations"
    for revision in [*folder.glob("versions/v*.py"), *folder.glob("v*.py")]:
        number = revision.name[:5]
        for line in re.findall(
            r"^(?:from|import) (?:core|bots|admin_cli)\b.*$", revision.read_text("utf-8"), re.MULTILINE
        ):
            names = line.partition(" import ")[2].split(", ")
            assert line.startswith("from core.storage.migrations import "), f"{revision.name}: {line}"
            assert all(name.startswith(number) for name in names), f"{revision.name}: {line}"


async def released(url: str) -> dict[str, Any]:
    """Make the database that was lived in before the second revision, and return what is known of it."""
    await migrate.upgrade_database(url, "0001")
    known: dict[str, Any] = json.loads((Path(__file__).parent / "released_0001.json").read_text("utf-8"))
    await run(url, lambda tx: fill(tx, known["tables"]))
    return known


def fill(tx: sa.Connection, tables: dict[str, list[dict[str, Any]]]) -> None:
    found = sa.MetaData()
    found.reflect(tx)
    counted = {"figures", "figure_changes", "team_figures", "batch_changes"}
    for table in found.sorted_tables:
        if table.name in counted:
            tx.execute(sa.delete(table))
        if rows := [] if table.name in counted else tables.get(table.name, []):
            tx.execute(
                sa.insert(table),
                [{name: spoken(table.c[name], value) for name, value in row.items()} for row in rows],
            )
    for name in ("figures", "figure_changes", "batch_changes"):
        tx.execute(sa.delete(found.tables[name]))
        if rows := tables.get(name, []):
            tx.execute(sa.insert(found.tables[name]), rows)
    if tx.dialect.name == "postgresql":
        for table in found.sorted_tables:
            if "id" in table.c and isinstance(table.c.id.type, sa.BigInteger):
                highest = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
                tx.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), highest, False)))


def spoken(column: sa.Column[Any], value: Any) -> Any:
    """A value of SQLite's file as the database at hand wants it."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(column.type, sa.DateTime) and value is not None:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
    if isinstance(column.type, sa.Boolean) and value is not None:
        return bool(value)
    if isinstance(column.type, sa.JSON) and value is not None:
        return json.loads(value)
    return value


def row_counts(tx: sa.Connection) -> dict[str, int]:
    found = sa.MetaData()
    found.reflect(tx)
    return {
        table.name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in found.sorted_tables
    }


async def test_a_released_database_is_brought_here_with_all_it_holds(empty_database_url: str) -> None:
    known = await released(empty_database_url)
    before = await run(empty_database_url, row_counts)
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, differences) == []
    after = await run(empty_database_url, row_counts)
    links = sum(token["role"] == "link" for token in known["tables"]["staff_tokens"])
    assert before["staff_tokens"] - after["staff_tokens"] == links == 2
    # The pool that had another's name in other letters has one of its own now, and the log says so.
    changed = {"staff_tokens": after["staff_tokens"], "audit_log": before["audit_log"] + 1, "links": 0, "bans": 0}
    changed |= dict.fromkeys(("code_requests", "extension_requests", "hooks", "setting_rows"), 0)
    wing = [table for part in (talk_tables, subaccount_tables, chat_tables) for table in vars(part).values()]
    changed |= {table.name: 0 for table in wing if isinstance(table, sa.Table)}
    assert after == {**before, **changed}
    settings = settings_for(empty_database_url, vault={"active": "k1", "keys": {"k1": known["key"]}})
    async with open_core(settings) as core:
        assert {pool.name for pool in await core.read(pools.find_pools)} == {"default", "Équipe Élan", "équipe élan 2"}
        assert [finding for finding in await examine(core, SYSTEM) if finding.breaches] == []
        lines = await core.read(lambda tx: tx.execute(sa.select(t.audit_log).order_by(t.audit_log.c.id)).all())
        assert [line.after for line in lines if line.action == "person.linked"] == [{"person": 6}]
        assert (lines[-1].action, lines[-1].after) == ("pool.changed", {"name": "équipe élan 2"})
        text = read_code(known["used"], await core.shapes())
        assert (await verify(core, SYSTEM, text)).state == "used_up"
        newcomer = await recognise(core, "telegram", "1234", chat_id="1234")
        # Numbers 5 and 6 were given to two who are gone.
        assert newcomer.person_id == 7


async def test_going_back_and_forth_loses_nothing(empty_database_url: str) -> None:
    await released(empty_database_url)
    await migrate.upgrade_database(empty_database_url)
    there = await run(empty_database_url, row_counts)
    await migrate.downgrade_database(empty_database_url, "0001")
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, row_counts) == there


async def test_keys_of_addresses_are_made_anew(database_url: str) -> None:
    async with open_house(database_url) as house:
        [code] = await house.make_codes()
        await house.redeem("Straße@example.com", code, key="k")
        for table in ("leases", "redemptions"):
            await house.execute(f"UPDATE {table} SET address_key = 'strasse@example.com'")
    await migrate.downgrade_database(database_url, "0004")
    await migrate.upgrade_database(database_url)
    async with open_house(database_url) as house:
        for table in ("leases", "redemptions"):
            assert await house.value(f"SELECT address_key FROM {table}") == "straße@example.com"


async def test_of_two_spellings_of_one_name_the_younger_gets_a_number(database_url: str) -> None:
    """Everything else stays as it was: prices, offers, and who shares whose limit."""
    async with open_bank(database_url, accounts=()) as bank:
        await bank.add_source("Main", limit_group="Org", models=["small", "SMALL-2"])
        await bank.add_source("spare", limit_group="spare", models=["tiny"])
    await migrate.downgrade_database(database_url, "0005")
    # ＳＭＡＬＬ is `small` in full-width letters: two names before, one name now.
    for table, old, new in (
        ("models", "tiny", "ＳＭＡＬＬ"),
        ("sources", "spare", "MAIN"),
        ("limit_groups", "spare", "ORG"),
    ):
        spell = sa.text(f"UPDATE {table} SET name = :new WHERE name = :old").bindparams(old=old, new=new)
        await run(database_url, functools.partial(sa.Connection.execute, statement=spell))
    await migrate.upgrade_database(database_url)
    assert await run(database_url, differences) == []
    async with open_core(settings_for(database_url)) as core:
        assert [model.name for model in await list_models(core)] == ["SMALL-2", "small", "ＳＭＡＬＬ-3"]
        assert [(line.name, line.limit_group) for line in await source_list(core, SYSTEM)] == [
            ("MAIN 2", "ORG 2"),
            ("Main", "Org"),
        ]
        lines = await core.read(lambda tx: tx.execute(sa.select(t.audit_log).order_by(t.audit_log.c.id)).all())
        said = [(line.action, line.before["name"], line.after["name"]) for line in lines[-3:]]
        assert said == [
            ("model.changed", "ＳＭＡＬＬ", "ＳＭＡＬＬ-3"),
            ("source.changed", "MAIN", "MAIN 2"),
            ("limit_group.changed", "ORG", "ORG 2"),
        ]


async def test_moments_in_facts_are_told_from_text_and_sweeps_begin_anew(database_url: str) -> None:
    until, words = datetime(2030, 1, 2, 3, 4, 5, 600, tzinfo=UTC), "2030-01-02T03:04:05+00:00"
    told = {"until": until, "team": "Alpha", "count": 3, "none": None}
    rows = sa.select(t.notices.c.facts).order_by(t.notices.c.id)
    since = sa.select(t.facts.c.value).where(t.facts.c.name == "since")
    async with open_house(database_url) as house:
        now = house.core.now()
        await house.core.write(outbox.put, "mail", "a@example.com", outbox.Notice("lease_extended", told), now)
        await house.core.write(outbox.put, "mail", "a@example.com", outbox.Notice("announcement", {"text": words}), now)
        await house.core.write(
            lambda tx: tx.execute(sa.insert(t.facts).values(name="since", value=until, changed_at=now))
        )
        await runner.run_now(house.core, "sync")
    await migrate.downgrade_database(database_url, "0006")
    plain = await run(
        database_url, lambda tx: tx.exec_driver_sql("SELECT facts FROM notices ORDER BY id").scalars().all()
    )
    assert "$moment" not in str(plain)
    assert "2030-01-02T03:04:05.000600+00:00" in str(plain)
    await migrate.upgrade_database(database_url)
    assert await run(database_url, lambda tx: tx.execute(rows).scalars().all()) == [told, {"text": words}]
    assert await run(database_url, lambda tx: tx.execute(since).scalar_one()) == until
    sweep = sa.select(t.sweeps.c.outcome, t.sweeps.c.facts).where(t.sweeps.c.name == "sync")
    assert await run(database_url, lambda tx: tuple(tx.execute(sweep).one())) == (None, None)


async def test_an_upgrade_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    """A table in the way stands in for whatever may fail, or be killed, in the middle."""
    await released(empty_database_url)
    await run(empty_database_url, lambda tx: tx.exec_driver_sql("CREATE TABLE bans (id INTEGER)"))
    before = await run(empty_database_url, schema)
    with pytest.raises(DBAPIError, match="bans"):
        await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, schema) == before
    assert await run(empty_database_url, migrate.present_revision) == "0001"


def schema(tx: sa.Connection) -> Any:
    if tx.dialect.name == "sqlite":
        return tx.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").all()
    found = sa.MetaData()
    found.reflect(tx)
    return sorted(str(CreateTable(table)) for table in found.sorted_tables)


INTERNAL = {"batch_changes", "figure_changes"}
"""Differences that are folded and gone; nobody outside of a transaction knows their numbers."""


async def test_numbers_of_rows_are_never_used_again(database_url: str) -> None:
    """A new table comes with AUTOINCREMENT, too: PostgreSQL's sequences never go back anyway."""
    numbered = {table.name for table in metadata.sorted_tables if table.autoincrement_column is not None} - INTERNAL
    if database_url.startswith("sqlite"):
        made = await run(database_url, lambda tx: tx.exec_driver_sql("SELECT name, sql FROM sqlite_master").all())
        promised = {name for name, text in made if text and "AUTOINCREMENT" in text}
        assert promised >= numbered
    async with open_house(database_url) as house:
        first = await recognise(house.core, "telegram", "1", chat_id="1")
        await erase_person(house.core, first)
        second = await recognise(house.core, "telegram", "2", chat_id="2")
        assert second.person_id is not None
        assert first.person_id is not None
        assert second.person_id > first.person_id


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log"])
async def test_the_audit_log_only_grows(database_url: str, statement: str) -> None:
    async with open_house(database_url) as house:
        before = await house.value("SELECT count(*) FROM audit_log WHERE action <> 'nothing'")
        assert before > 0
        with pytest.raises(DBAPIError, match="append-only"):
            await house.execute(statement)
        assert await house.value("SELECT count(*) FROM audit_log WHERE action <> 'nothing'") == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount = 1",
        "UPDATE ledger SET actor = 'telegram:1'",
        "UPDATE ledger SET actor = 'erased:1', reason = 'another'",
        "DELETE FROM ledger",
    ],
)
async def test_the_ledger_only_grows(database_url: str, statement: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        with pytest.raises(DBAPIError, match="append-only"):
            await bank.execute(statement)
        assert await bank.value("SELECT amount FROM ledger") == 1_000_000


async def test_the_books_let_go_of_an_actor_and_of_nothing_else(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        before = await bank.value("SELECT reason FROM ledger")
        await migrate.downgrade_database(database_url, "0017")
        with pytest.raises(DBAPIError, match="append-only"):
            await bank.execute("UPDATE ledger SET actor = 'erased:1'")
        await migrate.upgrade_database(database_url)
        await bank.execute("UPDATE ledger SET actor = 'erased:1'")
        assert await bank.value("SELECT actor FROM ledger") == "erased:1"
        assert await bank.value("SELECT reason FROM ledger") == before


async def test_what_was_there_gives_seats_and_may_do_what_it_could(empty_database_url: str) -> None:
    await released(empty_database_url)
    await migrate.upgrade_database(empty_database_url)
    given = await run(
        empty_database_url, lambda tx: tx.execute(sa.select(t.batches.c.gives).distinct()).scalars().all()
    )
    assert given == ["seat"]
    standing = sa.select(t.people.c.standing, t.people.c.prefers).distinct()
    assert await run(empty_database_url, lambda tx: tx.execute(standing).all()) == [("active", "dedicated")]


async def test_who_was_there_uninvited_came_nobody_knows_when(empty_database_url: str) -> None:
    known = await released(empty_database_url)
    await run(
        empty_database_url,
        lambda tx: tx.exec_driver_sql("UPDATE seats SET state = 'taken', occupant = 'x' WHERE id = 1"),
    )
    await migrate.upgrade_database(empty_database_url)
    found = await run(
        empty_database_url, lambda tx: tx.execute(sa.select(t.seats.c.occupant, t.seats.c.occupied_at)).all()
    )
    assert len(found) == len(known["tables"]["seats"])
    assert ("x", None) in found
    assert {row.occupied_at for row in found} == {None}
