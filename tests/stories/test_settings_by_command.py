"""An administrator changes how the house works, and nothing has to be started anew."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.conftest import OpenStory

OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}


async def test_setting_and_resetting(story: OpenStory):
    async with story(**OWNERS) as chat:
        assert chat.words("setting", name="limits.attempts", value="10") in await chat.say("/settings attempts")
        assert chat.words("setting-set", name="limits.attempts", value="25") in await chat.say(
            "/settings limits.attempts 25"
        )
        assert chat.house.core.settings.limits.attempts == 25
        assert "✎" in await chat.say("/settings")
        answer = await chat.say("/settings limits.attempts lots")
        assert (
            chat.words("error-bad_setting", name="limits.attempts", value="lots", wanted="number", choices=[]) in answer
        )
        # Lengths of time are written and said as such.
        ten = chat.words("setting-set", name="limits.lock", value=timedelta(minutes=10))
        for written in ("600", "10 minutes", "10m"):
            assert ten in await chat.say(f"/settings limits.lock {written}")
        assert chat.house.core.settings.limits.lock == 600
        assert "limits.lock" in await chat.say("/settings limits.lock soon")
        assert chat.house.core.settings.limits.lock == 600
        await chat.say("/settings transfers.grace_hours 2 days")
        assert chat.house.core.settings.transfers.grace_hours == 48
        two = chat.words("term-day", count=2)
        for written in ("grace=48h", "grace 2 days", "grace=48"):
            assert two in await chat.say(f"/pool set default {written}")
        assert await chat.house.value("SELECT grace_hours FROM pools") == 48
        await chat.say("/settings redemption.blocked spam.example mail.example")
        assert chat.house.core.settings.redemption.blocked == ["spam.example", "mail.example"]
        await chat.say("/settings limits.attempts")
        assert chat.words("setting-reset", name="limits.attempts", value="10") in await chat.press(
            chat.label("setting-reset")
        )
        assert chat.house.core.settings.limits.attempts == 10


async def test_the_shops_own_words_are_shown_first_then_said_and_reset(story: OpenStory):
    async with story(**OWNERS) as chat:
        settings = chat.house.core
        shown = await chat.say("/settings texts")
        assert "`mail.invited`".strip("`") in shown
        assert "you@example.com" in await chat.say("/settings mail.invited")
        answer = await chat.say("/settings welcome.en Hello from {shop}. Your name: {nick}")
        places = {"name": "welcome.en", "place": "{nick}", "known": ["{shop}", "{contact}"], "count": 2}
        assert chat.words("error-unknown_place", **places) in answer
        answer = await chat.say("/settings mail.invited.en Hello {address}, change nothing.")
        assert (
            chat.words("error-missing_place", name="mail.invited.en", place="{team}", needed=["{team}", "{address}"])
            in answer
        )
        await chat.say("/settings shop The Seat Shop")
        answer = await chat.say("/settings welcome.en Hello from {shop}. name: change nothing")
        assert "Hello from The Seat Shop. name: change nothing" in answer
        assert not settings.settings.texts, "it was only shown"
        await chat.press(chat.label("setting-keep"))
        assert settings.settings.texts == {"welcome.en": "Hello from {shop}. name: change nothing"}
        assert "welcome.en" in await chat.say("/settings")
        await chat.say("/settings welcome.en reset")
        assert not settings.settings.texts
        told = await chat.house.rows("SELECT action FROM audit_log WHERE subject = 'setting' ORDER BY id")
        assert [row[0] for row in told] == ["setting.changed", "setting.changed", "setting.reset"]
