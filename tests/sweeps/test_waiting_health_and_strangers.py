"""The sweeps beside sync and transfers: waiting list, health, unauthorised members, alerts, retention."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.command_errors import SeatFromHere
from core.errors import NotAllowed, NotFound
from core.leases import leases, recovery
from core.rounds import Round
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.storage import tables as t
from core.sweeps import alerts, schedule
from core.sync import health_sweep as health
from core.sync import strangers
from core.sync import strangers_sweep as unauthorised
from core.teams import cleanup as team_cleanup
from core.transfers import sweep as transfers_sweep
from core.upkeep import retention
from core.waitlist import sweep as waitlist_sweep
from core.waitlist import waitlist
from tests.support.moved import MovedHouse, open_moved_house


async def _join_waiting_list(house: MovedHouse, address: str, identity: str) -> str:
    code = (await house.make_codes())[0]
    text = read_code(code, await house.core.shapes())
    holder = Actor("telegram", identity)
    assert (await house.redeem(address, code, key=f"try {code}", actor=holder)).reason == "no_seats"
    await waitlist.join(house.core, holder, read_address(address), text)
    return code


def _served(invited: int, closed: int, withdrawn: int) -> Round:
    return Round({"invited": invited, "closed": closed, "offers_withdrawn": withdrawn})


async def test_a_freed_seat_goes_to_the_first_in_line_who_is_told(database_url: str):
    async with open_moved_house(database_url, seats=1) as house:
        await house.seat("ann@example.com")
        await _join_waiting_list(house, "bob@example.com", "1")
        await _join_waiting_list(house, "cat@example.com", "2")
        assert await waitlist_sweep.serve(house.core) == _served(0, 0, 0)
        await leases.end(house.core, SYSTEM, "ann@example.com")
        assert await waitlist_sweep.serve(house.core) == _served(1, 0, 0)
        assert house.where("bob@example.com") == {"ws-1": "pending"}
        states = [row[0] for row in await house.rows("SELECT state FROM waitlist ORDER BY id")]
        assert states == ["served", "waiting"]
        assert await house.notices("waitlist_invited") == 1
        assert await waitlist_sweep.serve(house.core) == _served(0, 0, 0)


async def test_an_offer_whose_invite_was_unclear_is_told_once_and_closed_without_another_free_seat(database_url: str):
    async with open_moved_house(database_url, seats=1) as house:
        await house.seat("ann@example.com")
        await _join_waiting_list(house, "bob@example.com", "1")
        await leases.end(house.core, SYSTEM, "ann@example.com")
        house.sandbox.set_faults(["invite:applied-then-reset=1"])
        await waitlist_sweep.serve(house.core)
        assert await house.value("SELECT state FROM waitlist") == "waiting"
        house.clock.move(seconds=40)
        await recovery.recover(house.core)
        house.clock.move(seconds=40)
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'free'") == 0
        await waitlist_sweep.serve(house.core)
        assert await house.value("SELECT state FROM waitlist") == "served"
        told = await house.notices("invited") + await house.notices("waitlist_invited")
        assert told == 1
        assert len(house.invited()) == 2


async def test_an_offer_that_nobody_accepts_comes_back_and_the_code_with_it(database_url: str):
    async with open_moved_house(database_url, seats=1) as house:
        await house.seat("ann@example.com")
        code = await _join_waiting_list(house, "bob@example.com", "1")
        await _join_waiting_list(house, "cat@example.com", "2")
        await leases.end(house.core, SYSTEM, "ann@example.com")
        await waitlist_sweep.serve(house.core)
        house.clock.move(hours=71)
        await waitlist_sweep.serve(house.core)
        assert house.where("bob@example.com") == {"ws-1": "pending"}
        house.clock.move(hours=2)
        await waitlist_sweep.serve(house.core)
        await transfers_sweep.advance_transfers(house.core)
        await waitlist_sweep.serve(house.core)
        assert house.where("bob@example.com") == {}
        assert house.where("cat@example.com") == {"ws-1": "pending"}
        assert await house.notices("waitlist_offer_expired") == 1
        receipt = await house.redeem("bob@example.com", code, key="again", actor=Actor("telegram", "1"))
        assert receipt.reason == "no_seats", "the code is as good as before"


async def test_a_code_that_was_disabled_meanwhile_closes_the_place(database_url: str):
    async with open_moved_house(database_url, seats=1) as house:
        await house.seat("ann@example.com")
        await _join_waiting_list(house, "bob@example.com", "1")
        await house.execute("UPDATE codes SET status = 'disabled' WHERE used = 0")
        await leases.end(house.core, SYSTEM, "ann@example.com")
        assert await waitlist_sweep.serve(house.core) == _served(0, 1, 0)
        assert await house.notices("waitlist_closed") == 1


async def test_an_expired_team_is_restored_by_one_cheap_call_that_works(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        house.sandbox.set_faults(["401"], "ws-1")
        await house.sync()
        assert await health.check_health(house.core) == Round({"expired": 1, "restored": 0})
        house.sandbox.set_faults([], "ws-1")
        assert await health.check_health(house.core) == Round({"expired": 1, "restored": 1})
        assert await house.value("SELECT count(*) FROM seats WHERE open") == 8
        assert await health.check_health(house.core) == Round({"expired": 0, "restored": 0})


async def test_expired_teams_without_people_go_in_one_step_after_a_dry_run(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat("ann@example.com")
        for space in ("ws-1", "ws-2"):
            house.sandbox.set_faults(["401"], space)
        await house.sync()
        with pytest.raises(NotAllowed):
            await team_cleanup.clean_up_teams(house.core, Actor("telegram", "1", Role.OPERATOR))
        shown = await team_cleanup.clean_up_teams(house.core, SYSTEM)
        assert [(line.team, line.removed) for line in shown] == [("Workspace 1", False), ("Workspace 2", True)]
        assert await house.value("SELECT count(*) FROM teams WHERE removed_at IS NOT NULL") == 0
        done = await team_cleanup.clean_up_teams(house.core, SYSTEM, dry_run=False)
        assert done == shown
        assert await house.value("SELECT name FROM teams WHERE removed_at IS NOT NULL") == "Workspace 2"


ON = {"enabled": True, "spacing_low": 0.0, "spacing_high": 0.0}


def _come(house: MovedHouse, address: str) -> None:
    house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], address)


async def test_strangers_are_taken_out_slowly_by_day_and_never_the_wrong_ones(database_url: str):
    async with open_moved_house(database_url, seats=10, unauthorised=ON) as house:
        await house.seat("ann@example.com")
        _come(house, "there.before@elsewhere.example.com")
        await house.sync()
        assert await unauthorised.remove_strangers(house.core) == Round(outcome="switched_on")
        for name in ("eve", "mallory", "friend"):
            _come(house, f"{name}@elsewhere.example.com")
        house.clock.move(minutes=5)
        await house.sync()
        assert await unauthorised.remove_strangers(house.core) == Round(outcome="unseen")
        assert ("strangers:unseen", "strangers_unseen") in await house.open_alerts()
        assert len(await strangers.dry_run(house.core, SYSTEM)) == 4
        assert await unauthorised.remove_strangers(house.core) == Round({"taken_out": 0}), "one list is no proof"
        assert await house.open_alerts() == []
        await strangers.protect(house.core, SYSTEM, "friend@elsewhere.example.com", team="workspace 1")
        with pytest.raises(SeatFromHere) as ours:
            await strangers.protect(house.core, SYSTEM, "ann@example.com")
        assert ours.value.facts["teams"] == ["Workspace 1"], "who has a seat from here is in no danger"
        with pytest.raises(NotFound):
            await strangers.protect(house.core, SYSTEM, "nobody@example.com")
        house.clock.move(minutes=5)
        await house.sync()
        house.clock.move(minutes=5)
        await house.sync()
        shown = {
            line.address.partition("@")[0]: line.kept_because for line in await strangers.dry_run(house.core, SYSTEM)
        }
        assert shown == {"there.before": "grandfathered", "eve": None, "mallory": None, "friend": "protected"}
        house.clock.move(hours=14)
        assert await unauthorised.remove_strangers(house.core) == Round(outcome="outside_hours")
        house.clock.move(hours=9)
        assert await unauthorised.remove_strangers(house.core) == Round({"taken_out": 2})
        space = house.sandbox.world.spaces["ws-1"]
        left = sorted(key.partition("@")[0] for key in space.members)
        assert left == ["ann", "friend", "owner.ws-1", "there.before"]
        log = await house.rows("SELECT address, cause, state FROM removals ORDER BY id")
        assert [tuple(row)[1:] for row in log] == [("unauthorised", "done")] * 2


async def test_too_many_strangers_are_a_reason_to_doubt_the_list(database_url: str):
    async with open_moved_house(database_url, seats=10, unauthorised=ON) as house:
        await house.sync()
        await strangers.dry_run(house.core, SYSTEM)
        await unauthorised.remove_strangers(house.core)
        for number in range(5):
            _come(house, f"s{number}@elsewhere.example.com")
        for _ in range(4):
            house.clock.move(minutes=5)
            await house.sync()
        assert await unauthorised.remove_strangers(house.core) == Round({"taken_out": 0})
        assert ("strangers:1", "too_many_strangers") in await house.open_alerts()


async def test_off_is_off_and_forgets_who_was_there(database_url: str):
    async with open_moved_house(database_url) as house:
        assert await unauthorised.remove_strangers(house.core) == Round(outcome="off")
        assert await house.value("SELECT count(*) FROM facts WHERE name = 'unauthorised_since'") == 0


async def test_conditions_raise_alerts_and_end_them(database_url: str):
    async with open_moved_house(database_url, workspaces=1) as house:
        for name in ("ann", "bob", "cat", "dan"):
            await house.seat(f"{name}@example.com")
        await house.make_codes(2)
        await alerts.check(house.core)
        await alerts.check(house.core)
        found = {subject: title for subject, title in await house.open_alerts() if subject != "clock"}
        assert found == {
            "pool:1": "pool_full",
            "codes:1": "pool_overcommitted",
        }
        for name in ("ann", "bob", "cat", "dan"):
            await leases.end(house.core, SYSTEM, f"{name}@example.com")
        await alerts.check(house.core)
        assert {subject for subject, _ in await house.open_alerts()} <= {"clock"}


async def test_every_condition_is_found(database_url: str):
    options = {"alerts": {"expired_leases": 0, "database_megabytes": 0, "table_rows": 5}}
    async with open_moved_house(database_url, workspaces=2, **options) as house:
        await house.seat("ann@example.com", term="24h", auto_transfer=False)
        house.clock.move(days=86)
        now = house.clock.now()

        def spoil(tx):
            tx.execute(sa.update(t.redemptions).values(state="unclear", settled_at=None))
            tx.execute(sa.update(t.teams).values(credential_expires_at=now + timedelta(days=3)))
            notice = {"channel": "telegram", "recipient": "1", "template": "x", "facts": {}, "state": "dead"}
            tx.execute(sa.insert(t.notices).values(due_at=now, created_at=now, **notice))

        await house.core.write(spoil)
        await house.execute("ANALYZE")
        await alerts.check(house.core)
        titles = {title for _, title in await house.open_alerts()}
        large = await house.rows("SELECT facts FROM alerts WHERE title = 'table_rows'")
        assert "audit_log" in str(large[0][0])
        assert "pools" not in str(large[0][0]), "which has hardly any"
        assert {"expired_leases", "credential_ends", "redemptions_unclear", "dead_notices"} <= titles


async def test_what_has_served_its_time_is_forgotten_in_bites(database_url: str):
    async with open_moved_house(database_url) as house:
        now = house.clock.now()

        def fill(tx):
            rows = [
                {"key": str(number), "lane": "1", "payload": b"", "state": "done", "due_at": now, "received_at": now}
                for number in range(2_500)
            ]
            tx.execute(sa.insert(t.inbox), rows)
            tx.execute(sa.insert(t.inbox).values(key="waits", lane="1", payload=b"", due_at=now, received_at=now))
            tx.execute(sa.insert(t.dialogues).values(identity="1", state=b"", expires_at=now + timedelta(minutes=10)))
            tx.execute(sa.insert(t.buttons).values(nonce="1", owner="1", action=b"", expires_at=now, created_at=now))
            tx.execute(
                sa.insert(t.batches).values(
                    pool_id=1, kind="general", maker="x", term="1mo", codes=10, uses=10, created_at=now
                )
            )

        await house.core.write(fill)
        assert [*(await retention.forget(house.core)).facts.values()] == [0, 0, 0]
        house.clock.move(days=3)
        assert [*(await retention.forget(house.core)).facts.values()] == [2502, 1, 0]
        assert await house.value("SELECT count(*) FROM inbox") == 1
        assert await house.value("SELECT uses FROM batches") == 0


async def test_every_sweep_can_run_on_an_empty_house(database_url: str):
    async with open_moved_house(database_url) as house:
        for sweep in schedule.SWEEPS:
            assert await sweep.body(house.core)
            assert sweep.interval(house.core.settings) > 0
