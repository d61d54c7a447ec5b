"""Invites at their edges: the moment at which a claim runs out, the list that lags, the last team that is tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.leases import claims, closing, ending, invites
from core.leases.claims import Claim, ClaimLost
from core.providers.protocol import CredentialCheck, ProviderFault, Refused, Standing, Unavailable
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.rules.settlement import Verdict
from core.storage import tables as t
from tests.support.answering import Answering, answered_by, moment
from tests.support.moved import START, MovedHouse, open_moved_house

ANN = "ann@example.com"
TICK = timedelta(microseconds=1)


def _executed(tx: sa.Connection, statement: sa.Update) -> None:
    tx.execute(statement)


async def fresh(house: MovedHouse, address: str = ANN, **plan: Any) -> Claim:
    """Somebody has a seat held, and nobody has asked the upstream."""
    [code] = await house.make_codes(**plan)
    text = read_code(code, await house.core.shapes())
    order = Order(read_address(address), text, f"key {code}")
    core = house.core
    reserved = await core.write(redemptions.reserve, core, SYSTEM, order, core.now(), look_first=False)
    assert isinstance(reserved, redemptions.Reservation)
    assert reserved.claim is not None
    return reserved.claim


async def settled(house: MovedHouse, claim: Claim, verdict: Verdict, *sent: datetime) -> Any:
    return await house.core.write(invites.settle, house.core, claim, verdict, house.core.now(), *sent)


async def taken(house: MovedHouse, **how: Any) -> list[Claim]:
    return await house.core.write(invites.take_over, house.core, house.core.now(), **how)


async def test_an_invite_is_its_owners_until_the_claim_runs_out(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        claim = await fresh(house)
        assert (claim.sends, claim.late, claim.unclear_since) == (1, False, None)
        assert await house.value("SELECT sends FROM leases") == 1
        house.clock.move(seconds=10, microseconds=-1)
        assert await taken(house) == []
        house.clock.move(microseconds=1)
        with pytest.raises(ClaimLost):
            await invites.send(house.core, claim)
        assert house.invited() == []
        [other] = await taken(house)
        over = START + timedelta(seconds=10)
        assert (other.late, other.unclear_since, other.last_sent_at) == (True, over, over)
        with pytest.raises(ClaimLost):
            await house.core.write(claims.note_sending, house.core, claim, house.core.now())
        await house.core.write(claims.note_sending, house.core, other, house.core.now())
        assert await house.value("SELECT sends FROM leases") == 2
        assert await moment(house, t.leases.c.due_at, other.lease_id) == over + timedelta(seconds=10)
        assert await moment(house, t.seats.c.held_until, other.seat_id) == over + timedelta(seconds=30)


async def test_of_invites_that_nobody_looks_after_the_oldest_are_taken_over_first(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        names = ["one@example.com", "two@example.com", "three@example.com"]
        held = []
        for name in names:
            held.append(await fresh(house, name))
            house.clock.move(seconds=1)
        house.clock.move(minutes=1)
        assert [one.address for one in await taken(house, most=1)] == names[:1]
        assert [one.address for one in await taken(house, lease_id=held[2].lease_id)] == names[2:]
        assert [one.address for one in await taken(house, late=False)] == names[1:2]
        assert await taken(house) == []


async def test_an_unclear_invite_is_looked_at_when_the_upstream_wants_or_as_old_as_it_is(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        claim = await fresh(house)
        await settled(house, claim, Verdict("unclear", None, "a test"))
        assert await moment(house, t.leases.c.due_at, claim.lease_id) == START + timedelta(seconds=2)
        house.clock.move(seconds=8)
        [again] = await taken(house)
        assert (again.unclear_since, again.last_sent_at) == (START, START)
        await settled(house, again, Verdict("unclear", None, "a test"), START + TICK)
        assert await moment(house, t.leases.c.due_at, claim.lease_id) == START + timedelta(seconds=16)
        house.clock.move(seconds=8)
        [again] = await taken(house)
        assert again.last_sent_at == START + TICK
        await settled(house, again, Verdict("unclear", "rate_limited", retry_after=100.0))
        assert await moment(house, t.leases.c.due_at, claim.lease_id) == house.core.now() + timedelta(seconds=100)
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'lease.unclear'") == 1
        with pytest.raises(ClaimLost):
            await settled(house, again, Verdict("unclear", None))


async def test_where_a_second_invite_would_be_another_one_nothing_is_repeated_before_the_lists_can_be_believed(
    database_url: str,
) -> None:
    async with open_moved_house(database_url) as house:
        await fresh(house)
        provider = Answering(idempotent=False)
        answered_by(house, provider)
        house.clock.move(seconds=10)
        [claim] = await taken(house)
        assert await invites.clear_up(house.core, claim) is None
        assert provider.invited == 0
        house.clock.move(seconds=60)
        provider.standing = Unavailable("rate_limited", "slow down", retry_after=7.0)
        [claim] = await taken(house)
        assert await invites.clear_up(house.core, claim) is None
        assert await moment(house, t.leases.c.due_at, claim.lease_id) == house.core.now() + timedelta(seconds=30)
        assert provider.invited == 0
        provider.standing = Standing(None, None)
        house.clock.move(minutes=5)
        [claim] = await taken(house)
        receipt = await invites.clear_up(house.core, claim)
        assert getattr(receipt, "state", None) == "invited"
        assert provider.invited == 1
        assert await house.value("SELECT sends FROM leases") == 2


@pytest.mark.parametrize(("waited", "state"), [(10, "held"), (300, "failed")])
async def test_a_refusal_of_a_repeated_invite_is_believed_once_it_is_proved_that_nothing_was_sent(
    database_url: str, waited: int, state: str
) -> None:
    """Before that it may be the echo of an invite that was applied."""
    async with open_moved_house(database_url) as house:
        await fresh(house)
        provider = Answering()
        provider.answer = Refused("address")
        answered_by(house, provider)
        house.clock.move(seconds=10)
        [claim] = await taken(house)
        house.clock.move(seconds=waited - 10)
        await invites.clear_up(house.core, claim)
        assert provider.invited == 1
        assert await house.value("SELECT status FROM leases") == state
        assert await house.value("SELECT reserved FROM codes") == int(state == "held")


class Rejecting(Answering):
    """Rejects the credential of the first invite; `check` is what it says when it is asked about it once more."""

    def __init__(self, check: Any) -> None:
        super().__init__()
        self.check = check

    async def check_credential(self) -> Any:
        return self.check

    async def invite(self, address: str) -> Any:
        answer = await super().invite(address)
        return Unavailable("credential") if self.invited == 1 else answer


@pytest.mark.parametrize(
    ("check", "invited", "status", "health"),
    [
        (CredentialCheck({}), 2, "invited", "healthy"),
        (Unavailable("credential"), 1, "held", "expired"),
        (Unavailable("unreachable"), 1, "held", "healthy"),
    ],
)
async def test_a_repeated_invite_takes_no_single_rejection_of_the_credential_at_its_word(
    database_url: str, check: Any, invited: int, status: str, health: str
) -> None:
    async with open_moved_house(database_url) as house:
        await fresh(house)
        provider = Rejecting(check)
        answered_by(house, provider)
        house.clock.move(seconds=10)
        [claim] = await taken(house)
        await invites.clear_up(house.core, claim)
        assert provider.invited == invited
        assert await house.value("SELECT status FROM leases") == status
        assert await house.value("SELECT health FROM teams WHERE id = 1") == health


async def test_an_invite_into_a_workspace_that_is_gone_is_given_up_after_its_time(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await fresh(house)
        await house.execute("UPDATE teams SET health = 'gone'")
        provider = Answering()
        provider.standing = Unavailable("gone")
        answered_by(house, provider)
        house.clock.move(seconds=10)
        [claim] = await taken(house)
        since = claim.unclear_since
        assert since is not None
        house.clock.move(hours=24, microseconds=-1)
        [claim] = await taken(house)
        assert await invites.clear_up(house.core, claim) is None
        house.clock.move(minutes=10)
        [claim] = await taken(house)
        receipt = await invites.clear_up(
            house.core, replace(claim, unclear_since=house.core.now() - timedelta(hours=24))
        )
        assert getattr(receipt, "state", None) == "refused"


async def test_a_failure_of_one_address_counts_once_a_day_against_its_team(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1) as house:
        first = await fresh(house)
        for before, counted in ((TICK, True), (-TICK, False)):
            ended = {"status": "failed", "ended_at": START - timedelta(days=1) + before, "claim": None, "due_at": None}
            await house.core.write(
                _executed, sa.update(t.leases).where(t.leases.c.id == first.lease_id).values(**ended)
            )
            other = replace(first, lease_id=first.lease_id + 1)
            assert await house.core.read(invites._failed_here_before, other, START) is counted
            assert not await house.core.read(invites._failed_here_before, first, START)
            assert not await house.core.read(invites._failed_here_before, replace(other, address="x@y.com"), START)
            assert not await house.core.read(invites._failed_here_before, replace(other, team_id=7), START)
        assert await house.core.read(invites._failed_here_before, replace(first, unclear_since=START), START)


async def test_a_team_is_proved_to_serve_when_it_invites(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1) as house:
        claim = await fresh(house)
        assert await house.value("SELECT last_invited_at FROM teams") is None
        house.clock.move(seconds=1)
        await settled(house, claim, Verdict("invited", reference="x"))
        assert await moment(house, t.teams.c.last_invited_at, 1) == START + timedelta(seconds=1)


async def test_a_team_is_held_responsible_once_for_what_an_address_is_refused_and_never_for_nobodys_fault(
    database_url: str,
) -> None:
    async with open_moved_house(database_url, workspaces=1) as house:

        async def counted(address: str, fault: ProviderFault) -> bool:
            claim = await fresh(house, address)
            await house.execute("UPDATE teams SET last_error = NULL")
            await settled(house, claim, Verdict("next_team", "not_allowed", fault=fault))
            return await house.value("SELECT last_error FROM teams") is not None

        assert await counted(ANN, "person")
        assert not await counted(ANN, "person"), "that may be due to the address"
        assert await counted("bob@example.com", "person")
        assert not await counted("cat@example.com", "nobody")


@pytest.mark.parametrize("host", ["", "mail.example.com"])
async def test_an_invited_person_is_written_to_where_there_is_a_mail_server(database_url: str, host: str) -> None:
    async with open_moved_house(database_url, mail={"host": host, "sender": "usher@example.com"}) as house:
        claim = await fresh(house)
        await settled(house, claim, Verdict("invited", reference="x"))
        assert await house.value("SELECT count(*) FROM notices WHERE channel = 'mail'") == int(bool(host))
        refused = await fresh(house, "bob@example.com")
        await settled(house, refused, Verdict("refused", "address"))
        assert await house.value("SELECT count(*) FROM notices WHERE channel = 'mail'") == int(bool(host))


@pytest.mark.parametrize(("late", "tried", "goes_on"), [(-TICK, 2, True), (timedelta(0), 2, False), (-TICK, 1, False)])
async def test_a_redemption_goes_on_to_the_next_team_for_so_long_and_so_often(
    database_url: str, late: timedelta, tried: int, goes_on: bool
) -> None:
    async with open_moved_house(database_url, workspaces=2, redemption={"teams_tried": tried}) as house:
        claim = await fresh(house)
        house.clock.move(seconds=120 + late.total_seconds())
        came_of_it = await settled(house, claim, Verdict("next_team", "full"))
        assert isinstance(came_of_it, Claim) is goes_on
        if not goes_on:
            assert came_of_it.state == "refused"
        assert await house.value("SELECT reserved FROM codes") == int(goes_on)


async def test_a_lease_ends_once(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await house.seat(ANN)
        lease = await house.lease(1)
        now = house.core.now()
        assert await house.core.write(closing.close_lease, lease, "ended", now) is not None
        assert await house.core.write(closing.close_lease, lease, "ended", now) is None
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'lease.ended'") == 1


async def test_whoever_waits_looks_at_an_invite_in_the_moment_in_which_that_is_due(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        claim = await fresh(house)
        answered_by(house, Answering())

        async def seen() -> str:
            assert claim.redemption_id is not None
            return (await redemptions.follow(house.core, claim.redemption_id, wait=0.0, own=True)).state

        house.clock.move(seconds=10, microseconds=-1)
        assert await seen() == "unclear"
        house.clock.move(microseconds=1)
        assert await seen() == "invited"


@pytest.mark.parametrize(
    ("reason", "told", "state", "used"),
    [("ended", "lease_ended", "invited", 1), ("offer_expired", "waitlist_offer_expired", "refused", 0)],
)
async def test_whoever_did_not_take_a_seat_that_was_offered_has_their_code_back_and_hears_of_that_alone(
    database_url: str, reason: str, told: str, state: str, used: int
) -> None:
    async with open_moved_house(database_url) as house:
        [code] = await house.make_codes()
        await house.redeem(ANN, code, key="q", actor=Actor("telegram", "7", Role.ANYONE))
        lease = await house.core.read(lambda tx: tx.execute(sa.select(t.leases)).one())
        assert await house.core.write(ending.end_now, house.core, lease, reason, house.core.now())
        assert not await house.core.write(ending.end_now, house.core, lease, reason, house.core.now())
        assert {row[0] for row in await house.rows("SELECT template FROM notices")} == {told}
        assert await house.value("SELECT state FROM redemptions") == state
        assert await house.value("SELECT used FROM codes") == used


@pytest.mark.parametrize(
    ("bound", "chosen", "goes_on"), [(False, False, True), (True, False, False), (False, True, False)]
)
async def test_whoever_is_to_be_in_one_team_is_invited_to_no_other(
    database_url: str, bound: bool, chosen: bool, goes_on: bool
) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        claim = await fresh(house, **({"team": "Workspace 1"} if bound else {}))
        if chosen:
            await house.execute("UPDATE redemptions SET chosen_team_id = 1")
        came_of_it = await settled(house, claim, Verdict("next_team", "full"))
        assert isinstance(came_of_it, Claim) is goes_on
        assert [team for _, team in await house.leases(ANN)] == ([1, 2] if goes_on else [1])
