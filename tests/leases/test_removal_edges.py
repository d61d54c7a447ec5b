"""Removals at their edges: a minute for one process, two lists that agree, the last try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.errors import TeamUnavailable
from core.leases import claims, leases, removal_plans, removals
from core.providers.protocol import Done, Member, PendingInvite, Refused, Standing, Unavailable, Unclear
from core.storage import tables as t
from tests.leases.test_invite_edges import fresh
from tests.support.answering import LAG, Answering, answered_by
from tests.support.moved import START, MovedHouse, open_moved_house

ANN = "ann@example.com"
TICK = timedelta(microseconds=1)


async def removal_of(house: MovedHouse, address: str = ANN) -> int:
    made = await house.core.write(removal_plans.plan_stranger, SYSTEM, 1, address, "unauthorised", house.core.now())
    assert made is not None
    return made


async def test_a_removal_is_one_processes_for_a_minute(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        first = await removal_of(house)
        house.clock.move(seconds=1)
        second = await removal_of(house, "bob@example.com")

        async def take(**how: Any) -> list[int]:
            found = await house.core.write(removals.take_over, house.core.now(), **{"most": 9, **how})
            return [one.row.id for one in found]

        assert await take(most=1) == [first]
        assert await take(removal_id=first) == []
        assert await take(removal_id=second) == [second]
        house.clock.move(seconds=60, microseconds=-1)
        assert await take() == []
        house.clock.move(microseconds=1)
        assert sorted(await take()) == [first, second]


async def test_a_person_is_taken_out_of_a_team_once_at_a_time(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        assert await removal_of(house) == await removal_of(house) == 1
        assert await removal_of(house, "bob@example.com") > 1
        assert await removal_of(house) == 1
        await house.seat("cat@example.com")
        lease = await house.lease(1)
        made = [await house.core.write(removal_plans.plan, SYSTEM, lease, why, START) for why in ("ended", "staff")]
        assert made[0] == made[1]
        [row] = await house.rows("SELECT lease_id, cause FROM removals WHERE id = :id", id=made[0])
        assert tuple(row) == (1, "staff")


async def looked(house: MovedHouse, provider: Answering, removal: int) -> tuple[str, timedelta | None]:
    """Work on a removal; its state, and how long until the next look."""
    answered_by(house, provider)
    await removals.advance(house.core, removal)
    found = sa.select(t.removals.c.state, t.removals.c.due_at).where(t.removals.c.id == removal)
    row = await house.core.read(lambda tx: tx.execute(found).one())
    return row.state, None if row.due_at is None else row.due_at - house.core.now()


async def test_two_lists_without_the_person_have_to_agree(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        removal, provider = await removal_of(house), Answering()
        assert await looked(house, provider, removal) == ("planned", timedelta(seconds=15))
        house.clock.move(seconds=15, microseconds=-1)
        assert await looked(house, provider, removal) == ("planned", TICK)
        house.clock.move(microseconds=1)
        assert await looked(house, provider, removal) == ("done", None)


async def test_the_seat_of_a_stranger_who_is_gone_is_free_and_theirs_elsewhere_is_not(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        for team in (1, 2):
            for number, address in enumerate((ANN, "bob@example.com"), start=1):
                here = f"team_id = {team} AND number = {number}"
                await house.execute(f"UPDATE seats SET state = 'taken', occupant = '{address}' WHERE {here}")
        removal, provider = await removal_of(house), Answering()
        await looked(house, provider, removal)
        house.clock.move(seconds=15)
        assert await looked(house, provider, removal) == ("done", None)
        taken = await house.rows("SELECT team_id, occupant FROM seats WHERE state = 'taken' ORDER BY id")
        assert [tuple(row) for row in taken] == [(1, "bob@example.com"), (2, ANN), (2, "bob@example.com")]


async def test_whoever_was_invited_just_now_is_not_gone_because_a_list_does_not_show_them(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await house.seat(ANN, accept=False)
        await house.core.write(removal_plans.plan, SYSTEM, await house.lease(1), "ended", house.core.now())
        provider = Answering()
        assert await looked(house, provider, 1) == ("planned", LAG)
        house.clock.move(seconds=60)
        assert await looked(house, provider, 1) == ("planned", timedelta(seconds=15))
        house.clock.move(seconds=15)
        assert await looked(house, provider, 1) == ("done", None)


async def test_a_team_that_is_away_is_asked_half_an_hour_later(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        removal = await removal_of(house)
        await house.execute("UPDATE teams SET health = 'expired'")
        assert await looked(house, Answering(), removal) == ("planned", timedelta(minutes=30))


async def test_a_removal_is_tried_again_later_each_time_and_then_given_up(database_url: str) -> None:
    async with open_moved_house(database_url, transfers={"tries": 3}) as house:
        removal, provider = await removal_of(house), Answering()
        provider.standing = Unclear("lost")
        for wait in (30, 60, 120):
            assert await looked(house, provider, removal) == ("planned", timedelta(seconds=wait))
            house.clock.move(seconds=wait)
        assert await looked(house, provider, removal) == ("failed", None)


@pytest.mark.parametrize(("asked", "waits"), [(None, 60), (0.0, 60), (7.0, 7)])
async def test_a_removal_waits_as_long_as_the_upstream_says(database_url: str, asked: float | None, waits: int) -> None:
    async with open_moved_house(database_url) as house:
        removal, provider = await removal_of(house), Answering()
        provider.standing = Unavailable("rate_limited", retry_after=asked)
        assert await looked(house, provider, removal) == ("planned", timedelta(seconds=waits))
        assert await house.value("SELECT attempts FROM removals") == 0


@pytest.mark.parametrize(("detail", "said"), [("owner", "owner"), ("", "not_allowed"), ("x" * 65, "x" * 64)])
async def test_a_refused_removal_leaves_the_lease_alive_and_tells_staff(
    database_url: str, detail: str, said: str
) -> None:
    async with open_moved_house(database_url) as house:
        await house.seat(ANN)
        member = await house.core.provider(await house.core.read(_team)).look_up(ANN)
        house.clock.move(minutes=5)
        await house.core.write(removal_plans.plan, SYSTEM, await house.lease(1), "ended", house.core.now())
        provider = Answering()
        provider.standing, provider.answer = member, Refused("not_allowed", detail)
        assert await looked(house, provider, 1) == ("failed", None)
        assert await house.leases(ANN) == [("active", 1)]
        assert await house.value("SELECT reason FROM removals") == said
        assert ("removal:1", "removal_failed") in await house.open_alerts()


async def test_whoever_cannot_be_taken_out_is_as_if_nobody_had_asked_and_may_be_asked_out_again(
    database_url: str,
) -> None:
    async with open_moved_house(database_url) as house:
        await house.seat(ANN)
        provider = Answering()
        provider.standing, provider.answer = (
            Standing(Member(ANN, "m", None, None), None),
            Refused("not_allowed", "owner"),
        )
        answered_by(house, provider)
        for _ in range(2):
            [ended] = await leases.end(house.core, SYSTEM, ANN)
            assert (ended.state, ended.reason) == ("failed", "owner")
            assert await house.leases(ANN) == [("active", 1)]
            assert await house.value("SELECT end_reason FROM leases") is None


def _team(tx: sa.Connection) -> Any:
    return claims.TEAM.one(tx, {"team_id": 1})


@pytest.mark.parametrize(("most", "looked_at"), [(5, 5), (6, 8), (9, 8)])
async def test_one_round_looks_at_so_many_five_at_a_time(database_url: str, most: int, looked_at: int) -> None:
    async with open_moved_house(database_url) as house:
        for number in range(8):
            await removal_of(house, f"p{number}@example.com")
        answered_by(house, Answering())
        assert await removals.advance_due(house.core, most) == looked_at


async def test_a_round_of_the_sweep_ends_after_two_hundred_and_the_rest_follows_in_the_next(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await house.execute("UPDATE teams SET health = 'expired'")
        planned = {"team_id": 1, "cause": "unauthorised", "state": "planned", "requested_by": "system"}
        people = [{**planned, "address": f"p{n}@example.com", "address_key": f"p{n}@example.com"} for n in range(206)]
        when = {"created_at": START, "due_at": START}
        await house.core.write(lambda tx: tx.execute(sa.insert(t.removals).values(**when), people).close())
        answered_by(house, Answering())
        assert [await removals.advance_due(house.core) for _ in range(3)] == [200, 6, 0]


@pytest.mark.parametrize(
    ("standing", "able", "owner", "reason"),
    [
        (Standing(Member(ANN, "m", None, None, is_owner=True), None), True, None, "owner"),
        (Standing(Member(ANN, "m", None, None), None), True, "Ann@example.com", "owner"),
        (Standing(Member(ANN, "m", None, None), None), True, "bob@example.com", None),
        (Standing(Member(ANN, "m", None, None), None), False, None, "cannot_remove"),
        (Standing(None, PendingInvite(ANN, "i", None)), True, None, None),
        (Standing(None, PendingInvite(ANN, "i", None)), False, None, "cannot_cancel"),
    ],
)
async def test_who_can_be_taken_out_and_who_cannot(
    database_url: str, standing: Standing, able: bool, owner: str | None, reason: str | None
) -> None:
    async with open_moved_house(database_url) as house:
        removal, provider = await removal_of(house), Answering()
        provider.properties.can_remove = provider.properties.can_cancel = able
        provider.standing = standing
        if owner is not None:
            await house.execute(f"UPDATE teams SET owner_address = '{owner}'")
        state, _ = await looked(house, provider, removal)
        assert state == ("planned" if reason is None else "failed")
        assert await house.value("SELECT reason FROM removals") == reason
        assert await house.value("SELECT sent_at IS NOT NULL FROM removals")


@pytest.mark.parametrize("sent", [False, True])
async def test_a_seat_is_given_to_whoever_is_to_be_taken_out_unless_the_call_has_left(
    database_url: str, sent: bool
) -> None:
    async with open_moved_house(database_url) as house:
        await removal_of(house)
        if sent:
            await house.execute("UPDATE removals SET sent_at = created_at")
            with pytest.raises(TeamUnavailable):
                await fresh(house)
        else:
            await fresh(house)
        assert await house.value("SELECT state FROM removals") == ("planned" if sent else "cancelled")
        assert await house.value("SELECT count(*) FROM leases") == int(not sent)


async def test_whoever_is_still_listed_after_so_many_removals_is_staffs_to_take_out(database_url: str) -> None:
    async with open_moved_house(database_url, transfers={"tries": 2}) as house:
        removal, provider = await removal_of(house), Answering()
        provider.standing, provider.answer = Standing(Member(ANN, "m", None, None), None), Done()
        for attempts in (1, 2):
            for _ in range(4):
                assert await looked(house, provider, removal) == ("planned", timedelta(seconds=15))
                assert await house.value("SELECT attempts FROM removals") == attempts
                house.clock.move(seconds=15)
        assert await looked(house, provider, removal) == ("failed", None)
        assert await house.value("SELECT reason FROM removals") == "still_listed"
