"""An outcome that was not clear in time is told once: by a notice, or by the answer to whoever asks again."""

from __future__ import annotations

from core.actors import Actor
from core.leases import recovery
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import read_code
from tests.support.moved import MovedHouse, open_moved_house

ANN, BEN = Actor("telegram", "7"), Actor("telegram", "8")
UNCLEAR = ["invite:applied-then-reset=1"]


async def _left_unclear(house: MovedHouse) -> str:
    [code] = await house.make_codes()
    assert (await house.redeem("ann@example.com", code, key="one", actor=ANN, wait=0)).state == "unclear"
    house.clock.move(seconds=30)
    return code


async def test_nobody_asks_again_and_a_notice_tells(database_url: str) -> None:
    async with open_moved_house(database_url, faults=UNCLEAR) as house:
        await _left_unclear(house)
        await recovery.recover(house.core)
        assert await house.notices("invited") == 1


async def test_the_same_message_once_more_is_answered_and_no_notice_repeats_it(database_url: str) -> None:
    async with open_moved_house(database_url, faults=UNCLEAR) as house:
        code = await _left_unclear(house)
        await recovery.recover(house.core)
        assert (await house.redeem("ann@example.com", code, key="one", actor=ANN)).state == "invited"
        assert await house.notices("invited") == 0


async def test_who_waits_and_finds_out_is_answered_and_not_told_besides(database_url: str) -> None:
    async with open_moved_house(database_url, faults=UNCLEAR) as house:
        code = await _left_unclear(house)
        assert (await house.redeem("ann@example.com", code, key="two", actor=ANN)).state == "invited"
        assert await house.notices("invited") == 0
        assert len(house.invited()) == 1


async def test_what_another_person_finds_out_is_still_told(database_url: str) -> None:
    async with open_moved_house(database_url, faults=UNCLEAR) as house:
        code = await _left_unclear(house)
        assert (await house.redeem("ann@example.com", code, key="bens", actor=BEN)).state == "invited"
        assert await house.notices("invited") == 1


async def test_who_waits_while_somebody_else_finds_out_is_answered_and_not_told_besides(database_url: str) -> None:
    async with open_moved_house(database_url, faults=UNCLEAR) as house:
        [code] = await house.make_codes()

        async def meanwhile(stage: str) -> None:
            if stage == "confirming":
                house.clock.move(seconds=30)
                await recovery.recover(house.core)
                assert await house.notices("invited") == 1, "nobody there knows that somebody waits"

        order = Order(read_address("ann@example.com"), read_code(code, await house.core.shapes()), "one")
        assert (await redemptions.redeem(house.core, ANN, order, progress=meanwhile)).state == "invited"
        assert await house.notices("invited") == 0
