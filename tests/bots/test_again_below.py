"""The button below a question that got no answer asks that question, whatever was asked since."""

from __future__ import annotations

import pytest

from bots.terminal_chat.chat import TerminalChat
from core.actors import Role
from core.models.protocol import CallRefused, Finished
from tests.bots.test_terminal_typing import USED, sitting
from tests.support.credit import Desk, failing, saying


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_again_below_what_failed_asks_that(sqlite_url: str, language: str):
    desk = Desk(usual=failing(CallRefused("filtered")))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        await talk.send("tell me of foxes")
        [again] = [key for _, key in talk._keys]
        desk.usual = saying("Wolves.", usage=USED)
        await talk.send("tell me of wolves")
        desk.usual = saying("Foxes.", usage=USED)
        shown = await talk.press_key(again)
        assert [one["content"] for one in desk.questions[-1].messages] == ["tell me of foxes"]
        assert "Foxes." in shown[-1].text
        assert len(desk.questions) == 3
        await talk.send("and of both?")
        said = [one["content"] for one in desk.questions[-1].messages]
        assert said == ["tell me of wolves", "Wolves.", "and of both?"], "the conversation goes on where it was"


@pytest.mark.parametrize("failed", [False, True])
async def test_a_summary_is_one_of_the_same_conversation_once_more(sqlite_url: str, failed: bool):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER)
        await talk.send("tell me of foxes")
        await talk.send("/new from")
        desk.usual = failing(CallRefused("filtered")) if failed else saying("A summary.", usage=USED)
        await talk.send("yes")
        desk.usual = saying("Another summary.", usage=USED)
        await talk.press("Again")
        said = [one["content"] for one in desk.questions[-1].messages]
        assert said[:2] == ["tell me of foxes", "Foxes."]
        assert said[2].startswith("Summarise our conversation")


async def test_what_was_to_go_on_goes_on_when_it_is_tried_again(sqlite_url: str):
    desk = Desk(usual=saying("Foxes are", usage=USED, ending=Finished("length")))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER)
        await talk.send("tell me of foxes")
        desk.usual = failing(CallRefused("filtered"))
        await talk.send("/again go_on")
        desk.usual = saying(" red.", usage=USED)
        await talk.press("Again")
        said = [one["content"] for one in desk.questions[-1].messages]
        assert said[:2] == ["tell me of foxes", "Foxes are"]
        assert said[2].startswith("Your last answer broke off")
