"""What a model was asked for a summary is Usher's own word: no file shows it as the person's, and no search finds it."""

from __future__ import annotations

import json

import pytest

from bots.terminal_chat.chat import TerminalChat
from core.actors import Role
from core.models.protocol import CallRefused
from tests.bots.test_terminal_typing import USED, sitting
from tests.support.credit import Desk, failing, saying


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_file_begins_with_the_summary_and_not_with_how_it_was_asked_for(sqlite_url: str, language: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        await talk.send("tell me of foxes")
        await talk.send("/new from")
        desk.usual = saying("A summary of foxes.", usage=USED)
        await talk.send("yes")
        assert "Summarise" in desk.questions[-1].messages[-1]["content"]
        for form in ("md", "txt", "json"):
            [shown] = await talk.send(f"/savechat {form}")
            [file] = shown.files
            text = file.content.decode()
            assert "A summary of foxes." in text
            assert "Summarise" not in text
        assert [one["role"] for one in json.loads(text)["messages"]] == ["assistant"]
        [shown] = await talk.send("/search our conversation")
        assert shown.key == "search-nothing"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_nothing_is_paid_for_a_summary_of_nothing(sqlite_url: str, language: str):
    desk = Desk(usual=failing(CallRefused("filtered")))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        await talk.send("tell me of foxes")
        [shown] = await talk.send("/new from")
        assert shown.key == "error-not_found"
        assert talk.labels == []
        assert await house.value("SELECT count(*) FROM conversations") == 1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_where_a_summary_fails_there_is_a_way_back(sqlite_url: str, language: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        await talk.send("tell me of foxes")
        await talk.send("/new from")
        desk.usual = failing(CallRefused("filtered"))
        await talk.send("yes")
        assert len(talk.labels) == 2
        await talk.press(talk.labels[1])
        desk.usual = saying("Wolves.", usage=USED)
        await talk.send("and of wolves?")
        said = [one["content"] for one in desk.questions[-1].messages]
        assert said == ["tell me of foxes", "Foxes.", "and of wolves?"]
