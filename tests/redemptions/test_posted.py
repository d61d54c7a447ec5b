"""A code that somebody posted where others read along is theirs alone for ten minutes."""

from __future__ import annotations

from datetime import timedelta

from core.actors import SYSTEM, Actor, Role
from core.codes import posted
from core.rules.codes import read_code
from core.waitlist import serving
from tests.support.moved import START, MovedHouse, open_moved_house
from tests.waitlist.test_places import free_one, full, join

ANN, BOB = Actor("telegram", "7", Role.ANYONE), Actor("telegram", "8", Role.ANYONE)


async def post(house: MovedHouse, code: str) -> None:
    await posted.keep_for_poster(house.core, ANN, [read_code(code, await house.core.shapes())])


async def test_whoever_reads_a_code_that_was_posted_cannot_use_it_before_its_owner_had_time_to(
    database_url: str,
) -> None:
    async with open_moved_house(database_url) as house:
        code, other, free = await house.make_codes(3)
        for text in (code, other):
            await post(house, text)
        refused = await house.redeem("bob@example.com", code, key="one", actor=BOB)
        assert (refused.reason, refused.facts) == ("code_posted", {"until": START + timedelta(minutes=10)})
        assert await house.value("SELECT sum(used + reserved) FROM codes") == 0
        assert (await house.redeem("ann@example.com", code, key="two", actor=ANN)).state == "invited"
        assert (await house.redeem("bob@example.com", free, key="three", actor=BOB)).state == "invited"
        house.clock.move(minutes=10, microseconds=-1)
        assert (await house.redeem("cat@example.com", other, key="four", actor=BOB)).reason == "code_posted"
        house.clock.move(microseconds=1)
        assert (await house.redeem("cat@example.com", other, key="five", actor=BOB)).state == "invited"


async def test_staff_use_a_posted_code_all_the_same(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        [code] = await house.make_codes()
        await post(house, code)
        assert (await house.redeem("cat@example.com", code, key="k", actor=SYSTEM)).state == "invited"


async def test_a_waiting_place_is_served_whoever_posts_its_code_meanwhile(database_url: str) -> None:
    async with open_moved_house(database_url, seats=1) as house:
        await full(house)
        [code] = await house.make_codes()
        await join(house, "bob@example.com", code, BOB)
        await post(house, code)
        await free_one(house)
        assert await serving.serve(house.core) == (1, 0)
        assert ("ws-1", "bob@example.com") in house.invited()
