"""Conversations: several, kept, found, shared, saved; and what is somebody else's stays theirs."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.actors import SYSTEM, Actor
from core.errors import NotFound
from core.models.protocol import Usage
from core.service import open_core
from core.talk import answers, conversations, exporting, searching, sharing, turns
from core.talk.places import Place
from core.upkeep import rotation
from core.vault import fresh_key
from tests.support.credit import open_bank, saying
from tests.support.house import KEY, settings_for
from tests.talk.test_turns import HERE, ME, QUICK, asked, over, talking, wish

YOU = Actor("telegram", "2")
THERE = Place("telegram", "2", "2", "2")


async def test_several_conversations(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        core = bank.core
        await bank.grant("1")
        await conversations.instruct(core, ME, HERE, "Answer briefly.")
        first = await over(bank, await turns.ask(core, ME, wish("q1", "Where do foxes sleep?")))
        assert asked(bank) == [("system", "Answer briefly."), ("user", "Where do foxes sleep?")]
        await conversations.begin(core, ME, HERE)
        await conversations.begin(core, ME, HERE)  # nothing was said: it is the same one
        bank.desk.usual = saying("在洞里。", usage=Usage(input=5, output=1))
        await over(bank, await turns.ask(core, ME, wish("q2", "狐狸住在哪里？")))
        assert asked(bank) == [("user", "狐狸住在哪里？")]
        listed = await conversations.chat_list(core, ME, HERE)
        assert [(one.title, one.messages, one.here) for one in listed] == [
            ("狐狸住在哪里？", 2, True),
            ("Where do foxes sleep?", 2, False),
        ]
        new, old = listed
        # Found by what was said in them, in any case and language.
        assert [one.role for one in await searching.search(core, ME, "洞里")] == ["assistant"]
        assert [one.conversation_id for one in await searching.search(core, ME, "FOXES")] == [old.id]
        assert await searching.search(core, YOU, "foxes") == []

        await conversations.rename(core, ME, old.id, "Foxes")
        await conversations.pin(core, ME, old.id, True)
        assert [one.title for one in await conversations.chat_list(core, ME, HERE)] == ["Foxes", "狐狸住在哪里？"]
        await conversations.archive(core, ME, new.id, True)
        assert [one.id for one in await conversations.chat_list(core, ME, HERE)] == [old.id]
        assert [one.id for one in await conversations.chat_list(core, ME, HERE, "狐狸")] == [new.id]
        await conversations.open_chat(core, ME, HERE, old.id)
        await conversations.go_back(core, ME, HERE, first.message_id or 0)
        assert await conversations.instructions(core, ME, HERE) == "Answer briefly."

        # A summary begins another one, from the branch of this one alone.
        price = await conversations.summary_price(core, ME, HERE, "small")
        assert price > 0
        bank.desk.usual = saying("We spoke of foxes.", usage=Usage(input=5, output=1))
        await over(bank, await conversations.begin_from(core, ME, wish("s1")))
        assert [who for who, _ in asked(bank)] == ["user", "assistant", "user"]
        await over(bank, await turns.ask(core, ME, wish("q3", "go on")))
        assert [text for _, text in asked(bank)][1:] == ["We spoke of foxes.", "go on"]

        for act in (
            conversations.open_chat(core, YOU, THERE, old.id),
            conversations.rename(core, YOU, old.id, "mine"),
            conversations.delete(core, YOU, old.id),
            conversations.go_back(core, YOU, THERE, first.message_id or 0),
            turns.again(core, YOU, turns.TurnWish("x1", THERE, "en"), answer_id=first.message_id),
        ):
            with pytest.raises(NotFound):
                await act
        await conversations.delete(core, ME, old.id)
        assert await searching.search(core, ME, "sleep") == []
        assert await bank.value("SELECT count(*) FROM conversations") == 2


async def test_a_share_is_a_copy_that_can_be_taken_back(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        core = bank.core
        await bank.grant("1")
        await bank.grant("1", "telegram:2")
        with pytest.raises(NotFound):
            await sharing.share(core, ME, HERE, 7)
        shown = await over(bank, await turns.ask(core, ME, wish("q1", "Where do foxes sleep?")))
        token, _ = await sharing.share(core, ME, HERE, 7)
        assert sharing.is_share(token)
        assert token.encode() not in b"".join(bytes(row[0]) for row in await bank.rows("SELECT digest FROM shares"))
        await over(bank, await turns.ask(core, ME, wish("q2", "a secret that came later")))
        opened = await sharing.open_share(core, YOU, THERE, token, "o1")
        assert await sharing.open_share(core, YOU, THERE, token, "o1") == opened, (
            "its process was killed, and it comes again"
        )
        assert await bank.value("SELECT count(*) FROM conversations") == 2
        saved = await exporting.save_chat(core, YOU, THERE, "json")
        texts = [one["text"] for one in json.loads(saved.content)["messages"]]
        assert texts == ["Where do foxes sleep?", "Hello you"]
        await over(bank, await turns.ask(core, YOU, turns.TurnWish("y1", THERE, "en", text="and mine?")))
        assert len(asked(bank)) == 3
        [mine] = await sharing.share_list(core, ME)
        assert (mine.openings, mine.ends_with) == (1, token[-4:])
        with pytest.raises(NotFound):
            await sharing.revoke(core, YOU, mine.id)
        await sharing.revoke(core, ME, mine.id)
        with pytest.raises(NotFound):
            await sharing.open_share(core, YOU, THERE, token, "o2")
        for form in ("md", "txt"):
            content = (await exporting.save_chat(core, ME, HERE, form)).content
            assert "Where do foxes sleep?" in content
        # A part is marked as one, the asker is called as they are spoken to, and the time is theirs.
        await conversations.instruct(core, ME, HERE, "Briefly.")
        await bank.execute("UPDATE messages SET state = 'stopped' WHERE id = 2")
        wording = exporting.Wording("Ich", {"stopped": "⏹"}, "Asia/Shanghai")
        content = (await exporting.save_chat(core, ME, HERE, "md", wording)).content
        whole = json.loads((await exporting.save_chat(core, ME, HERE, "json", wording)).content)
        at = datetime.fromisoformat(whole["messages"][1]["at"]).astimezone(ZoneInfo("Asia/Shanghai"))
        assert f"small · {at:%Y-%m-%d %H:%M} CST\n\nHello you\n\n⏹\n\n## Ich · " in content
        assert whole["instructions"] == "Briefly."
        assert [one.get("state") for one in whole["messages"]] == [None, "stopped", None, None]
        found = await answers.version(core, ME, shown.message_id or 0)
        assert found is not None
        assert found.text == "Hello you"
        assert await answers.version(core, YOU, shown.message_id or 0) is None


async def test_what_was_said_goes_over_to_a_new_key(database_url: str):
    old, new = KEY, fresh_key()
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        await conversations.instruct(bank.core, ME, HERE, "Answer briefly.")
        await over(bank, await turns.ask(bank.core, ME, wish("q1", "Where do foxes sleep?")))
    both = settings_for(database_url, vault={"active": "k2", "keys": {"k1": old, "k2": new}})
    async with open_core(both) as core:
        assert (await rotation.rotation_left(core, SYSTEM)).left["texts"] == 4
        assert "texts" not in (await rotation.rotate_keys(core, SYSTEM)).left
    async with open_core(settings_for(database_url, vault={"active": "k2", "keys": {"k2": new}})) as core:
        assert await conversations.instructions(core, ME, HERE) == "Answer briefly."
        assert [one.title for one in await searching.search(core, ME, "foxes")] == ["Where do foxes sleep?"]


async def test_several_people_of_a_group_at_once(database_url: str):
    # Each of them would be the one who begins a conversation: one after the other is, and nobody fails.
    async with open_bank(database_url, **QUICK) as bank:
        core = bank.core
        people = [Actor("telegram", str(number)) for number in range(1, 6)]

        def group(number: int) -> Place:
            return Place("telegram", f"-{number}", f"chat:-{number}", f"-{number}", private=False)

        await asyncio.gather(*(conversations.begin(core, one, group(1), f"by {one.identity}") for one in people))
        await asyncio.gather(*(conversations.instruct(core, one, group(2), one.identity) for one in people))
        questions = [turns.TurnWish(f"q{one.identity}", group(3), "en", text="Hello") for one in people]
        kept = await asyncio.gather(*map(turns.ask, [core] * 5, people, questions))
        assert sorted(one.before for one in kept) == [0, 1, 2, 3, 4]
        once = turns.TurnWish("again", group(3), "en")
        same = await asyncio.gather(*(turns.again(core, ME, once) for _ in people))
        assert len({one.turn_id for one in same}) == 1
        assert await bank.rows(
            "SELECT place, count(*) FROM conversations WHERE is_current GROUP BY place ORDER BY place"
        ) == [
            ("-1", 1),
            ("-2", 1),
            ("-3", 1),
        ]
        assert await bank.value("SELECT count(*) FROM conversations WHERE place = '-3'") == 1
