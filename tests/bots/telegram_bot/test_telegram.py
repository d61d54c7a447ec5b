"""What is Telegram's alone: lost and repeated updates, groups, people who are nobody, and a platform that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.telegram_bot.app import TelegramBot, open_bot
from core import outbox
from core.actors import SYSTEM, Role
from core.clock import MovedClock
from core.people import people
from core.sweeps import alerts as checks
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.house import open_house
from tests.support.telegram.emulator import FakeTelegram, text_of

ME = "me@example.com"
GROUP = -1001
_FROM_ME = {
    "date": 1_790_000_000,
    "chat": {"id": 7, "type": "private", "first_name": "Me"},
    "from": {"id": 7, "is_bot": False, "first_name": "Me", "language_code": "en"},
}


@asynccontextmanager
async def opened(url: str, **house: Any) -> AsyncIterator[TelegramDriver]:
    patience = house.pop("patience", 5.0)
    async with FakeTelegram() as telegram:
        sections = {"telegram": telegram_settings(telegram), **house}
        async with (
            open_house(url, **sections) as rooms,
            open_chat("telegram", rooms, patience=patience, telegram=telegram) as chat,
        ):
            assert isinstance(chat, TelegramDriver)
            yield chat


async def test_the_same_update_twice_is_one_update(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        update = await chat.telegram.say(f"{ME} {code}")
        await chat.answer(update)
        before = len(await chat.telegram.messages())
        await chat.telegram.replay_update(update["update_id"])
        await chat.say("/help")
        assert len(await chat.telegram.messages()) == before + 1
        assert len(chat.house.invited()) == 1


async def test_a_conversation_through_429_and_broken_lines(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code, other] = await chat.house.make_codes(2)
        await chat.telegram.fault("sendMessage", "429", retry_after=1)
        assert chat.words("redeemed-invited", address=ME, team="Workspace 1") in await chat.say(f"{ME} {code}")
        await chat.telegram.fault("sendMessage", "drop_before")
        await chat.telegram.fault("editMessageText", "drop_after")
        answer = await chat.say(f"you@example.com {other}")
        assert chat.words("redeemed-invited", address="you@example.com", team="Workspace 1") in answer
        assert len(chat.house.invited()) == 2


async def test_a_bot_that_takes_messages_for_hours_is_not_said_to_be_late(sqlite_url: str):
    clock = MovedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    async with opened(sqlite_url, clock=clock) as chat:
        await chat.say("/help")
        clock.move(hours=2)
        due = "SELECT due_at FROM sweeps WHERE name = 'telegram-poller'"

        async def renewed() -> bool:
            return bool(await chat.house.value(f"SELECT ({due}) = {int(clock.now().timestamp() * 1_000_000)}"))

        await until(renewed, 240.0, "the lease is not renewed")
        await checks.check(chat.house.core)
        assert await chat.house.rows("SELECT title FROM alerts WHERE title = 'sweep_late'") == []


async def test_telegram_is_away_for_a_while(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        async with chat.telegram.outage("502"):
            update = await chat.telegram.say(f"{ME} {code}")
            await asyncio.sleep(0.5)
        await chat.until_done(update)
        assert len(chat.house.invited()) == 1


async def test_updates_that_came_while_the_bot_was_down(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        codes = await chat.house.make_codes(3)
        await chat.stop()
        updates = [
            await chat.telegram.say(f"p{number}@example.com {code}", user_id=10 + number)
            for number, code in enumerate(codes)
        ]
        await chat.start()
        for update in updates:
            await chat.until_done(update)
        assert {address for _, address in chat.house.invited()} == {f"p{n}@example.com" for n in range(3)}


async def test_messages_of_one_chat_are_answered_in_order(sqlite_url: str):
    async with opened(sqlite_url, latency_ms=150) as chat:
        [code] = await chat.house.make_codes()
        await chat.telegram.say("/redeem")
        await chat.telegram.say(ME)
        last = await chat.telegram.say(code)
        await chat.until_done(last)
        assert [address for _, address in chat.house.invited()] == [ME]


async def test_codes_in_a_group_are_taken_out_of_sight(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        await chat.telegram.add_group(GROUP, rights={"can_delete_messages": True})
        update = await chat.telegram.say(f"{ME} {code}", chat=GROUP)
        answer = await chat.answer(update, chat=GROUP)
        assert answer == chat.words("group-pointer-code")
        assert await chat.telegram.is_deleted(GROUP, update["message"]["message_id"])
        [message] = await chat.telegram.messages(GROUP)
        link = message["reply_markup"]["inline_keyboard"][0][0]["url"]
        assert code not in link
        # Somebody else follows the link first: it is not theirs.
        thief = await chat.telegram.start(link.partition("start=")[2], user_id=8)
        await chat.until_done(thief)
        assert not chat.house.invited()
        mine = await chat.answer(await chat.telegram.start(link.partition("start=")[2]))
        assert chat.words("redeemed-invited", address=ME, team="Workspace 1") in mine


async def test_a_group_without_the_right_to_delete(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        await chat.telegram.add_group(GROUP)
        update = await chat.telegram.say(f"/redeem {ME} {code}", chat=GROUP)
        assert await chat.answer(update, chat=GROUP) == chat.words("group-pointer-code-exposed")
        said = [text_of(one) for one in await chat.telegram.messages(GROUP)]
        assert all(code not in text and ME not in text for text in said)


async def test_small_talk_in_a_group_is_not_our_business(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        for text in ("hello all", "/roll", "/start@other_bot", f"write to {ME}"):
            await chat.until_done(await chat.telegram.say(text, chat=GROUP))
        assert await chat.telegram.messages(GROUP) == []
        pointer = await chat.answer(await chat.telegram.say("/myseat@usher_test_bot", chat=GROUP), chat=GROUP)
        assert pointer == chat.words("group-pointer")
        hello = await chat.answer(await chat.telegram.say("/start", chat=GROUP), chat=GROUP)
        assert hello == chat.words("group-welcome")
        [button] = (await chat.telegram.messages(GROUP))[-1]["reply_markup"]["inline_keyboard"][0]
        # The button is everybody's, and leads to where one talks in private.
        start = await chat.telegram.start(button["url"].partition("start=")[2], user_id=8)
        await chat.until_done(start)
        assert chat.words("welcome") in text_of((await chat.telegram.messages(8))[-1])


@pytest.mark.parametrize("sender", ["anonymous_admin", "channel", "linked_channel", "bot"])
async def test_who_is_nobody(sqlite_url: str, sender: Any):
    async with opened(sqlite_url, staff={"owners": ["telegram:7"]}) as chat:
        await chat.telegram.add_group(GROUP)
        await chat.until_done(await chat.telegram.say("/help", chat=GROUP, sender=sender))
        assert await chat.telegram.messages(GROUP) == []


async def test_a_command_that_came_by_way_of_a_bot_is_nobodys(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.until_done(await chat.telegram.say("/myseat", via_bot=True))
        assert await chat.telegram.messages() == []


async def test_a_forwarded_code_is_as_good_as_a_copied_one(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        update = await chat.telegram.say(f"Your code: {code}", forwarded=True)
        assert await chat.answer(update) == chat.words("ask-redeem-address", address="", count=1)


async def test_pressing_what_is_not_ones_own(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/privacy")
        await chat.press(chat.label("erase"))
        [row] = [
            message["reply_markup"]["inline_keyboard"][0]
            for message in await chat.telegram.messages()
            if chat.words("privacy-erase") in text_of(message)
        ]
        await chat.telegram.say("hello", user_id=8)
        await chat.telegram.wait_message(8)
        forged = await chat.telegram.press(row[0]["callback_data"], user_id=8, forged=True)
        assert (await chat.telegram.wait_callback_answer(forged))["text"] == chat.words("error-button_not_yours")
        made_up = await chat.telegram.press("A" * 22, user_id=8, forged=True)
        assert (await chat.telegram.wait_callback_answer(made_up))["text"] == chat.words("error-button_expired")


async def test_a_confirmation_works_once_and_not_for_long(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/privacy")
        await chat.press(chat.label("erase"))
        await chat.house.execute("UPDATE buttons SET expires_at = 0 WHERE once")
        assert await chat.press(chat.label("erase-confirm")) == chat.words("error-button_expired")


async def test_a_person_who_blocked_the_bot(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/start")
        await chat.telegram.set_chat_state(7, "blocked")
        await chat.house.core.write(_tell, chat.house.core)

        async def given_up() -> bool:
            return await chat.house.value("SELECT state FROM notices") == "dead"

        await until(given_up, 60, "the notice was not given up")
        assert await chat.house.value("SELECT unreachable_since FROM identities") is not None
        await chat.telegram.set_chat_state(7, "open")
        await chat.say("/start")
        assert await chat.house.value("SELECT unreachable_since FROM identities") is None


def _tell(tx: Any, core: Any) -> None:
    facts = {"address": ME, "team": "Workspace 1", "code": "ABCD"}
    outbox.put(tx, "telegram", "7", outbox.Notice("invited", facts), core.now())


async def test_menus_follow_role_and_language(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/start")
        names = {one["command"] for one in await chat.telegram.menu(lang="en")}
        assert {"redeem", "myseat", "help"} <= names
        assert "claim" in names
        chinese = {one["description"] for one in await chat.telegram.menu(user_id=99, lang="zh")}
        assert "我能做什么" in chinese
        token, _ = await people.issue_token(chat.house.core, SYSTEM, Role.OWNER)
        await chat.say(f"/claim {token}")
        staff = {one["command"] for one in await chat.telegram.menu(lang="en")}
        assert names <= staff
        update = (await chat.telegram.conversation(7))[-2]
        assert token in update.text


async def test_the_link_with_a_token_signs_in_and_a_shared_contact_is_somebody(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        issued = await people.first_owner_token(chat.house.core)
        assert issued is not None
        await chat.until_done(await chat.telegram.start(issued[0]))
        assert await chat.house.value("SELECT role FROM people") == "owner"
        assert await people.first_owner_token(chat.house.core) is None
        await chat.say("/staff grant")
        contact = {"contact": {"phone_number": "1", "first_name": "Ann", "user_id": 77}}
        await chat.until_done(await chat.telegram.raw_update("message", {**_FROM_ME, "message_id": 900, **contact}))
        assert chat.words("ask-staff-role", identity="telegram:77") in text_of((await chat.telegram.messages())[-1])


async def test_what_holds_no_words_is_answered_in_words(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/start")
        file = {"file_id": "f", "file_unique_id": "u"}
        sticker: dict[str, Any] = {
            **file,
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        }
        parts: tuple[tuple[str, dict[str, Any], str], ...] = (
            ("voice", {"voice": {**file, "duration": 1}}, "voice"),
            ("sticker", {"sticker": sticker}, "sticker"),
            ("location", {"location": {"latitude": 1.0, "longitude": 1.0}}, "other"),
        )
        for number, (kind, part, named) in enumerate(parts):
            update = await chat.telegram.raw_update("message", {**_FROM_ME, "message_id": 900 + number, **part})
            await chat.until_done(update)
            said = text_of((await chat.telegram.messages())[-1])
            assert said == chat.words("small-talk-media", kind=named), kind


async def test_the_message_with_a_token_disappears(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        token, _ = await people.issue_token(chat.house.core, SYSTEM, Role.VIEWER)
        update = await chat.telegram.say(f"/claim {token}")
        await chat.answer(update)
        assert await chat.telegram.is_deleted(7, update["message"]["message_id"])


async def test_updates_nobody_understands(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.until_done(await chat.telegram.raw_update("message", {"message_id": 5, "chat": {"id": 7}}))
        await chat.until_done(await chat.telegram.raw_update("message", {"nonsense": [1, {"deep": None}]}))
        assert chat.words("welcome") in await chat.say("/start")


async def test_two_bots_one_poller(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/start")
        client = open_bot(chat.house.core)
        stop = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(TelegramBot(chat.house.core, client, poll=2).run(stop))
                for _ in range(3):
                    await chat.say("/help")
                assert (await chat.telegram.status())["conflicts"] == 0
                await chat.stop()
                update = await chat.telegram.say("/myseat")
                await chat.until_done(update)
                stop.set()
        finally:
            await client.session.close()
            await chat.start()


async def test_a_flood_is_answered_politely_and_once(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        updates = [await chat.telegram.say("hm") for _ in range(60)]
        await chat.until_done(updates[-1])
        said = [text_of(message) for message in await chat.telegram.messages()]
        assert said.count(chat.words("slow-down")) == 1
        assert said.count(chat.words("not-understood")) <= 26


async def test_another_program_fetches_the_messages(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/start")
        await chat.telegram.fault("getUpdates", "401", count=3)  # what still goes out would use some of them up

        async def alerted() -> bool:
            return bool(await chat.house.rows("SELECT 1 FROM alerts WHERE title = 'telegram_token_rejected'"))

        async def over() -> bool:
            return bool(await chat.house.rows("SELECT 1 FROM alerts WHERE resolved_at IS NOT NULL"))

        await until(alerted, 60, "staff were not told")
        await until(over, 60, "the alert did not end with its cause")
        assert await chat.say("/start") == chat.words("welcome")


async def test_an_edited_message_corrects_what_is_still_being_asked_about(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code, other] = await chat.house.make_codes(2)
        first = await chat.telegram.say(f"bob@gmail.con {code}")
        assert "bob@gmail.com" in await chat.answer(first)
        edited = await chat.telegram.edit(first["message"]["message_id"], f"rob@example.com {code}")
        assert chat.words("redeemed-invited", address="rob@example.com", team="Workspace 1") in await chat.answer(
            edited
        )
        late = await chat.telegram.edit(first["message"]["message_id"], f"tom@example.com {other}")
        await chat.until_done(late)
        assert chat.house.invited() == [("ws-1", "rob@example.com")]
