"""The journal takes nothing, or there is none: nobody is turned away for that, it is said, and who is there stays."""

from __future__ import annotations

import random
from pathlib import Path

from core.actors import SYSTEM
from core.restores import reconcile
from core.storage.journal import Journal
from core.sweeps import alerts
from tests.restores.history import History, restored
from tests.restores.test_reconcile import other_url  # noqa: F401 - a fixture
from tests.support.moved import open_moved_house

ANN, BOB = "ann@example.com", "bob@example.com"


async def test_a_journal_that_cannot_be_written_stops_nobody_and_is_caught_up(database_url: str, tmp_path: Path):
    directory = tmp_path / "journal"
    directory.write_text("a file, where a directory should be")
    async with open_moved_house(database_url, journal={"directory": str(directory)}) as house:
        first, second = await house.make_codes(2)
        assert (await house.redeem(ANN, first, key="k1")).state == "invited"
        await alerts.check(house.core)
        assert ("journal", "journal_away") in await house.open_alerts()
        directory.unlink()
        assert (await house.redeem(BOB, second, key="k2")).state == "invited"
        lines = list(Journal(directory, house.core.vault).read())
        assert [line["row"]["address"] for line in lines if line["kind"] == "seat"] == [ANN, BOB]
        await alerts.check(house.core)
        assert "journal" not in [subject for subject, _ in await house.open_alerts()]


async def test_whoever_is_there_by_a_suspended_code_has_their_seat_back_by_writing_it(
    database_url: str,
    other_url: str,  # noqa: F811 - the fixture
    tmp_path: Path,
):
    async with open_moved_house(database_url, journal={"enabled": False}) as house:
        [code] = await house.make_codes()
        backup = await History(house, random.Random(1), []).back_up(tmp_path / "backup.db")
        house.clock.move(hours=2)
        await house.redeem(ANN, code, key="k1")
        house.sandbox.accept(ANN)
        async with restored(History(house, random.Random(1), []), backup, other_url, None) as again:
            done = await reconcile.reconcile(again.core, SYSTEM, do=True, apart=0.0)
            assert done.counts["batch_suspended"] == 1
            refused = await again.redeem(BOB, code, key="b1")
            assert refused.state == "refused"
            back = await again.redeem(ANN, code, key="a1")
            assert back.state == "invited"
            assert (await again.rows("SELECT address, status FROM leases")) == [(ANN, "invited")]
            assert await again.value("SELECT used FROM codes") == 1
            assert len(again.invited()) == 1, "the seat was there, and nobody was invited again"
            assert (await again.redeem(BOB, code, key="b2")).state == "refused"
            assert await again.breaches() == []
