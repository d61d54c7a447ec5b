"""Whatever happens to one person changes nothing of another who is at the same step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.codes import uses
from core.leases import claims, closing, ending, invites, leases, removals, transfer_steps
from core.leases.claims import Claim
from core.providers.protocol import Done, Member, Refused, Standing, Unavailable, Unclear
from core.rules.settlement import Verdict
from core.storage import tables as t
from core.transfers import transfers
from tests.leases.test_invite_edges import fresh
from tests.support.answering import Answering, answered_by
from tests.support.moved import MovedHouse, open_moved_house

ANN, BOB = "ann@example.com", "bob@example.com"
HERS = "(SELECT id FROM leases WHERE address_key = '{who}')"
ROWS = {
    "leases": "id IN " + HERS,
    "seats": "id IN (SELECT seat_id FROM leases WHERE address_key = '{who}')",
    "redemptions": "address_key = '{who}'",
    "codes": "id IN (SELECT code_id FROM redemptions WHERE address_key = '{who}')",
    "batches": "id IN (SELECT batch_id FROM codes JOIN redemptions r ON r.code_id = codes.id WHERE r.address_key = '{who}')",
    "batch_changes": (
        "batch_id IN (SELECT batch_id FROM codes JOIN redemptions r ON r.code_id = codes.id WHERE r.address_key = '{who}')"
    ),
    "removals": "address_key = '{who}'",
    "transfers": "lease_id IN " + HERS,
    "extension_requests": "lease_id IN " + HERS,
}
"""What is somebody's, table by table."""


@dataclass
class Two:
    """Ann and Bob in one house, and their claims where their seats are held."""

    house: MovedHouse
    held: dict[str, Claim]

    async def do(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return await self.house.core.write(work, *arguments, self.house.core.now(), **named)

    async def of(self, who: str) -> dict[str, list[Any]]:
        return {
            table: sorted(map(str, await self.house.rows(f"SELECT * FROM {table} WHERE {which.format(who=who)}")))
            for table, which in ROWS.items()
        }

    async def number(self, table: str, who: str = ANN) -> int:
        which = ROWS[table].format(who=who)
        return int(await self.house.value(f"SELECT max(id) FROM {table} WHERE {which}"))

    async def lease(self) -> Any:
        return await self.house.lease(await self.number("leases"))


async def _held(two: Two) -> None:
    for who in (ANN, BOB):
        two.held[who] = await fresh(two.house, who)


async def _seated(two: Two) -> None:
    for who in (ANN, BOB):
        await two.house.seat(who)
        await two.house.execute(
            "INSERT INTO extension_requests (lease_id, term, state, created_at)"
            " SELECT id, '1mo', 'asked', created_at FROM leases WHERE address_key = '" + who + "'"
        )


async def _leaving(two: Two) -> None:
    await _seated(two)
    for who in (ANN, BOB):
        await two.do(_ask_end, who)


def _ask_end(tx: sa.Connection, who: str, now: Any) -> None:
    lease = tx.execute(sa.select(t.leases).where(t.leases.c.address_key == who)).one()
    ending.ask_end(tx, SYSTEM, lease, "ended", now)


async def _planned(two: Two) -> None:
    await _seated(two)
    for who in (ANN, BOB):
        await two.do(_start, two.house.core, who)


def _start(tx: sa.Connection, core: Any, who: str, now: Any) -> None:
    lease_id = tx.execute(sa.select(t.leases.c.id).where(t.leases.c.address_key == who)).scalar_one()
    transfer_steps.start(tx, core, SYSTEM, lease_id, transfer_steps.TransferWish(), now)


async def _inviting(two: Two) -> None:
    await _planned(two)
    for who in (ANN, BOB):
        claim = await two.do(transfer_steps.reserve, two.house.core, await two.number("transfers", who))
        assert claim is not None
        two.held[who] = claim


async def _waiting(two: Two) -> None:
    await _inviting(two)
    for who in (ANN, BOB):
        await two.do(invites.settle, two.house.core, two.held[who], Verdict("invited", reference="x"))
    two.house.clock.move(hours=72)


async def _removing(two: Two) -> None:
    await _waiting(two)
    for who in (ANN, BOB):
        await two.do(transfer_steps.begin_removal, two.house.core, await two.number("transfers", who))


def _settling(verdict: Verdict) -> Callable[[Two], Awaitable[object]]:
    return lambda two: two.do(invites.settle, two.house.core, two.held[ANN], verdict)


def _working(standing: Any, answer: Any = None) -> Callable[[Two], Awaitable[object]]:
    async def work(two: Two) -> None:
        provider = Answering()
        provider.standing, provider.answer = standing, answer
        answered_by(two.house, provider)
        two.house.clock.move(minutes=10)
        for _ in range(2):
            await removals.advance(two.house.core, await two.number("removals"))
            two.house.clock.move(seconds=15)

    return work


def _step(work: Callable[..., Any], *more: Any) -> Callable[[Two], Awaitable[object]]:
    async def do(two: Two) -> object:
        return await two.do(work, two.house.core, await two.number("transfers"), *more)

    return do


def _late(happens: Callable[[Two], Awaitable[object]]) -> Callable[[Two], Awaitable[object]]:
    async def do(two: Two) -> object:
        two.house.clock.move(minutes=10)
        return await happens(two)

    return do


def _forgotten(happens: Callable[[Two], Awaitable[object]]) -> Callable[[Two], Awaitable[object]]:
    """With nobody who looks after the removal."""

    async def do(two: Two) -> object:
        gone = f"UPDATE removals SET state = 'cancelled', finished_at = created_at WHERE address_key = '{ANN}'"
        await two.house.execute(gone)
        before = await two.house.value("SELECT count(*) FROM removals")
        await happens(two)
        assert await two.house.value("SELECT count(*) FROM removals") == before + 1
        return None

    return do


async def _seize(two: Two) -> None:
    assert await two.do(claims.seize, two.house.core, two.held[ANN].lease_id) is not None


async def _note_sending(two: Two) -> None:
    await two.do(claims.note_sending, two.house.core, two.held[ANN])


async def _take_over(two: Two) -> None:
    two.house.clock.move(minutes=1)
    [claim] = await two.do(invites.take_over, two.house.core, lease_id=two.held[ANN].lease_id)
    assert claim.address == ANN


async def _close(two: Two) -> None:
    assert await two.do(closing.close_lease, await two.lease(), "ended")


async def _end_now(two: Two) -> None:
    assert await two.do(_ended, two.house.core, await two.lease())


def _ended(tx: sa.Connection, core: Any, lease: Any, now: Any) -> bool:
    return ending.end_now(tx, core, lease, "ended", now)


async def _target_ended(two: Two) -> None:
    lease = await two.house.lease(two.held[ANN].lease_id)
    await two.do(closing.close_lease, lease, "ended")
    await two.do(transfer_steps.target_ended, two.house.core, lease)


async def _return_use(two: Two) -> None:
    await two.house.core.write(uses.return_use, await two.number("codes"))


async def _take_back(two: Two) -> None:
    await two.house.core.write(uses.take_back, await two.number("codes"))


async def _cancel(two: Two) -> None:
    await transfers.cancel(two.house.core, SYSTEM, await two.number("transfers"))


MEMBER = Standing(Member(ANN, "user-1", None, None), None)
CASES: dict[str, tuple[Callable[[Two], Awaitable[None]], Callable[[Two], Awaitable[object]]]] = {
    "invited": (_held, _settling(Verdict("invited", reference="x"))),
    "refused": (_held, _settling(Verdict("refused", "address"))),
    "no next team": (_held, _settling(Verdict("next_team", "not_allowed"))),
    "already there": (_held, _settling(Verdict("already_member"))),
    "unclear": (_held, _settling(Verdict("unclear"))),
    "seized": (_held, _seize),
    "sent again": (_held, _note_sending),
    "taken over": (_held, _take_over),
    "use returned": (_held, _return_use),
    "use taken back": (_seated, _take_back),
    "asked to end": (_seated, lambda two: leases.end(two.house.core, SYSTEM, ANN)),
    "closed": (_seated, _close),
    "ended": (_seated, _end_now),
    "gone": (_leaving, _working(Standing(None, None))),
    "taken out": (_leaving, _working(MEMBER, Done())),
    "not taken out": (_leaving, _working(MEMBER, Refused("not_allowed", "owner"))),
    "not taken out, who knows why": (_leaving, _working(MEMBER, Refused("not_allowed"))),
    "maybe taken out": (_leaving, _working(MEMBER, Unclear("lost"))),
    "asked too often": (_leaving, _working(Unavailable("rate_limited", retry_after=5.0))),
    "closed while leaving": (_leaving, _close),
    "move begun": (_planned, _step(transfer_steps.reserve)),
    "move cancelled": (_planned, _cancel),
    "invited there": (_inviting, _settling(Verdict("invited", reference="x"))),
    "refused there": (_inviting, _settling(Verdict("refused", "address"))),
    "another team": (_inviting, _settling(Verdict("next_team", "full"))),
    "looked after": (_inviting, _late(_step(transfer_steps.look_after))),
    "mended": (_removing, _forgotten(_late(_step(transfer_steps.look_after)))),
    "grace over": (_waiting, _step(transfer_steps.grace_over)),
    "no failure yet": (_waiting, _step(transfer_steps.removal_failed, "x")),
    "declined": (_waiting, _target_ended),
    "moved": (_removing, _step(transfer_steps.source_removed)),
    "declined at the end": (_removing, _target_ended),
    "kept in both": (_removing, _step(transfer_steps.removal_failed, "x")),
    "gone from the old team": (_removing, _working(Standing(None, None))),
}
CHANGES_NOTHING = {"no failure yet"}


@pytest.mark.parametrize("case", CASES)
async def test_another_at_the_same_step_stays_as_they_are(database_url: str, case: str) -> None:
    situation, happens = CASES[case]
    async with open_moved_house(database_url, workspaces=2) as house:
        two = Two(house, {})
        await situation(two)
        hers, his = await two.of(ANN), await two.of(BOB)
        await happens(two)
        assert await two.of(BOB) == his
        assert (await two.of(ANN) == hers) is (case in CHANGES_NOTHING)
