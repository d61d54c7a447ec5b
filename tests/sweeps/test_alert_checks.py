"""What the checks say, how loudly, and when they keep quiet."""

from __future__ import annotations

import sqlalchemy as sa

from core import outbox
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts as actions
from core.alerts.report import alert_list
from core.storage import tables as t
from core.sweeps import alerts
from tests.support.moved import MovedHouse, open_moved_house

OPERATOR = Actor("telegram", "5", Role.OPERATOR)


async def opened(house: MovedHouse) -> dict[str, str]:
    """Title → level of what is open."""
    found = await alert_list(house.core, SYSTEM)
    return {one.title: one.level for one in found.lines if one.title != "clock_skew"}


async def test_a_full_team_is_a_warning_while_its_pool_has_room(database_url: str):
    async with open_moved_house(database_url, workspaces=3, seats=2) as house:
        for name in ("ann", "bob"):
            await house.seat(f"{name}@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {"team_capacity": "warning"}
        for name in ("cat", "dan", "eve", "fay"):
            await house.seat(f"{name}@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {
            "team_capacity": "critical",
            "pool_capacity": "critical",
            "pool_few_seats": "error",
        }


async def test_what_was_resolved_by_hand_stays_quiet_unless_it_gets_worse(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=10, alerts={"pool_free_seats": 0}) as house:
        for number in range(8):
            await house.seat(f"person{number}@example.com")
        await alerts.check(house.core)
        for one in (await alert_list(house.core, SYSTEM)).lines:
            await actions.resolve(house.core, OPERATOR, one.id)
        house.clock.move(minutes=5)
        await alerts.check(house.core)
        assert await opened(house) == {}
        for number in range(8, 10):
            await house.seat(f"person{number}@example.com")
        await alerts.check(house.core)
        assert (await opened(house))["pool_capacity"] == "critical"
        for one in (await alert_list(house.core, SYSTEM)).lines:
            await actions.resolve(house.core, OPERATOR, one.id)
        house.clock.move(minutes=61)
        await alerts.check(house.core)
        assert (await opened(house))["pool_capacity"] == "critical", "an hour later it is told again"


async def test_an_expired_team_is_kept_in_sight_and_ended_by_its_recovery_alone(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.execute("UPDATE teams SET health = 'expired', last_error = 'credential' WHERE id = 1")
        for _ in range(3):
            await alerts.check(house.core)
        [line] = [one for one in (await alert_list(house.core, SYSTEM)).lines if one.title == "team_expired"]
        assert (line.subject, line.count, line.level) == ("team:1", 3, "error")


async def test_messages_that_nobody_sends_and_messages_that_nobody_wants(database_url: str):
    async with open_moved_house(database_url) as house:
        core = house.core

        def fill(tx: sa.Connection) -> None:
            outbox.put(tx, "telegram", "7", "invited", {}, core.now())
            for error in ("unreachable", "cancelled"):
                outbox.put(tx, "telegram", "8", "invited", {}, core.now(), dedupe=error)
                mine = t.notices.c.dedupe == error
                tx.execute(sa.update(t.notices).where(mine).values(state="dead", error=error))

        await core.write(fill)
        await alerts.check(core)
        assert await opened(house) == {}
        house.clock.move(minutes=11)
        await alerts.check(core)
        assert await opened(house) == {"notices_late": "error"}
        await house.execute("UPDATE notices SET state = 'sent'")
        await alerts.check(core)
        assert await opened(house) == {}


async def test_slow_statements_are_told_once(database_url: str):
    async with open_moved_house(database_url, database={"url": database_url, "slow_statement": 0.001}) as house:
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
        await house.core.read(lambda tx: tx.exec_driver_sql(slow).scalar_one())
        await alerts.check(house.core)
        assert "statements_slow" in await opened(house)
        house.core.database.slow_statements.limit = 60.0
        house.core.database.slow_statements.take()
        house.clock.move(minutes=5)
        await alerts.check(house.core)
        assert "statements_slow" not in await opened(house)
