"""Writes that nobody waits for: what they leave is what it is one after the other, and what goes wrong with one shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from core import audit
from core.actors import SYSTEM
from core.storage import tables as t
from core.storage.database import Database, dialect_insert
from core.storage.later import MOST
from core.storage.prepared import Prepared
from core.storage.row_claims import NobodyLooked, Overtaken, changing
from tests.races.halting import until_done_or_blocked, waits_for_a_lock
from tests.storage.test_commits import behind
from tests.storage.test_prepared import INSERT, NOW, POOL

ADD = Prepared(sa.insert(t.facts))
SET = Prepared(
    sa.update(t.facts)
    .where(t.facts.c.name == sa.bindparam("which"))
    .values(value=sa.bindparam("new_value", type_=t.facts.c.value.type))
)
FINISH = Prepared(changing(t.jobs, t.jobs.c.id == sa.bindparam("job"), expected="pending", state="done"))
POOL_NAMED = Prepared(
    sa.update(t.pools).where(t.pools.c.id == 1).values(public_name=sa.bindparam("public")).returning(t.pools)
)
NOTE = Prepared(
    sa.insert(t.audit_log).from_select(
        ["at", "actor", "action", "subject"],
        sa.select(t.pools.c.created_at, t.pools.c.name, sa.func.coalesce(t.pools.c.public_name, ""), sa.literal("x")),
    )
)
"""It reads what `POOL_NAMED` sets."""


def fact(name: str, value: object = None) -> dict[str, Any]:
    return {"name": name, "value": value, "changed_at": NOW}


def pool(tx: sa.Connection) -> None:
    Prepared(INSERT).one(tx, {**POOL, "id": 1})


def facts(tx: sa.Connection) -> dict[str, Any]:
    return {row.name: row.value for row in tx.execute(sa.select(t.facts).order_by(t.facts.c.name))}


@pytest.fixture
async def database(database_url: str) -> Any:
    database = Database(database_url)
    yield database
    await database.close()


async def written(database: Database, *units: Callable[[sa.Connection], object]) -> list[str]:
    """The statements that the last one of the units has made."""
    made: list[str] = []
    for unit in units:
        made.clear()
        database.slow_statements.before = made.append
        await database.write(unit)
    database.slow_statements.before = None
    return [text for text in made if not text.startswith(("BEGIN", "COMMIT", "SELECT txid"))]


async def test_what_nobody_waits_for_is_one_statement(database: Database):
    def several(tx: sa.Connection) -> None:
        ADD.later(tx, fact("one", {"at": NOW}))
        named = POOL_NAMED.later(tx, {"public": "North"})
        for action in ("first", "second", "third"):
            audit.record(tx, SYSTEM, action, "pool", 1, NOW)
        ADD.later(tx, fact("two"))
        assert named.one().public_name == "North"
        usual = tx.execute(sa.select(t.pools)).one()
        assert tuple(named.one()) == tuple(usual)
        assert named.one()._asdict() == usual._asdict()
        assert facts(tx) == {"one": {"at": NOW}, "two": None}
        lines = sa.select(t.audit_log.c.action).order_by(t.audit_log.c.id)
        assert tx.execute(lines).scalars().all() == ["first", "second", "third"]

    made = await written(database, pool, several)
    writes = [text for text in made if not text.startswith("SELECT")]
    assert len(writes) == (6 if database.is_sqlite else 1), made


COUNTED = Prepared(
    sa.insert(t.facts).values(
        name=sa.select(sa.cast(sa.func.count(), sa.String)).select_from(t.facts).scalar_subquery(),
        value=7,
        changed_at=NOW,
    )
)
"""It asks the table that it writes."""

ORDERS: dict[str, tuple[Callable[[sa.Connection], object], object, int]] = {
    "the same row twice": (
        lambda tx: [SET.later(tx, {"which": "one", "new_value": n}, otherwise=tx.close) for n in (1, 2)],
        2,
        2,
    ),
    "added and changed": (
        lambda tx: [ADD.later(tx, fact("new", 0)), SET.later(tx, {"which": "new", "new_value": 5}, otherwise=tx.close)],
        None,
        2,
    ),
    "read before it is made": (
        lambda tx: (ADD.later(tx, fact("new", 0)), SET.run(tx, {"which": "one", "new_value": len(facts(tx))})),
        2,
        3,
    ),
    "counted before it is added": (
        lambda tx: [COUNTED.later(tx, {}) for _ in range(2)],
        None,
        2,
    ),
    "more than one statement takes": (
        lambda tx: [ADD.later(tx, fact(f"x{number}")) for number in range(MOST + 2)],
        None,
        2,
    ),
}


@pytest.mark.parametrize("name", ORDERS)
async def test_it_is_as_if_each_were_made_at_once(database: Database, name: str):
    doing, value, statements = ORDERS[name]
    made = await written(database, lambda tx: ADD.run(tx, fact("one")), doing)
    left = await database.read(facts)
    assert left["one"] == value
    assert len(left) == {"added and changed": 2, "read before it is made": 2, "counted before it is added": 3}.get(
        name, 1 if value else MOST + 3
    )
    assert left.get("new") in {None, 5, 0}
    assert name != "added and changed" or left["new"] == 5
    assert database.is_sqlite or len(made) == statements, made


async def test_what_reads_what_another_sets_comes_after_it(database: Database):
    def named_and_noted(tx: sa.Connection) -> None:
        POOL_NAMED.later(tx, {"public": "North"}, otherwise=tx.close)
        NOTE.later(tx, {}, otherwise=tx.close)

    await written(database, pool, named_and_noted)
    assert await database.read(lambda tx: tx.execute(sa.select(t.audit_log.c.action)).scalars().all()) == ["North"]


FROM_FACTS = sa.update(t.pools).where(t.pools.c.id == 1, t.facts.c.name == "new").values(public_name="seen")
FOUND = sa.select(t.facts.c.name).where(t.facts.c.name == "new")
HOW_NEW_ONES_ARE_SEEN: dict[str, sa.Update] = {
    "beside it": FROM_FACTS,
    "in a question beside it": sa.update(t.pools)
    .where(t.pools.c.id == 1, FOUND.subquery().c.name == "new")
    .values(public_name="seen"),
    "in a part with a name": sa.update(t.pools)
    .where(t.pools.c.id == 1, FOUND.cte("found").c.name == "new")
    .values(public_name="seen"),
    "in a question": sa.update(t.pools).where(t.pools.c.id == 1, FOUND.exists()).values(public_name="seen"),
    "written out": sa.update(t.pools)
    .where(t.pools.c.id == 1, sa.text("EXISTS (SELECT 1 FROM facts WHERE name = 'new')"))
    .values(public_name="seen"),
}


@pytest.mark.parametrize("clashes", [False, True])
@pytest.mark.parametrize("how", HOW_NEW_ONES_ARE_SEEN)
async def test_whatever_way_a_row_is_read_it_is_there_by_then(database: Database, how: str, clashes: bool):
    reads = Prepared(HOW_NEW_ONES_ARE_SEEN[how])

    def unit(tx: sa.Connection) -> None:
        add = dialect_insert(t.facts, tx)
        Prepared(add.on_conflict_do_nothing() if clashes else add).later(tx, fact("new"), otherwise=tx.close)
        reads.later(tx, {}, otherwise=tx.close)
        assert tx.execute(sa.select(t.pools.c.public_name)).scalar_one() == "seen"

    await written(database, pool, unit)


async def test_one_that_changes_nothing_is_told_or_fails_the_unit(database: Database):
    told = []

    def instead(tx: sa.Connection) -> None:
        told.append("nothing")
        ADD.later(tx, fact("instead"))

    def with_another_way(tx: sa.Connection) -> None:
        ADD.later(tx, fact("one"))
        FINISH.later(tx, {"job": 7}, otherwise=lambda: instead(tx))
        ADD.later(tx, fact("two"))

    await database.write(with_another_way)
    assert told == ["nothing"]
    assert list(await database.read(facts)) == ["instead", "one", "two"]

    def blind(tx: sa.Connection) -> None:
        ADD.later(tx, fact("three"))
        FINISH.later(tx, {"job": 7})

    def must(tx: sa.Connection) -> None:
        ADD.later(tx, fact("three"))
        try:
            FINISH.later(tx, {"job": 7}).one()
        except Overtaken as overtaken:
            raise ValueError(str(overtaken)) from overtaken

    def refusing(tx: sa.Connection) -> None:
        def refuse() -> None:
            raise ValueError("jobs")

        FINISH.later(tx, {"job": 7}, otherwise=refuse)
        ADD.later(tx, fact("three"))

    with pytest.raises(NobodyLooked):
        await database.write(blind)
    for unit in (must, refusing):
        with pytest.raises(ValueError, match="jobs"):
            await database.write(unit)
    assert "three" not in await database.read(facts)

    def looking(tx: sa.Connection) -> int:
        ADD.later(tx, fact("three"))
        return FINISH.later(tx, {"job": 7}).count

    assert await database.write(looking) == 0
    assert "three" in await database.read(facts)


async def test_a_clash_fails_the_unit_whoever_hears_of_it(database: Database):
    """The last one passes over an error that it takes for its own: without more ado, its unit would seem committed."""

    def at_its_end(tx: sa.Connection) -> None:
        ADD.later(tx, fact("two"))
        ADD.later(tx, fact("one"))

    def before_a_question(tx: sa.Connection) -> object:
        ADD.later(tx, fact("two"))
        ADD.later(tx, fact("one"))
        return tx.execute(sa.select(t.facts)).all()

    def passed_over(tx: sa.Connection) -> None:
        with contextlib.suppress(IntegrityError):
            ADD.later(tx, fact("two"))
            ADD.later(tx, fact("one"))
            SET.run(tx, {"which": "one", "new_value": 1})

    await database.write(lambda tx: ADD.run(tx, fact("one")))
    for unit in (at_its_end, before_a_question, *(() if database.is_sqlite else (passed_over,))):
        with pytest.raises(IntegrityError):
            await database.write(unit)
    assert await database.read(facts) == {"one": None}


async def test_what_waits_within_a_savepoint_goes_with_it(database: Database):
    def within(tx: sa.Connection) -> None:
        ADD.later(tx, fact("before"))
        with contextlib.suppress(ValueError), tx.begin_nested():
            ADD.later(tx, fact("within"))
            raise ValueError
        with tx.begin_nested():
            ADD.later(tx, fact("kept"))
        with contextlib.suppress(IntegrityError), tx.begin_nested():
            ADD.later(tx, fact("before"))
            tx.execute(sa.select(t.facts)).all()
        ADD.later(tx, fact("after"))

    await database.write(within)
    assert list(await database.read(facts)) == ["after", "before", "kept"]


@pytest.mark.parametrize("deep", [False, True])
async def test_a_clash_within_a_savepoint_leaves_what_is_outside(database: Database, deep: bool):
    def clashes(tx: sa.Connection) -> None:
        with tx.begin_nested():
            ADD.later(tx, fact("two", 2))
            ADD.later(tx, fact("one", 3))

    def unit(tx: sa.Connection) -> None:
        ADD.later(tx, fact("one", 1))
        with tx.begin_nested() if deep else contextlib.nullcontext():
            with pytest.raises(IntegrityError):
                clashes(tx)
            ADD.later(tx, fact("three", 3))
        assert facts(tx) == {"one": 1, "three": 3}

    await database.write(unit)
    assert await database.read(facts) == {"one": 1, "three": 3}


async def test_only_what_adds_or_changes_may_wait(database: Database):
    with pytest.raises(TypeError):
        await database.write(lambda tx: Prepared(sa.delete(t.facts)).later(tx, {}))


async def test_a_connection_that_is_lost_when_they_are_sent_has_written_nothing(postgres_url: str):
    async with behind(postgres_url) as (database, proxy):

        def cut_once(tx: sa.Connection) -> None:
            ADD.later(tx, fact("one"))
            ADD.later(tx, fact("two"))
            assert sa.util.await_only(asyncio.sleep(0)) is None
            if not proxy.cuts:
                proxy.cut_all()

        await database.write(cut_once)
        assert proxy.cuts == 1
        assert list(await database.read(facts)) == ["one", "two"]


@pytest.mark.parametrize("pool_first", [True, False])
async def test_locks_are_taken_in_the_order_of_the_writes(postgres_url: str, pool_first: bool):
    """One row is held by somebody else: what comes before it is locked while its writer waits, and what comes after is not."""
    database = Database(postgres_url)
    engine = create_async_engine(postgres_url)
    watching = engine.execution_options(isolation_level="AUTOCOMMIT")

    def both(tx: sa.Connection) -> None:
        writes = [
            lambda: POOL_NAMED.later(tx, {"public": "North"}, otherwise=tx.close),
            lambda: SET.later(tx, {"which": "one", "new_value": 1}, otherwise=tx.close),
        ]
        for write in writes if pool_first else reversed(writes):
            write()

    try:
        await database.write(pool)
        await database.write(lambda tx: ADD.run(tx, fact("one")))
        for held, other in (("pools", "facts"), ("facts", "pools")):
            async with engine.connect() as holding, watching.connect() as monitor:
                await holding.execute(sa.text(f"SELECT 1 FROM {held} FOR UPDATE"))
                writing = asyncio.ensure_future(database.write(both))
                assert not await until_done_or_blocked(writing, lambda: waits_for_a_lock(monitor))
                free = await monitor.execute(sa.text(f"SELECT 1 FROM {other} FOR UPDATE SKIP LOCKED"))
                assert (free.first() is None) is (pool_first is (other == "pools"))
                await holding.rollback()
                await writing
    finally:
        await engine.dispose()
        await database.close()
