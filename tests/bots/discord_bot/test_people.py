"""Whom Discord speaks of and to: people mentioned as values, and the language of somebody whose messages name none."""

from __future__ import annotations

import pytest

from bots.discord_bot.events import person_in
from bots.discord_bot.tongues import REMEMBERED, Tongues
from core.languages import written_in
from tests.support.discord.chat import plain
from tests.support.discord.emulator import text_of
from tests.support.discord.house import open_discord_house

CHINESE = {"locale": "zh-CN"}


@pytest.mark.parametrize(
    ("value", "person"),
    [
        ("<@77>", "discord:77"),
        (" <@!77> ", "discord:77"),
        ("<@&77>", "<@&77>"),
        ("hello <@77>", "hello <@77>"),
        ("<@x>", "<@x>"),
        (77, 77),
        (True, True),
    ],
)
def test_a_value_that_is_a_mention_is_that_person(value, person):
    assert person_in(value) == person


async def test_people_are_named_by_mentioning_them_wherever_a_person_is_wanted(sqlite_url):
    async with open_discord_house(sqlite_url, staff={"owners": ["discord:7"]}) as usher:
        discord = usher.discord
        code = (await usher.house.make_codes())[0]
        wish = await discord.slash("redeem", {"address": "ada@example.com", "codes": code}, user=77)
        await discord.wait_answer(wish, "Done")
        assert "ada@example.com" in text_of(await discord.run("find", {"what": "<@77>"}))
        assert "discord:77" in plain(
            text_of(await discord.run("grant", {"person": "<@77>", "what": "5", "reason": "x"}))
        )
        banned = await discord.run("locks", {"action": "ban", "identity": "<@!77>", "reason": "x"})
        assert "discord:77" in plain(text_of(banned))
        # A question is answered by a mention, too, in words and in the form behind the button.
        await discord.run("find", dm=True)
        assert "ada@example.com" in text_of(await discord.ask("<@77>"))
        await discord.run("find")
        form = await discord.press("✏️ Answer")
        found = await discord.wait_answer(await discord.submit(form, {"what": "<@77>"}))
        assert "ada@example.com" in text_of(found)
        # Who is an owner by the configuration is called so, though no row says it.
        await discord.run("myseat", dm=True)
        assert "(owner)" in text_of(await discord.run("find", {"what": "<@7>"}))
        assert not await discord.rejections()


async def test_whoever_uses_discord_in_a_language_is_answered_in_it_below_messages_as_well(usher, discord, code):
    assert "👋 我" in text_of(await discord.run("start", **CHINESE))
    # Neither says in which language it is.
    assert "还没有席位" in text_of(await discord.run("myseat", dm=True, **CHINESE))
    assert "兑换码" in text_of(await discord.ask("what is this"))
    said = await discord.dm(f"ada@example.com {code}")
    assert await discord.wait_message("已邀请", since=said, dm=True)


async def test_who_writes_chinese_is_answered_so(discord):
    assert "您好" in text_of(await discord.ask("你好"))
    assert "Hello" in text_of(await discord.ask("hello"))


async def test_what_somebody_chose_counts_for_more_than_what_their_discord_speaks(discord):
    await discord.run("language", {"language": "en"}, **CHINESE)
    assert "Hello" in text_of(await discord.ask("你好"))


def test_what_is_not_spoken_here_is_answered_in_the_usual_language():
    tongues = Tongues()
    assert tongues.of("7", "fr", "取消") is None
    assert tongues.of("7", "", "取消") == "zh-CN"
    assert tongues.of("7", "zh-TW") == "zh-CN"
    assert tongues.of("7", "", "hello") == "zh-CN"


def test_only_so_many_are_remembered():
    tongues = Tongues()
    for number in range(REMEMBERED + 1):
        tongues.of(str(number), "zh-CN")
    assert tongues.of("0", "") is None
    assert tongues.of("1", "") == "zh-CN"


@pytest.mark.parametrize(
    ("text", "language"),
    [("取消", "zh-CN"), ("ada@example.com TEAM-1", None), ("日本語です", None), ("한국어 漢字", None), ("", None)],
)
def test_a_language_is_seen_by_its_script(text, language):
    assert written_in(text) == language


async def test_a_mention_alone_is_a_call(sqlite_url):
    async with open_discord_house(sqlite_url) as usher:
        discord, me = usher.discord, (await usher.discord.place())["app"]
        said = await discord.say(f"<@{me}>")
        assert "Let's talk in private" in text_of(await discord.wait_message(since=said))
        said = await discord.say(f"<@{me}> thanks")
        await discord.wait_idle(quiet=0.5)
        assert len(await discord.messages()) == 1


async def test_the_time_is_said_in_the_chosen_zone_and_not_in_that_of_the_device(discord):
    for options in ({}, {"zone": "UTC+8"}):
        said = text_of(await discord.run("timezone", options))
        assert "<t:" not in said
        assert "time zone of your device" in said
    assert "设备" in text_of(await discord.run("timezone", **CHINESE))


async def test_in_a_server_nobody_is_asked_to_write_a_secret_for_all_to_read(sqlite_url):
    async with open_discord_house(sqlite_url, staff={"owners": ["discord:7"]}) as usher:
        discord = usher.discord
        for name, options in (("import", {}), ("addteam", {"provider": "chatgpt"})):
            await discord.run(name, options)
        for locale, part in (("en-US", "others would read it"), ("zh-CN", "别人会看到")):
            assert part in text_of(await discord.run("verify", {"code": "nonsense"}, locale=locale))
        assert "others would read it" in text_of((await discord.messages())[0])
        assert "others would read it" not in text_of(await discord.run("verify", {"code": "nonsense"}, dm=True))
