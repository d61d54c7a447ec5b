"""A mistyped word makes nothing public and lifts no limit."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Role
from core.calls import keys
from core.credit import grants
from core.sources import models, sources
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house

ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small"]}


async def _asked(house: House, language: str) -> Desk:
    small = models.NewModel(price_input=1_000_000, price_output=2_000_000, context=8000)
    await models.add_model(house.core, SYSTEM, "small", small)
    await sources.add_source(house.core, SYSTEM, ACCOUNT)
    desk = Desk(house, Role.ANYONE, language=language)
    await grants.give(house.core, SYSTEM, desk._actor(), "1", reason="a test")
    await desk.say("what is a prime number?")
    return desk


@EACH_ON_ONE
async def test_no_link_comes_of_a_word_that_share_does_not_know(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        for said in ("revok", "banana", "-1", "999天", "3 of them"):
            await desk.say(f"/share {said}")
            assert desk.reply.state == "refused", (said, desk.said)
        assert await house.value("SELECT count(*) FROM shares") == 0
        for said in ("30天", "3 days", "7d"):
            await desk.say(f"/share {said}")
            assert desk.reply.key == "share-token", (said, desk.said)


@EACH_ON_ONE
async def test_what_is_asked_for_is_taken_as_the_answer_and_not_as_a_question(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        await desk.say("/chats delete")
        assert desk.reply.key == "ask-chats-number"
        await desk.say("1")
        assert await house.value("SELECT count(*) FROM turns") == 1, "the number went to no model"
        assert desk.words("button-cancel") in desk.buttons


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_limit_of_nothing_is_refused_and_lifts_none(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        desk = await _asked(house, language)
        await desk.say("/wallet limit 0.5")
        assert desk.reply.key == "wallet-limit-set"
        await desk.say("/wallet limit 0")
        assert desk.reply.key == "error-bad_amount"
        assert await house.value("SELECT spend_limit FROM people WHERE spend_limit IS NOT NULL") == 500_000
        await keys.make_key(house.core, SYSTEM, "bot", of=desk._actor())
        await desk.say("/keys limit bot 0.5")
        await desk.say("/keys limit bot 0")
        assert desk.reply.key == "error-bad_amount"
        assert await house.value("SELECT daily_limit FROM keys") == 500_000
        await desk.say("/wallet limit off")
        assert desk.reply.key == "wallet-limit-off"


@EACH_ON_ONE
async def test_help_is_asked_of_the_bot_also_where_a_model_could_be_asked(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        for said in ("help", "Help!", "帮助", "菜单"):
            await desk.say(said)
            assert desk.reply.key == "small-talk-how", said
            assert desk.words("welcome-talk") in desk.said
        await desk.say("what is a menu?")
        assert await house.value("SELECT count(*) FROM turns") == 2, "and what says more is a question"


@EACH_ON_ONE
async def test_a_word_about_credit_alone_leads_to_it_and_is_asked_only_if_it_was_meant(
    database_url: str, language: str
):
    async with open_house(database_url) as house:
        stranger = Desk(house, Role.ANYONE, language=language)
        await stranger.say("余额")
        assert stranger.reply.key == "not-understood", "where there are no models nothing is said of credit"
        desk = await _asked(house, language)
        for said, command in (
            ("余额", "wallet"),
            ("充值？", "wallet"),
            ("price", "model"),
            ("价格", "model"),
            ("Balance", "wallet"),
            ("my credit", "wallet"),
            ("新对话", "new"),
            ("New conversation!", "new"),
            ("switch model", "model"),
            ("换模型", "model"),
            ("历史记录", "chats"),
            ("重新回答", "again"),
        ):
            await desk.say(said)
            assert desk.said.startswith(desk.words("did-you-mean", command=command)), said
            assert desk.words("button-ask-it") in desk.buttons
        assert await house.value("SELECT count(*) FROM turns") == 1
