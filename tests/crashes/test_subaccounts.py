"""The process that gets somebody an account elsewhere is killed; in the end there is one, and its key is known."""

from __future__ import annotations

import asyncio
import signal

import pytest

from core.crashpoints import POINTS
from tests.support.house import KEY
from tests.support.parents import open_parents
from tests.support.processes import Processes

STEPS = ("S1", "S2", "S3")


@pytest.mark.slow
@pytest.mark.parametrize("point", STEPS)
async def test_killed_there_one_is_made_and_its_key_is_known(
    database_url: str, processes: Processes, point: str
) -> None:
    async with open_parents(database_url, "openai_admin") as parents:
        given = {"USHER_DATABASE__URL": database_url, "USHER_VAULT__KEYS__k1": KEY, "USHER_CRASH_AT": point}
        order = ("source", "give", "main", "--to", "telegram:1")
        killed = await asyncio.to_thread(lambda: processes.start(*order, **given).finish())
        assert killed.code == -signal.SIGKILL, str(killed)
        assert (await parents.states(), len(parents.there())) == {
            "S1": (["sending"], 0),
            "S2": (["sending"], 1),
            "S3": (["ready"], 1),
        }[point]
        await parents.later(60)
        await parents.later(120)
        assert (await parents.states(), len(parents.there())) == (["ready"], 1)
        assert parents.asked() == (2 if point == "S2" else 1), "a key that was lost with its process is revoked"
        [name] = [row.name for row in await parents.bank.rows("SELECT name FROM sources WHERE owner_id IS NOT NULL")]
        assert await parents.works(name)
        assert await parents.breaches() == []


def test_every_point_is_tried() -> None:
    assert set(STEPS) == {point for point in POINTS if point.startswith("S")}


async def test_processes_that_ask_at_once_make_one(postgres_url: str, processes: Processes) -> None:
    """Four of them for one person, two for another, at a parent that would make as many of a name as are asked for."""
    async with open_parents(postgres_url, "openai_admin") as parents:
        given = {"USHER_DATABASE__URL": postgres_url, "USHER_VAULT__KEYS__k1": KEY}
        people = ("telegram:1", "telegram:2", "telegram:1", "telegram:1", "telegram:2", "telegram:1")
        running = [processes.start("source", "give", "main", "--to", one, "--json", **given) for one in people]
        ended = await asyncio.gather(*(asyncio.to_thread(one.finish, timeout=240) for one in running))
        assert {one.code for one in ended} <= {0, 1}, [str(one) for one in ended]
        told = [one.json() for one in ended]
        assert sum(one["new"] for one in told) == 2
        assert (await parents.states(), parents.asked()) == (["ready", "ready"], 2)
        # Who came second has the same one, or is told that it is still being made.
        for person in set(people):
            assert len({one["source"] for one in told if one["person"] == person} - {None}) == 1
        assert all((one["state"] == "ready") == (end.code == 0) for one, end in zip(told, ended, strict=True))
        assert await parents.breaches() == []
