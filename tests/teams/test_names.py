"""A pool or a team is found by its own name, in any script and any case, and there is one of each."""

from __future__ import annotations

import re

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import NameTaken
from core.reports.completion import completions
from core.teams import pools, teams
from core.teams.pool_report import pool_line
from core.teams.report import team_page
from tests.architecture.source import modules
from tests.support.house import open_house

VIEWER = Actor("telegram", "7", Role.VIEWER)

ALIKE = (
    ("Équipe Élan", "équipe  élan"),
    ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
    ("Кафедра", "КАФЕДРА"),
    ("Teams", "teams"),
    ("ﬁve", "FIVE"),
    ("Straße", "STRASSE"),
    ("É", "e\u0301"),
)


@pytest.mark.parametrize(("name", "other"), ALIKE)
async def test_a_pool_is_one_in_any_script(database_url: str, name: str, other: str) -> None:
    async with open_house(database_url, workspaces=1) as house:
        await pools.create_pool(house.core, SYSTEM, name)
        with pytest.raises(NameTaken):
            await pools.create_pool(house.core, SYSTEM, other)
        assert (await pools.change_pool(house.core, SYSTEM, other, show_stock=True)).name == name
        line = await pool_line(house.core, VIEWER, other)
        assert line is not None
        assert line.name == name
        assert [name] == [shown for shown, _ in await completions(house.core, VIEWER, "pool", other[:3])]


async def test_a_new_name_is_found_and_the_old_one_is_free_again(database_url: str) -> None:
    async with open_house(database_url, workspaces=2) as house:
        await teams.change_team(house.core, SYSTEM, "workspace 1", new_name="Équipe")
        with pytest.raises(NameTaken):
            await teams.change_team(house.core, SYSTEM, "Workspace 2", new_name="ÉQUIPE")
        assert (await team_page(house.core, VIEWER, "éQUIPE")).line.name == "Équipe"
        await teams.change_team(house.core, SYSTEM, "Workspace 2", new_name="workspace 1")
        await pools.change_pool(house.core, SYSTEM, "DEFAULT", name="Ελλάς")
        assert (await pools.default_pool(house.core, SYSTEM, "ελλάσ")).name == "Ελλάς"


def test_no_look_up_folds_a_name_by_itself() -> None:
    """SQLite's `lower()` leaves every letter beyond ASCII as it is, so such a look-up misses on one database only.

    A label and an upstream's own number are no names.
    """
    by_hand = re.compile(r"func\.lower\((?!t\.(?:batches\.c\.label|teams\.c\.external_id)\))")
    assert not [module.path for module in modules() if by_hand.search(module.text)]
