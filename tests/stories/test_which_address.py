"""Nobody is invited by a slip of the finger: it is asked which address is meant, once, and nothing is used before."""

from __future__ import annotations

import pytest

from tests.stories.conftest import OpenStory
from tests.support.chats import Chat

TEAM = "Workspace 1"


async def _unused(chat: Chat) -> bool:
    return not chat.house.invited() and await chat.house.value("SELECT sum(used + reserved) FROM codes") == 0


def _invited(chat: Chat, address: str) -> str:
    return chat.words("redeemed-invited", address=address, team=TEAM)


async def test_a_slip_in_a_large_providers_domain(story: OpenStory):
    async with story(seats=4) as chat:
        [code, other, third] = await chat.house.make_codes(3)
        asked = await chat.say(f"zhang.san@163.con {code}")
        facts = {"written": "zhang.san@163.con", "meant": ["zhang.san@163.com"]}
        assert chat.words("error-address_unlikely", **facts) in asked
        assert await _unused(chat)
        assert _invited(chat, "zhang.san@163.com") in await chat.press("zhang.san@163.com")

        await chat.say(f"anna@gmial.com {other}")
        assert _invited(chat, "anna@gmial.com") in await chat.press(
            chat.words("button-as-written", address="anna@gmial.com")
        )
        known = chat.words("redeemed-already-member", address="anna@gmial.com", team=TEAM)
        assert known in await chat.say(f"anna@gmial.com {third}")  # never asked twice


async def test_who_sends_it_once_more_means_it(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        asked = await chat.say(f"/redeem lee@qq.con {code}")
        assert chat.words("error-address_unlikely", written="lee@qq.con", meant=["lee@qq.com"]) in asked
        assert _invited(chat, "lee@qq.con") in await chat.say("lee@qq.con")


async def test_a_domain_that_staff_know(story: OpenStory):
    async with story(redemption={"mail_domains": ["acme.example"]}) as chat:
        [code] = await chat.house.make_codes()
        asked = await chat.say(f"{code} lee@acme.exmple")
        assert chat.words("error-address_unlikely", written="lee@acme.exmple", meant=["lee@acme.example"]) in asked


async def test_who_said_so_is_not_asked_again_where_no_seat_was_free(story: OpenStory):
    async with story(seats=1) as chat:
        [code, other] = await chat.house.make_codes(2)
        await chat.say(f"first@example.com {code}")
        await chat.say(f"lee@qq.con {other}")
        full = await chat.press(chat.words("button-as-written", address="lee@qq.con"))
        assert chat.words("error-no_seats", pool="default", waitlist="true") in full
        assert chat.words("waitlist-joined", address="lee@qq.con") in await chat.press(chat.label("join"))


async def test_two_addresses_have_a_button_each(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        both = ["ann@example.com", "bob@example.com"]
        asked = await chat.say(f"{' and '.join(both)} {code}")
        assert chat.words("error-several_addresses", addresses=both) in asked
        assert await _unused(chat)
        assert _invited(chat, "bob@example.com") in await chat.press("bob@example.com")
        assert chat.house.invited() == [("ws-1", "bob@example.com")]


@pytest.mark.parametrize("written", ["zhang,san@example.com", "zhang·san@example.com"])
async def test_what_touches_the_address_and_is_not_understood(story: OpenStory, written: str):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{written} {code}")
        assert await _unused(chat)
        assert _invited(chat, "zhang.san@example.com") in await chat.press("zhang.san@example.com")
        assert chat.house.invited() == [("ws-1", "zhang.san@example.com")]


async def test_a_masked_address_is_said_to_be_one(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        asked = await chat.say(f"a***@example.com {code}")
        assert chat.words("error-address_masked", written="|").partition("|")[2] in asked
        assert await _unused(chat)
        assert _invited(chat, "anna@example.com") in await chat.say("anna@example.com")  # the code was kept


async def test_an_address_with_nothing_to_choose_from(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        asked = await chat.say(f"bob@@example.com {code}")
        assert chat.words("error-address_doubtful", written="bob@@example.com", count=0) in asked
        assert _invited(chat, "bob@example.com") in await chat.say("bob@example.com")
