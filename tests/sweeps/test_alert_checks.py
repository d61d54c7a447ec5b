"""What the checks say, how loudly, and when they keep quiet."""

from __future__ import annotations

import sqlalchemy as sa

from core import outbox
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts as actions
from core.alerts.report import alert_list
from core.storage import tables as t
from core.sweeps import alerts, locks
from tests.support.moved import MovedHouse, open_moved_house

OPERATOR = Actor("telegram", "5", Role.OPERATOR)


async def opened(house: MovedHouse) -> dict[str, str]:
    """Title → level of what is open."""
    found = await alert_list(house.core, SYSTEM)
    return {one.title: one.level for one in found.lines if one.title != "clock_skew"}


async def test_the_pool_is_told_of_once_and_names_its_full_teams(database_url: str):
    async with open_moved_house(database_url, workspaces=3, seats=2, alerts={"pool_free_seats": 1}) as house:
        for name in ("ann", "bob"):
            await house.seat(f"{name}@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {}, "a pool that is filled team after team has full teams"
        for name in ("cat", "dan", "eve"):
            await house.seat(f"{name}@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {"pool_capacity": "warning"}
        await house.seat("fay@example.com")
        await alerts.check(house.core)
        [line] = [one for one in (await alert_list(house.core, SYSTEM)).lines if one.title == "pool_full"]
        assert (line.level, line.count) == ("critical", 2)
        assert line.facts["teams"] == ["Workspace 1", "Workspace 2", "Workspace 3"]
        # A seat becomes free: the level falls with the condition, and nobody is told anew.
        await house.execute("UPDATE seats SET state = 'free', occupant = NULL WHERE team_id = 3 AND number = 2")
        await alerts.check(house.core)
        assert await opened(house) == {"pool_capacity": "warning"}
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'alert.eased'") == 1


async def test_a_team_is_told_of_where_codes_lead_only_there_or_its_pool_fills_evenly(database_url: str):
    quiet = {"pool_free_seats": 0, "capacity_percent": [90]}
    async with open_moved_house(database_url, workspaces=2, seats=2, alerts=quiet) as house:
        await house.make_codes(1, team="Workspace 1")
        for name in ("ann", "bob"):
            await house.seat(f"{name}@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {"team_full": "error"}
        await house.execute("UPDATE codes SET status = 'disabled' WHERE used = 0")
        await alerts.check(house.core)
        assert await opened(house) == {}
        await house.execute("UPDATE pools SET policy = 'most_free'")
        await alerts.check(house.core)
        assert await opened(house) == {"team_full": "warning"}


async def test_what_was_closed_by_hand_stays_closed_until_it_was_over_or_gets_worse(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=10, alerts={"pool_free_seats": 0}) as house:
        for number in range(8):
            await house.seat(f"person{number}@example.com")
        await alerts.check(house.core)
        [one] = [one for one in (await alert_list(house.core, SYSTEM)).lines if one.title == "pool_capacity"]
        await actions.resolve(house.core, OPERATOR, one.id)
        assert await alerts.stands(house.core, one.id)
        await house.execute("DELETE FROM notices")  # nobody sends them here, which is an alert of its own
        for _ in range(3):
            house.clock.move(hours=30)
            await alerts.check(house.core)
            assert await opened(house) == {}
        await house.seat("person8@example.com")
        await house.seat("person9@example.com")
        await alerts.check(house.core)
        assert await opened(house) == {"pool_full": "critical"}, "worse is another matter"
        [one] = [one for one in (await alert_list(house.core, SYSTEM)).lines if one.title == "pool_full"]
        await actions.resolve(house.core, OPERATOR, one.id)
        await house.execute("UPDATE alerts SET over_at = NULL")
        await house.execute("UPDATE pools SET enabled = false")
        await alerts.check(house.core)
        assert not await alerts.stands(house.core, one.id)
        await house.execute("UPDATE pools SET enabled = true")
        await alerts.check(house.core)
        assert await opened(house) == {"pool_full": "critical"}, "it was over, and is again"


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
            outbox.put(tx, "telegram", "7", outbox.Notice("invited", {}), core.now())
            for error in ("unreachable", "cancelled"):
                outbox.put(tx, "telegram", "8", outbox.Notice("invited", {}, dedupe=error), core.now())
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


async def test_a_round_that_hangs_is_late_and_what_goes_on_for_ever_is_not(database_url: str):
    async with open_moved_house(database_url) as house:
        core = house.core
        await core.write(locks.register, dict.fromkeys(("sync", "polling"), core.now()), {})
        sync, polling = [await core.write(locks.claim, name, core.now()) for name in ("sync", "polling")]
        assert sync is not None
        assert polling is not None
        house.clock.move(hours=2)

        def renewed(tx: sa.Connection) -> None:
            locks.renew(tx, "sync", sync, core.now())
            locks.renew(tx, "polling", polling, core.now(), endless=True)

        await core.write(renewed)
        await alerts.check(core)
        late = "SELECT subject FROM alerts WHERE title = 'sweep_late' AND resolved_at IS NULL ORDER BY subject"
        assert [row.subject for row in await house.rows(late)] == ["late:sync"]
        # Nobody polls any more.
        house.clock.move(hours=2)
        await alerts.check(core)
        assert [row.subject for row in await house.rows(late)] == ["late:polling", "late:sync"]


async def test_nothing_is_late_for_having_been_switched_off(database_url: str):
    async with open_moved_house(database_url) as house:
        core = house.core
        named = dict.fromkeys(("sync", "backup"), core.now())
        await core.write(locks.register, named, named)
        hanging = await core.write(locks.claim, "backup", core.now())
        house.clock.move(hours=5)
        assert hanging is not None
        await core.write(locks.renew, "backup", hanging, core.now())
        again = dict.fromkeys(named, core.now())
        await core.write(locks.register, again, again)
        await alerts.check(core)
        late = "SELECT subject FROM alerts WHERE title = 'sweep_late' AND resolved_at IS NULL ORDER BY subject"
        assert [row.subject for row in await house.rows(late)] == ["late:backup"]
        house.clock.move(hours=2)
        await alerts.check(core)
        assert [row.subject for row in await house.rows(late)] == ["late:backup", "late:sync"]


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
