"""Codes that are for somebody, how many of them one person may use, and the team that they choose."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import TerminalChat
from core.actors import SYSTEM, Actor, Role
from core.clock import MovedClock
from core.codes import codes, verification
from core.codes.bearers import CodeBearer, read_bearer
from core.errors import BadChoice, BadNumber, CodeRefused
from core.leases import noting
from core.people import people, privacy
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.rules.gifts import read_giving
from core.storage import guards
from core.teams import pools
from core.waitlist import waitlist
from tests.support.crowds import let_in_together
from tests.support.house import House, open_house

ANNA = Actor("telegram", "42")
ELSE = Actor("telegram", "43")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def wants(house: House, actor: Actor, address: str, code: str, key: str, **more: object) -> str:
    text = read_code(code, await house.core.shapes())
    wish = RedeemWish(address, [text], request_key=key, **more)  # type: ignore[arg-type]
    [one] = await redemptions.redeem_all(house.core, actor, wish, wait=5.0)
    return one.reason or one.state


async def wrong_codes(house: House, actor: Actor) -> int:
    counted = "SELECT COALESCE(sum(count), 0) FROM attempts WHERE identity = :key AND kind = 'guess'"
    return int(await house.value(counted, key=actor.key))


@pytest.mark.parametrize("whose", ["Anna@Example.com", "telegram:42"])
async def test_a_code_for_somebody_is_unknown_to_everybody_else(database_url: str, whose: str) -> None:
    async with open_house(database_url) as house:
        [code] = await house.make_codes(bearer=read_bearer(whose))
        text = read_code(code, await house.core.shapes())
        assert await wants(house, ELSE, "else@example.com", code, "else") == "code_refused"
        with pytest.raises(CodeRefused):
            await verification.verify(house.core, ELSE, text, read_address("else@example.com"))
        with pytest.raises(CodeRefused):
            await waitlist.join(house.core, ELSE, read_address("else@example.com"), text)
        assert await wrong_codes(house, ELSE) == 3
        assert await house.value("SELECT used + reserved FROM codes WHERE id = 1") == 0
        anna = read_address("anna@example.com")
        assert (await verification.verify(house.core, ANNA, text, anna)).valid
        assert await wants(house, ANNA, "anna@example.com", code, "anna") == "invited"
        assert await wrong_codes(house, ANNA) == 0
        # Also what it has become is nobody else's business, with the address or without.
        assert await wants(house, ELSE, "else@example.com", code, "again") == "code_refused"
        assert await house.breaches() == []


async def test_an_address_is_asked_for_only_of_whom_the_code_may_be_for(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        theirs, [addressed] = (
            await house.make_codes(bearer=read_bearer("terminal:anna")),
            await house.make_codes(bearer=read_bearer("anna@example.com")),
        )
        anna, other = TerminalChat(house.core, identity="anna"), TerminalChat(house.core, identity="else")
        unknown = words(Say("error-code_refused"), Look("en", "plain", 4000))
        which = words(Say("ask-redeem-address", {"count": 1}), Look("en", "plain", 4000))

        async def said(chat: TerminalChat, text: str) -> str:
            return (await chat.send(text))[-1].text

        assert unknown in await said(other, theirs[0])
        assert unknown in await said(other, f"/verify {theirs[0]}")
        assert which in await said(other, addressed), "no chat tells whose mailbox it is"
        assert unknown in await said(other, "else@example.com")
        assert await wrong_codes(house, Actor("terminal", "else")) == 3
        assert which in await said(anna, theirs[0])
        assert "anna@example.com" in await said(anna, "anna@example.com")
        assert await house.value("SELECT sum(used + reserved) FROM codes") == 1


async def test_a_person_is_the_same_one_in_each_of_their_chats(database_url: str) -> None:
    async with open_house(database_url) as house:
        await people.recognise(house.core, "telegram", "42", chat_id="42")
        person = await house.value("SELECT person_id FROM identities")
        await house.execute(
            f"INSERT INTO identities (platform, identity, person_id, created_at) SELECT 'discord', '7', {person}, created_at FROM identities"
        )
        [mine] = await house.make_codes(bearer=read_bearer("telegram:42"))
        there = Actor("discord", "7")
        assert await wants(house, there, "anna@example.com", mine, "there") == "invited"
        first, second = await house.make_codes(2, bearer=CodeBearer(per_person=1))
        assert await wants(house, ANNA, "one@example.com", first, "here") == "invited"
        assert await wants(house, there, "two@example.com", second, "second") == "person_limit"


async def both(house: House, pairs: list[tuple[Actor, str, str]]) -> Counter[str]:
    return Counter(await asyncio.gather(*(wants(house, who, to, code, f"r {to}") for who, to, code in pairs)))


async def test_one_person_uses_no_more_codes_of_a_batch_than_is_said(database_url: str) -> None:
    async with open_house(database_url, seats=9, latency_ms=20, limits={"wrong_codes": 100}) as house:
        made = await house.make_codes(8, bearer=CodeBearer(per_person=2))
        alone = await both(house, [(ANNA, f"p{n}@example.com", code) for n, code in enumerate(made[:6])])
        assert alone == {"invited": 2, "person_limit": 4}
        # Neither does an address that several people write; and whoever has had enough keeps the code.
        assert await wants(house, ELSE, "else@example.com", made[6], "else") == "invited"
        assert await house.value("SELECT sum(used + reserved) FROM codes") == 3
        assert await house.breaches() == []


async def test_without_the_lock_two_codes_at_once_are_both_the_last_one(postgres_url: str) -> None:
    async with open_house(postgres_url, seats=9, latency_ms=20, limits={"wrong_codes": 100}) as house:
        made = await house.make_codes(8, bearer=CodeBearer(per_person=1))
        with guards.without("person_lock"):
            wanted = [(ANNA, f"p{n}@example.com", code) for n, code in enumerate(made)]
            outcome = asyncio.ensure_future(both(house, wanted))
            await let_in_together(house.url, "SELECT id FROM codes", outcome)
        assert outcome.result()["invited"] > 1
        assert any(found.startswith("person_within_limit") for found in await house.breaches())


async def test_one_person_gets_so_many_seats_a_day_and_staff_any_number(database_url: str) -> None:
    clock = MovedClock(START)
    limits = {"redemptions_per_day": 3, "attempts": 100, "wrong_codes": 100}
    async with open_house(database_url, seats=20, clock=clock, latency_ms=5, limits=limits) as house:
        made = await house.make_codes(12)
        outcome = await both(house, [(ANNA, f"p{n}@example.com", code) for n, code in enumerate(made[:6])])
        assert outcome == {"invited": 3, "daily_limit": 3}
        assert await wrong_codes(house, ANNA) == 0
        staff = Actor("telegram", "44", Role.VIEWER)
        assert await both(house, [(staff, f"s{n}@example.com", code) for n, code in enumerate(made[6:10])]) == {
            "invited": 4
        }
        # The day is the last twenty-four hours; what failed did not count.
        clock.move(hours=24, minutes=1)
        assert await wants(house, ANNA, "late@example.com", made[10], "late") == "invited"
        assert await house.value("SELECT count(*) FROM redemptions WHERE reason = 'daily_limit'") == 3


async def test_credit_codes_are_for_somebody_too_and_counted(database_url: str) -> None:
    from core.credit import gifts

    async with open_house(database_url) as house:

        async def take(actor: Actor, code: str, key: str) -> str:
            text = read_code(code, await house.core.shapes())
            given = await gifts.take_gifts(house.core, actor, [text], request_key=key, seats_follow=False)
            return given[0].reason or given[0].state

        giving = read_giving("credit:1")
        made = await house.make_codes(4, giving=giving, bearer=read_bearer("telegram:42", 2))
        assert await take(ELSE, made[0], "else") == "code_refused"
        assert await wrong_codes(house, ELSE) == 1
        outcome = Counter(await asyncio.gather(*(take(ANNA, code, f"g{n}") for n, code in enumerate(made))))
        assert outcome == {"given": 2, "person_limit": 2}
        with pytest.raises(BadChoice):  # credit needs no address
            await house.make_codes(giving=giving, bearer=read_bearer("anna@example.com"))
        with pytest.raises(BadNumber):
            await codes.generate(house.core, SYSTEM, codes.BatchPlan(count=1, bearer=CodeBearer(per_person=0)))


async def test_a_team_of_ones_own_choice_is_that_one_or_none(database_url: str) -> None:
    async with open_house(database_url, workspaces=3, seats=1) as house:
        made = await house.make_codes(5)
        ask = {"chooses": True}
        assert await wants(house, ANNA, "a@example.com", made[0], "a", team="Workspace 2") == "not_found"
        await pools.change_pool(house.core, SYSTEM, "default", team_choice=True)
        text = read_code(made[0], await house.core.shapes())
        [asked] = await redemptions.redeem_all(
            house.core, ANNA, RedeemWish("a@example.com", [text], request_key="b", chooses=True)
        )
        assert (asked.reason, asked.redemption_id) == ("choose_team", None)
        assert asked.facts["teams"] == ["Workspace 1", "Workspace 2", "Workspace 3"]
        assert await wants(house, ANNA, "a@example.com", made[0], "b", team="workspace 2", **ask) == "invited"
        assert house.invited() == [("ws-2", "a@example.com")]
        full = read_code(made[1], await house.core.shapes())
        [other] = await redemptions.redeem_all(
            house.core,
            ANNA,
            RedeemWish("b@example.com", [full], request_key="c", chooses=True, team="Workspace 2"),
        )
        assert (other.reason, other.facts["full"]) == ("choose_team", "Workspace 2")
        # Its provider says no: nobody finds themselves in a team that they have not chosen.
        house.sandbox.set_faults(["422-full=1"], "ws-3")
        assert await wants(house, ANNA, "c@example.com", made[2], "d", team="Workspace 3") == "no_seats"
        assert await wants(house, ANNA, "c@example.com", made[2], "e") == "invited"
        assert house.invited()[1:] == [("ws-1", "c@example.com")]
        assert await house.breaches() == []


async def test_a_note_is_seen_by_staff_and_goes_with_the_person(database_url: str) -> None:
    from core.reports.lookup import find

    async with open_house(database_url) as house:
        await people.recognise(house.core, "telegram", "42", chat_id="42")
        [code] = await house.make_codes()
        assert await wants(house, ANNA, "anna@example.com", code, "a") == "invited"
        assert (await noting.note(house.core, SYSTEM, "Anna@example.com", "pays late")).team == "Workspace 1"
        await noting.note(house.core, SYSTEM, "telegram:42", "kind")
        found = await find(house.core, SYSTEM, "anna@example.com")
        assert ([line.note for line in found.leases], [one.note for one in found.identities]) == (
            ["pays late"],
            ["kind"],
        )
        await noting.note(house.core, SYSTEM, "telegram:42", "-")
        assert await house.value("SELECT note FROM people") is None
        await house.execute("UPDATE leases SET status = 'ended', ended_at = created_at, seat_id = NULL")
        await privacy.erase_person(house.core, ANNA)
        assert await house.value("SELECT count(*) FROM leases WHERE note IS NOT NULL") == 0
        assert await house.value("SELECT count(*) FROM audit_log WHERE CAST(after AS TEXT) LIKE '%pays%'") == 0
