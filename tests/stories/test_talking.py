"""A day with a model, told once and run through every chat in both languages, without a look into the help."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable

import pytest

import bots.answering
from core.actors import SYSTEM
from core.calls import calls, keys
from core.calls.orders import CallOrder
from core.credit import grants, plans
from core.models.protocol import Usage
from core.rules.gifts import read_giving
from core.sources import models, sources
from tests.stories.conftest import OpenStory
from tests.support.chats import Chat, TelegramDriver, until
from tests.support.credit import HELLO, Desk, saying
from tests.support.discord.chat import DiscordDriver

ME = {"telegram": "telegram:7", "discord": "discord:7", "terminal": "terminal:person-7"}
USED = Usage(input=10, output=5)
ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small", "large"]}
TOKEN = re.compile(r"chat-[\w-]{32}")
LONG = ["word "] * 2000


async def open_models(chat: Chat) -> None:
    core = chat.house.core
    await models.add_model(
        core, SYSTEM, "small", models.NewModel(price_input=1_000_000, price_output=2_000_000, context=8000)
    )
    await models.add_model(
        core, SYSTEM, "large", models.NewModel(price_input=2_000_000, price_output=9_000_000, context=8000)
    )
    await sources.add_source(core, SYSTEM, ACCOUNT)
    await plans.set_plan(core, SYSTEM, "free", questions=60)  # a day within a minute


async def give(chat: Chat, amount: str) -> None:
    me = grants.read_identity(ME[chat.platform])
    await grants.give(chat.house.core, SYSTEM, me, amount, reason="a story")


async def begun(chat: Chat, question: str) -> asyncio.Task[str]:
    """Ask for something long, and return once it is being written."""
    before = await chat.house.value("SELECT count(*) FROM calls WHERE first_token_at IS NOT NULL")
    asking = asyncio.create_task(chat.say(question))

    async def streams() -> bool:
        return bool(
            await chat.house.value("SELECT count(*) FROM calls WHERE first_token_at IS NOT NULL AND bytes_out > 20")
            > before
            or await chat.house.value("SELECT count(*) FROM calls WHERE state = 'streaming' AND bytes_out > 20")
        )

    await until(streams, 60, "it never began")
    return asking


async def seen(chat: Chat, asking: asyncio.Task[str], part: str) -> str:
    """The message that holds `part`: the answer to what was asked, or one that comes by itself."""
    answer = await asking
    return answer if part in answer else await chat.told(part)


async def branched(chat: Chat, answer: str, question: str, part: str) -> None:
    """Go on from an earlier answer: by a reply, or where there are none, by turning back to it."""
    doing: Awaitable[str]
    if isinstance(chat, TelegramDriver):
        message = await chat.telegram.wait_message(7, answer)
        doing = chat.answer(await chat.telegram.say(question, reply_to=message["message_id"], lang=chat.code))
    elif isinstance(chat, DiscordDriver):
        shown = await chat.discord.wait_message(answer, dm=True)
        said = await chat.discord.dm(question, reply_to=shown["id"])
        await chat._until_done(said["id"])
        await chat.told(part)
        return
    else:
        assert answer in await chat.press(chat.words("button-talk-earlier"))
        doing = chat.say(question)
    await chat.brought(doing, part)


async def ended(chat: Chat, asking: asyncio.Task[str]) -> str:
    """The process ends in the middle of an answer, and another one begins."""
    if chat.platform == "terminal":
        asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    await chat.restart()
    return await chat.told(chat.words("talk-mark-interrupted"))


async def test_a_day_with_a_model(story: OpenStory, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bots.answering, "STOP_WITHIN", 0.05)  # the limit of an orderly end, not a function of ours
    desk = Desk(usual=saying("The quick ", "brown fox", usage=USED))
    quick = {"talk": {"checkpoint": 0.1, "claim": 1.0}}
    async with story(workspaces=0, open_model=desk.open, **quick) as chat:
        chat.alone = True
        # Nothing changes where there is no model.
        assert chat.words("not-understood") in await chat.say("hello there, who are you?")
        assert chat.words("error-talk_off") in await chat.say("/ask hello")
        await open_models(chat)
        assert chat.words("welcome-talk") in await chat.say("/start")
        [mine, more] = [
            (await chat.house.make_codes(1, giving=read_giving(f"credit:{one}")))[0] for one in ("0.01", "3")
        ]
        assert chat.words("gift-credit", amount="0.01", ends=chat.words("gift-for-ever")) in await chat.say(mine)

        # Of several models one has to be chosen; then the question that waits for it is answered.
        assert chat.words("talk-choose-model") in await chat.say("hello there")
        assert "The quick brown fox" in await chat.brought(chat.press("small"), "brown fox")
        assert [one["content"] for one in desk.questions[-1].messages] == ["hello there"]
        await whole(chat)
        desk.usual = saying("Another answer", usage=USED)
        assert "Another answer" in await chat.brought(chat.press(chat.label("talk-again")), "Another")
        assert desk.questions[-1].messages[-1]["content"] == "hello there"
        await whole(chat)
        # From the first answer it goes on as if the second had never been.
        desk.usual = saying("A branch", usage=USED)
        await branched(chat, "brown fox", "and what then?", "A branch")
        assert [one["content"] for one in desk.questions[-1].messages] == [
            "hello there",
            "The quick brown fox",
            "and what then?",
        ]
        # The same by another model.
        desk.usual = saying("A larger answer", usage=USED)
        larger = await chat.brought(chat.say("/again large"), "A larger")
        assert chat.words("talk-mark-model", model="large") in larger, "of several models it is said whose it is"
        assert desk.questions[-1].model == "large"

        # Stopped in the middle: what was written stays, and goes on where it ended.
        desk.usual = saying(*LONG, pause=0.05)
        asking = await begun(chat, "tell me a long story")
        assert chat.words("talk-stopping") in await chat.say("/stop")
        assert "word word" in await seen(chat, asking, chat.words("talk-mark-stopped"))
        assert chat.words("talk-nothing-runs") in await chat.say("/stop")
        # The process ends in the middle of the next one: it says so, and goes on at a press.
        asking = await begun(chat, "and another one")
        await ended(chat, asking)
        await whole(chat)
        desk.usual = saying("and that was all", usage=USED)
        await chat.brought(chat.press(chat.label("talk-go-on")), "that was all")
        assert desk.questions[-1].messages[-2]["content"].startswith("word word")

        # Several conversations, and what one does with them.
        await chat.say("/new")
        assert chat.words("talk-new", title="Foxes") in await chat.say("/new Foxes")
        desk.usual = saying("Fourth", usage=USED)
        await chat.ask("once more", "Fourth")
        assert len(desk.questions[-1].messages) == 1
        assert "Foxes" in await chat.say("/chats")
        assert "" not in chat.buttons, "one in which nothing was said is none to go back to"
        assert chat.words("error-not_found", kind="share", name="") in await chat.say(f"/share copy chat-{'a' * 32}")
        assert chat.words("search-nothing", words="wolves") in await chat.say("/search wolves")
        assert "hello there" in await chat.say("/search HELLO")
        assert chat.words("instructions-set") in await chat.say("/instructions Answer briefly.")
        assert chat.words("chat-saved", count=2, all=2, whole="yes") in await chat.say("/savechat md")
        assert [name for name, _ in chat.files] == ["conversation.md"]
        shared = TOKEN.search(await chat.say("/share 3"))
        assert shared is not None
        assert chat.words("share-opened", title="Foxes") in await chat.say(f"/share copy {shared[0]}")
        assert chat.words("shares", count=1) in await chat.say("/share list")
        assert chat.words("share-revoked") in await chat.press(
            chat.words("button-share-revoke", number="1", last4=shared[0][-4:])
        )
        assert chat.words("talk-new-from", model="small", price="|").partition("|")[0] in await chat.say("/new from")

        # The credit is used up; more of it comes from a code, and the question is asked again.
        desk.usual = saying("Dear " * 3000)
        for _ in range(2):
            await chat.say("something dear")
            await whole(chat)
        refused = chat.words("error-not_enough_credit", needed="|", left="|").partition("|")[0]
        await chat.brought(chat.say("something dear"), refused)
        assert chat.words("gift-credit", amount="3", ends=chat.words("gift-for-ever")) in await chat.say(more)
        desk.usual = saying("Fifth", usage=USED)
        await chat.brought(chat.say("/again"), "Fifth")
        # What was asked and answered stands nowhere in plain text, and is paid for to the last token.
        assert await chat.house.value("SELECT count(*) FROM turns WHERE ended_at IS NULL") == 0
        charged = await chat.house.value("SELECT sum(charged) FROM calls")
        assert await chat.house.value("SELECT sum(amount) FROM ledger WHERE kind = 'charge'") == charged
        assert await chat.house.value('SELECT sum("left") FROM wallets') == 3_010_000 - charged


async def whole(chat: Chat) -> None:
    """Return once every answer stands there as it stays: what was painted before has no buttons yet."""

    async def over() -> bool:
        waits = "SELECT count(*) FROM notices WHERE template = 'answer' AND state <> 'sent'"
        return not await chat.house.value("SELECT count(*) FROM turns WHERE ended_at IS NULL") and not (
            await chat.house.value(waits)
        )

    await until(over, 60, "it was not answered")


async def test_a_code_in_a_question_and_what_was_used_by_key(story: OpenStory):
    desk = Desk(usual=saying("That I do not know", usage=USED))
    async with story(workspaces=0, open_model=desk.open) as chat:
        chat.alone = True
        [first, second, third] = await chat.house.make_codes(3, giving=read_giving("credit:1"))
        # Where there is nobody to ask, it is a wish.
        received = chat.words("gift-credit", amount="1", ends=chat.words("gift-for-ever"))
        assert received in await chat.say(f"{first} ok?")
        await open_models(chat)
        await chat.say("/model small")
        for question in (
            f"is {second} still good?",
            f"{second} 还能用吗？",
            f"how do I use {second}",
            f"{second}可以用来做什么",
        ):
            assert chat.words("code-or-question") in await chat.say(question)
        assert await chat.house.value("SELECT sum(used) FROM codes") == 1
        assert not desk.questions
        assert "do not know" in await chat.brought(chat.press(chat.words("button-ask-it")), "do not know")
        assert second in desk.questions[-1].messages[-1]["content"]
        assert chat.words("code-or-question") in await chat.say(f"{second}?")
        assert received in await chat.press(chat.words("button-redeem-it"))
        assert received in await chat.say(f"my code is {third}")

        # What a program asked with a key stands beside what was asked here.
        me = grants.read_identity(ME[chat.platform])
        _, made = await keys.make_key(chat.house.core, SYSTEM, "shop", of=me)
        order = CallOrder("by key", HELLO, "gateway", model="small", key_id=made.id)
        assert (await calls.ask(chat.house.core, me, order)).state == "settled"
        assert chat.words("button-usage-key") not in await chat.say("/wallet")
        await chat.say("/usage")
        by_key = await chat.press(chat.words("button-usage-key"))
        for key in (chat.words("usage-of-key", last4=made.last4), chat.words("usage-in-chats")):
            assert f"{key}{'：1 次' if chat.language.startswith('zh') else ': 1×'}" in by_key
        assert by_key == await chat.say("/usage key")
        # Commands are known by their names in every language, and what is asked for by its own.
        assert await chat.say("/钱包 明细") == await chat.say("/wallet lines")
        if chat.platform != "discord":  # which lets only what it offers be sent
            assert chat.words("choice-json") in await chat.say("/savechat pdf")

        # Words for one thing are understood, whichever somebody has in mind; Discord offers those that there are.
        if chat.platform == "discord":
            return
        [number] = [row[0] for row in await chat.house.rows("SELECT id FROM conversations")]
        await chat.say(f"/chats open {number}")
        assert chat.words("button-chats-archive") in chat.buttons
        await chat.say("/share")
        [link] = [row[0] for row in await chat.house.rows("SELECT id FROM shares")]
        assert chat.words("share-revoked") in await chat.say(f"/share revoke {link}")
        await chat.say("/instructions Answer briefly.")
        assert chat.words("instructions-off") in await chat.say("/instructions clear")
