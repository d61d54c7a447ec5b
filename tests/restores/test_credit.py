"""A house with credit is restored: what codes gave since the backup is given again, once, and no used code works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.actors import SYSTEM, Actor
from core.clock import SteppedClock
from core.credit.report import wallet_of
from core.reports.doctor import examine
from core.restores import marks, reconcile
from core.service import open_core
from core.storage.copying import copy_database
from core.storage.migrate import upgrade_database
from core.upkeep import clock_watch
from tests.credit.test_gifts import make, take
from tests.support.credit import Bank, open_bank
from tests.support.house import settings_for
from tests.support.postgres import PostgresServer

ONE, TWO, THIEF = (Actor("telegram", name) for name in ("1", "2", "666"))


@pytest.fixture
def other_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'restored.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(empty=True)
    yield url
    server.drop_database(url)


@pytest.mark.parametrize("case", ["journal", "no journal", "the clock was ahead"])
async def test_no_used_code_gives_again(database_url: str, other_url: str, tmp_path: Path, case: str) -> None:
    journal: dict[str, Any] = {"directory": str(tmp_path / "journal")}
    backup = f"sqlite+aiosqlite:///{tmp_path / 'backup.db'}"
    clock = SteppedClock()
    async with open_bank(database_url, clock=clock, journal=journal) as bank:
        [first] = await make(bank, "credit:1")
        [second, unused] = await make(bank, "credit:2", 2)
        [third] = await make(bank, "plan:vip", term="1mo")
        assert (await take(bank, first, "r1", ONE)).state == "given"
        await clock_watch.look(bank.core)
        if case == "the clock was ahead":
            clock.step(days=2)
            await clock_watch.look(bank.core)
            await bank.grant("1")  # a line in the log that is dated two days ahead
            clock.step(days=-2)
            await clock_watch.look(bank.core)
        await bank.grant("1", "telegram:3")
        await upgrade_database(backup)
        await copy_database(database_url, backup)
        assert (await take(bank, second, "r2", TWO)).state == "given"
        assert (await take(bank, third, "r3", TWO)).state == "given"
        until = (await wallet_of(bank.core, TWO, TWO)).plan_until
    await upgrade_database(other_url)
    await copy_database(backup, other_url)
    kept = {"enabled": False} if case == "no journal" else journal
    async with open_core(settings_for(other_url, journal=kept), clock=clock) as core:
        again = Bank(core, bank.desk, other_url)
        await core.write(marks.mark_restored, SYSTEM, core.now() + timedelta(seconds=1))
        assert (await take(again, second, "early", THIEF)).reason == "restored_wait"
        done = await reconcile.reconcile(core, SYSTEM, do=True, apart=0.0)
        assert done.done
        for number, code in enumerate((first, second, third)):
            assert (await take(again, code, f"thief {number}", THIEF)).state == "refused"
        found = await wallet_of(core, TWO, TWO)
        if case == "no journal":
            assert (found.credit, found.plan.name) == (0, "free")
            assert (await take(again, unused, "r4", TWO)).reason == "restored_wait"
            assert await reconcile.release(core, SYSTEM) == 2  # of the two batches that have unused codes
        else:
            assert done.counts["gift_noted"] == 2
            assert (found.credit, found.plan.name, found.plan_until) == (2_000_000, "vip", until)
            assert (await take(again, second, "r2", TWO)).repeated
        assert (await take(again, unused, "r5", TWO)).state == "given"
        await again.books_balance()
        assert [one.name for one in await examine(core, SYSTEM) if one.breaches] == []
