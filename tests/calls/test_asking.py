"""One call after the other: what is claimed, sent, charged and given back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from core.actors import Actor
from core.calls import calls, settling
from core.calls.orders import CallOrder, CallProgress, Gone, OpenedCall
from core.credit import grants
from core.errors import RequestKeyReused
from core.models.protocol import (
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Question,
    Reasoning,
    Sent,
    Text,
    Usage,
)
from core.rules.money import shown_amount
from core.service import answer_row
from tests.support.chats import until
from tests.support.credit import HELLO, failing, open_bank, saying

PERSON = Actor("telegram", "1")

# HELLO is 25 bytes: 13 tokens by bytes and 8 for the message.
INPUT_BOUND = 21


async def test_an_answer_is_paid_by_its_usage_and_the_rest_goes_back(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        answer = await bank.ask("q1", most_output=100)
        assert (answer.text, answer.finish, answer.source) == ("Hello you", "whole", "main")
        assert answer.claimed == INPUT_BOUND + 2 * 100
        assert answer.charged == 10 + 2 * 2
        assert not answer.estimated
        assert await bank.left() == 1_000_000 - 14
        await bank.books_balance()


async def test_asking_again_with_the_same_key_answers_as_before_and_charges_nothing(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        first = await bank.ask("q1")
        again = await bank.ask("q1")
        assert (again.text, again.charged, again.call_id) == (first.text, first.charged, first.call_id)
        assert again.repeated
        assert bank.desk.calls.total() == 1
        with pytest.raises(RequestKeyReused):
            await bank.ask("q1", messages=({"role": "user", "content": "Something else"},))


async def test_anothers_key_answers_nobody_else(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        for who in ("telegram:1", "telegram:2"):
            await bank.grant("1", who)
        await bank.ask("q1", "telegram:1")
        with pytest.raises(RequestKeyReused):
            await bank.ask("q1", "telegram:2")
        assert await bank.left("telegram:2") == 1_000_000


async def test_no_figure_of_an_upstream_keeps_a_call_from_its_end(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        for number, usage in enumerate((Usage(10, 2, 10**30, 0), Usage(10, 2, 0, 10**30), Usage(10, 2, 50, -(10**30)))):
            bank.desk.usual = saying("Hello", " you.", usage=usage)
            answer = await bank.ask(f"q{number}")
            assert (answer.state, answer.charged) == ("settled", 14)
        await bank.books_balance()


async def test_fifty_at_once_with_one_key_are_one_call(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("a", "b", usage=Usage(10, 2), pause=0.05)
        answers = await asyncio.gather(*(bank.ask("press") for _ in range(50)))
        assert {answer.text for answer in answers} == {"ab"}
        assert bank.desk.calls.total() == 1
        assert await bank.left() == 1_000_000 - 14


async def test_what_is_not_affordable_is_shortened_and_less_than_that_refused(database_url: str) -> None:
    async with open_bank(database_url, talk={"shortest_output": 50}) as bank:
        await bank.grant("0.000200")
        shown: list[CallProgress] = []

        async def look(progress: CallProgress) -> None:
            shown.append(progress)

        answer = await bank.ask("q1", deliver=look)
        [opened] = [one for one in shown if isinstance(one, OpenedCall)]
        assert opened.shortened
        assert answer.shortened
        assert opened.most_output == (200 - INPUT_BOUND) // 2
        assert bank.desk.questions[0].most_output == opened.most_output
        await bank.grant("-1")
        refused = await bank.ask("q2")
        assert (refused.state, refused.reason) == ("refused", "not_enough_credit")
        assert refused.facts["needed"] == shown_amount(INPUT_BOUND + 2 * 50)
        assert bank.desk.calls.total() == 1
        assert (await bank.ask("q2")).reason == "not_enough_credit"
        await bank.books_balance()


@pytest.mark.parametrize(
    ("usage", "charged", "estimated"),
    [
        (None, 9 + 2 * 4, True),  # 25 bytes in and 10 out, three bytes a token
        (Usage(10, 4), 10 + 2 * 4, False),
        (Usage(-1, 4), 9 + 2 * 4, True),
        (Usage(10, -4), 9 + 2 * 4, True),
        (Usage(10, 10**9), 9 + 2 * 4, True),
        (Usage(10**9, 4), 9 + 2 * 4, True),
        (Usage(0, 0), 9 + 2 * 4, True),
        (Usage(10, None), 9 + 2 * 4, True),
    ],
)
async def test_usage_is_believed_within_bounds_and_estimated_otherwise(
    database_url: str, usage: Usage | None, charged: int, estimated: bool
) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("Hello", " you.", usage=usage)
        answer = await bank.ask("q1", most_output=100)
        assert (answer.charged, answer.estimated) == (charged, estimated)
        doubted = await bank.value("SELECT count(*) FROM alerts WHERE title = 'usage_doubted'")
        assert doubted == (1 if estimated and usage is not None else 0)


async def test_beyond_the_claim_is_the_houses(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("x" * 300, usage=Usage(INPUT_BOUND * 2, 108))
        answer = await bank.ask("q1", most_output=100)
        claimed = INPUT_BOUND + 200
        assert answer.charged == claimed
        assert answer.absorbed == INPUT_BOUND * 2 + 216 - claimed
        assert await bank.value("SELECT amount FROM ledger WHERE kind = 'absorb'") == answer.absorbed
        assert await bank.value("SELECT count(*) FROM alerts WHERE title = 'usage_absorbed'") == 1
        await bank.books_balance()


class TestEndings:
    async def test_cut_after_the_first_token_pays_what_was_delivered_and_nobody_goes_on(
        self, database_url: str
    ) -> None:
        async with open_bank(database_url, accounts=("one", "two")) as bank:
            await bank.grant("1")
            bank.desk.usual = saying("half of it", ending=Broke("reset"))
            answer = await bank.ask("q1")
            assert (answer.finish, answer.text, answer.estimated) == ("cut", "half of it", True)
            assert answer.charged == 9 + 2 * 4
            assert bank.desk.calls.total() == 1

    async def test_unavailable_before_it_goes_on_to_another_source_and_costs_nothing_more(
        self, database_url: str
    ) -> None:
        async with open_bank(database_url, accounts=("one", "two"), sources={"policy": "fill_first"}) as bank:
            await bank.grant("1")
            bank.desk.by_key["sk-one"] = failing(CallUnavailable("rate_limited", retry_after=30))
            answer = await bank.ask("q1")
            assert (answer.source, answer.charged) == ("two", 14)
            outcomes = await bank.rows("SELECT number, outcome, possible_loss FROM call_attempts ORDER BY number")
            assert [tuple(row)[:2] for row in outcomes] == [(1, "unavailable"), (2, "began")]
            assert not any(row.possible_loss for row in outcomes)
            assert await bank.value("SELECT count(*) FROM sources WHERE paused_until IS NOT NULL") == 1

    async def test_unclear_tries_one_more_and_notes_the_possible_loss(self, database_url: str) -> None:
        async with open_bank(database_url, accounts=("one", "two", "three")) as bank:
            await bank.grant("1")
            bank.desk.usual = failing(CallUnclear("reset"), sent=True)
            answer = await bank.ask("q1")
            assert (answer.finish, answer.reason, answer.charged) == ("failed", "upstream_failed", 0)
            assert bank.desk.calls.total() == 2
            assert await bank.value("SELECT count(*) FROM call_attempts WHERE possible_loss") == 2
            assert await bank.value("SELECT billed FROM calls") == 2 * 9
            assert await bank.left() == 1_000_000

    async def test_no_more_than_five_are_tried_and_none_twice(self, database_url: str) -> None:
        async with open_bank(database_url, accounts=tuple("abcdefg")) as bank:
            await bank.grant("1")
            bank.desk.usual = failing(CallUnavailable("unreachable"))
            answer = await bank.ask("q1")
            assert answer.reason == "upstream_failed"
            assert sorted(bank.desk.calls.values()) == [1] * 5
            assert await bank.value("SELECT count(*) FROM source_slots WHERE state = 'busy'") == 0

    async def test_refused_by_the_upstream_is_final_and_free(self, database_url: str) -> None:
        async with open_bank(database_url, accounts=("one", "two")) as bank:
            await bank.grant("1")
            bank.desk.usual = failing(CallRefused("filtered"), sent=True)
            answer = await bank.ask("q1")
            assert (answer.finish, answer.reason, answer.charged) == ("refused", "upstream_refused", 0)
            assert answer.facts["reason"] == "filtered"
            assert bank.desk.calls.total() == 1
            assert await bank.value("SELECT count(*) FROM sources WHERE health <> 'healthy'") == 0

    async def test_an_empty_answer_is_free(self, database_url: str) -> None:
        async with open_bank(database_url) as bank:
            await bank.grant("1")
            bank.desk.usual = failing(Finished("filtered"), sent=True)
            answer = await bank.ask("q1")
            assert (answer.finish, answer.reason, answer.charged) == ("empty", "filtered", 0)

    async def test_a_client_that_leaves_in_the_middle_pays_what_it_got(self, database_url: str) -> None:
        async with open_bank(database_url) as bank:
            await bank.grant("1")
            bank.desk.usual = saying("some ", "words ", "more", usage=Usage(10, 30))

            async def leave(progress: CallProgress) -> None:
                if isinstance(progress, Text) and progress.text == "words ":
                    raise Gone

            answer = await bank.ask("q1", deliver=leave)
            assert (answer.finish, answer.estimated) == ("left", True)
            assert answer.charged == 9 + 2 * 4
            assert bank.desk.running.total() == 0  # closed at once

    async def test_a_client_that_leaves_before_the_first_word_pays_the_question_it_had_sent(
        self, database_url: str
    ) -> None:
        async with open_bank(database_url) as bank:
            await bank.grant("1")
            bank.desk.usual = saying("late", pause=30)
            task = asyncio.ensure_future(bank.ask("q1"))
            while not bank.desk.running.total():  # noqa: ASYNC110 - the desk has no event
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await bank.value("SELECT finish FROM calls") == "left_early"
            assert await bank.value("SELECT charged FROM calls") == 9
            await bank.books_balance()

    async def test_stopping_ends_it_and_keeps_what_came(self, database_url: str) -> None:
        async with open_bank(database_url) as bank:
            await bank.grant("1")
            bank.desk.usual = saying(*["word "] * 1000, pause=0.01)
            stop = asyncio.Event()

            async def press(progress: CallProgress) -> None:
                if isinstance(progress, Text):
                    stop.set()

            answer = await bank.ask("q1", deliver=press, stop=stop)
            assert answer.finish == "stopped"
            assert answer.text is not None
            assert answer.text.startswith("word")
            assert 0 < answer.charged < 200
            await bank.books_balance()

    async def test_a_fault_of_ours_frees_everything_and_is_heard(self, database_url: str) -> None:
        async with open_bank(database_url) as bank:
            await bank.grant("1")

            async def trip(progress: CallProgress) -> None:
                if getattr(progress, "text", ""):
                    raise LookupError("a fault")

            with pytest.raises(LookupError, match="a fault"):
                await bank.ask("q1", deliver=trip)
            assert await bank.value("SELECT state FROM calls") == "settled"
            assert await bank.value("SELECT count(*) FROM source_slots WHERE state = 'busy'") == 0
            await bank.books_balance()


async def test_what_is_noted_in_between_are_the_bytes_of_the_text_that_is_kept(sqlite_url: str) -> None:
    """A checkpoint that waits for the database notes what was here when it was taken, however many words come meanwhile."""
    looked: list[tuple[int, int]] = []
    async with open_bank(sqlite_url, talk={"checkpoint": 0.05}) as bank:
        await bank.grant("1")
        bank.desk.usual = saying(*["word "] * 200, pause=0.01)
        stop = asyncio.Event()
        other = sqlite3.connect(sqlite_url.rpartition("sqlite+aiosqlite:///")[2], isolation_level=None)
        heard = 0

        async def hold_up(progress: CallProgress) -> None:
            nonlocal heard
            if not isinstance(progress, Text):
                return
            heard += 1
            if heard == 1:
                other.execute("BEGIN IMMEDIATE")
            elif heard == 50:
                other.execute("ROLLBACK")
                rows: list[Any] = []
                while not rows:
                    rows = await bank.rows("SELECT bytes_out, answer, request_key FROM calls WHERE bytes_out > 0")
                [call] = rows
                text = bank.core.vault.decrypt(call.answer, row=answer_row(call.request_key))
                looked.append((call.bytes_out, len(text)))
                stop.set()

        with closing(other):
            await bank.ask("q1", deliver=hold_up, stop=stop)
    [(bytes_out, kept)] = looked
    assert bytes_out == kept


async def test_a_suspended_person_is_refused_and_a_running_answer_ends(database_url: str) -> None:
    from core.actors import SYSTEM
    from core.credit import grants

    async with open_bank(database_url, talk={"checkpoint": 0.05}) as bank:
        await bank.grant("1")
        bank.desk.usual = saying(*["word "] * 3000, pause=0.01)

        async def suspend(progress: CallProgress) -> None:
            if isinstance(progress, OpenedCall):
                return
            await grants.set_standing(bank.core, SYSTEM, PERSON, "suspended", reason="a test")

        answer = await bank.ask("q1", deliver=suspend)
        assert (answer.finish, answer.reason) == ("stopped", "stopped_suspended")
        refused = await bank.ask("q2")
        assert refused.reason == "suspended"


async def test_limits_of_a_plan_hold_for_people_and_not_for_staff(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("a", usage=Usage(10, 1), pause=0.1)
        answers = await asyncio.gather(*(bank.ask(f"q{n}", actor=PERSON) for n in range(3)))
        assert sorted(answer.reason or "served" for answer in answers) == [
            "served", "too_many_at_once", "too_many_at_once",
        ]  # fmt: skip
        for number in range(20):
            last = await bank.ask(f"r{number}", actor=PERSON)
        assert last.reason == "too_many_questions"
        assert HELLO


@pytest.mark.parametrize(
    ("via", "came", "finish"),
    [
        ("gateway", (Began(),), "failed"),
        ("gateway", (Began(), Reasoning("Hm")), "killed"),
        ("chat", (Began(),), "failed"),
        ("chat", (Began(), Reasoning("Hm")), "failed"),
        ("chat", (Began(), Text("A")), "killed"),
    ],
)
async def test_what_nobody_had_got_when_a_process_died_is_paid_by_nobody(
    sqlite_url: str, via: str, came: tuple[Event, ...], finish: str
) -> None:
    """A chat begins such a question anew: it would be paid for twice."""

    async def and_then_nothing(_: Question) -> AsyncGenerator[Event, None]:
        for event in (Sent(), *came):
            yield event
        await asyncio.Event().wait()

    async with open_bank(sqlite_url, talk={"checkpoint": 0.05}) as bank:
        await bank.grant("1")
        core, bank.desk.usual = bank.core, and_then_nothing
        order = CallOrder("q1", HELLO, via)
        asking = asyncio.create_task(calls.ask(core, PERSON, order, payer=grants.read_identity("telegram:1")))
        noted = f"SELECT count(*) FROM calls WHERE state = 'streaming' AND bytes_out >= {len(came) - 1}"

        async def streams() -> bool:
            return bool(await bank.value(noted))

        await until(streams, 30, "nothing was noted")
        [call] = await core.write(settling.take_over, core, "another", core.now() + timedelta(hours=1))
        await core.write(settling.settle_abandoned, core, call, "another", core.now())
        answer = await asking
        assert (answer.finish, answer.charged > 0) == (finish, finish == "killed")
        await bank.books_balance()
