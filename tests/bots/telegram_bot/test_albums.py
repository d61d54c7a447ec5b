"""The pictures of an answer on Telegram: one album above the words, and other pictures in their place afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bots.messages import charts
from bots.messages.rendering import Rendered
from bots.messages.reply import File
from bots.outgoing.posting import NotNow
from bots.telegram_bot.albums import pictures_of, with_pictures
from bots.telegram_bot.app import open_bot
from bots.telegram_bot.sending import TelegramSender
from core.actors import SYSTEM, Role
from core.people import staff
from tests.bots.telegram_bot.test_telegram import opened
from tests.support.telegram.rules import CALLBACK_DATA_BYTES

ME = "me@example.com"


async def photos(chat: Any) -> list[dict[str, Any]]:
    """The standing pictures of the chat, by number of their message."""
    found = [message for message in await chat.telegram.messages() if "photo" in message]
    return sorted(found, key=lambda message: message["message_id"])


async def test_figures_are_one_album_that_other_periods_take_the_place_of(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await staff.grant(chat.house.core, SYSTEM, "telegram:7", Role.VIEWER)
        [code, *_] = await chat.house.make_codes(2)
        await chat.say(f"{ME} {code}")
        await chat.say("/stats")
        [album] = await chat.telegram.recorded_calls("sendMediaGroup")
        assert [one["type"] for one in album.fields["media"]] == ["photo"] * 3
        assert await chat.telegram.recorded_calls("sendPhoto") == []
        first = await photos(chat)
        assert len({one["media_group_id"] for one in first}) == 1
        assert all(one["caption"] for one in first)
        assert "7 days" in first[0]["caption"]
        standing = {message["message_id"] for message in await chat.telegram.messages()}

        await chat.press(chat.label("window-30d"))
        await chat.house.redeem("you@example.com", (await chat.house.make_codes())[0], key="another")
        await chat.press(chat.label("refresh"))
        assert {message["message_id"] for message in await chat.telegram.messages()} == standing, "all in place"
        assert len(await chat.telegram.recorded_calls("sendMediaGroup")) == 1
        assert len(await chat.telegram.recorded_calls("editMessageMedia")) == 6
        changed = await photos(chat)
        assert "30 days: 2 redeemed" in changed[0]["caption"]
        assert [one["photo"][-1]["file_id"] for one in changed] != [one["photo"][-1]["file_id"] for one in first]
        assert await chat.telegram.rejections() == []

        # Somebody takes one picture down: the others go with it, and a whole album comes.
        client = open_bot(chat.house.core)
        await client.delete_message(7, changed[1]["message_id"])
        await client.session.close()
        await chat.press(chat.label("window-7d"))
        again = await photos(chat)
        assert len({one["media_group_id"] for one in again}) == 1
        assert [one["message_id"] in standing for one in again] == [False] * 3
        await chat.press(chat.label("refresh"))
        assert [one["message_id"] for one in await photos(chat)] == [one["message_id"] for one in again]


async def test_one_picture_is_a_photo_and_figures_without_any_take_it_away(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    async with opened(sqlite_url) as chat:
        await staff.grant(chat.house.core, SYSTEM, "telegram:7", Role.VIEWER)
        await chat.say("/stats")
        [photo] = await photos(chat)
        assert "media_group_id" not in photo
        assert await chat.telegram.recorded_calls("sendMediaGroup") == []
        await chat.press(chat.label("window-30d"))
        assert [one["message_id"] for one in await photos(chat)] == [photo["message_id"]]
        # A machine that has lost what draws: old pictures below new figures would be wrong.
        monkeypatch.setattr(charts, "can_draw", lambda: False)
        await chat.press(chat.label("refresh"))
        assert await photos(chat) == []


async def test_what_stands_there_is_not_sent_again(sqlite_url: str):
    async with opened(sqlite_url, patience=0.1) as chat:
        await chat.say("/start")
        client = open_bot(chat.house.core)
        sender = TelegramSender(client, chat.house.core.settings, patience=0.1)
        image = File(
            "a.png",
            await charts.funnel_chart([charts.FunnelRow("a", 1)], charts.FunnelLabels("a", "b", "c")),
            image=True,
        )
        answer = Rendered(("one", "two"), (), (image, image, File("a.csv", b"1")), ("", "second", ""))
        await chat.telegram.fault("sendMessage", "429", retry_after=40)
        with pytest.raises(NotNow) as later:
            await sender.write("7", answer)
        assert later.value.sent == 1, "the album"
        await sender.write("7", answer, skip=later.value.sent)
        await client.session.close()
        assert len(await photos(chat)) == 2
        texts = [message.get("text") for message in await chat.telegram.messages()][-3:]
        assert texts == ["one", "two", None]


def test_a_button_knows_the_pictures_above_it_and_believes_no_other():
    nonce = "A" * 22
    data = with_pictures(nonce, [2_147_483_001, 2_147_483_002, 2_147_483_647])
    assert len(data.encode()) <= CALLBACK_DATA_BYTES
    markup = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="a", callback_data=data)]])
    assert pictures_of(data, markup) == (nonce, (2_147_483_001, 2_147_483_002, 2_147_483_647))
    assert pictures_of(nonce, markup) == (nonce, ())
    assert pictures_of(f"{nonce}:5", markup) == (nonce, ()), "no button of this message says so"
    assert pictures_of(data, None) == (nonce, ())
    assert with_pictures(nonce, range(1, 100)) == nonce, "no room: pictures come anew"
