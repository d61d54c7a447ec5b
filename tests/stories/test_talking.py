"""Talking with a model, told once and run through every chat in both languages."""

from __future__ import annotations

from core.actors import SYSTEM
from core.credit import grants
from core.models.protocol import Usage
from core.sources import models, sources
from tests.stories.conftest import OpenStory
from tests.support.chats import Chat
from tests.support.credit import Desk, saying

ME = {"telegram": "telegram:7", "discord": "discord:7", "terminal": "terminal:person-7"}
USED = Usage(input=10, output=5)
ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small", "large"]}


async def open_models(chat: Chat) -> None:
    core = chat.house.core
    await models.add_model(core, SYSTEM, "small", price_input=1_000_000, price_output=2_000_000, context=8000)
    await models.add_model(core, SYSTEM, "large", price_input=2_000_000, price_output=9_000_000, context=8000)
    await sources.add_source(core, SYSTEM, ACCOUNT)


async def give(chat: Chat, amount: str) -> None:
    me = grants.read_identity(ME[chat.platform])
    await grants.give(chat.house.core, SYSTEM, me, amount, reason="a story")


async def test_asking_a_model(story: OpenStory):
    desk = Desk(usual=saying("The quick ", "brown fox", usage=USED))
    async with story(workspaces=0, open_model=desk.open) as chat:
        chat.alone = True
        # Nothing changes where there is no model.
        assert chat.words("not-understood") in await chat.say("hello there, who are you?")
        assert chat.words("error-talk_off") in await chat.say("/ask hello")
        await open_models(chat)
        # Of several models one has to be chosen; then the wallet has to have something.
        assert chat.words("talk-choose-model") in await chat.say("hello there")
        assert chat.words("talk-model-chosen", model="small") in await chat.press("small")
        await chat.ask("hello there", "/wallet")
        await give(chat, "1")
        assert "The quick brown fox" in await chat.ask("hello there", "brown fox")
        desk.usual = saying("Another answer", usage=USED)
        assert "Another answer" in await chat.brought(chat.press(chat.label("talk-again")), "Another")
        assert desk.questions[-1].messages[-1]["content"] == "hello there"
        desk.usual = saying("Third", usage=USED)
        assert "Third" in await chat.ask("/ask and what then?", "Third")
        assert [one["role"] for one in desk.questions[-1].messages] == ["user", "user", "assistant", "user"]
        assert chat.words("talk-nothing-runs") in await chat.say("/stop")
        assert chat.words("talk-new", title="Foxes") in await chat.say("/new Foxes")
        desk.usual = saying("Fourth", usage=USED)
        await chat.ask("once more", "Fourth")
        assert len(desk.questions[-1].messages) == 1
        # Several conversations, and what one does with them.
        assert "Foxes" in await chat.say("/chats")
        assert chat.words("search-nothing", words="wolves") in await chat.say("/search wolves")
        assert "hello there" in await chat.say("/search HELLO")
        assert chat.words("instructions-set") in await chat.say("/instructions Answer briefly.")
        assert chat.words("chat-saved", count=2) in await chat.say("/savechat md")
        assert [name for name, _ in chat.files] == ["conversation.md"]
        assert "chat-" in await chat.say("/share 3")
        assert chat.words("talk-new-from", model="small", price="|").partition("|")[0] in await chat.say("/new from")
        # What was asked and answered stands nowhere in plain text, and is paid for to the last token.
        assert await chat.house.value("SELECT count(*) FROM turns WHERE state = 'done'") == 4
        assert await chat.house.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 4
