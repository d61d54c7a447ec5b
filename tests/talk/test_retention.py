"""What was said longer ago than it is kept is deleted, with all that hangs on it; what is newer stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.clock import MovedClock
from core.errors import NotFound
from core.sweeps import runner
from core.talk import answers, conversations, retention, searching, sharing, turns
from tests.support.credit import open_bank
from tests.talk.test_turns import HERE, ME, QUICK, asked, over, talking, wish

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def test_old_messages_go_and_a_conversation_goes_on_without_them(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retention, "BITE", 2)  # more than one bite
    clock = MovedClock(NOON)
    kept: dict[str, Any] = {"talk": {**QUICK["talk"], "messages_days": 30}}
    async with open_bank(database_url, clock=clock, **kept) as bank, talking(bank):
        core = bank.core
        await bank.grant("1")
        old = [
            await over(bank, await turns.ask(core, ME, wish(f"q{number}", f"old {number}", message=f"{number}")))
            for number in range(3)
        ]
        await answers.note_shown(core, old[0].turn_id, "telegram", "1", "100")
        token, _ = await sharing.share(core, ME, HERE, 365)
        clock.move(days=20)
        await over(bank, await turns.ask(core, ME, wish("q3", "newer")))
        assert (await runner.run_now(core, "conversations")).facts == {"messages_forgotten": 0}
        clock.move(days=11)
        waits = await turns.ask(core, ME, wish("q4", "not yet answered", reply_to="100"))
        await over(bank, waits)
        assert (await runner.run_now(core, "conversations")).facts == {"messages_forgotten": 6}
        assert await searching.search(core, ME, "old") == []
        assert [one.role for one in await searching.search(core, ME, "newer")] == ["user"]
        for table, count in (("turns", 2), ("message_places", 0), ("shares", 0), ("conversations", 1)):
            assert await bank.value(f"SELECT count(*) FROM {table}") == count, table
        with pytest.raises(NotFound):
            await sharing.open_share(core, ME, HERE, token, "o1")
        # What is left is read on, and asked again.
        await over(bank, await turns.ask(core, ME, wish("q5", "and now?")))
        assert asked(bank) == [("user", "not yet answered"), ("assistant", "Hello you"), ("user", "and now?")]
        await conversations.begin(core, ME, HERE)
        clock.move(days=31)
        assert (await runner.run_now(core, "conversations")).facts == {"messages_forgotten": 6}
        assert await bank.value("SELECT count(*) FROM conversations") == 0
        assert await conversations.chat_list(core, ME, HERE) == []
        await bank.books_balance()


async def test_without_a_number_of_days_everything_is_kept(sqlite_url: str):
    clock = MovedClock(NOON)
    async with open_bank(sqlite_url, clock=clock, **QUICK) as bank, talking(bank):
        await bank.grant("1")
        await over(bank, await turns.ask(bank.core, ME, wish("q1", "for ever")))
        clock.move(days=3650)
        await retention.forget_old(bank.core)
        assert len(await searching.search(bank.core, ME, "for ever")) == 1
