"""Questions in chats: kept, answered one at a time, stopped, taken up again; through the real answering process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

import bots.answering
from bots.answering import Answering, NoBrush
from core.actors import SYSTEM, Actor
from core.calls.orders import Listener
from core.models.protocol import Broke, Event, Question, Sent, Usage
from core.people.privacy import erase_person, export_person
from core.reports.doctor import examine
from core.talk import answers, conversations, turns
from core.talk.places import Place
from tests.support.chats import until
from tests.support.credit import Bank, open_bank, saying

ME = Actor("telegram", "1")
HERE = Place("telegram", "1", "1", "1")
QUICK: dict[str, Any] = {"talk": {"checkpoint": 0.1, "claim": 1.0}}


def wish(key: str, text: str = "", **more: object) -> turns.TurnWish:
    return turns.TurnWish(key, HERE, "en", text=text, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def talking(bank: Bank) -> AsyncIterator[Answering]:
    stop = asyncio.Event()
    answering = Answering(bank.core, {"telegram": lambda _: NoBrush()})
    async with asyncio.TaskGroup() as group:
        group.create_task(answering.run(stop))
        try:
            yield answering
        finally:
            stop.set()


async def over(bank: Bank, kept: turns.Kept) -> answers.ShownTurn:
    for _ in range(600):
        if await bank.core.read(turns.is_over, kept.turn_id):
            found = await answers.shown(bank.core, kept.turn_id)
            assert found is not None
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the turn was not answered")


def asked(bank: Bank, number: int = -1) -> list[tuple[str, str]]:
    """What the model was sent: who says what."""
    return [(one["role"], one["content"]) for one in bank.desk.questions[number].messages]


async def asked_by_now(bank: Bank, count: int) -> bool:
    return len(bank.desk.questions) >= count


async def test_a_question_is_answered_once_and_the_next_one_continues(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        first = await turns.ask(bank.core, ME, wish("q1", "Who are you?"))
        assert (await turns.ask(bank.core, ME, wish("q1", "Who are you?"))).turn_id == first.turn_id
        shown = await over(bank, first)
        assert (shown.state, shown.text, shown.message_state) == ("done", "Hello you", "complete")
        await over(bank, await turns.ask(bank.core, ME, wish("q2", "And I?")))
        assert asked(bank) == [("user", "Who are you?"), ("assistant", "Hello you"), ("user", "And I?")]
        # Settled, stored and queued together, and nothing of it readable.
        assert await bank.value("SELECT count(*) FROM calls WHERE state = 'settled'") == 2
        assert await bank.value("SELECT count(*) FROM notices WHERE template = 'answer'") == 2
        for (content,) in await bank.rows("SELECT content FROM messages"):
            assert b"Hello" not in bytes(content)
            assert b"Who" not in bytes(content)
        await bank.books_balance()


async def test_two_questions_at_once_wait_for_each_other(database_url: str):
    async with open_bank(database_url, **QUICK) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("one", usage=Usage(input=5, output=1), pause=0.2)
        kept = [await turns.ask(bank.core, ME, wish(f"q{n}", f"question {n}")) for n in range(3)]
        assert [one.before for one in kept] == [0, 1, 2]
        async with talking(bank), talking(bank):
            for one in kept:
                assert (await over(bank, one)).state == "done"
        assert max(bank.desk.peak.values()) == 1
        # Each stands below the answer to the one before it.
        assert [who for who, _ in asked(bank)] == ["user", "assistant"] * 2 + ["user"]


async def test_stopping_keeps_what_was_written_and_forgets_what_waits(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        bank.desk.usual = saying(*(["word "] * 400), pause=0.05)
        first = await turns.ask(bank.core, ME, wish("q1", "Tell me a long story"))
        second = await turns.ask(bank.core, ME, wish("q2", "And another"))
        await until(lambda: bank.rows("SELECT 1 FROM calls WHERE state = 'streaming'"), 60, "it never began")
        assert await turns.stop(bank.core, ME, HERE) == 2
        shown = await over(bank, first)
        assert (shown.state, shown.message_state) == ("done", "stopped")
        assert shown.text.startswith("word")
        assert (await over(bank, second)).reason == "stopped"
        bank.desk.usual = saying("more", usage=Usage(input=5, output=1))
        went_on = await turns.go_on(bank.core, ME, wish("q3"), answer_id=shown.message_id)
        assert (await over(bank, went_on)).text == "more"
        assert asked(bank)[-1] == ("user", answers.CONTINUE)
        assert await turns.stop(bank.core, ME, HERE) == 0


async def test_again_makes_a_version_and_a_reply_a_branch(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        first = await over(bank, await turns.ask(bank.core, ME, wish("q1", "first", message="10")))
        await answers.note_shown(bank.core, first.turn_id, "telegram", "1", "11")
        await over(bank, await turns.ask(bank.core, ME, wish("q2", "second")))
        bank.desk.usual = saying("Otherwise", usage=Usage(input=5, output=1))
        other = await over(bank, await turns.again(bank.core, ME, wish("a1"), answer_id=first.message_id))
        assert (other.number, len(other.versions)) == (2, 2)
        for number, shown in enumerate(("10", "11")):
            await over(bank, await turns.ask(bank.core, ME, wish(f"r{number}", "instead", reply_to=shown)))
            assert asked(bank)[0] == ("user", "first")
            assert len(asked(bank)) == 3
        # Somebody else's message is no way into their conversation.
        you = Actor("telegram", "2")
        await bank.grant("1", "telegram:2")
        foreign = turns.TurnWish("f1", HERE, "en", text="what did they say?", reply_to="11")
        await over(bank, await turns.ask(bank.core, you, foreign))
        assert asked(bank) == [("user", "what did they say?")]


async def test_what_processes_leave_before_the_first_word_costs_nothing_and_is_answered(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bots.answering, "STOP_WITHIN", 0.05)  # the limit of an orderly end, not a function of ours
    async with open_bank(database_url, **QUICK) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("never", pause=60)
        kept = await turns.ask(bank.core, ME, wish("q1", "Who are you?"))
        for number in range(3):
            async with talking(bank):
                await until(partial(asked_by_now, bank, number + 1), 60, "it was not asked")
        bank.desk.usual = saying("Hello you", usage=Usage(input=10, output=2))
        async with talking(bank):
            shown = await over(bank, kept)
        assert (shown.state, shown.text, shown.message_state) == ("done", "Hello you", "complete")
        left = await bank.rows("SELECT finish, charged FROM calls ORDER BY id")
        assert [tuple(row) for row in left[:-1]] == [("failed", 0)] * 3
        assert (len(left), left[-1].finish) == (4, "whole")
        await bank.books_balance()


async def test_without_credit_it_says_so_and_nothing_is_lost(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        kept = await turns.ask(bank.core, ME, wish("q1", "Who are you?"))
        shown = await over(bank, kept)
        assert (shown.state, shown.reason) == ("failed", "not_enough_credit")
        await bank.grant("1")
        assert (await over(bank, await turns.again(bank.core, ME, wish("a1")))).text == "Hello you"
        bank.desk.usual = saying("Half", ending=Broke("cut"))
        cut = await over(bank, await turns.ask(bank.core, ME, wish("q2", "more")))
        assert (cut.text, cut.message_state) == ("Half", "interrupted")


async def test_a_person_takes_everything_along_and_is_forgotten(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        await over(bank, await turns.ask(bank.core, ME, wish("q1", "my question", message="10")))
        taken = await export_person(bank.core, ME)
        [talk] = taken["conversations"]
        assert [one["text"] for one in talk["messages"]] == ["my question", "Hello you"]
        group = Place("telegram", "-5", "-5", "-5", private=False)
        await over(bank, await turns.ask(bank.core, ME, turns.TurnWish("g1", group, "en", text="in a group")))
        await erase_person(bank.core, ME)
        left = {
            table: await bank.value(f"SELECT count(*) FROM {table}")
            for table in ("conversations", "messages", "turns", "message_places", "notices")
        }
        assert left == {"conversations": 1, "messages": 2, "turns": 1, "message_places": 0, "notices": 1}
        assert await bank.value("SELECT count(*) FROM turns WHERE identity = '1'") == 0
        assert "said_in_groups" not in await export_person(bank.core, ME)
        await bank.books_balance()


async def test_a_question_of_somebody_forgotten_is_not_asked(database_url: str):
    async with open_bank(database_url, **QUICK) as bank:
        await bank.grant("1")
        await bank.grant("1", "telegram:2")
        bank.desk.usual = saying("one", usage=Usage(input=5, output=1), pause=0.5)
        group = Place("telegram", "-5", "-5", "-5", private=False)
        first = await turns.ask(bank.core, ME, turns.TurnWish("g1", group, "en", text="mine"))
        second = await turns.ask(bank.core, Actor("telegram", "2"), turns.TurnWish("g2", group, "en", text="yours"))
        await erase_person(bank.core, Actor("telegram", "2"))
        async with talking(bank):
            assert (await over(bank, first)).text == "one"
            assert (await over(bank, second)).reason == "stopped"
        assert len(bank.desk.questions) == 1
        assert await bank.rows("SELECT identity FROM identities") == [("1",)]


async def test_who_stops_a_question_meets_it_in_whatever_state_it_is_going_to_be(postgres_url: str):
    # A turn that waits for its person's other answers changes its state every second.
    async with open_bank(postgres_url, **QUICK) as bank:
        kept = await turns.ask(bank.core, ME, wish("q1", "first"))
        [turn] = await bank.core.write(turns.claim, bank.core, ["telegram"], "mine", bank.core.now(), most=1)
        engine = create_async_engine(postgres_url)
        async with engine.connect() as other:
            assert await other.run_sync(turns.step_back, turn, "mine", bank.core.now())
            stopping = asyncio.create_task(turns.stop(bank.core, ME, HERE))
            await until(lambda: _waits_for_a_lock(bank), 30, "nobody waits")
            await other.commit()
        await engine.dispose()
        assert await stopping == 1
        assert await bank.core.read(turns.is_over, kept.turn_id)


async def _waits_for_a_lock(bank: Bank) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await bank.value(waiting))


async def test_what_does_not_fit_is_left_out_and_told_once(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("100")
        for number in range(4):
            shown = await over(bank, await turns.ask(bank.core, ME, wish(f"q{number}", "x" * 5000)))
            assert bool(shown.facts.get("left_out")) is (number == 2)
        assert asked(bank)[0][0] == "system"
        assert asked(bank)[-1] == ("user", "x" * 5000)


@asynccontextmanager
async def answering_at_length(bank: Bank) -> AsyncIterator[None]:
    """A question is in the middle of a long answer; what is done here is to stop it."""
    bank.desk.usual = saying(*["word "] * 2000, usage=Usage(input=5, output=2000), pause=0.02)
    await turns.ask(bank.core, ME, wish("q1", "Tell me"))
    async with talking(bank):

        async def begun() -> bool:
            return bool(await bank.value("SELECT count(*) FROM calls WHERE bytes_out > 20"))

        await until(begun, 60, "it never began")
        yield

        async def ended() -> bool:
            return not await bank.value("SELECT count(*) FROM calls WHERE ended_at IS NULL")

        await until(ended, 30, "it went on")
    assert await bank.value("SELECT finish FROM calls") == "stopped"


async def test_what_is_deleted_while_it_is_answered_costs_no_more(database_url: str):
    """Nobody waits for the answer any more: it ends as if it had been stopped, and one that had not begun never does."""
    async with open_bank(database_url, **QUICK) as bank:
        await bank.grant("1")
        async with answering_at_length(bank):
            await conversations.delete(bank.core, ME, int(await bank.value("SELECT id FROM conversations")))
        await turns.ask(bank.core, ME, wish("q2", "Tell me"))
        [turn] = await bank.core.write(turns.claim, bank.core, ["telegram"], "mine", bank.core.now(), most=1)
        await conversations.delete(bank.core, ME, turn.conversation_id)
        assert await answers.answer(bank.core, turn, "mine", Listener())
        assert await bank.value("SELECT count(*) FROM calls") == 1
        await bank.books_balance()


async def test_of_whoever_is_forgotten_while_they_are_answered_nothing_is_kept(database_url: str):
    async with open_bank(database_url, **QUICK) as bank:
        await bank.grant("1")
        async with answering_at_length(bank):
            await erase_person(bank.core, ME)
        assert await bank.value("SELECT count(*) FROM calls WHERE answer IS NOT NULL") == 0
        assert await bank.value("SELECT count(*) FROM messages") == 0
        assert await bank.value("SELECT count(*) FROM notices WHERE state = 'ready'") == 0
        await bank.books_balance()
        await bank.execute("UPDATE calls SET answer = content")
        found = {one.name: one.detail for one in await examine(bank.core, SYSTEM) if one.breaches}
        assert found == {"forgotten_is_forgotten": f"row call {await bank.value('SELECT id FROM calls')}"}


async def test_what_got_no_answer_is_not_part_of_what_is_asked_later(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        core = bank.core
        await bank.grant("0.005")
        bank.desk.usual = saying("Yes", usage=Usage(input=5, output=1))
        await over(bank, await turns.ask(core, ME, wish("q1", "Are you there?")))
        for number in range(2):
            dear = await over(bank, await turns.ask(core, ME, wish(f"dear{number}", "dear " * 2000)))
            assert (dear.state, dear.reason) == ("failed", "not_enough_credit")
        spoken = [("user", "Are you there?"), ("assistant", "Yes")]
        # Asked anew it is the same question; and it is kept, for whoever has got more credit by then.
        assert (await over(bank, await turns.again(core, ME, wish("q2")))).reason == "not_enough_credit"
        assert await bank.value("SELECT count(*) FROM messages WHERE role = 'user'") == 3
        price = await conversations.summary_price(core, ME, HERE, "small")
        assert price < 10_000, "a summary does not read it either"
        await over(bank, await turns.ask(core, ME, wish("q3", "And now?")))
        assert asked(bank) == [*spoken, ("user", "And now?")]
        await over(bank, await turns.ask(core, ME, wish("q4", "Still?")))
        assert asked(bank) == [*spoken, ("user", "And now?"), ("assistant", "Yes"), ("user", "Still?")]


async def test_a_question_that_was_stopped_while_it_waited_hides_no_answer(database_url: str):
    async with open_bank(database_url, **QUICK) as bank:
        core = bank.core
        await bank.grant("1")
        bank.desk.usual = saying("one", usage=Usage(input=5, output=1))
        kept = [await turns.ask(core, ME, wish(f"q{number}", f"question {number}")) for number in range(3)]
        ended = "UPDATE turns SET state = 'failed', reason = 'stopped', ended_at = made_at WHERE id = "
        await bank.execute(f"{ended}{kept[1].turn_id}")
        async with talking(bank):
            await over(bank, kept[2])
        assert asked(bank) == [("user", "question 0"), ("assistant", "one"), ("user", "question 2")]


async def test_what_a_stopped_question_cost_is_known_with_it(database_url: str):
    async with open_bank(database_url, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        sent = asyncio.Event()

        async def late(_: Question) -> AsyncGenerator[Event, None]:
            yield Sent()
            sent.set()
            await asyncio.sleep(3600)

        bank.desk.usual = late
        kept = await turns.ask(bank.core, ME, wish("q1", "Tell me a long story"))
        async with asyncio.timeout(60):
            await sent.wait()
        await turns.stop(bank.core, ME, HERE)
        shown = await over(bank, kept)
        charged = await bank.value("SELECT charged FROM calls")
        assert charged > 0
        assert (shown.reason, shown.facts.get("charged")) == ("stopped", charged)
