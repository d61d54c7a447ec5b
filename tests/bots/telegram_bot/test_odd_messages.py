"""Messages that are no plain words: changed, forwarded, pictures, pins, and links that were made for somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bots.messages.rendering import Key
from bots.telegram_bot.keyboards import LONGEST_LABEL, keyboard
from core.actors import SYSTEM, Role
from core.people import staff
from core.sandbox.server import Sandbox
from tests.bots.telegram_bot.test_telegram import GROUP, ME, opened
from tests.stories.test_talking import open_models
from tests.support.chats import TelegramDriver
from tests.support.credit import Desk as ModelDesk
from tests.support.telegram.emulator import text_of

THIEF = 9
FILE = {"file_id": "f", "file_unique_id": "f"}


async def heard_in_group(chat: TelegramDriver, text: str, **who: Any) -> str:
    return await chat.answer(await chat.telegram.say(text, chat=GROUP, **who), chat=GROUP)


async def got(chat: TelegramDriver, **content: Any) -> str:
    """What the bot says to a message of that content."""
    sender = {"id": 7, "is_bot": False, "first_name": "Me", "language_code": "en"}
    place = {"id": 7, "type": "private", "first_name": "Me"}
    message = {"message_id": 77_000, "date": 1_790_000_000, "chat": place, "from": sender, **content}
    update = await chat.telegram.raw_update("message", message)
    await chat.until_done(update)
    seen = await chat.telegram.act("outgoing", chat=7, since=update["update_id"])
    return "\n\n".join(text_of(one) for one in seen["messages"])


async def test_who_changes_a_message_that_is_over_is_told_to_send_it_again(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        said = await chat.telegram.say("hm")
        await chat.answer(said)
        for wording in (f"{ME} {code}", "/myseat"):
            changed = await chat.telegram.edit(said["message"]["message_id"], wording)
            assert await chat.answer(changed) == chat.words("edited-unread")
        assert not chat.house.invited()


async def test_a_code_that_is_edited_or_forwarded_into_a_group_is_posted_all_the_same(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP, rights={"can_delete_messages": True})
        edited, forwarded = await chat.house.make_codes(2)
        said = await chat.telegram.say("hm", chat=GROUP)
        changed = await chat.telegram.edit(said["message"]["message_id"], f"here: {edited}", chat=GROUP)
        assert await chat.answer(changed, chat=GROUP) == chat.words("group-pointer-code")
        assert await chat.telegram.is_deleted(GROUP, said["message"]["message_id"])
        assert await heard_in_group(chat, f"Your code: {forwarded}", forwarded=True) == chat.words("group-pointer-code")
        for code in (edited, forwarded):
            answer = await chat.answer(await chat.telegram.say(f"thief@example.com {code}", user_id=THIEF), chat=THIEF)
            assert "try again in 10 minutes" in answer
        assert not chat.house.invited()


async def test_a_forwarded_command_is_no_command_of_who_forwards_it(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        for slash in ("/", "\uff0f"):
            update = await chat.telegram.say(f"{slash}myseat", forwarded=True)
            assert await chat.answer(update) == chat.words("did-you-mean", command="myseat")
        asked = await chat.answer(await chat.telegram.say(f"/redeem {code}", forwarded=True))
        assert asked == chat.words("ask-redeem-address", address="", count=1)


async def test_a_command_for_another_bot_is_not_ours_whatever_its_slash(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        assert await heard_in_group(chat, "\uff0fstart@another_bot") == ""
        assert await heard_in_group(chat, "\uff0fstart@usher_test_bot") == chat.words("group-welcome")


async def test_in_a_group_nobody_is_sent_away_to_cancel_nothing(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        assert await heard_in_group(chat, "/cancel") == ""
        assert await heard_in_group(chat, "/cancel@usher_test_bot") == chat.words("nothing-to-cancel")
        assert await heard_in_group(chat, "/hepl@usher_test_bot") == chat.words(
            "error-unknown_command", name="hepl", nearest="help"
        )


async def test_who_speaks_to_the_bot_in_a_group_hears_where_one_talks_with_it(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        assert await heard_in_group(chat, "@usher_test_bot hello") == chat.words("group-welcome")
        assert await heard_in_group(chat, "@usher_test_bot thanks") == ""
        assert await heard_in_group(chat, "hello") == ""


async def test_a_file_of_credentials_in_a_group_is_taken_out_of_sight(sqlite_url: str):
    async with opened(sqlite_url, staff={"owners": ["telegram:7"]}) as chat:
        await chat.telegram.add_group(GROUP, rights={"can_delete_messages": True})
        sent = await chat.telegram.send_document(b"{}", "sessions.json", caption="/import", chat=GROUP)
        assert await chat.answer(sent, chat=GROUP) == chat.words("group-pointer-credential")
        assert await chat.telegram.is_deleted(GROUP, sent["message"]["message_id"])


async def test_every_file_of_an_album_with_credentials_is_deleted(sqlite_url: str):
    async with opened(sqlite_url, staff={"owners": ["telegram:7"]}) as chat:
        await chat.say("/import")
        first = await chat.telegram.send_document(b"one", "a.json", album="A")
        second = await chat.telegram.send_document(b"two", "b.json", album="A")
        await chat.until_done(second)
        await chat.answer(first)
        for part in (first, second):
            assert await chat.telegram.is_deleted(7, part["message"]["message_id"])


async def test_all_files_of_an_album_are_brought_in(sqlite_url: str):
    async with opened(sqlite_url, workspaces=0, staff={"owners": ["telegram:7"]}) as chat, Sandbox(workspaces=2) as up:
        first, second = up.sessions()
        parts = (("a.json", json.dumps(first, indent=2).encode()), ("b.json", json.dumps([second]).encode()))
        answer = await chat.send("", *parts)
        assert chat.words("import-preview", new=2, updated=0, invalid=0, pool="default") in answer


async def test_a_chat_without_pictures_and_files_gets_the_words_and_is_not_given_up(sqlite_url: str):
    async with opened(sqlite_url, staff={"owners": ["telegram:7"]}) as chat:
        await chat.house.make_codes(2)
        await chat.telegram.add_group(GROUP)
        refusal = "Bad Request: not enough rights to send {} to the chat"
        await chat.telegram.fault("sendMediaGroup", "400", text=refusal.format("photos"))
        figures = await heard_in_group(chat, "/stats")
        assert "📊" in figures
        assert chat.words("files-withheld") in figures
        await chat.telegram.fault("sendDocument", "400", text=refusal.format("documents"))
        assert chat.words("files-withheld") in await chat.say("/export 1")
        assert await chat.house.value("SELECT count(*) FROM identities WHERE unreachable_since IS NOT NULL") == 0


async def test_a_link_works_for_whom_it_was_made_and_changes_something_once(sqlite_url: str):
    async with opened(sqlite_url, seats=8, staff={"owners": ["telegram:7"]}) as chat:
        await chat.telegram.add_group(GROUP)
        await heard_in_group(chat, "/generate 3")
        [message] = await chat.telegram.messages(GROUP)
        link = message["reply_markup"]["inline_keyboard"][0][0]["url"].partition("start=")[2]
        stranger = await chat.answer(await chat.telegram.start(link, user_id=THIEF), chat=THIEF)
        assert stranger == chat.words("welcome")
        await chat.answer(await chat.telegram.start(link))
        assert await chat.answer(await chat.telegram.start(link)) == chat.words("error-button_used")
        assert await chat.house.value("SELECT count(*) FROM codes") == 3


async def test_what_happens_to_a_chat_is_nothing_that_was_said(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.say("/redeem")
        pinned = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}
        assert await got(chat, pinned_message=pinned) == ""
        assert await got(chat, message_auto_delete_timer_changed={"message_auto_delete_time": 86400}) == ""


async def test_a_moving_picture_is_no_file_without_a_code(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.open_chat()
        moving = {**FILE, "duration": 1, "width": 1, "height": 1}
        assert await got(chat, animation=moving, document=FILE) == chat.words("small-talk-media", kind="other")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("voice", {"voice": {**FILE, "duration": 1}}),
        ("photo", {"photo": [{**FILE, "width": 1, "height": 1}]}),
        ("other", {"dice": {"emoji": "🎲", "value": 3}}),
        ("file", {"document": {**FILE, "file_name": "me.txt", "mime_type": "text/plain"}}),
    ],
)
async def test_what_cannot_be_the_answer_is_named_and_the_question_stays(
    sqlite_url: str, kind: str, content: dict[str, Any]
):
    async with opened(sqlite_url) as chat:
        question = await chat.say("/redeem")
        assert await got(chat, **content) == chat.words("media-instead", kind=kind) + "\n\n" + question
        assert await chat.say(ME) == chat.words("ask-codes", address=ME)


async def test_talk_beside_a_question_is_answered_and_the_question_stays(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        question = await chat.say("/redeem")
        for said, key in (("Can I talk to a human?", "human"), ("thanks", "thanks"), ("how does it work", "how")):
            assert await chat.say(said) == chat.words(f"small-talk-{key}", contact="none") + "\n\n" + question
        assert await chat.say(ME) == chat.words("ask-codes", address=ME)


async def test_a_remark_beside_a_question_does_not_take_the_message_from_it_that_it_is_about(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        first = await chat.telegram.say(f"{ME} {code[:-1]}{'A' if code[-1] != 'A' else 'B'}")
        await chat.answer(first)
        await chat.say("Can I talk to a human?")
        corrected = await chat.telegram.edit(first["message"]["message_id"], f"{ME} {code}")
        assert chat.words("redeemed-invited", address=ME, team="Workspace 1") in await chat.answer(corrected)


async def test_a_mistyped_code_is_said_before_an_address_is_asked_for(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        [code] = await chat.house.make_codes()
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
        for said in (wrong, f"/start {wrong}", f"/redeem {wrong}"):
            assert chat.words("error-mistyped_code", code=wrong) in await chat.say(said)
            await chat.say("/cancel")


async def test_staff_who_are_not_understood_are_told_of_their_commands(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        assert await chat.say("hm") == chat.words("not-understood")
        await staff.grant(chat.house.core, SYSTEM, "telegram:7", Role.VIEWER)
        assert await chat.say("hm") == chat.words("not-understood-staff")


async def test_a_shared_contact_is_looked_up_for_staff_and_no_word_of_anybody_else(sqlite_url: str):
    async with opened(sqlite_url, open_model=ModelDesk().open) as chat:
        await open_models(chat)
        contact = {"phone_number": "+1", "first_name": "Bob", "user_id": 55}
        await chat.telegram.open_chat()
        assert "55" not in await got(chat, contact=contact)
        assert await chat.house.value("SELECT count(*) FROM turns") == 0
        assert await chat.house.value("SELECT count(*) FROM messages") == 0
        await staff.grant(chat.house.core, SYSTEM, "telegram:7", Role.VIEWER)
        assert await got(chat, contact=contact) == chat.words("found-nothing", query="telegram:55")


def test_long_labels_that_differ_at_their_end_stay_apart():
    labels = {f"{'a' * 70}{number}@example.com" for number in range(10)}
    below = keyboard(tuple((Key(one, "n", None, "plain"),) for one in labels))
    assert below is not None
    shown = {row[0].text for row in below.inline_keyboard}
    assert len(shown) == len(labels)
    assert all(len(one) <= LONGEST_LABEL for one in shown)
