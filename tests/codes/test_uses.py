"""The uses of a code at their edges: the last one, none, and the moment at which a batch is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.codes import uses
from core.codes.bearers import Asker
from core.errors import CodeDisabled, CodeExpired, CodeSuspended, CodeUsedUp, Refusal, RestoredWait
from core.rules.codes import read_code
from core.storage import tables as t
from tests.support.moved import START, MovedHouse, open_moved_house


async def figures(house: MovedHouse) -> tuple[Any, ...]:
    """Used and reserved of the first code, the same of the second, and what was noted of the batch."""
    codes = sa.select(t.codes.c.used, t.codes.c.reserved).order_by(t.codes.c.id)
    noted = sa.select(sa.func.sum(t.batch_changes.c.used), sa.func.sum(t.batch_changes.c.voided))
    first, second = await house.core.read(lambda tx: tx.execute(codes).all())
    told = await house.core.read(lambda tx: tx.execute(noted).one())
    return (*first, *second, *(value or 0 for value in told))


async def put(house: MovedHouse, table: sa.Table = t.codes, **values: Any) -> None:
    def change(tx: sa.Connection) -> None:
        tx.execute(sa.update(table).values(**values))
        tx.execute(sa.delete(t.batch_changes))

    await house.core.write(change)


@pytest.mark.parametrize(("given_back", "column"), [(uses.return_use, "reserved"), (uses.take_back, "used")])
async def test_only_what_is_there_is_given_back(
    database_url: str, given_back: Callable[..., None], column: str
) -> None:
    async with open_moved_house(database_url) as house:
        await house.make_codes(2)
        await put(house, max_uses=3, used=1, reserved=1)
        await house.core.write(given_back, 1)
        used = column == "used"
        assert await figures(house) == (int(not used), int(used), 1, 1, -int(used), 0)
        with pytest.raises(sa.exc.NoResultFound):
            await house.core.write(given_back, 1)
        await put(house, status="disabled")
        await house.core.write(given_back, 2)
        assert (await figures(house))[-2:] == (-int(used), 1), "of a code that was disabled it is void"


async def is_given(house: MovedHouse, digest: Any, name: str, refusal: type[Refusal]) -> bool:
    """Is a use of the code given to somebody, and not refused for this? It is returned at once."""

    def claim(tx: sa.Connection) -> bool:
        try:
            code = uses.claim_use(tx, digest, f"{name}@example.com", f"{name} {digest}", [], Asker(SYSTEM), START)
        except refusal:
            return False
        assert not isinstance(code, int)
        uses.return_use(tx, code.id)
        return True

    return await house.core.write(claim)


async def test_a_use_without_a_seat_is_the_last_one_and_no_more(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await house.make_codes(2)
        await put(house, max_uses=2, reserved=1)
        await house.core.write(uses.take_use, 1, START)
        assert await figures(house) == (1, 1, 0, 1, 1, 0)
        with pytest.raises(CodeUsedUp):
            await house.core.write(uses.take_use, 1, START)


async def test_a_use_without_a_seat_is_refused_for_what_is_true(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        await house.make_codes(2)
        await put(house, max_uses=2)
        await put(house, t.batches, expires_at=START + timedelta(hours=1))
        await house.core.write(uses.take_use, 1, START + timedelta(hours=1, microseconds=-1))
        with pytest.raises(CodeExpired):
            await house.core.write(uses.take_use, 1, START + timedelta(hours=1))
        await put(house, t.batches, expires_at=None)
        await put(house, t.pools, enabled=False)
        with pytest.raises(CodeUsedUp):
            await house.core.write(uses.take_use, 1, START)
        await put(house, t.pools, enabled=True)
        await put(house, status="disabled")
        with pytest.raises(CodeDisabled):
            await house.core.write(uses.take_use, 1, START)
        await put(house, status="active")
        await put(house, t.batches, suspended_at=START)
        with pytest.raises(RestoredWait):
            await house.core.write(uses.take_use, 1, START)
        await put(house, used=2)
        with pytest.raises(CodeUsedUp):
            await house.core.write(uses.take_use, 1, START)


async def test_a_place_that_waits_with_this_code_keeps_a_use_from_everybody_else(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        codes = [read_code(code, await house.core.shapes()) for code in await house.make_codes(2)]
        digests = [house.core.vault.digests(code.canonical) for code in codes]
        ann = {"address": "ann@example.com", "address_key": "ann@example.com", "platform": "telegram", "identity": "1"}

        def wait(tx: sa.Connection) -> None:
            tx.execute(sa.insert(t.waitlist).values(pool_id=1, code_id=1, state="waiting", created_at=START, **ann))

        await house.core.write(wait)

        async def given_to(name: str, which: int = 0) -> bool:
            return await is_given(house, digests[which], name, CodeUsedUp)

        assert await given_to("ann")
        assert not await given_to("bob")
        assert await given_to("bob", 1), "nobody waits with this one"
        await put(house, max_uses=2)
        assert await given_to("bob"), "there is one for each"
        await put(house, used=1)
        assert not await given_to("bob")
        for over in ("served", "left", "closed"):
            await put(house, t.waitlist, state=over)
            assert await given_to("bob")


async def test_a_code_of_a_suspended_batch_is_used_by_whom_staff_have_approved_it_for(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        codes = [read_code(code, await house.core.shapes()) for code in await house.make_codes(2)]
        digests = [house.core.vault.digests(code.canonical) for code in codes]
        await put(house, t.batches, suspended_at=START)
        ann = {"address": "ann@example.com", "address_key": "ann@example.com", "platform": "telegram", "identity": "1"}
        asked = {"code_id": 1, "state": "approved", "created_at": START, **ann}
        await house.core.write(_insert, t.code_requests, asked)

        async def given_to(name: str, which: int = 0) -> bool:
            return await is_given(house, digests[which], name, CodeSuspended)

        assert await given_to("ann")
        assert not await given_to("bob")
        assert not await given_to("ann", 1), "that was approved for another code"
        for state in ("asked", "declined"):
            await put(house, t.code_requests, state=state)
            assert not await given_to("ann")


def _insert(tx: sa.Connection, table: sa.Table, values: dict[str, Any]) -> None:
    tx.execute(sa.insert(table).values(**values))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"restored": True}, RestoredWait),
        ({"status": "disabled"}, CodeDisabled),
        ({"expires_at": START}, CodeExpired),
        ({"expires_at": START + timedelta(microseconds=1)}, CodeUsedUp),
        ({"suspended_at": START}, CodeSuspended),
        ({"suspended_at": START, "has_uses": False}, CodeUsedUp),
        ({}, CodeUsedUp),
    ],
)
def test_why_a_code_was_not_claimed(row: dict[str, Any], why: type[Exception]) -> None:
    usual = {"id": 1, "restored": False, "status": "active", "expires_at": None, "suspended_at": None, "has_uses": True}
    seen: Any = type("Row", (), {**usual, **row})
    assert isinstance(uses._why_not(seen, START), why)
