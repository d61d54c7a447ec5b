"""A question in a group waits, as in private, until its asker has chosen a model; nobody else chooses for them."""

from __future__ import annotations

from core.actors import SYSTEM, Role
from core.sources import models, sources
from tests.bots.commands.test_clear_sentences import sitting
from tests.bots.test_group_talk import GROUP, USED, Group, asked
from tests.bots.test_painting import furnish, on_telegram
from tests.support.chats import open_chat
from tests.support.credit import Desk as Accounts
from tests.support.credit import saying
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.discord.chat import discord_settings, plain
from tests.support.discord.emulator import PATIENT, FakeDiscord, text_of
from tests.support.house import open_house

LARGE = {"name": "second", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-2", "models": ["large"]}


async def test_on_telegram_the_question_is_asked_when_its_asker_has_chosen(sqlite_url: str):
    accounts = Accounts(usual=saying("First", usage=USED))
    async with on_telegram(sqlite_url, accounts) as chat:
        await chat.telegram.add_group(GROUP)
        await models.add_model(chat.house.core, SYSTEM, "large", models.NewModel(price_input=1, price_output=1))
        await sources.add_source(chat.house.core, SYSTEM, LARGE)
        group, me = Group(chat), "@usher_test_bot"
        await group.say(f"{me} who are you?", chat.words("talk-choose-model"))
        other = await chat.telegram.press("large", chat=GROUP, user_id=8, lang="en")
        await chat.until_done(other)
        assert accounts.questions == [], "it is not theirs to choose"
        pressed = await chat.telegram.press("large", chat=GROUP, lang="en")
        await chat.until_done(pressed)
        await group.telegram.wait_message(GROUP, "First")
        assert (asked(accounts), accounts.questions[-1].model) == (["Person 7: who are you?"], "large")
        assert chat.words("talk-model-chosen", model="large") in await group.said(), "in the place of the choice"
        accounts.usual = saying("Second", usage=USED)
        await group.say(f"{me} and who am I?", "Second")
        assert accounts.questions[-1].model == "large"
        assert asked(accounts) == ["Person 7: who are you?", "First", "Person 7: and who am I?"]


async def test_so_it_is_on_discord_by_a_mention_and_by_a_command(sqlite_url: str):
    accounts = Accounts(usual=saying("First", usage=USED))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(
            sqlite_url, workspaces=0, open_model=accounts.open, discord=discord_settings(discord), language="zh-CN"
        ) as house,
        open_chat("discord", house, language="zh-CN", discord=discord),
    ):
        await furnish(house, "discord:7", "discord:8")
        await models.add_model(house.core, SYSTEM, "large", models.NewModel(price_input=1, price_output=1))
        await sources.add_source(house.core, SYSTEM, LARGE)
        me = f"<@{(await discord.place())['app']}>"
        said = await discord.say(f"{me} who are you?")
        choice = await discord.wait_message("large", since=said)
        assert "由哪个模型回答" in plain(text_of(choice))
        await discord.press("large", user=8)
        assert accounts.questions == [], "it is not theirs to choose"
        await discord.press("large")
        await discord.wait_message("First", since=choice)
        assert asked(accounts) == ["Person 7: who are you?"]
        accounts.usual = saying("Second", usage=USED)
        await discord.slash("ask", {"text": "and for me?"}, user=8)
        await discord.wait_message("large", user=8, since=choice)
        await discord.press("small", user=8)
        await discord.wait_message("Second", user=8)
        assert asked(accounts)[-1] == "Person 8: and for me?"
        assert accounts.questions[-1].model == "small"
        assert not await discord.rejections()


@EACH_ON_ONE
async def test_each_chooses_for_their_own_question(database_url: str, language: str):
    async with open_house(database_url) as house:
        await sitting(house, language, "small", "large")
        one = Desk(house, Role.ANYONE, language=language, private=False)
        two = Desk(house, Role.ANYONE, identity="43", language=language, private=False)
        for desk, key in ((one, "a"), (two, "b"), (one, "a")):
            desk._chat = lambda: Desk(house, private=False, identity="-7")._chat()  # type: ignore[method-assign]
            assert desk.words("talk-choose-model") in await desk.say(f"/ask question {key}", key=key)
        assert await house.value("SELECT count(*) FROM messages") == 2, "brought again it is the same question"
        chosen = dict(one.buttons)
        assert one.words("talk-model-chosen", model="large") == await one.press("large")
        assert await house.rows("SELECT question_id, model FROM turns") == [(1, "large")]
        # The choice is used up: another of its buttons, or the same one, asks nothing once more.
        for name in ("small", "large"):
            one.buttons = chosen
            assert await one.press(name) == one.words("error-question_asked")
            assert one.reply.toast, "it is nobody else's business"
        assert await house.rows("SELECT question_id, model FROM turns") == [(1, "large")]
        assert await house.rows("SELECT default_model FROM people WHERE default_model IS NOT NULL") == [("large",)]
        assert two.words("talk-choose-model") in await two.say("/ask and now?"), "nobody has chosen for them"
