"""A code that waits for its address is kept, whatever other code is sent alone meanwhile."""

from __future__ import annotations

from core.actors import Role
from core.rules.gifts import read_giving
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house


async def _codes(house: House) -> tuple[str, str, str]:
    one, two = await house.make_codes(2)
    [credit] = await house.make_codes(1, giving=read_giving("credit:2"))
    return one, two, credit


@EACH_ON_ONE
async def test_another_code_alone_goes_with_the_one_that_waits(database_url: str, language: str):
    async with open_house(database_url, workspaces=2, seats=4) as house:
        desk = Desk(house, Role.ANYONE, language=language)
        one, two, credit = await _codes(house)
        assert await desk.say(one) == desk.words("ask-redeem-address", address="", count=1)
        assert await desk.say(one) == desk.words("ask-redeem-address", address="", count=1), "said twice it is one"
        assert desk.words("gifts-and-seats", count=1) in await desk.say(credit)
        assert await desk.say(two) == desk.words("ask-redeem-address", address="", count=2)
        said = await desk.say("anna@example.com")
        assert desk.reply.key == "redeemed-many"
        assert one[-4:] in said
        assert two[-4:] in said


@EACH_ON_ONE
async def test_one_sent_with_an_address_is_a_wish_of_its_own(database_url: str, language: str):
    async with open_house(database_url, workspaces=2, seats=4) as house:
        desk = Desk(house, Role.ANYONE, language=language)
        one, two, _ = await _codes(house)
        await desk.say(one)
        await desk.say(f"anna@example.com {two}")
        assert await house.rows("SELECT last4 FROM codes WHERE used + reserved > 0") == [(two[-4:],)]


@EACH_ON_ONE
async def test_a_mistyped_one_is_said_and_the_one_that_waits_is_kept(database_url: str, language: str):
    async with open_house(database_url, workspaces=1, seats=4) as house:
        desk = Desk(house, Role.ANYONE, language=language)
        one, two, _ = await _codes(house)
        wrong = two[:-1] + ("A" if two[-1] != "A" else "B")
        await desk.say(one)
        said = await desk.say(wrong)
        assert desk.words("ask-redeem-address", address="", count=1) in said
        assert desk.words("receipt-mistyped", code=wrong, reason=desk.words("reason-mistyped_code")) in said
        await desk.say("anna@example.com")
        assert desk.reply.key == "redeemed-invited"
        assert await house.rows("SELECT last4 FROM codes WHERE used + reserved > 0") == [(one[-4:],)]
