"""What is asked, refused or lost is said in the words of whoever asked for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bots.messages
from core.actors import SYSTEM, Role
from core.rules.money import read_limit
from core.sources import models
from tests.bots.commands.test_mistyped import _asked
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

LOCALES = Path(bots.messages.__file__).parent / "locales"


@EACH_ON_ONE
async def test_what_to_do_with_a_wallet_is_asked_in_labels_of_one_kind(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        for said in ("/wallet -5", "/wallet foo"):
            assert (
                await desk.say(said)
                == {
                    "en": "What would you like to do with your wallet?",
                    "zh-CN": "您想用钱包做什么？",
                }[language]
            )
            labels = {"en": ["Show", "History", "Daily limit", "Pay for a group"],
                      "zh-CN": ["查看", "明细", "每日上限", "为群付款"]}[language]  # fmt: skip
            assert list(desk.buttons)[:4] == labels
        await desk.press(labels[2])
        assert desk.reply.key in {"wallet-limit-ask", "error-bad_amount"}


@EACH_ON_ONE
async def test_a_text_where_a_number_is_wanted_leads_to_the_list(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        await desk.say("/chats delete")
        assert await desk.say("foo") == {
            "en": "Please send the number that /chats shows.",
            "zh-CN": "请发送 /chats 中显示的编号。",
        }[language]  # fmt: skip
        await desk.say("1")
        assert desk.reply.key == "chats-delete", "it is still waited for"


@EACH_ON_ONE
async def test_a_link_that_nobody_has_is_named(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        for said in ("/share revoke 9", "/share back 9"):
            assert await desk.say(said) == {
                "en": "You have no link 9. /share list shows yours.",
                "zh-CN": "您没有 9 号链接。/share list 可查看您的链接。",
            }[language]  # fmt: skip
        opened = desk.words("error-not_found", kind="share", name="")
        assert await desk.say("/share copy chat-00000000000000000000000000000000") == opened
        assert "9" not in opened


@EACH_ON_ONE
async def test_what_credit_goes_with_everything_about_somebody_is_named(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        await desk.say("/privacy erase")
        assert {"en": "and you lose 1 credit.", "zh-CN": "剩余的 1 额度随之失效。"}[language] in desk.said
        poor = Desk(house, Role.ANYONE, identity="43", language=language)
        await poor.say("/privacy erase")
        assert {"en": "links are deleted as well.", "zh-CN": "分享链接也会删除。"}[language] in poor.said


@EACH_ON_ONE
async def test_the_name_of_elsewhere_keeps_what_stood_behind_it(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        for name, title in (("rename", "Foo"), ("title", "Foo Bar")):
            await desk.say(f"/{name} {title}")
            await desk.press(f"/chats rename {title}")
            assert desk.reply.key == "chats-page"
            assert title in desk.said
        await desk.say("/limit 0.5")
        await desk.press("/wallet limit 0.5")
        assert desk.reply.key == "wallet-limit-set"
        await desk.say("/persona You are a pirate, a=b")
        await desk.press("/instructions")
        assert "You are a pirate, a=b" in await desk.say("/instructions")
        await desk.say("/continue foo")
        assert "/again go_on" in desk.buttons, "what fits nowhere is left out"
        await desk.say("/help rename")
        assert "/chats rename rename" not in desk.buttons


@pytest.mark.parametrize("said", ["off", "关闭", "不限", "无限制", "取消限额"])
async def test_no_limit_in_any_words(sqlite_url: str, said: str):
    assert read_limit(said) is None
    async with open_house(sqlite_url) as house:
        desk = await _asked(house, "zh-CN")
        await desk.say("/wallet limit 0.5")
        await desk.say(f"/wallet limit {said}")
        assert desk.reply.key == "wallet-limit-off"


async def test_a_figure_stands_behind_its_label(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        desk = await _asked(house, "zh-CN")
        assert "余额：1 额度" in await desk.say("/wallet")
    for path in LOCALES.glob("*zh-CN.ftl"):
        assert not re.findall(r"余额 \**\{", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "This conversation has no instructions now."), ("zh-CN", "这段对话现在没有说明了。")],
)
async def test_instructions_that_were_taken_away(sqlite_url: str, language: str, said: str):
    async with open_house(sqlite_url) as house:
        desk = await _asked(house, language)
        assert await desk.say("/instructions off") == said


@EACH_ON_ONE
async def test_a_title_that_is_too_long_is_refused_with_the_limit(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        long = "狐" * 300
        for said in (f"/chats rename {long}", f"/chats rename 1 {long}"):
            told = {
                "en": "A title can be up to 80 characters long; this one has 300.",
                "zh-CN": "标题最多 80 个字符，这个有 300 个。",
            }[language]
            assert told in await desk.say(said)
        assert told in await desk.say(long), "it is still asked for"
        assert "Foxes" in await desk.say("Foxes"), "a shorter one is taken"


@EACH_ON_ONE
async def test_what_share_does_not_understand_shares_nothing_and_says_what_would(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        said = await desk.say("/share tomorrow")
        assert {"en": "`/share 3` one for three days", "zh-CN": "`/share 3` 则有效三天"}[language].replace(
            "`", ""
        ) in said
        assert await house.value("SELECT count(*) FROM shares") == 0
        assert {"en": "To share this conversation yourself", "zh-CN": "如果想分享自己的对话"}[
            language
        ] in await desk.say("/share copy")
        await desk.say("/cancel")
        await desk.say("/stop")
        for word in ("撤销", "undo"):
            assert await desk.say(word) == desk.words("nothing-to-cancel"), "no model is asked"


@EACH_ON_ONE
async def test_a_stop_with_nothing_running_is_answered_in_one_sentence(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        await desk.say("/stop")
        for word in ("stop", "Stop!", "停", "停下来", "/stop"):
            assert await desk.say(word) == {
                "en": "There is nothing to stop at the moment.",
                "zh-CN": "目前没有正在进行的回答。",
            }[language]  # fmt: skip


@EACH_ON_ONE
async def test_the_longest_look_back_and_prices_to_the_last_decimal(database_url: str, language: str):
    async with open_house(database_url) as house:
        desk = await _asked(house, language)
        assert {"en": "30 days at most", "zh-CN": "最多可以查看最近 30 天"}[language] in await desk.say("/usage 999d")
        await desk.say("/cancel")
        await models.change_model(house.core, SYSTEM, "small", price_input=12_345, price_output=50)
        for listed in ("/model", "/models"):
            desk.role = Role.VIEWER
            shown = await desk.say(listed)
            assert "0.012345" in shown
            assert "0.00005" in shown
