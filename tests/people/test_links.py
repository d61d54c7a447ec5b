"""Two identities become one person only when both have said so, and no role ever passes over."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.credit import grants
from core.errors import ClaimTokenRefused, LinkRefused
from core.people import links, people, report, staff
from core.people.privacy import erase_person
from tests.support.house import House, open_house


async def somebody(house: House, name: str, platform: str = "telegram") -> Actor:
    return await people.recognise(house.core, platform, name, chat_id=name)


async def claimed(house: House, actor: Actor, token: str) -> links.Link:
    """As the command does it: no staff token, so perhaps a link's."""
    assert await people.claim_token(house.core, actor, token) is None
    found = await links.find_link(house.core, actor, token)
    if found is None:
        await people.refuse_token(house.core, actor)
    return found


async def person(house: House, name: str, platform: str = "telegram") -> int:
    return (await somebody(house, name, platform)).person_id or 0


async def test_both_sides_say_yes_and_each_knows_to_whom(database_url: str) -> None:
    async with open_house(database_url) as house:
        anna, here = await somebody(house, "1"), await somebody(house, "2", "discord")
        token, _ = await links.issue_link(house.core, anna)
        found = await claimed(house, here, token)
        assert found.other == "telegram:1"
        assert await links.wanted(house.core, anna) is None
        assert await links.agree(house.core, here, found.id) == "telegram:1"
        assert await person(house, "1") != await person(house, "2", "discord")
        wanted = await links.wanted(house.core, anna)
        assert wanted is not None
        assert wanted.other == "discord:2"
        told = "SELECT template, recipient FROM notices ORDER BY id"
        assert [tuple(row) for row in await house.rows(told)] == [("link_wanted", "1")]
        assert await links.join(house.core, anna, wanted.id) == "discord:2"
        assert await person(house, "1") == await person(house, "2", "discord")
        assert [tuple(row) for row in await house.rows(told)] == [("link_wanted", "1"), ("link_joined", "2")]
        with pytest.raises(LinkRefused):
            await links.join(house.core, anna, wanted.id)


async def test_a_token_that_was_talked_out_of_somebody_joins_nobody(database_url: str) -> None:
    """The stranger may claim and agree: whoever made the token is asked, and says no, or nothing at all."""
    async with open_house(database_url) as house:
        victim, stranger = await somebody(house, "1"), await somebody(house, "666")
        [code] = await house.make_codes()
        await house.redeem("victim@example.com", code, key="k", actor=victim)
        token, _ = await links.issue_link(house.core, victim)
        found = await claimed(house, stranger, token)
        await links.agree(house.core, stranger, found.id)
        assert not (await report.my_seat(house.core, stranger)).seats
        with pytest.raises(LinkRefused):
            await links.join(house.core, stranger, found.id)
        await links.decline(house.core, victim, found.id)
        with pytest.raises(LinkRefused):
            await links.join(house.core, victim, found.id)
        assert await person(house, "1") != await person(house, "666")


async def test_a_link_is_claimed_by_one_side_only(database_url: str) -> None:
    async with open_house(database_url) as house:
        anna, first, second = [await somebody(house, name) for name in ("1", "2", "3")]
        token, _ = await links.issue_link(house.core, anna)
        await claimed(house, first, token)
        assert (await claimed(house, first, token)).other == "telegram:1", "the message came twice"
        with pytest.raises(ClaimTokenRefused):
            await claimed(house, second, token)
        own, _ = await links.issue_link(house.core, second)
        with pytest.raises(LinkRefused):
            await claimed(house, second, own)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
async def test_staff_is_joined_to_nobody(database_url: str, role: Role) -> None:
    async with open_house(database_url, staff={"owners": ["telegram:9"]}) as house:
        stranger = await somebody(house, "666")
        await staff.grant(house.core, SYSTEM, "telegram:5", role)
        for name in ("5", "9"):
            with pytest.raises(LinkRefused):
                await links.issue_link(house.core, await somebody(house, name))
            token, _ = await links.issue_link(house.core, stranger)
            with pytest.raises(LinkRefused):
                await claimed(house, await somebody(house, name), token)
        assert (await somebody(house, "5")).role == role


@pytest.mark.parametrize("side", ["maker", "joiner"])
async def test_a_role_that_was_given_meanwhile_is_neither_lost_nor_passed_on(database_url: str, side: str) -> None:
    async with open_house(database_url) as house:
        maker, joiner = await somebody(house, "1"), await somebody(house, "2")
        token, _ = await links.issue_link(house.core, maker)
        found = await claimed(house, joiner, token)
        await links.agree(house.core, joiner, found.id)
        await staff.grant(house.core, SYSTEM, "telegram:1" if side == "maker" else "telegram:2", Role.ADMIN)
        with pytest.raises(LinkRefused):
            await links.join(house.core, maker, found.id)
        roles = [(await somebody(house, name)).role for name in ("1", "2")]
        assert sorted(roles) == [Role.ANYONE, Role.ADMIN]
        assert await person(house, "1") != await person(house, "2")


async def test_the_token_of_somebody_who_is_gone_signs_nobody_in_as_a_newcomer(database_url: str) -> None:
    """The way by which a stranger became admin: link, erase, wait for the number to be somebody else's, claim."""
    async with open_house(database_url) as house:
        attacker = await somebody(house, "666")
        token, _ = await links.issue_link(house.core, attacker)
        found = await claimed(house, other := await somebody(house, "667"), token)
        await erase_person(house.core, attacker)
        newcomer = await somebody(house, "1")
        await staff.grant(house.core, SYSTEM, "telegram:1", Role.ADMIN)
        with pytest.raises((ClaimTokenRefused, LinkRefused)):
            await claimed(house, other, token)
        with pytest.raises(LinkRefused):
            await links.agree(house.core, other, found.id)
        assert (await somebody(house, "667")).role == Role.ANYONE
        assert await person(house, "667") != newcomer.person_id


async def test_whoever_is_suspended_does_not_become_somebody_who_is_not(database_url: str) -> None:
    async with open_house(database_url) as house:
        anna, here = await somebody(house, "1"), await somebody(house, "2", "discord")
        token, _ = await links.issue_link(house.core, anna)
        found = await claimed(house, here, token)
        await links.agree(house.core, here, found.id)
        await grants.set_standing(house.core, SYSTEM, here, "suspended", reason="a test")
        with pytest.raises(LinkRefused):
            await links.join(house.core, anna, found.id)
