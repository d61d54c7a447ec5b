"""A whole evening in Telegram, in both languages, with everything going wrong that can."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Role
from core.people import people
from core.teams import teams
from core.waitlist import sweep as serving
from tests.support.chats import LANGUAGES, TelegramDriver, open_chat, telegram_settings
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram, text_of

ME, FRIEND = "me@example.com", "friend@example.com"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_whole_conversation(sqlite_url: str, language: str):
    async with FakeTelegram() as telegram:
        section = telegram_settings(telegram)
        async with (
            open_house(sqlite_url, workspaces=1, seats=1, telegram=section, language="en") as house,
            open_chat("telegram", house, language=language, telegram=telegram) as chat,
        ):
            assert isinstance(chat, TelegramDriver)
            await _evening(chat, house, telegram)
            # The edit whose line broke had been done: saying it again is refused, and taken for what it is.
            assert all("not modified" in call.description for call in await telegram.rejections())


async def _evening(chat: TelegramDriver, house: House, telegram: FakeTelegram) -> None:
    [mine, friends] = await house.make_codes(2)
    assert await chat.say("/start") == chat.words("welcome")

    # The address first; then Telegram has had enough for a second; then the process ends and another one begins.
    assert await chat.press(chat.label("redeem")) == chat.words("ask-redeem-address", address="", count=0)
    await telegram.fault("sendMessage", "429", retry_after=1)
    assert await chat.say(ME) == chat.words("ask-codes", address=ME, count=0)
    await chat.restart()

    # The code is mistyped, then right, while a line breaks after the message has gone out.
    mistyped = mine[:-1] + ("A" if mine[-1] != "A" else "B")
    assert chat.words("error-mistyped_code", code=mistyped) in await chat.say(mistyped)
    await telegram.fault("editMessageText", "drop_after")
    update = await telegram.say(mine, lang=chat.code)
    assert chat.words("redeemed-invited", address=ME, team="Workspace 1") in await chat.answer(update)

    # Telegram brings the same update again, and so does the person.
    standing = len(await telegram.messages())
    await telegram.replay_update(update["update_id"])
    assert chat.words("redeemed-before", address=ME, team="Workspace 1") in await chat.say(f"{mine} {ME}")
    assert len(await telegram.messages()) == standing + 1

    # A friend finds every seat taken and waits; the process ends again; a seat frees up, and they are told.
    full = await chat.answer(await telegram.say(f"{FRIEND} {friends}", user_id=8, lang=chat.code), chat=8)
    assert chat.words("error-no_seats", waitlist=True) in full
    pressed = await telegram.press(chat.label("join"), user_id=8, lang=chat.code)
    assert chat.words("waitlist-joined", address=FRIEND) in await chat.answer(pressed, chat=8)
    await chat.restart()
    for space in house.sandbox.world.spaces.values():
        space.seats = 2
    await teams.change_team(house.core, SYSTEM, "Workspace 1", capacity=2)
    await serving.serve(house.core)
    told = chat.words("notice-waitlist_invited", address=FRIEND, team="Workspace 1", code=friends[-4:])
    assert text_of(await telegram.wait_message(8, told))

    # Somebody signs in as staff and leaves no token behind.
    token, _ = await people.issue_token(house.core, SYSTEM, Role.OPERATOR)
    signing_in = await telegram.say(f"/claim {token}", lang=chat.code)
    assert chat.words("signed-in", role=chat.words("role-operator")) in await chat.answer(signing_in)
    assert await telegram.is_deleted(7, signing_in["message"]["message_id"])
    assert [address for _, address in house.invited()] == [ME, FRIEND]
