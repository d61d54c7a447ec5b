"""Whoever staff shut out gets no more of it: not by a link, and not of an answer that is being written."""

from __future__ import annotations

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import SYSTEM
from core.credit import grants
from core.people import locks
from core.talk import sharing
from core.talk.places import Place
from tests.bots.test_group_talk import USED
from tests.bots.test_painting import on_telegram
from tests.support.chats import until
from tests.support.credit import Desk, saying
from tests.support.telegram.emulator import text_of as telegram_text


async def test_a_link_opens_for_nobody_who_is_shut_out(sqlite_url: str):
    async with on_telegram(sqlite_url, Desk(usual=saying("Foxes.", usage=USED))) as chat:
        await chat.ask("tell me of foxes", "Foxes.")
        me = grants.read_identity("telegram:7")
        token, _ = await sharing.share(chat.house.core, me, Place("telegram", "7", "7", "7"), 1)
        await locks.ban(chat.house.core, SYSTEM, "telegram:7", "a test")
        said = await chat.telegram.say(f"/start {token}", lang="zh-CN")
        shown = await chat.answer(said)
        assert await chat.house.value("SELECT count(*) FROM conversations") == 1
        assert "a test" in shown
        await locks.unban(chat.house.core, SYSTEM, "telegram:7")
        said = await chat.telegram.say(f"/start {token}", lang="zh-CN")
        await chat.answer(said)
        assert await chat.house.value("SELECT count(*) FROM conversations") == 2


async def test_an_answer_ends_for_whom_is_shut_out_meanwhile(sqlite_url: str):
    desk = Desk(usual=saying(*(["word "] * 400), usage=USED, pause=0.05))
    async with on_telegram(sqlite_url, desk) as chat:
        said = await chat.telegram.say("tell me", lang="zh-CN")
        await chat.telegram.wait_call("sendMessageDraft", where=lambda call: "text" in call.fields)
        await locks.ban(chat.house.core, SYSTEM, "telegram:7", "a test")

        async def over() -> bool:
            return bool(await chat.house.value("SELECT count(*) FROM turns WHERE ended_at IS NOT NULL"))

        await until(over, 30, "the answer goes on")
        shown = telegram_text(await chat.telegram.wait_message(7, "word", since=said))
        assert words(Say("error-suspended"), Look("zh-CN", "plain", 1000)) in shown, "they are told why it ends"
        assert await chat.house.value("SELECT count(*) FROM calls WHERE state <> 'settled'") == 0
        assert not await chat.house.breaches()
