"""Maintained figures are what counting every row would give, whoever wrote the rows."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from core.actors import SYSTEM
from core.rounds import Round
from core.teams import seats, teams
from core.upkeep import figures as actions
from core.upkeep import folding
from tests.support.house import House, open_house

UTC = ZoneInfo("UTC")

SEATS = """
    SELECT CASE WHEN state = 'free' AND NOT open THEN 'seats.closed' ELSE 'seats.' || state END AS name, count(*)
    FROM seats GROUP BY 1
"""
LEASES = "SELECT 'leases.' || status, count(*) FROM leases GROUP BY 1"


async def maintained(house: House) -> dict[str, int]:
    """Every figure that is not 0, over all pools: what is folded and what is not yet."""
    rows = await house.rows(
        "SELECT name, sum(amount) FROM (SELECT name, amount FROM figures WHERE day = 0 "
        "UNION ALL SELECT name, amount FROM figure_changes) AS together GROUP BY name"
    )
    return {name: int(amount) for name, amount in rows if amount}


async def counted(house: House) -> dict[str, int]:
    """The same, from the rows themselves."""
    found = dict([*await house.rows(SEATS), *await house.rows(LEASES)])
    for name, statement in {
        "redeemed": "SELECT count(*) FROM redemptions WHERE state = 'invited'",
        "refused": "SELECT count(*) FROM redemptions WHERE state = 'refused'",
        "people": "SELECT count(DISTINCT address_key) FROM redemptions WHERE state = 'invited'",
        "from.system": "SELECT count(*) FROM redemptions WHERE state = 'invited'",
        "invited": "SELECT count(*) FROM leases WHERE invited_at IS NOT NULL",
        "joined": "SELECT count(*) FROM leases WHERE joined_at IS NOT NULL",
        "accepted": "SELECT count(*) FROM leases WHERE joined_at IS NOT NULL",
    }.items():
        number = await house.value(statement)
        found |= {name: number} if number else {}
    return found


async def test_figures_follow_every_change_and_survive_folding(database_url: str):
    async with open_house(database_url, workspaces=2, seats=2) as house:
        codes = await house.make_codes(8)
        for number, code in enumerate(codes[:6]):
            await house.redeem(f"person{number % 5}@example.com", code, key=f"k{number}")
        assert await maintained(house) == await counted(house)

        await house.execute("UPDATE leases SET status = 'active', joined_at = invited_at WHERE id = 1")
        await teams.enable_team(house.core, SYSTEM, "Workspace 2", enabled=False)
        assert await maintained(house) == await counted(house)
        assert await house.value("SELECT sum(joined) FROM batch_changes") == 1

        before = await maintained(house)
        assert (await folding.fold(house.core)).facts["changes_folded"] > 0
        assert await maintained(house) == before == await counted(house)
        assert await house.value("SELECT count(*) FROM figure_changes") == 0
        assert await house.value("SELECT count(*) FROM batch_changes") == 0
        assert await house.value("SELECT joined FROM batches") == 1
        assert await house.value("SELECT used FROM batches") == 4

        await house.core.write(seats.give_back, await house.value("SELECT seat_id FROM leases WHERE id = 1"))
        await house.execute("DELETE FROM seats WHERE state = 'free' AND team_id = 2")
        assert await maintained(house) == await counted(house)
        assert await folding.fold(house.core) != Round({"changes_folded": 0})
        assert await folding.fold(house.core) == Round({"changes_folded": 0})


async def test_the_fullest_teams_are_known_without_counting_all(database_url: str):
    async with open_house(database_url, workspaces=3, seats=4) as house:
        for number, code in enumerate(await house.make_codes(6)):
            await house.redeem(f"person{number}@example.com", code, key=f"k{number}")
        await house.core.write(actions.fold_figures, UTC)
        rows = await house.rows("SELECT team_id, taken, free, share FROM team_figures ORDER BY share DESC, team_id")
        assert [tuple(row) for row in rows] == [(1, 4, 0, 1000), (2, 2, 2, 500), (3, 0, 4, 0)]


async def test_two_processes_that_fold_at_once_count_everything_once(database_url: str):
    async with open_house(database_url, workspaces=2, seats=50) as house:
        await asyncio.gather(*(house.core.write(actions.fold_figures, UTC, 7) for _ in range(30)))
        assert await maintained(house) == await counted(house)
