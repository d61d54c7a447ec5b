"""Talking where several people do: only when addressed, each by name, each place by itself, and at whose cost."""

from __future__ import annotations

import asyncio
from typing import Any

from core.credit import grants
from core.models.protocol import Usage
from core.people.privacy import erase_person, export_person
from tests.bots.test_painting import furnish, on_telegram
from tests.support.chats import TelegramDriver, open_chat
from tests.support.credit import Desk, saying
from tests.support.discord.chat import discord_settings, plain
from tests.support.discord.emulator import PATIENT, FakeDiscord, text_of
from tests.support.house import open_house
from tests.support.telegram.emulator import text_of as telegram_text

GROUP, TOPIC = -1007, 5
JPEG = b"\xff\xd8\xff\xe0" + b"a picture of a fox" * 40
USED = Usage(input=10, output=5)


def asked(desk: Desk, number: int = -1) -> list[str]:
    return [one["content"] for one in desk.questions[number].messages if one["role"] != "system"]


class Group:
    """A group on Telegram with several members."""

    def __init__(self, chat: TelegramDriver) -> None:
        self.chat, self.telegram = chat, chat.telegram

    async def say(self, text: str, part: str = "", **who: Any) -> dict[str, Any]:
        """Say something and wait until it is handled; with `part`, return the message that then comes."""
        sender = {"lang": "en", "chat": GROUP, **who}
        update = await self.telegram.say(text, **sender)
        if update["update_id"]:
            await self.chat.until_done(update)
        return dict(await self.telegram.wait_message(GROUP, part, since=update)) if part else update

    async def said(self) -> list[str]:
        return [telegram_text(one) for one in await self.telegram.messages(GROUP)]


async def test_on_telegram_it_answers_who_addresses_it_by_topic(sqlite_url: str):
    desk = Desk(usual=saying("First", usage=USED))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.telegram.add_group(GROUP, threads=(TOPIC,))
        group = Group(chat)
        me = "@usher_test_bot"
        await group.say("good morning everybody")
        await group.say("/ask@somebody_elses_bot what is it?")
        await group.say(f"mail me at x{me}.example", user_id=8)
        assert await group.said() == []
        assert await chat.house.value("SELECT count(*) FROM messages") == 0

        first = await group.say(f"{me} who are you?", "First")
        assert asked(desk) == ["Person 7: who are you?"]
        desk.usual = saying("Second", usage=USED)
        await group.say("and who am I?", "Second", user_id=8, reply_to=first["message_id"])
        assert asked(desk) == ["Person 7: who are you?", "First", "Person 8: and who am I?"]
        desk.usual = saying("Third", usage=USED)
        await group.say("/ask and here?", "Third", thread=TOPIC)
        assert asked(desk) == ["Person 7: and here?"], "a topic is a place of its own"
        # Each paid for their own, and a reply to somebody else is nobody's business.
        paid = "SELECT count(DISTINCT person_id) FROM calls WHERE charged > 0"
        assert await chat.house.value(paid) == 2
        said = await group.say("I like it", user_id=9)
        await group.say("me too", user_id=8, reply_to=said["message"]["message_id"])
        assert len(desk.questions) == 3

        # What somebody has stays between them and the bot.
        told = await group.say(f"{me} and for me?", chat.words("talk-failed-credit"), user_id=9)
        assert "0" not in telegram_text(told)

        # An edited question is offered to be asked, by who asked it.
        desk.usual = saying("Fourth", usage=USED)
        question = await group.say(f"{me} how far is it?")
        await group.telegram.wait_message(GROUP, "Fourth")
        number = question["message"]["message_id"]
        edited = await chat.telegram.edit(number, f"{me} how far is it now?", chat=GROUP, lang="en")
        await chat.until_done(edited)
        await group.telegram.wait_message(GROUP, chat.words("talk-reworded"))
        asks = len(desk.questions)
        other = await chat.telegram.press(chat.label("talk-reworded"), chat=GROUP, user_id=8, lang="en")
        await chat.until_done(other)
        assert len(desk.questions) == asks, "it is not theirs"
        desk.usual = saying("Fifth", usage=USED)
        pressed = await chat.telegram.press(chat.label("talk-reworded"), chat=GROUP, lang="en")
        await chat.until_done(pressed)
        await group.telegram.wait_message(GROUP, "Fifth")
        assert asked(desk)[-1] == "Person 7: how far is it now?"
        assert asked(desk)[-2] != "Fourth"


async def test_a_picture_that_answers_the_bot_is_a_question(sqlite_url: str):
    async with on_telegram(sqlite_url, Desk(usual=saying("Hello", usage=USED))) as chat:
        await chat.telegram.add_group(GROUP)
        group = Group(chat)
        first = await group.say("@usher_test_bot good morning", "Hello")

        async def show(**more: Any) -> None:
            sent = await chat.telegram.send_document(JPEG, "fox.jpg", kind="photo", chat=GROUP, lang="en", **more)
            await chat.until_done(sent)

        await show()
        assert len(await group.said()) == 1, "what is shown to nobody is nobody's business"
        await show(reply_to=first["message_id"])
        assert await group.said() == ["Hello", chat.words("error-model_sees_not", model="small")]


async def test_a_sponsor_pays_up_to_a_limit_that_all_see(sqlite_url: str):
    # 10 tokens in at 1 and 40 out at 2 credits a million: an answer costs 90 micro-credits, its claim much more.
    desk = Desk(usual=saying("Paid", usage=Usage(input=10, output=40)))
    async with on_telegram(sqlite_url, desk) as chat:
        await chat.telegram.add_group(GROUP)
        group, house, me = Group(chat), chat.house, "@usher_test_bot"
        await group.say("/wallet sponsor", chat.words("sponsor-nobody"), user_id=9)
        await group.say("/wallet sponsor 0.01", chat.words("sponsor-set", name="Person 7", limit="0.01"))
        await group.say("/wallet sponsor 5", chat.words("error-already_sponsored"), user_id=8)
        await group.say("/wallet sponsor off", chat.words("error-not_sponsored"), user_id=8)
        await group.say(f"{me} at whose cost?", "Paid", user_id=9)
        payer = "SELECT c.person_id FROM calls c JOIN identities i ON i.person_id = c.person_id WHERE i.identity = '7'"
        assert len(await house.rows(payer)) == 1
        assert await house.value("SELECT charged FROM calls") == 90
        await group.say("/wallet sponsor", chat.words("sponsor-here", limit="0.01", left="0.0099"), user_id=9)
        assert chat.words("group-pointer") in telegram_text(await group.say("/wallet", chat.words("group-pointer")))

        # The limit holds for what may be claimed, whoever asks; then it says so, and nobody else pays silently.
        await group.say("/wallet sponsor 0.0005", chat.words("sponsor-set", name="Person 7", limit="0.0005"))
        await group.say(f"{me} more", chat.words("error-sponsor_limit", limit="0.0005"), user_id=8)
        assert await house.value("SELECT count(*) FROM calls WHERE state = 'settled'") == 1
        mine = chat.words("sponsor-line", place=f"telegram:{GROUP}", limit="0.0005", left="0.0004")
        assert mine in await chat.say("/wallet sponsor")

        # It ends: what was asked before is at nobody's cost, what is asked after at one's own.
        taken = await export_person(house.core, grants.read_identity("telegram:7"))
        assert [one["daily_limit"] for one in taken["sponsored"]] == ["0.0005"]
        assert chat.words("sponsor-ended-everywhere", count=1) in await chat.say("/wallet sponsor off")
        await group.say(f"{me} and now?", "Paid", user_id=8)
        assert await house.value("SELECT count(DISTINCT person_id) FROM calls WHERE charged > 0") == 2
        actions = "SELECT action FROM audit_log WHERE action LIKE 'talk.sponsor%' ORDER BY id"
        audited = [row[0] for row in await house.rows(actions)]
        assert audited == ["talk.sponsored", "talk.sponsored", "talk.sponsor_ended"]

        # Whoever is forgotten pays for nothing that still waits, and stands in no turn any more.
        await group.say("/wallet sponsor 1", chat.words("sponsor-set", name="Person 8", limit="1"), user_id=8)
        desk.usual = saying("Slow", usage=USED, pause=0.4)
        running = await group.say(f"{me} first", user_id=9)
        await group.say(f"{me} second", chat.words("talk-waits", count=1), user_id=9)
        await erase_person(house.core, grants.read_identity("telegram:8"))
        await group.telegram.wait_message(GROUP, chat.words("error-sponsor_gone"))
        assert running
        assert await house.value("SELECT count(*) FROM turns WHERE payer = 'telegram:8'") == 0
        assert await house.value("SELECT count(*) FROM sponsors") == 0


async def test_on_discord_it_answers_a_mention_a_reply_and_a_command(sqlite_url: str):
    desk = Desk(usual=saying("First", usage=USED))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(sqlite_url, workspaces=0, open_model=desk.open, discord=discord_settings(discord)) as house,
        open_chat("discord", house, discord=discord) as chat,
    ):
        await furnish(house, "discord:7", "discord:8")
        me = f"<@{(await discord.place())['app']}>"
        await discord.say("good morning everybody")
        said = await discord.say(f"{me} who are you?")
        first = await discord.wait_message("First", since=said)
        assert asked(desk) == ["Person 7: who are you?"]
        desk.usual = saying("Second", usage=USED)
        said = await discord.say("and who am I?", user=8, reply_to=first["id"])
        await discord.wait_message("Second", since=said, user=8)
        assert asked(desk) == ["Person 7: who are you?", "First", "Person 8: and who am I?"]

        # A thread is a channel of its own.
        thread = await discord.add_channel("a thread")
        desk.usual = saying("Third", usage=USED)
        said = await discord.say(f"{me} and here?", channel=thread)
        await discord.wait_message("Third", since=said, channel=thread)
        assert asked(desk) == ["Person 7: and here?"]

        # Another wording is offered; a command is answered aloud, and so is who pays.
        desk.usual = saying("Fourth", usage=USED)
        await discord.edit(said, f"{me} and over there?", channel=thread)
        offer = await discord.wait_message(chat.words("talk-reworded"), since=said, channel=thread)
        await discord.press(chat.label("talk-reworded"), channel=thread)
        await discord.wait_message("Fourth", since=offer, channel=thread)
        assert asked(desk) == ["Person 7: and over there?"]
        answer = await discord.run("wallet", {"action": "sponsor", "amount": "0.5"})
        assert chat.words("sponsor-set", name="Person 7", limit="0.5") in plain(text_of(answer))
        assert not answer["flags"]
        desk.usual = saying("Fifth", usage=USED)
        await discord.slash("ask", {"text": "at whose cost?"}, user=9)
        await discord.wait_message("Fifth", user=9)
        assert asked(desk)[-1] == "Person 9: at whose cost?"
        assert (await discord.run("wallet"))["flags"] == 64
        assert not await discord.rejections()
        await asyncio.sleep(0)
