"""An administrator changes how the house works, and nothing has to be started anew."""

from __future__ import annotations

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
        await chat.say("/settings redemption.blocked spam.example mail.example")
        assert chat.house.core.settings.redemption.blocked == ["spam.example", "mail.example"]
        await chat.say("/settings limits.attempts")
        assert chat.words("setting-reset", name="limits.attempts", value="10") in await chat.press(
            chat.label("setting-reset")
        )
        assert chat.house.core.settings.limits.attempts == 10
