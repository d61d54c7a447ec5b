"""A request key stands for one wish for ever, whichever key the wish was first made under."""

from __future__ import annotations

import asyncio

import pytest

from core.actors import Actor, Role
from core.errors import TooManyAttempts
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import DEFAULT_SHAPE, generate, read_code
from core.vault import fresh_key
from tests.support.house import open_house


async def test_a_second_key_for_the_same_wish_keeps_its_answer_after_the_seat_is_gone(database_url: str) -> None:
    async with open_house(database_url) as house:
        [code] = await house.make_codes()
        first = await house.redeem("p@example.com", code, key="first")
        again = await house.redeem("P@Example.com", code, key="second")
        assert (again.state, again.redemption_id) == ("invited", first.redemption_id)
        await house.execute("UPDATE leases SET status = 'ended', ended_at = created_at, due_at = NULL")
        late = await house.redeem("p@example.com", code, key="third")
        assert (late.state, late.reason) == ("refused", "address_used_with_code")
        for key in ("first", "second"):
            answer = await house.redeem("p@example.com", code, key=key)
            assert (answer.state, answer.redemption_id) == ("invited", first.redemption_id)
        still = await house.redeem("p@example.com", code, key="third")
        assert (still.state, still.reason) == ("refused", "address_used_with_code")


async def test_a_second_key_made_while_the_first_was_unclear_ends_as_the_first(database_url: str) -> None:
    async with open_house(database_url, faults=["422-address=1"], latency_ms=300) as house:
        [code] = await house.make_codes()
        first, second = await asyncio.gather(
            house.redeem("p@example.com", code, key="first"), house.redeem("p@example.com", code, key="second")
        )
        assert first.state == second.state == "refused"
        assert first.redemption_id == second.redemption_id
        third = await house.redeem("p@example.com", code, key="third")
        assert third.state == "invited"
        for key in ("first", "second"):
            assert (await house.redeem("p@example.com", code, key=key)).state == "refused"
        assert len(house.invited()) == 1


async def test_what_a_key_stands_for_is_kept_under_the_key_of_the_vault_that_is_active(database_url: str) -> None:
    vault = {"active": "new", "keys": {"old": fresh_key(), "new": fresh_key()}}
    async with open_house(database_url, vault=vault) as house:
        codes = await house.make_codes(2)
        for text, state in ((codes[0], "invited"), (codes[1], "already_member"), (generate(DEFAULT_SHAPE), "refused")):
            assert (await house.redeem("p@example.com", text, key=text)).state == state
            code = read_code(text, await house.core.shapes())
            under_each = redemptions._contents(house.core, Order(read_address("p@example.com"), code, text))
            kept = await house.value("SELECT content FROM redemptions WHERE request_key = :key", key=text)
            assert under_each.index(bytes(kept)) == 0, "the older key may be taken away some day"


async def test_a_message_that_comes_again_is_no_further_attempt(database_url: str) -> None:
    async with open_house(database_url, limits={"attempts": 1}) as house:
        [code] = await house.make_codes()
        somebody = Actor("telegram", "7", Role.ANYONE)
        first = await house.redeem("p@example.com", code, key="first", actor=somebody)
        again = await house.redeem("p@example.com", code, key="first", actor=somebody)
        assert (again.state, again.redemption_id) == ("invited", first.redemption_id)
        with pytest.raises(TooManyAttempts):
            await house.redeem("p@example.com", code, key="second", actor=somebody)


async def test_a_second_key_is_no_key_for_another_wish(database_url: str) -> None:
    async with open_house(database_url) as house:
        one, other = await house.make_codes(2)
        await house.redeem("p@example.com", one, key="first")
        await house.redeem("p@example.com", one, key="second")
        stolen = await house.redeem("q@example.com", other, key="second")
        assert (stolen.state, stolen.reason) == ("refused", "request_key_reused")
        assert await house.value("SELECT sum(used + reserved) FROM codes") == 1
