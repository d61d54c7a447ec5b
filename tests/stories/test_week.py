"""A week of staff's life, and the day of whoever runs the house."""

from __future__ import annotations

from core.actors import SYSTEM
from core.jobs.sweep import work_off
from core.sync import sync
from tests.stories.conftest import OpenStory

STRANGER = "stranger.ws-1@elsewhere.example.com"
OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}


async def test_a_week(story: OpenStory):
    async with story(workspaces=3, seats=4, patience=10.0, **OWNERS) as chat:
        house = chat.house

        # Monday: the pool gets a name for people, codes are made for one customer, and for whoever has them.
        answer = await chat.say("/pool set default public Gold seats moves 2 grace 24 choice on")
        assert chat.words("pool-changed", pool="default") in answer
        answer = await chat.say("/generate 1 for=anna@example.com label Anna")
        assert chat.words("codes-for", whose="anna@example.com") in answer
        await chat.say("/generate 3 per_person=1 label spring")
        assert "anna@example.com" in await chat.say("/codes")
        assert "#1" not in await chat.say("/codes batch 2")

        # Tuesday: somebody is seated without a code, and what staff know is noted.
        assert "Workspace 2" in await chat.say("/invite bert@example.com Workspace 2 1 month")
        await chat.say("/note bert@example.com Pays by invoice")
        house.sandbox.accept("bert@example.com")
        house.sandbox.set_faults(["foreign-member"])
        await sync.sync_all(house.core, SYSTEM)
        house.sandbox.set_faults([])
        await chat.say("/find bert")
        assert "Pays by invoice" in await chat.press("bert@example.com")

        # Wednesday: members whom nobody invited are looked at, one is kept, another is taken in.
        assert STRANGER in await chat.say("/sweep unauthorised dry")
        assert STRANGER in await chat.say(f"/protect {STRANGER}")
        assert chat.words("adopt", count=1) in await chat.say("/adopt Workspace 2 term=1mo")
        await chat.press(chat.label("adopt"))

        # Thursday: a seat lasts longer, and moves.
        await chat.say("/extend bert@example.com 1 month")
        await chat.say("/transfer bert@example.com")
        assert "bert@example.com" in await chat.press(chat.label("transfer-now"))
        assert "bert@example.com" in await chat.say("/transfers all")
        assert chat.words("requests-none") in await chat.say("/requests")

        # Friday: the alert chat hears of the day; a task is stopped, and figures go to the office.
        await chat.say("/subscribe warning report 08:00")
        await chat.say("/subscribe list")
        await chat.say("/resend pool=default missing")
        await work_off(house.core)
        await chat.say("/redemptions file=csv")
        assert [name for name, _ in chat.files] == ["redemptions.csv"]
        await chat.say("/removals")
        assert "Workspace 2" in await chat.say("/stats 7d")
        assert await house.breaches() == []


async def test_the_operator(story: OpenStory):
    async with story(workspaces=2, seats=3, **OWNERS) as chat:
        await chat.say("/start")
        await chat.say("/timezone Europe/Berlin")
        await chat.say("/settings")
        await chat.say("/settings limits.attempts 20")
        await chat.say("/settings shop The Seat Shop")
        await chat.say(f"/settings welcome.{chat.language} Welcome to {{shop}}! Send me your code.")
        assert "Welcome to The Seat Shop!" in await chat.press(chat.label("setting-keep"))
        await chat.say("/sweep")
        await chat.say("/staff token viewer")
        await chat.say("/staff")
        await chat.say("/locks")
        await chat.say("/backup")
        answer = await chat.say("/audit setting")
        assert chat.words("audited-setting-changed") in answer
        assert "limits.attempts" in answer
        await chat.say("/hooks")


async def test_a_stranger(story: OpenStory):
    async with story(workspaces=1, seats=1) as chat:
        house = chat.house
        first, second = await house.make_codes(2, term="30d")
        await chat.say("/start")
        await chat.say("hi")
        assert "default" in await chat.say(f"/verify {first}")
        await chat.say(f"anna@example.com {first[:-1]}{'0' if first[-1] != '0' else '1'}")
        await chat.say(f"anna@example.com {first}")
        house.sandbox.accept("anna@example.com")
        await sync.sync_all(house.core, SYSTEM)
        assert chat.words("myseat-left-move", team="Workspace 1", count=29) in await chat.say("/myseat")
        await chat.say(f"bert@example.com {second}")
        assert "bert@example.com" in await chat.press(chat.label("join"))
        assert "bert@example.com" in await chat.say("/waitlist")
        await chat.say("thanks")
