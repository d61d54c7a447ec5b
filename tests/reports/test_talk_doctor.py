"""Each check about talk finds nothing in a house where people talk, and what it is for when that is broken by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM, Actor
from core.clock import MovedClock
from core.reports import doctor
from core.reports.talk_checks import TALK
from core.talk import conversations, turns
from tests.support.credit import Bank, open_bank
from tests.talk.test_retention import NOON
from tests.talk.test_turns import HERE, ME, QUICK, over, talking, wish

BROKEN = {
    "answered_turn_has_its_answer": "UPDATE turns SET answer_id = NULL WHERE state = 'done'",
    "answered_turn_is_told": "DELETE FROM notices",
    "one_answer_at_a_time": "UPDATE turns SET state = 'answering', ended_at = NULL",
    "turn_has_its_own_call": "UPDATE calls SET request_key = 'elsewhere' WHERE id = 1",
    "turn_is_charged_once": "UPDATE calls SET request_key = 'turn:q1:2' WHERE request_key = 'turn:q2:1'",
    "no_turn_is_claimed_for_ever": "UPDATE turns SET state = 'answering' WHERE state = 'waiting'",
    "no_turn_waits_for_ever": "UPDATE turns SET tries = 0",
    "conversation_goes_on_in_itself": "UPDATE conversations SET head_id = 1",
}


@pytest.fixture
async def talked(database_url: str) -> AsyncIterator[Bank]:
    """Two questions answered and one refused, another conversation, a question that waits; then ten minutes pass."""
    clock = MovedClock(NOON)
    async with open_bank(database_url, clock=clock, **QUICK) as bank:
        await bank.grant("1")
        async with talking(bank):
            await over(bank, await turns.ask(bank.core, ME, wish("q1", "first", message="10")))
            await over(bank, await turns.ask(bank.core, ME, wish("q2", "second")))
            you = Actor("telegram", "2")
            await over(bank, await turns.ask(bank.core, you, wish("x1", "without credit")))
            await conversations.begin(bank.core, ME, HERE)
            await over(bank, await turns.ask(bank.core, ME, wish("q3", "third")))
        await turns.ask(bank.core, ME, wish("q4", "fourth"))
        yield bank


async def _breaches(bank: Bank) -> set[str]:
    found = await doctor.examine(bank.core, SYSTEM)
    names = {one.name for one in TALK}
    return {one.name for one in found if one.name in names and (one.breaches or one.warnings)}


async def test_nothing_is_wrong_where_people_talk(talked: Bank):
    assert await _breaches(talked) == set()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", [one.name for one in TALK])
async def test_what_is_broken_is_found(talked: Bank, name: str):
    assert isinstance(talked.core.clock, MovedClock)
    talked.core.clock.move(minutes=10)
    engine = create_async_engine(talked.url, poolclass=sa.NullPool)
    async with engine.begin() as connection:
        if name == "one_answer_at_a_time":
            await connection.exec_driver_sql("DROP INDEX uq_turns_answering")
        await connection.exec_driver_sql(BROKEN[name])
    await engine.dispose()
    assert name in await _breaches(talked)
