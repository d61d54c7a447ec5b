"""Whoever takes a move over by force, at whatever step, changes nothing of another who is at the same one."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.leases import leases
from core.transfers import transfers
from tests.leases.test_others import ANN, BOB, Two, _inviting, _planned, _removing, _seated, _waiting
from tests.support.moved import open_moved_house

STEPS = {step.__name__[1:]: step for step in (_seated, _planned, _inviting, _waiting, _removing)}
WAYS = {"ended": "", "pushed on": None, "sent back": "Workspace 1", "sent elsewhere": "Workspace 3"}


@pytest.mark.parametrize(
    ("step", "way"), [(step, way) for step in STEPS for way in WAYS if (step, way) != ("seated", "sent back")]
)
async def test_another_at_the_same_step_stays_as_they_are(database_url: str, step: str, way: str) -> None:
    async with open_moved_house(database_url, workspaces=3) as house:
        two = Two(house, {})
        await STEPS[step](two)
        hers, his = await two.of(ANN), await two.of(BOB)
        if way == "ended":
            await leases.end(house.core, SYSTEM, ANN, forced=True)
        else:
            await transfers.transfer(house.core, SYSTEM, ANN, to=WAYS[way], forced=True)
        assert await two.of(BOB) == his
        assert await two.of(ANN) != hers
