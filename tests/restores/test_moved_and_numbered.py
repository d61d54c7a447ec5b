"""What a restored database cannot know by itself: moves that came to their end, and numbers that were given."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from core.actors import SYSTEM
from core.leases import leases
from core.reports.doctor import examine
from core.restores import reconcile
from core.sweeps import runner
from core.teams import teams
from core.transfers import transfers
from tests.restores.history import History, restored
from tests.restores.test_reconcile import other_url  # noqa: F401 - a fixture
from tests.support.moved import open_moved_house

ANN = "ann@example.com"


async def test_a_move_that_was_done_and_ended_since_is_done(database_url: str, other_url: str, tmp_path: Path):  # noqa: F811
    directory = tmp_path / "journal"
    sections: dict[str, Any] = {"journal": {"directory": str(directory)}}
    async with open_moved_house(database_url, workspaces=2, seats=4, **sections) as house:
        codes = await house.make_codes(1)
        history = History(house, random.Random(0), codes)
        await house.redeem(ANN, codes[0], key="ann", wait=0)
        house.sandbox.accept(ANN)
        await house.sync()
        await transfers.transfer(house.core, SYSTEM, ANN)
        assert await house.value("SELECT state FROM transfers") == "waiting"
        backup = await history.back_up(tmp_path / "backup.db")
        house.sandbox.accept(ANN)
        for _ in range(40):
            house.clock.move(hours=2)
            for name in ("sync", "transfers", "recovery"):
                await runner.run_now(house.core, name)
            if await house.value("SELECT state FROM transfers") == "done":
                break
        assert await house.value("SELECT state FROM transfers") == "done"
        await leases.end(house.core, SYSTEM, ANN, forced=True)
        house.clock.move(minutes=10)
        async with restored(history, backup, other_url, directory) as again:
            await reconcile.reconcile(again.core, SYSTEM, do=True, apart=0.0)
            assert await again.value("SELECT state FROM transfers") == "done"
            assert [one.name for one in await examine(again.core, SYSTEM) if one.breaches] == []


@pytest.mark.parametrize("left", [False, True], ids=["in both teams", "in the new one"])
async def test_a_move_that_the_backup_had_only_begun_leads_where_it_led(
    database_url: str,
    other_url: str,  # noqa: F811
    tmp_path: Path,
    left: bool,
):
    directory = tmp_path / "journal"
    sections: dict[str, Any] = {"journal": {"directory": str(directory)}}
    async with open_moved_house(database_url, workspaces=2, seats=4, **sections) as house:
        codes = await house.make_codes(1)
        history = History(house, random.Random(0), codes)
        await house.redeem(ANN, codes[0], key="ann", wait=0)
        house.sandbox.accept(ANN)
        await house.sync()
        await teams.enable_team(house.core, SYSTEM, "Workspace 2", False)
        await transfers.transfer(house.core, SYSTEM, ANN)
        assert await house.value("SELECT state FROM transfers") == "planned"
        backup = await history.back_up(tmp_path / "backup.db")
        await teams.enable_team(house.core, SYSTEM, "Workspace 2", True)
        reached = "done" if left else "waiting"
        for _ in range(60):
            house.clock.move(hours=2)
            for name in ("sync", "transfers", "recovery"):
                await runner.run_now(house.core, name)
            if left:
                house.sandbox.accept(ANN)
            if await house.value("SELECT state FROM transfers") == reached:
                break
        assert await house.value("SELECT state FROM transfers") == reached
        target = await house.value("SELECT target_lease_id FROM transfers")
        house.clock.move(minutes=10)
        async with restored(history, backup, other_url, directory) as again:
            await reconcile.reconcile(again.core, SYSTEM, do=True, apart=0.0)
            assert await again.value("SELECT state FROM transfers") == reached
            assert await again.value("SELECT target_lease_id FROM transfers") == target
            assert await again.value("SELECT transfer_id FROM leases WHERE id = :id", id=target) is not None
            assert [one.name for one in await examine(again.core, SYSTEM) if one.breaches] == []


async def test_the_number_of_a_redemption_whose_code_is_lost_is_given_to_nobody_else(
    database_url: str,
    other_url: str,  # noqa: F811
    tmp_path: Path,
):
    directory = tmp_path / "journal"
    sections: dict[str, Any] = {"journal": {"directory": str(directory)}}
    async with open_moved_house(database_url, workspaces=1, seats=4, **sections) as house:
        history = History(house, random.Random(0), await house.make_codes(1))
        backup = await history.back_up(tmp_path / "backup.db")
        [late] = await house.make_codes(1)
        told = await house.redeem(ANN, late, key="ann", wait=0)
        house.clock.move(minutes=10)
        async with restored(history, backup, other_url, directory) as again:
            await reconcile.reconcile(again.core, SYSTEM, do=True, apart=0.0)
            refused = await again.redeem("bob@example.com", late, key="bob", wait=0)
            assert refused.state == "refused"
            assert told.redemption_id is not None
            assert refused.redemption_id is not None
            assert refused.redemption_id > told.redemption_id
