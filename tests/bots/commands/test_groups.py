"""Codes and help in groups, and what a plain word like "stop" does to an open question."""

from datetime import UTC, datetime

import pytest

from bots.commands.small_talk import heard
from core.actors import SYSTEM, Role
from core.clock import MovedClock
from core.credit import grants
from core.rules.gifts import read_giving
from core.sources import models, sources
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

ME = "me@example.com"
ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small"]}
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@EACH_ON_ONE
async def test_a_code_that_was_posted_is_its_posters_for_ten_minutes(database_url: str, language: str):
    async with open_house(database_url, clock=(clock := MovedClock(NOON))) as house:
        mine, later, many, gift = [
            *await house.make_codes(2),
            *await house.make_codes(1, uses=2),
            *await house.make_codes(1, giving=read_giving("credit:5")),
        ]
        group = Desk(house, Role.ANYONE, identity="7", language=language, private=False)
        for code in (mine, later, many, gift):
            assert await group.say(f"my code is {code}") == group.words("group-pointer-code")
        thief = Desk(house, Role.ANYONE, identity="8", language=language)
        aloud = Desk(house, Role.ANYONE, identity="8", language=language, private=False)
        await aloud.say(f"or is it mine? {mine}")
        for code in (mine, gift):
            await thief.say(f"thief@example.com {code}")
            assert thief.reply.key == "error-code_posted"
        assert not house.invited()
        # A code for several people is no secret, and whoever posted one is as fast as ever.
        await thief.say(f"thief@example.com {many}")
        poster = Desk(house, Role.ANYONE, identity="7", language=language)
        assert poster.words("redeemed-invited", address=ME, team="Workspace 1") in await poster.say(f"{ME} {mine}")
        clock.move(minutes=10, seconds=1)
        await thief.say(f"other@example.com {later}")
        assert thief.reply.key == "redeemed-invited"
        assert await house.value("SELECT count(*) FROM facts WHERE name LIKE '%7%' AND name LIKE 'posted:tele%'") == 0


async def test_in_a_group_staff_get_their_help_in_private(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        staff = Desk(house, Role.VIEWER, private=False)
        assert await staff.say("/help") == staff.words("group-pointer")
        everybody = Desk(house, Role.ANYONE, private=False)
        assert everybody.words("help") in await everybody.say("/help")


@pytest.mark.parametrize(
    ("language", "line", "word"),
    [
        ("en", "/pool add", "stop"),
        ("en", "/announce everyone", "Never mind."),
        ("zh-CN", "/announce everyone", "取消"),
        ("zh-CN", "/redeem", "算了吧"),
    ],
)
async def test_a_plain_stop_cancels_what_is_asked(sqlite_url: str, language: str, line: str, word: str):
    async with open_house(sqlite_url) as house:
        desk = Desk(house, language=language)
        await desk.say(line)
        assert desk.reply.state == "asking"
        assert await desk.say(word) == desk.words("cancelled")
        nothing = "talk-nothing-runs" if word == "stop" else "nothing-to-cancel"
        assert await desk.say(word) == desk.words(nothing)
        assert await house.value("SELECT count(*) FROM pools") == 1


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Cancel!", "cancel"),
        ("cancel my invite to Workspace 1", None),
        ("stop the rest of batch 3", None),
        ("取消邀请", None),
        ("不用了，谢谢", "cancel"),
        ("hi", "hello"),
        ("您好！", "hello"),
        ("Thank you 🙏", "thanks"),
        ("谢谢您", "thanks"),
        ("怎么用？", "how"),
        ("How does this work?", "how"),
        ("人工客服", "human"),
        ("I want to talk to a human", "human"),
        ("Is there a human here?", "human"),
        ("请帮我转接人工", "human"),
        ("high", None),
        ("", None),
    ],
)
def test_what_somebody_means_who_just_talks(said: str, meant: str | None):
    assert heard(said) == meant


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_who_just_talks_is_answered_fittingly(sqlite_url: str, language: str):
    async with open_house(sqlite_url, contact="@front_desk") as house:
        stranger = Desk(house, Role.ANYONE, language=language)
        for said, key in (("hi", "hello"), ("谢谢", "thanks"), ("怎么用", "how"), ("bye", "bye")):
            assert await stranger.say(said) == stranger.words(f"small-talk-{key}")
        assert "@front_desk" in await stranger.say("人工客服")
        staff = Desk(house, Role.VIEWER, language=language)
        assert await staff.say("stats 7d") == staff.words("did-you-mean", command="stats")
        await staff.press("/stats")
        assert staff.reply.key.startswith("stats")
        for role, said in ((Role.ANYONE, "stats"), (Role.OWNER, "remove"), (Role.OWNER, "codedraft")):
            key = "not-understood" if role is Role.ANYONE else "not-understood-staff"
            assert Desk(house, role, language=language).words(key) in await Desk(house, role, language=language).say(
                said
            ), "no command of others, none that does harm"


@EACH_ON_ONE
async def test_small_talk_of_who_has_no_credit_is_answered_and_not_refused(database_url: str, language: str):
    async with open_house(database_url) as house:
        small = models.NewModel(price_input=1_000_000, price_output=2_000_000, context=8000)
        await models.add_model(house.core, SYSTEM, "small", small)
        await sources.add_source(house.core, SYSTEM, ACCOUNT)
        desk = Desk(house, Role.ANYONE, language=language)
        for said, key in (("hi", "hello"), ("谢谢", "thanks"), ("help", "how"), ("怎么用", "how"), ("bye", "bye")):
            await desk.say(said)
            assert desk.reply.key == f"small-talk-{key}"
        assert await house.value("SELECT count(*) FROM turns") == 0
        await desk.say("hi, what is a prime number?")
        assert await house.value("SELECT count(*) FROM turns") == 1, "a question is one"
        await grants.give(house.core, SYSTEM, desk._actor(), "1", reason="a test")
        await desk.say("怎么办")
        assert await house.value("SELECT count(*) FROM turns") == 2, "in a conversation that can go on it belongs there"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_bare_command_of_staff_is_no_question_to_a_model(sqlite_url: str, language: str):
    """It would cost credit, or be refused for the want of it; who does want to ask is one button away."""
    async with open_house(sqlite_url) as house:
        small = models.NewModel(price_input=1_000_000, price_output=2_000_000, context=8000)
        await models.add_model(house.core, SYSTEM, "small", small)
        await sources.add_source(house.core, SYSTEM, ACCOUNT)
        staff = Desk(house, Role.VIEWER, language=language)
        assert await staff.say("Stats") == staff.words("did-you-mean", command="stats")
        assert list(staff.buttons) == ["/stats", staff.words("button-ask-it")]
        assert await house.value("SELECT count(*) FROM turns") == 0
        await staff.press("/stats")
        assert staff.reply.key.startswith("stats")
        stranger = Desk(house, Role.ANYONE, language=language)
        await stranger.say("stats")
        await staff.say("stats of the world")
        assert await house.value("SELECT count(*) FROM turns") == 2


@EACH_ON_ONE
async def test_staff_begin_with_today_and_panels(database_url: str, language: str):
    async with open_house(database_url, seats=5) as house:
        [code] = await house.make_codes()
        await house.redeem(ME, code, key="1")
        stranger = Desk(house, Role.ANYONE, language=language)
        assert await stranger.say("/start") == stranger.words("welcome")
        assert list(stranger.buttons) == [stranger.words("button-redeem"), stranger.words("button-how")]
        owner, viewer = Desk(house, language=language), Desk(house, Role.VIEWER, language=language)
        shown = owner.words("panel-home", redeemed=1, joined=0, free=4, seats=5, open=0)
        for line in ("/start", "/help"):
            assert shown in await owner.say(line)
        answer = await owner.press(owner.words("choice-codes"))
        assert "/generate" in answer
        assert "/addteam" not in answer
        assert shown in await owner.press(owner.words("button-up"))
        await viewer.say("/help")
        assert "/generate" not in await viewer.press(viewer.words("choice-codes"))
        answer = await owner.say("/help panel all")
        assert "/generate" in answer
        assert "/addteam" in answer
