"""One unused code tells nobody whether somebody else is a member, and of which workspace."""

from __future__ import annotations

from core.actors import Actor, Role
from core.people import people
from tests.support.house import House, open_house

VICTIM = "victim@example.com"


async def somebody(house: House, name: str) -> Actor:
    return await people.recognise(house.core, "telegram", name, chat_id=name)


async def test_asking_for_others_by_an_unused_code_is_guessing(database_url: str) -> None:
    async with open_house(database_url, seats=9) as house:
        taken, code, other = await house.make_codes(3)
        holder, curious = await somebody(house, "1"), await somebody(house, "666")
        await house.redeem(VICTIM, taken, key="first", actor=holder)
        for number in range(5):
            receipt = await house.redeem(VICTIM, code, key=f"ask{number}", actor=curious)
            assert (receipt.state, receipt.team, receipt.invited_at) == ("already_member", None, None)
        assert (await house.redeem(VICTIM, code, key="ask", actor=curious)).reason == "locked_out"
        again = await house.redeem(VICTIM, code, key="ask0", actor=curious)
        assert (again.team, again.reason) == (None, "locked_out") or again.team is None
        own = await house.redeem(VICTIM, other, key="own", actor=holder)
        assert (own.state, own.team) == ("already_member", "Workspace 1"), "the name is for whom it belongs to"
        assert await house.value("SELECT used + reserved FROM codes WHERE id = 2") == 0


async def test_what_the_upstream_knows_is_not_told_to_strangers_either(database_url: str) -> None:
    async with open_house(database_url, faults=["409-member=1"]) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem(VICTIM, code, key="k", actor=await somebody(house, "666"))
        assert (receipt.state, receipt.team) == ("already_member", None)
        assert (await house.redeem(VICTIM, code, key="k", actor=await somebody(house, "666"))).team is None


async def test_staff_are_told(database_url: str) -> None:
    async with open_house(database_url) as house:
        taken, code = await house.make_codes(2)
        await house.redeem(VICTIM, taken, key="first", actor=await somebody(house, "1"))
        staff = Actor("telegram", "5", Role.OPERATOR)
        assert (await house.redeem(VICTIM, code, key="k", actor=staff)).team == "Workspace 1"
