"""A plain yes or no below what is to be confirmed is the answer to that, in every chat, and is asked of no model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bots.commands.small_talk import agrees
from core import outbox
from core.actors import Role
from core.storage import tables as t
from core.storage.chat_tables import turns as turn_rows
from tests.bots.commands.test_clear_sentences import sitting
from tests.bots.test_group_talk import GROUP, USED, Group
from tests.bots.test_painting import furnish, on_telegram
from tests.support.chats import Chat, open_chat, telegram_settings
from tests.support.credit import Desk as Accounts
from tests.support.credit import saying
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram

TYPED = {"en": ("No", "yes!"), "zh-CN": ("不", "好")}
WHERE = {"terminal": "terminal:person-7", "telegram": "telegram:7", "discord": "discord:7"}


@asynccontextmanager
async def talking(url: str, platform: str, language: str, accounts: Accounts) -> AsyncIterator[Chat]:
    """Person 7 with credit, in a private chat; on Discord in the direct messages."""
    async with AsyncExitStack() as stack:
        telegram = discord = None
        settings: dict[str, Any] = {}
        if platform == "telegram":
            telegram = await stack.enter_async_context(FakeTelegram())
            settings = {"telegram": telegram_settings(telegram)}
        if platform == "discord":
            discord = await stack.enter_async_context(FakeDiscord(answer_seconds=PATIENT))
            settings = {"discord": discord_settings(discord)}
        house = await stack.enter_async_context(
            open_house(url, workspaces=0, open_model=accounts.open, language=language, **settings)
        )
        await furnish(house, WHERE[platform])
        chat = open_chat(platform, house, language=language, telegram=telegram, discord=discord)
        driver = await stack.enter_async_context(chat)
        driver.alone = True
        yield driver


@pytest.mark.parametrize(
    ("platform", "language"), [("terminal", "en"), ("telegram", "zh-CN"), ("discord", "en")], ids=str
)
async def test_a_typed_no_and_a_typed_yes_answer_what_is_asked(sqlite_url: str, platform: str, language: str):
    accounts = Accounts(usual=saying("Foxes.", usage=USED))
    async with talking(sqlite_url, platform, language, accounts) as chat:
        no, yes = TYPED[language]
        talks = "SELECT count(*) FROM conversations"
        await chat.ask("tell me of foxes", "Foxes.")
        await chat.say("/chats delete 1")
        assert chat.words("cancelled") in await chat.say(no)
        assert await chat.house.value(talks) == 1
        await chat.say("/chats delete 1")
        await chat.say(yes)
        assert await chat.house.value(talks) == 0
        assert len(accounts.questions) == 1, "neither was asked, nor paid for"
        accounts.usual = saying("Wolves.", usage=USED)
        await chat.ask(yes, "Wolves.")
        assert len(accounts.questions) == 2, "where nothing is to be confirmed it is something to say"


@EACH_ON_ONE
async def test_it_counts_only_while_it_is_the_last_thing_said(database_url: str, language: str):
    yes = TYPED[language][1]
    async with open_house(database_url) as house:
        await sitting(house, language, "small")
        person = Desk(house, Role.ANYONE, language=language)

        async def asks(desk: Desk = person) -> bool:
            """Is a model asked when they say yes?"""
            before = await house.value("SELECT count(*) FROM turns")
            await desk.say(yes)
            return bool(await house.value("SELECT count(*) FROM turns") > before)

        await person.say("tell me of foxes")
        await ended(house)
        for between in ("/wallet", "/nothing-of-that-name", "/chats"):
            await person.say("/chats delete 1")
            await person.say(between)
            assert await asks(), between
            await ended(house)
        await person.say("/chats delete 1")
        talks = await house.value("SELECT count(*) FROM conversations")
        await asks(Desk(house, Role.ANYONE, identity="43", language=language))
        assert await house.value("SELECT count(*) FROM conversations") >= talks, "it is not asked of them"
        await ended(house)

        # An answer that is still written, one that came meanwhile, and news of Usher's own stand below it.
        await person.say("and of wolves?")
        await person.say("/chats delete 1")
        assert await asks()
        await ended(house)
        await person.say("and of bears?")
        await person.say("/chats delete 1")
        await ended(house, at=house.core.now())
        assert await asks()
        await ended(house)
        await person.say("/chats delete 1")
        await house.core.write(told, house.core.now())
        assert await asks()
        await ended(house)

        # The same message brought again is the same answer, whatever came below meanwhile; said again it is a question.
        await person.say("/chats delete 1")
        talks = await house.value("SELECT count(*) FROM conversations")
        turns = await house.value("SELECT count(*) FROM turns")
        await person.say(yes, key="k")
        await house.core.write(told, house.core.now())
        await person.say(yes, key="k")
        assert await house.value("SELECT count(*) FROM conversations") == talks - 1
        assert await house.value("SELECT count(*) FROM turns") <= turns


@EACH_ON_ONE
async def test_stop_ends_the_answer_and_what_is_to_be_confirmed(database_url: str, language: str):
    async with open_house(database_url) as house:
        person = await sitting(house, language, "small")
        await person.say("tell me of foxes")
        await person.say("/chats delete 1")
        assert await person.say("stop" if language == "en" else "停止") == person.words("talk-stopping", count=1)
        await person.say("/chats delete 1")
        assert await person.say("cancel" if language == "en" else "取消") == person.words("cancelled")
        assert await house.value("SELECT count(*) FROM conversations") == 1


async def test_in_a_group_it_counts_for_whom_it_is(sqlite_url: str):
    accounts = Accounts(usual=saying("Foxes.", usage=USED))
    async with on_telegram(sqlite_url, accounts) as chat:
        await chat.telegram.add_group(GROUP)
        group, me = Group(chat), "@usher_test_bot"
        await group.say(f"{me} tell me of foxes", "Foxes.")
        price = chat.words("talk-new-from", price="?", model="small").partition("?")[0]
        for reply in (True, False):
            offer = await group.say(f"/new{me} from", price)
            asked = len(accounts.questions)
            to_it = {"reply_to": offer["message_id"]} if reply else {}
            accounts.usual = saying("Wolves.", usage=USED)
            await group.say("yes" if reply else f"{me} yes", "Wolves.", user_id=8, **to_it)
            assert (len(accounts.questions), accounts.questions[-1].messages[-1]["content"]) == (
                asked + 1,
                "Person 8: yes",
            ), "somebody else says yes to the model"
            accounts.usual = saying("Foxes again.", usage=USED)
            offer = await group.say(f"/new{me} from", price)
            to_it = {"reply_to": offer["message_id"]} if reply else {}
            await group.say("yes" if reply else f"{me} yes", "Foxes again.", **to_it)
            assert "yes" not in accounts.questions[-1].messages[-1]["content"]
            accounts.usual = saying("Foxes.", usage=USED)
            await group.say(f"{me} tell me of foxes", "Foxes.")
        asked = len(accounts.questions)
        await group.say(f"/new{me} from", price)
        await group.say(f"{me} no", chat.words("cancelled"))
        assert len(accounts.questions) == asked


async def test_on_discord_a_reply_to_it_is_its_answer(sqlite_url: str):
    accounts = Accounts(usual=saying("Foxes.", usage=USED))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(
            sqlite_url, workspaces=0, open_model=accounts.open, discord=discord_settings(discord), language="zh-CN"
        ) as house,
        open_chat("discord", house, language="zh-CN", discord=discord) as chat,
    ):
        await furnish(house, "discord:7")
        me = f"<@{(await discord.place())['app']}>"
        said = await discord.say(f"{me} 讲讲狐狸")
        await discord.wait_message("Foxes.", since=said)
        offer = (await discord.run("new", {"title": "from"}))["id"]
        accounts.usual = saying("Wolves.", usage=USED)
        said = await discord.say("好的", reply_to=offer)
        await discord.wait_message("Wolves.", since=said)
        assert len(accounts.questions) == 2
        assert "好的" not in str(accounts.questions[-1].messages)
        assert chat.label("confirm")


async def ended(house: House, at: datetime | None = None) -> None:
    """Every answer under way is over, since long ago or since just now."""
    await house.core.write(_end, at)


def _end(tx: sa.Connection, at: datetime | None) -> None:
    over = {"state": "failed", "reason": "stopped", "claim": None, "ended_at": at or turn_rows.c.made_at}
    tx.execute(sa.update(turn_rows).where(turn_rows.c.ended_at.is_(None)).values(**over))


def told(tx: sa.Connection, now: datetime) -> None:
    """News has been sent to the person."""
    notice = outbox.Notice("removed", {"address": "p@example.com", "team": "a"}, language="en")
    outbox.put(tx, "telegram", "42", notice, now)
    tx.execute(sa.update(t.notices).values(state="sent", sent_at=now))


def test_a_word_more_is_no_plain_answer():
    assert [agrees(one) for one in ("Yes!", "好。", "是的", "ＯＫ", "do it")] == [True] * 5
    assert [agrees(one) for one in ("no", "不要", "算了", "Cancel", "never mind")] == [False] * 5
    assert [agrees(one) for one in ("yes, and of wolves?", "好的狐狸", "", "no idea", "/yes why")] == [None] * 5
