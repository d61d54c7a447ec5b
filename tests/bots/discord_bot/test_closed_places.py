"""Discord's places that close: where a message goes then, and that nothing is tried over and over."""

from __future__ import annotations

import pytest

from bots.messages.reply import Reply
from bots.outgoing.posting import NotNow, Unreachable
from core import outbox
from tests.support.chats import until
from tests.support.discord.house import open_discord_house, running


@pytest.fixture
async def place(discord):
    return int(await discord.add_channel("staff"))


async def test_an_archived_thread_is_opened_again_once(usher, discord, place):
    first = await usher.bot.sender.write(place, Reply("cancelled"), "en")
    await discord.set_channel_state(str(place), "archived")
    await usher.bot.sender.write(place, Reply("cancelled"), "en")
    await discord.set_channel_state(str(place), "archived")
    await usher.bot.sender.write(place, Reply("cancelled"), "en", edit=first)
    opened = [call for call in await discord.recorded_calls("PATCH /channels/") if call.json == {"archived": False}]
    assert len(opened) == 2
    assert len(await discord.messages(channel=str(place))) == 2


@pytest.mark.parametrize("state", ["locked", "odd", "forbidden", "hidden", "deleted"])
async def test_what_takes_nothing_is_unreachable(usher, discord, place, state):
    await discord.set_channel_state(str(place), state)
    with pytest.raises(Unreachable):
        await usher.bot.sender.write(place, Reply("cancelled"), "en")


@pytest.mark.parametrize("state", ["busy", "slow"])
async def test_what_has_had_enough_is_left_for_later(usher, discord, place, state):
    await discord.set_channel_state(str(place), state)
    with pytest.raises(NotNow):
        await usher.bot.sender.write(place, Reply("cancelled"), "en")
    await discord.set_channel_state(str(place), "open")
    await usher.bot.sender.write(place, Reply("cancelled"), "en")


async def test_an_archived_thread_that_may_not_be_opened_is_unreachable(usher, discord, place):
    await discord.set_channel_state(str(place), "archived")
    await discord.fault("PATCH /channels/*", "error", code=50013)
    with pytest.raises(Unreachable):
        await usher.bot.sender.write(place, Reply("cancelled"), "en")


async def test_a_notice_to_a_locked_thread_is_tried_once(sqlite_url):
    async with (
        open_discord_house(sqlite_url, connected=False) as usher,
        running(usher.core, usher.discord, delivers=True),
    ):
        await usher.discord.wait_connected(1)
        channel = await usher.discord.add_channel("staff")
        await usher.discord.set_channel_state(channel, "locked")
        facts = {"address": "a@example.com", "team": "Blue", "code": "1234"}
        at = usher.core.now()
        await usher.core.write(
            outbox.put,
            "discord",
            outbox.in_chat("discord", channel),
            outbox.Notice("invited", facts, language="en"),
            at,
        )

        async def settled() -> bool:
            rows = await usher.house.rows("SELECT state, error, tries FROM notices")
            return [tuple(row) for row in rows] == [("dead", "unreachable", 1)]

        await until(settled, 60, "the notice goes on being tried")


async def test_a_person_in_direct_messages_uses_slash_commands(usher, discord, code):
    """Contexts 0 and 1 are registered; an answer in direct messages is seen by both, and stays."""
    for command in await discord.commands():
        assert command["contexts"] == [0, 1], command["name"]
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code}, dm=True)
    answer = await discord.wait_answer(asked, "Done")
    assert not answer["flags"] & 64
    assert [address for _, address in usher.house.invited()] == ["ada@example.com"]
    assert "ada@example.com" in str(await discord.run("myseat", dm=True))
    assert await discord.run("stock", dm=True)
    assert not await discord.rejections()
