"""Several answers to one question: which one is shown of how many, the ways to the others, and how they are counted."""

from __future__ import annotations

import pytest

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.terminal_chat.chat import TerminalChat
from core.actors import Role
from tests.bots.test_painting import on_telegram
from tests.bots.test_terminal_typing import USED, sitting
from tests.support.credit import Desk, saying
from tests.support.telegram.emulator import text_of


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_which_of_the_answers_is_shown_stands_between_the_ways_to_the_others(sqlite_url: str, language: str):
    look = Look(language, "plain", 10_000)
    desk = Desk(usual=saying("One", usage=USED))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)

        def way() -> list[str]:
            return [label for label in talk.labels if label in {"◀", "▶"} or "/" in label]

        await talk.send("tell me of foxes")
        assert way() == []
        for text in ("Two", "Three"):
            desk.usual = saying(text, usage=USED)
            await talk.send("/again")
        assert way() == ["◀", "3/3"]
        [*_, shown] = await talk.press("◀")
        assert "Two" in shown.text
        assert way() == ["◀", "2/3", "▶"]
        [*_, shown] = await talk.press("2/3")
        assert "Two" in shown.text
        [*_, shown] = await talk.press("▶")
        assert "Three" in shown.text

        # One question and three answers; the file has the one that goes on here.
        [*_, listed] = await talk.send("/chats")
        assert {"en": "4 messages", "zh-CN": "4 条消息"}[language] in listed.text
        [*_, saved] = await talk.send("/savechat")
        assert words(Say("chat-saved", {"count": 2, "all": 4, "whole": "no"}), look) in saved.text


async def test_another_version_takes_the_place_of_one_message_and_of_no_part(sqlite_url: str):
    desk = Desk(usual=saying("Short", usage=USED))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.ask("tell me of foxes", "Short")
        desk.usual = saying("Other", usage=USED)
        await chat.brought(chat.say("/again"), "Other")
        await chat.press("◀")
        assert [text_of(one) for one in await chat.telegram.messages(7)] == ["Short", "Short"], "in its place"
        desk.usual = saying("A fox. " * 900 + "The end.", usage=USED)
        await chat.brought(chat.say("/again"), "The end.")
        before = [text_of(one) for one in await chat.telegram.messages(7)]
        assert len(before) == 4, "in two parts"
        await chat.press("◀")
        after = [text_of(one) for one in await chat.telegram.messages(7)]
        assert (after[:4], len(after)) == (before, 5), "below it"
        assert after[4].startswith("Other")
