"""Telegram's places that close: where a message goes then, and that nothing is tried over and over."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.messages.rendering import Look, Rendered, render
from bots.messages.reply import Reply
from bots.outgoing.posting import Unreachable
from bots.telegram_bot.app import open_bot
from bots.telegram_bot.sending import TelegramSender
from tests.support.chats import telegram_settings
from tests.support.house import settings_for
from tests.support.telegram.emulator import FakeTelegram

GROUP, TOPIC = -1001, 5


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        await fake.add_group(GROUP, title="Staff", threads=(TOPIC,))
        yield fake


@pytest.fixture
async def sender(telegram: FakeTelegram, sqlite_url: str) -> AsyncIterator[TelegramSender]:
    settings = settings_for(sqlite_url, telegram=telegram_settings(telegram))

    class Opened:
        pass

    core = Opened()
    core.settings = settings  # type: ignore[attr-defined]
    bot = open_bot(core)  # type: ignore[arg-type]
    try:
        yield TelegramSender(bot, settings)
    finally:
        await bot.session.close()


def hello() -> Rendered:
    return render(Reply("cancelled"), Look("en", "telegram", 4096))


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_topic_that_is_gone_is_followed_by_the_general_one(telegram, sender, deleted):
    await sender.write(f"{GROUP}/{TOPIC}", hello())
    await telegram.close_topic(GROUP, TOPIC, deleted=deleted)
    await sender.write(f"{GROUP}/{TOPIC}", hello())
    last = [call for call in telegram.calls if call.method == "sendMessage"][-1]
    assert last.status == 200
    assert "message_thread_id" not in last.fields


async def test_a_forum_that_is_closed_altogether_is_unreachable(telegram, sender):
    for thread in (TOPIC, 0):
        await telegram.close_topic(GROUP, thread)
    with pytest.raises(Unreachable):
        await sender.write(f"{GROUP}/{TOPIC}", hello())


async def test_a_group_that_does_not_let_it_write_is_unreachable(telegram, sender):
    await telegram.set_chat_state(GROUP, "restricted")
    with pytest.raises(Unreachable):
        await sender.write(str(GROUP), hello())


@pytest.mark.parametrize(
    "words",
    [
        "not enough rights to send text messages to the chat",
        "have no rights to send a message",
        "need administrator rights in the channel chat",
        "CHAT_WRITE_FORBIDDEN",
        "CHAT_RESTRICTED",
        "CHAT_ADMIN_REQUIRED",
        "CHAT_SEND_PLAIN_FORBIDDEN",
        "CHANNEL_PRIVATE",
        "PEER_ID_INVALID",
        "chat not found",
        "user not found",
        "group chat was deactivated",
        "the group chat was deleted",
        "USER_IS_BLOCKED",
        "INPUT_USER_DEACTIVATED",
    ],
)
async def test_whatever_the_words_it_is_tried_once(telegram, sender, words):
    await telegram.fault("sendMessage", "400", text=f"Bad Request: {words}")
    with pytest.raises(Unreachable):
        await sender.write(str(GROUP), hello())
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 1
