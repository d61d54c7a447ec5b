"""Calls whose process is gone: when they may be taken over, which ones first, and what they cost then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor
from core.calls import claims, settling
from core.calls.orders import CallOrder
from core.calls.settling import CallRecord
from core.errors import RequestKeyReused
from core.service import answer_row
from core.storage.talk_tables import call_attempts, calls
from tests.calls.test_claims import open_moved
from tests.support.credit import HELLO, Bank, saying

TICK = timedelta(microseconds=1)


def test_what_is_written_down_of_a_call_does_not_show_its_answer() -> None:
    assert "secret" not in repr(CallRecord(answer=b"secret", beside=b"secret"))


async def left_behind(bank: Bank, key: str, state: str, **values: Any) -> int:
    """A call whose process has died, with an attempt whose end nobody wrote down."""
    answer = await bank.ask(key)
    assert answer.call_id is not None

    def leave(tx: sa.Connection) -> None:
        open_again: dict[str, Any] = {"state": state, "ended_at": None, "finish": None, "charged": 0, "billed": 0}
        open_again |= {"claim": "dead", "due_at": bank.core.now(), "answer": None, "bytes_out": 0, "claimed": 0}
        tx.execute(sa.update(calls).where(calls.c.id == answer.call_id).values(**{**open_again, **values}))
        sending = {"outcome": "sending", "ended_at": None, "possible_loss": False}
        tx.execute(sa.update(call_attempts).where(call_attempts.c.call_id == answer.call_id).values(**sending))

    await bank.core.write(leave)
    return answer.call_id


async def taken(bank: Bank, **how: Any) -> list[int]:
    found = await bank.core.write(settling.take_over, bank.core, "another", bank.core.now(), **how)
    return sorted(call.id for call in found)


async def test_a_silent_call_is_taken_over_at_its_moment_and_the_oldest_first(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):
        now = clock.now()
        first = await left_behind(bank, "first", "sending", due_at=now + TICK)
        second = await left_behind(bank, "second", "claimed", due_at=now + 2 * TICK)
        third = await left_behind(bank, "third", "streaming", due_at=now + 3 * TICK)
        assert await taken(bank) == []
        clock.move(microseconds=1)
        assert await taken(bank, call_id=second) == []
        clock.move(microseconds=2)
        assert await taken(bank, call_id=third) == [third]
        assert await taken(bank, most=1) == [first]
        assert await taken(bank) == [second]
        clock.move(seconds=10, microseconds=-1)
        assert await taken(bank) == []
        clock.move(microseconds=1)
        assert await taken(bank) == [first, second, third]


async def test_of_very_many_silent_calls_fifty_are_taken_over_at_a_time(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        call_id = await left_behind(bank, "q", "sending")

        def more(tx: sa.Connection) -> None:
            row = tx.execute(sa.select(calls).where(calls.c.id == call_id)).one()._asdict()
            del row["id"]
            tx.execute(sa.insert(calls), [{**row, "request_key": f"q{number}"} for number in range(50)]).close()

        await bank.core.write(more)
        assert [len(await taken(bank)) for _ in range(3)] == [50, 1, 0]


@pytest.mark.parametrize(
    ("state", "outcome", "billed"), [("claimed", "sending", 0), ("sending", "unclear", 9), ("streaming", "unclear", 9)]
)
async def test_a_call_that_was_left_costs_the_house_what_may_have_been_read(
    database_url: str, state: str, outcome: str, billed: int
) -> None:
    """The question is nine tokens, at one credit a million."""
    async with open_moved(database_url) as (bank, _):
        call_id = await left_behind(bank, "q", state)

        def end(tx: sa.Connection) -> Any:
            [call] = settling.take_over(tx, bank.core, "another", bank.core.now())
            settled = settling.settle_abandoned(tx, bank.core, call, "another", bank.core.now())
            read = tx.execute(sa.select(calls).where(calls.c.id == call_id)).one()
            attempt = tx.execute(sa.select(call_attempts).where(call_attempts.c.call_id == call_id)).one()
            return settled, read, attempt

        answer, row, attempt = await bank.core.write(end)
        assert (answer.finish, answer.reason, answer.charged) == ("failed", "upstream_failed", 0)
        assert (row.state, row.claim, row.due_at) == ("settled", None, None)
        assert (attempt.outcome, attempt.possible_loss) == (outcome, outcome == "unclear")
        assert row.billed == billed
        assert await bank.value("SELECT count(*) FROM audit_log WHERE action = 'call.recovered'") == 1


async def test_what_nobody_can_read_was_delivered_all_the_same(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        sealed = bank.core.vault.encrypt("Hello", row=answer_row("q"))
        empty = bank.core.vault.encrypt("", row=answer_row("q"))
        call_id = await left_behind(bank, "q", "streaming")

        async def had(**values: Any) -> bool:
            def look(tx: sa.Connection) -> bool:
                tx.execute(sa.update(calls).where(calls.c.id == call_id).values(**values))
                row = tx.execute(sa.select(calls).where(calls.c.id == call_id)).one()
                return settling._had_something(bank.core, row)

            return await bank.core.write(look)

        assert await had(via="chat", answer=sealed, bytes_out=5)
        assert not await had(answer=empty)
        assert await had(answer=b"another's")
        assert not await had(answer=sealed, bytes_out=0)
        assert await had(answer=None, bytes_out=1)
        assert not await had(answer=None, bytes_out=0)
        assert await had(via="api", answer=empty, bytes_out=1)


async def test_another_call_stays_as_it_is(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        first = await left_behind(bank, "first", "sending")
        second = await left_behind(bank, "second", "sending")
        tables = ("calls WHERE id", "call_attempts WHERE call_id", "call_parts WHERE call_id", "ledger WHERE call_id")

        async def rows_of(call_id: int) -> list[str]:
            return [str(await bank.rows(f"SELECT * FROM {table} = {call_id}")) for table in tables]

        hers, his = await rows_of(first), await rows_of(second)

        def end(tx: sa.Connection) -> None:
            [call] = settling.take_over(tx, bank.core, "another", bank.core.now(), call_id=first)
            settling.settle_abandoned(tx, bank.core, call, "another", bank.core.now())

        await bank.core.write(end)
        assert await rows_of(second) == his
        assert await rows_of(first) != hers


async def test_what_a_request_key_stands_for_is_kept_under_the_key_that_is_active(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        payer = Actor("telegram", "1")
        asked = await claims.weigh(bank.core, CallOrder("q", HELLO, "test"), payer)
        older = replace(asked, contents=(b"under the active key".ljust(32), b"under an older one".ljust(32)))
        claimed = await bank.core.write(claims.claim_call, bank.core, SYSTEM, older, "mine", bank.core.now())
        assert bytes(await bank.value("SELECT content FROM calls")) == older.contents[0]
        for content, known in ((older.contents[1], True), (b"of another question", False)):
            await bank.core.write(_rewrite, content)
            if known:
                found = await bank.core.read(claims.earlier, older)
                assert found is not None
                assert found.id == claimed.call_id
                continue
            with pytest.raises(RequestKeyReused):
                await bank.core.read(claims.earlier, older)


def _rewrite(tx: sa.Connection, content: bytes) -> None:
    tx.execute(sa.update(calls).values(content=content))


async def test_a_claimed_call_is_one_processes_until_its_claim_runs_out(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):
        asked = await claims.weigh(bank.core, CallOrder("q", HELLO, "test"), Actor("telegram", "1"))
        claimed = await bank.core.write(claims.claim_call, bank.core, SYSTEM, asked, "mine", bank.core.now())
        clock.move(seconds=10, microseconds=-1)
        assert await taken(bank) == []
        clock.move(microseconds=1)
        assert await taken(bank) == [claimed.call_id]


async def test_only_a_call_that_came_to_nothing_leaves_its_request_key(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        asked = await claims.weigh(bank.core, CallOrder("q", HELLO, "test"), Actor("telegram", "1"))
        await bank.core.write(claims.make_way, asked)
        await bank.ask("another")
        for state, finish, stays in (
            ("settled", "whole", True),
            ("settled", "failed", False),
            ("refused", None, False),
            ("refused", "failed", False),
        ):
            answer = await bank.ask("q")

            def end(tx: sa.Connection, /, which: int | None = answer.call_id, **how: Any) -> None:
                tx.execute(sa.update(calls).where(calls.c.id == which).values(**how))

            await bank.core.write(end, state=state, finish=finish)
            await bank.core.write(claims.make_way, asked)
            found = await bank.core.read(claims.earlier, asked)
            assert (found is not None) is stays
            await bank.core.write(end, request_key=f"was {state} {finish}")
        assert await bank.value("SELECT count(*) FROM calls WHERE request_key = 'another'") == 1


@pytest.mark.parametrize(
    ("state", "finish", "nothing"),
    [
        ("refused", None, True),
        ("settled", "failed", True),
        ("settled", "whole", False),
        ("settled", "cut", False),
        ("streaming", "failed", False),
        ("claimed", None, False),
    ],
)
def test_what_came_to_nothing_was_refused_or_failed_and_is_over(state: str, finish: str | None, nothing: bool) -> None:
    assert claims.came_to_nothing(SimpleNamespace(state=state, finish=finish)) is nothing


@pytest.mark.parametrize(("length", "kept"), [(262_144, True), (262_145, False)])
async def test_an_answer_is_kept_up_to_a_quarter_of_a_mebibyte(database_url: str, length: int, kept: bool) -> None:
    async with open_moved(database_url) as (bank, _):
        bank.desk.usual = saying("x" * length)
        await bank.ask("q")
        assert (await bank.value("SELECT answer FROM calls") is not None) is kept
