"""Who is limited, locked out or banned can be seen, and staff can change it; every change is in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from core.actors import SYSTEM, Actor, Role
from core.clock import MovedClock
from core.codes.verification import verify
from core.errors import Banned, CodeRefused, LockedOut, NotFound, StaffStays
from core.people import locks, people, staff
from core.people.privacy import erase_person
from core.rules.codes import read_code
from core.rules.terms import parse_term
from tests.support.desk import Desk
from tests.support.house import House, open_house
from tests.support.moved import START

OPERATOR = Actor("telegram", "5", Role.OPERATOR)
WHO = "telegram:66"


async def guesser(house: House, wrong: int) -> Actor:
    actor = await people.recognise(house.core, "telegram", "66", chat_id="66")
    foreign = (await house.make_codes(1))[0]
    await house.execute("UPDATE codes SET status = 'disabled'")
    for _ in range(wrong):
        with pytest.raises(CodeRefused):
            await verify(house.core, actor, read_code(foreign, await house.core.shapes()))
    return actor


async def test_a_lock_is_seen_and_lifted(database_url: str) -> None:
    async with open_house(database_url) as house:
        actor = await guesser(house, 5)
        [lock] = await locks.lock_list(house.core, OPERATOR)
        assert (lock.identity, lock.why) == (WHO, "wrong_codes")
        assert lock.until is not None
        assert lock.until > house.core.now()
        [line] = await house.rows("SELECT actor, subject FROM audit_log WHERE action = 'identity.locked'")
        assert tuple(line) == (WHO, "identity"), "the log says who"
        text = read_code((await house.make_codes(1))[0], await house.core.shapes())
        with pytest.raises(LockedOut):
            await verify(house.core, actor, text)
        assert await locks.lift(house.core, OPERATOR, WHO) == 1
        assert (await verify(house.core, actor, text)).valid
        assert await locks.lock_list(house.core, OPERATOR) == []
        with pytest.raises(NotFound):
            await locks.lift(house.core, OPERATOR, WHO)
        assert await house.value("SELECT actor FROM audit_log WHERE action = 'identity.unlocked'") == OPERATOR.key


async def test_a_ban_holds_on_every_platform_and_ends_with_its_term(database_url: str) -> None:
    clock = MovedClock(START)
    async with open_house(database_url, clock=clock) as house:
        one = await people.recognise(house.core, "telegram", "66", chat_id="66")
        other = await people.recognise(house.core, "discord", "67", chat_id="67")
        await house.execute(f"UPDATE identities SET person_id = {one.person_id}")
        assert other.platform == "discord"
        until = await locks.ban(house.core, OPERATOR, WHO, "sells\ncodes", parse_term("7d"))
        assert until == house.core.now() + timedelta(days=7)
        [code] = await house.make_codes()
        for platform, name in (("telegram", "66"), ("discord", "67")):
            banned = await people.recognise(house.core, platform, name)
            with pytest.raises(Banned) as refused:
                await house.redeem("a@example.com", code, key=platform, actor=banned)
            assert refused.value.facts == {"reason": "sells codes", "until": until, "for_good": False}
        assert {lock.identity for lock in await locks.lock_list(house.core, OPERATOR)} == {WHO, "discord:67"}
        clock.move(days=7, seconds=1)
        assert (await people.recognise(house.core, "telegram", "66")).ban is None
        assert await locks.lock_list(house.core, OPERATOR) == []


async def test_a_ban_is_lifted_by_staff_and_not_by_erasing_oneself(database_url: str) -> None:
    async with open_house(database_url) as house:
        actor = await people.recognise(house.core, "telegram", "66", chat_id="66")
        assert await locks.ban(house.core, OPERATOR, WHO, "spam") is None
        await erase_person(house.core, actor)
        assert (await people.recognise(house.core, "telegram", "66", chat_id="66")).ban is not None
        await locks.ban(house.core, OPERATOR, WHO, "spam again", parse_term("24h"))
        [lock] = await locks.lock_list(house.core, OPERATOR, WHO)
        assert lock.reason == "spam again"
        await locks.unban(house.core, OPERATOR, WHO)
        assert (await people.recognise(house.core, "telegram", "66")).ban is None
        with pytest.raises(NotFound):
            await locks.unban(house.core, OPERATOR, WHO)
        actions = await house.rows("SELECT action FROM audit_log WHERE subject = 'ban' ORDER BY id")
        assert [row.action for row in actions] == ["identity.banned", "identity.banned", "identity.unbanned"]


async def test_staff_is_not_banned(database_url: str) -> None:
    async with open_house(database_url, staff={"owners": ["telegram:9"]}) as house:
        await staff.grant(house.core, SYSTEM, WHO, Role.VIEWER)
        for name in (WHO, "telegram:9"):
            with pytest.raises(StaffStays):
                await locks.ban(house.core, OPERATOR, name, "no")


async def test_the_banned_may_read_and_be_forgotten_and_nothing_else(database_url: str) -> None:
    async with open_house(database_url) as house:
        await locks.ban(house.core, OPERATOR, WHO, "spam")
        banned = await people.recognise(house.core, "telegram", "66")

        async def say(text: str) -> str:
            request = Request(banned, text, "en", Chat("telegram", "66"), text=text)
            reply = await dispatch(house.core, request)
            assert reply is not None
            return reply.key

        for text in ("/myseat", "/verify", "/waitlist", "/claim x", "a@example.com TEAM-0000-0000-0000-0000", "/link"):
            assert await say(text) == "error-banned", text
        assert await say("/privacy") == "privacy"
        assert await say("/help") == "help"


async def test_locks_by_chat(database_url: str) -> None:
    async with open_house(database_url) as house:
        await guesser(house, 5)
        desk = Desk(house, Role.OPERATOR, "5")
        assert WHO in await desk.say("/locks")
        assert desk.words("lock-wrong_codes") in await desk.say("/locks")
        assert await desk.press(desk.words("button-lift", identity=WHO)) == desk.words("locks-lifted", identity=WHO)
        assert await desk.say("/locks") == desk.words("locks-none")
        assert await desk.press(desk.words("button-ban-somebody")) == desk.words("ask-locks-ban")
        assert await desk.say(WHO) == desk.words("ask-locks-term", identity=WHO)
        assert await desk.press(desk.words("ban-term", term=parse_term("7d"))) == desk.words(
            "ask-locks-reason", identity=WHO
        )
        assert "sells codes" in await desk.say("sells codes")
        assert WHO in await desk.press(desk.words("button-ban"))
        assert "sells codes" in await desk.say("/locks")
        answer = await desk.press(desk.words("button-unban", identity=WHO))
        assert answer == desk.words("locks-unbanned", identity=WHO)
        assert "spam and more" in await desk.say(f"/locks ban {WHO} 30d spam and more")
        assert await desk.say("/locks list telegram:1") == desk.words("locks-none-of", identity="telegram:1")
