"""The steps of a move at their edges: the end of the grace, the last team that is tried at once, the last move allowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.errors import TransferRefused
from core.leases import closing, invites, removal_plans, transfer_steps
from core.rules.addresses import Address
from core.rules.settlement import Verdict
from core.storage import tables as t
from core.teams import seats
from core.transfers import sweep, transfers
from tests.support.answering import moment
from tests.support.moved import START, open_moved_house

ANN = "ann@example.com"
TICK = timedelta(microseconds=1)


async def test_so_many_teams_are_tried_at_once_and_the_next_one_later(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2, redemption={"teams_tried": 3}) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)

        async def refuse(attempts: int) -> timedelta:
            await house.execute(
                f"UPDATE transfers SET attempts = {attempts}, state = 'planned', target_lease_id = NULL"
            )

            def try_elsewhere(tx: sa.Connection) -> datetime:
                row = tx.execute(sa.select(t.transfers)).one()
                transfer_steps._try_elsewhere(tx, house.core, row, "no_seats" * 9, house.core.now())
                after = tx.execute(sa.select(t.transfers)).one()
                assert (after.attempts, after.reason) == (attempts + 1, "no_seats" * 8)
                due: datetime = after.due_at
                return due

            return await house.core.write(try_elsewhere) - house.core.now()

        assert [await refuse(number) for number in (0, 1)] == [timedelta(0)] * 2
        assert await refuse(2) > timedelta(0)
        await house.execute("UPDATE transfers SET target_team_id = 2")
        assert await refuse(0) > timedelta(0)


async def test_a_team_that_refused_is_asked_again_after_a_while_and_never_where_that_is_final(
    database_url: str,
) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        pause = timedelta(seconds=house.core.settings.transfers.first_retry)
        long_ago = START - timedelta(days=30)

        async def asked_again(reason: str, ended_at: datetime, **other: Any) -> bool:
            ended = {"status": "failed", "transfer_id": 1, "end_reason": reason, "ended_at": ended_at, **other}

            def claim(tx: sa.Connection) -> bool:
                tx.execute(sa.update(t.leases).where(t.leases.c.id == 2).values(ended))
                row = tx.execute(sa.select(t.transfers)).one()
                source = tx.execute(sa.select(t.leases).where(t.leases.c.id == 1)).one()
                ann = Address(source.address, source.address_key)
                seat = transfer_steps._claim_seat(tx, house.core, row, source, ann, START)
                if seat is not None:
                    seats.give_back(tx, seat.id)
                return seat is not None

            return await house.core.write(claim)

        assert not await asked_again("full", START - pause + TICK)
        assert await asked_again("full", START - pause)
        assert await asked_again("declined", START, status="ended"), "nobody refused: they were there"
        assert await asked_again("full", START, transfer_id=None), "that was another move"
        for final in ("already_member", "not_allowed"):
            assert not await asked_again(final, long_ago)


async def test_a_step_that_takes_long_is_mended_only_where_nobody_looks_after_it(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2, transfers={"grace_hours": 1}) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        assert await moment(house, t.transfers.c.due_at, 1) == START + timedelta(hours=1)
        house.sandbox.set_faults(["members:500"], "ws-1")
        house.clock.move(hours=1, microseconds=-1)
        await house.core.write(transfer_steps.grace_over, house.core, 1, house.core.now())
        assert await house.value("SELECT state FROM transfers") == "waiting"
        house.clock.move(microseconds=1)
        await house.core.write(transfer_steps.grace_over, house.core, 1, house.core.now())
        assert await house.value("SELECT state FROM transfers") == "removing"
        assert await moment(house, t.transfers.c.due_at, 1) == house.core.now() + timedelta(minutes=10)
        somebody = ("somebody@example.com", "unauthorised", house.core.now())
        await house.core.write(removal_plans.plan_stranger, SYSTEM, 1, *somebody)
        house.clock.move(minutes=10, microseconds=-1)
        await house.execute("UPDATE removals SET state = 'cancelled', finished_at = created_at WHERE id = 1")
        await house.core.write(transfer_steps.look_after, house.core, 1, house.core.now())
        planned = "SELECT count(*) FROM removals WHERE state = 'planned' AND transfer_id = 1"
        assert await house.value(planned) == 0
        house.clock.move(microseconds=1)
        for _ in range(2):
            await house.core.write(transfer_steps.look_after, house.core, 1, house.core.now())
            assert await house.value(planned) == 1
            assert await house.value("SELECT state FROM transfers") == "removing"
            house.clock.move(minutes=10)


@pytest.mark.parametrize(
    ("old", "new", "joined", "extended"),
    [
        (None, None, True, False),
        (START, None, True, False),
        (None, START, True, True),
        (None, START, False, False),
        (START, START, True, False),
        (START + TICK, START, True, True),
        (START, START + TICK, True, False),
    ],
)
def test_what_was_extended_meanwhile(old: datetime | None, new: datetime | None, joined: bool, extended: bool) -> None:
    source = SimpleNamespace(expires_at=old, joined_at=START if joined else None)
    target = SimpleNamespace(expires_at=new)
    assert transfer_steps._was_extended(source, target) is extended


async def test_a_pool_allows_so_many_moves_of_ones_own(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await house.execute("UPDATE pools SET transfers_allowed = 2")
        wish = transfer_steps.TransferWish(cause="request")
        for count, allowed in ((2, False), (3, False), (1, True)):
            await house.execute(f"UPDATE leases SET transfer_count = {count}")
            if allowed:
                await house.core.write(transfer_steps.start, house.core, SYSTEM, 1, wish, house.core.now())
                [move] = await house.rows("SELECT forced, skip_acceptance FROM transfers")
                assert not any(move), "who asked for it themselves is waited for"
                continue
            with pytest.raises(TransferRefused) as refused:
                await house.core.write(transfer_steps.start, house.core, SYSTEM, 1, wish, house.core.now())
            assert refused.value.facts == {"reason": "used_up", "most": 2}


async def test_nobody_is_moved_to_where_they_are_unless_it_is_for_another_address(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)

        async def start(**wish: Any) -> int:
            asked = transfer_steps.TransferWish(**wish)
            return await house.core.write(transfer_steps.start, house.core, SYSTEM, 1, asked, house.core.now())

        with pytest.raises(TransferRefused) as refused:
            await start(to_team_id=1)
        assert refused.value.facts == {"reason": "same_team"}
        assert await house.leases(ANN) == [("active", 1)]
        await start(to_team_id=1, address="ann@example.org")
        assert await house.leases(ANN) == [("transferring", 1)]


@pytest.mark.parametrize("state", ["asked", "declined", None])
async def test_a_wish_to_stay_longer_goes_along_unless_one_is_asked_there(database_url: str, state: str | None) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        wish = (
            "INSERT INTO extension_requests (lease_id, term, state, created_at)"
            " SELECT {lease}, '1mo', '{state}', created_at FROM pools"
        )
        await house.execute(wish.format(lease=1, state="asked"))
        if state is not None:
            await house.execute(wish.format(lease=2, state=state))
        house.sandbox.accept(ANN)
        await house.sync()
        await sweep.advance_transfers(house.core)
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        found = await house.rows("SELECT lease_id, state FROM extension_requests ORDER BY id")
        assert tuple(found[0]) == ((1, "closed") if state == "asked" else (2, "asked"))


async def test_a_wish_to_stay_longer_ends_with_the_seat_while_the_person_has_not_moved(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        assert await house.value("SELECT state FROM transfers") == "waiting"
        await house.execute(
            "INSERT INTO extension_requests (lease_id, term, state, created_at)"
            " SELECT 1, '1mo', 'asked', created_at FROM pools"
        )
        await house.core.write(closing.close_lease, await house.lease(1), "ended", house.core.now())
        assert tuple((await house.rows("SELECT lease_id, state FROM extension_requests"))[0]) == (1, "closed")


async def test_whoever_takes_a_move_further_leaves_the_removals_of_others_alone(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        other = ("bob@example.com", "unauthorised", house.core.now())
        await house.core.write(removal_plans.plan_stranger, SYSTEM, 1, *other)
        before = await house.rows("SELECT * FROM removals WHERE id = 1")
        await transfers.transfer(house.core, SYSTEM, ANN, forced=True)
        assert await house.value("SELECT state FROM transfers") in {"removing", "done"}
        assert await house.rows("SELECT * FROM removals WHERE id = 1") == before


@pytest.mark.parametrize(
    ("cause", "left", "kept"),
    [
        ("manual", TICK, True),
        ("manual", timedelta(0), False),
        ("manual", None, False),
        ("expiry", timedelta(hours=1), False),
    ],
)
async def test_what_is_left_of_a_term_goes_along_and_one_that_is_over_begins_anew(
    database_url: str, cause: str, left: timedelta | None, kept: bool
) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN, term="1mo")
        ends = None if left is None else START + left

        def move(tx: sa.Connection) -> Any:
            tx.execute(sa.update(t.leases).values(expires_at=ends, transfer_count=3))
            wish = transfer_steps.TransferWish(cause=cause)
            transfer_steps.start(tx, house.core, SYSTEM, 1, wish, START)
            transfer_steps.reserve(tx, house.core, 1, START)
            return tx.execute(sa.select(t.leases).where(t.leases.c.id == 2)).one()

        new = await house.core.write(move)
        assert await moment(house, t.transfers.c.due_at, 1) == START + timedelta(minutes=10)
        assert (new.status, new.team_id, new.term, new.transfer_count) == ("held", 2, "1mo", 3)
        assert new.expires_at == (ends if kept else None)


@pytest.mark.parametrize(
    ("cause", "told"), [("manual", 1), ("request", 1), ("address", 1), ("expiry", 0), ("abnormal", 0)]
)
@pytest.mark.parametrize("status", ["invited", "active"])
async def test_a_move_that_failed_leaves_everything_as_it_was_and_tells_whoever_knows_of_it(
    database_url: str, cause: str, told: int, status: str
) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        [code] = await house.make_codes()
        await house.redeem(ANN, code, key="q", actor=Actor("telegram", "7", Role.ANYONE))
        if status == "active":
            house.sandbox.accept(ANN)
            await house.sync()

        def fail(tx: sa.Connection) -> None:
            transfer_steps.start(tx, house.core, SYSTEM, 1, transfer_steps.TransferWish(cause=cause), START)
            transfer_steps._fail(tx, house.core, tx.execute(sa.select(t.transfers)).one(), "no_seats" * 9, START)

        await house.core.write(fail)
        assert await house.leases(ANN) == [(status, 1)]
        [row] = await house.rows("SELECT state, reason, due_at FROM transfers")
        assert tuple(row) == ("failed", ("no_seats" * 9)[:64], None)
        assert await moment(house, t.transfers.c.finished_at, 1) == START
        assert await house.notices("transfer_failed") == told
        assert await house.open_alerts() == [("lease:1", "transfer_failed")]

        def read_facts(tx: sa.Connection) -> list[Any]:
            notices = sa.select(t.notices.c.facts).where(t.notices.c.template == "transfer_failed")
            lines = sa.select(t.audit_log.c.after).where(t.audit_log.c.action == "transfer.failed")
            return [
                one for asked in (notices, lines, sa.select(t.alerts.c.facts)) for one in tx.execute(asked).scalars()
            ]

        everything = await house.core.read(read_facts)
        assert [one["reason"] for one in everything] == [row.reason] * (told + 2), "what is told is what is kept"


@pytest.mark.parametrize(("reason", "said"), [("address", "address"), (None, "refused")])
async def test_a_move_whose_invite_is_refused_for_good_has_failed_for_that_reason(
    database_url: str, reason: str | None, said: str
) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)

        def refuse(tx: sa.Connection) -> None:
            transfer_steps.start(tx, house.core, SYSTEM, 1, transfer_steps.TransferWish(), START)
            claim = transfer_steps.reserve(tx, house.core, 1, START)
            assert claim is not None
            assert invites.settle(tx, house.core, claim, Verdict("refused", reason), START) is None

        await house.core.write(refuse)
        [row] = await house.rows("SELECT state, reason FROM transfers")
        assert tuple(row) == ("failed", said)


async def test_staff_have_one_move_tried_now_and_the_others_wait_for_their_time(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        for address in (ANN, "bob@example.com"):
            await house.seat(address)
        await house.execute("UPDATE seats SET open = false WHERE team_id = 2")
        for address in (ANN, "bob@example.com"):
            [move] = await transfers.transfer(house.core, SYSTEM, address)
            assert (move.state, move.attempts, move.due_at) == ("planned", 1, START + timedelta(minutes=5))
        house.clock.move(minutes=1)
        others = await house.rows("SELECT * FROM transfers WHERE id = 2")
        move = await transfers.retry(house.core, SYSTEM, 1)
        assert (move.state, move.attempts, move.due_at) == ("planned", 2, START + timedelta(minutes=11))
        assert await house.rows("SELECT * FROM transfers WHERE id = 2") == others
