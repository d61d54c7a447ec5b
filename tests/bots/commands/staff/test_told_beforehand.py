"""What staff are told before they press: who really goes, what is there at all, and how a pool is set up."""

from __future__ import annotations

from datetime import timedelta

from bots.messages.alert_words import what_it_says
from bots.messages.rendering import Look, words
from core.actors import Role
from core.clock import MovedClock
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house
from tests.support.moved import START, open_moved_house


@EACH_ON_ONE
async def test_uninvited_members_of_a_team_with_too_many_are_named(database_url: str, language: str):
    async with open_moved_house(database_url) as house:
        await house.seat("anna@example.com")
        stranger = "guest@elsewhere.example.com"
        house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], stranger)
        await house.sync()
        house.clock.move(minutes=1)
        await house.seat("bob@example.com")
        desk = Desk(house, language=language)
        await desk.say('/editteam "Workspace 1" seats=2')
        answer = await desk.say('/remove over "Workspace 1"')
        assert "bob@example.com" in answer
        told = desk.words("bulk-over-strangers", team="Workspace 1", count=1, addresses=stranger)
        assert told in answer

        # Where everybody was invited, nothing is said of others.
        await house.execute("UPDATE seats SET occupant = NULL, state = 'free' WHERE occupant IS NOT NULL")
        await desk.say('/editteam "Workspace 1" seats=1')
        answer = await desk.say('/remove over "Workspace 1"')
        assert "bob@example.com" in answer
        assert "/remove" not in answer


@EACH_ON_ONE
async def test_the_end_of_a_days_limit_is_said_once(database_url: str, language: str):
    clock = MovedClock(START)
    async with open_house(database_url, clock=clock, limits={"redemptions_per_day": 1}) as house:
        first, second = await house.make_codes(2)
        anna = Desk(house, Role.ANYONE, "7", language=language)
        await anna.say(f"anna@example.com {first}")
        answer = await anna.say(f"other@example.com {second}")
        assert answer == anna.words("error-daily_limit", most=1, until=START + timedelta(days=1))
        assert [answer.count(" after "), answer.count("之后")] == ([1, 0] if language == "en" else [0, 1])


@EACH_ON_ONE
async def test_what_is_not_there_is_not_asked_about(database_url: str, language: str):
    async with open_house(database_url, workspaces=2) as house:
        desk = Desk(house, language=language)
        missing = desk.words("error-not_found", kind="transfer", name="99")
        assert await desk.say("/transfers cancel 99") == missing
        assert desk.words("button-confirm") not in desk.buttons

        # Nor is there a team of somebody who is nowhere.
        answer = await desk.say("/adopt nobody@example.com")
        assert desk.words("adopt-line-left", address="nobody@example.com", team="none",
                          reason=desk.words("adopt-left-not_there")) in answer  # fmt: skip

        # A name written in full is no guess, in the chat.
        assert "ws-1" in await desk.say("/find workspace 1")
        assert await desk.say("/find workspace") == desk.words("found-alike", query="workspace")

        await desk.say("/subscribe warning report=08:00")
        assert "08:00 UTC" in await desk.say("/subscribe list")
        answer = await desk.say("/pool set default grace=48 moves=2")
        assert desk.words("term-day", count=2) in answer
        await house.make_codes(2)
        assert desk.words("batch-ends") in await desk.say("/codes batch=1 auto_transfer=no")


def test_alerts_speak_of_lengths_and_of_nobody_in_words():
    look = Look("en", "plain", 1000)
    said = words(what_it_says("extension_asked", {"team": "Blue", "wish": 1, "term": "30d"}), look)
    assert "30 days longer" in said
    empty = {"pool": "plus", "free": 0, "occupied": 0, "seats": 0, "teams": [], "full": 0}
    assert "0 of 0" not in words(what_it_says("pool_full", empty), look)
