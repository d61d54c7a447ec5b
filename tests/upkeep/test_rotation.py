"""Keys change while people redeem; an old key that is gone, or a value in a wrong place, is one row's trouble."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.codes import codes
from core.codes.exports import reveal_code
from core.errors import NotAllowed
from core.rules.codes import read_code
from core.service import open_core
from core.storage import tables as t
from core.storage.dialogues import LIFETIME
from core.sync import sync
from core.teams import teams
from core.upkeep import rotation
from core.vault import Undecipherable, fresh_key
from tests.support.house import House, settings_for
from tests.support.moved import open_moved_house

OLD, NEW = fresh_key(), fresh_key()
AT_FIRST = {"active": "k1", "keys": {"k2": NEW, "k1": OLD}}
BOTH = {"active": "k2", "keys": {"k2": NEW, "k1": OLD}}
ONLY_NEW = {"active": "k2", "keys": {"k2": NEW}}


@asynccontextmanager
async def _under(house, vault, **more):
    """The same database and upstream with other keys, as a process that was started again."""
    settings = settings_for(house.url, upstream={"timeout": 10.0}, **more).model_copy(
        update={"vault": settings_for(house.url, vault={"active": "k2", **vault}).vault}
    )
    async with open_core(settings, clock=house.clock) as core:
        yield House(core, house.sandbox, house.url)


def _old(url: str, **options):
    return open_moved_house(url, vault={"active": "k1", "keys": {"k1": OLD}}, upstream={"timeout": 10.0}, **options)


async def test_keys_change_while_people_redeem(database_url: str):
    async with _old(database_url, workspaces=3, seats=30) as house:
        made = await house.make_codes(450)
        first = await house.redeem("first@example.com", made[0], key="first", wait=0)
        async with _under(house, AT_FIRST) as early, _under(house, BOTH) as both:
            redeeming = [
                asyncio.ensure_future(
                    # Processes that still encrypt with the old key serve on beside those with the new one.
                    house.redeem(
                        f"p{n}@example.com", made[n], key=f"k{n}", wait=0, core=(early if n % 2 else both).core
                    )
                )
                for n in range(1, 60)
            ]
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert {one.state for one in await asyncio.gather(*redeeming)} == {"invited"}
            assert (done.codes, done.teams, done.left, done.unreadable) == (450, 3, {}, [])
            assert not done.complete, "requests of before may come again for two days"
            again = await both.redeem("first@example.com", made[0], key="first", wait=0)
            assert (again.state, again.redemption_id) == ("invited", first.redemption_id)
            assert (await rotation.rotate_keys(both.core, SYSTEM)).codes == 0
            house.clock.move(hours=49)
            assert (await rotation.rotation_left(both.core, SYSTEM)).complete
        async with _under(house, ONLY_NEW) as new:
            assert (await new.redeem("last@example.com", made[449], key="last", wait=0)).state == "invited"
            assert await reveal_code(new.core, SYSTEM, read_code(made[7], await new.core.shapes())) == made[7]
            assert all(reading.complete for reading in await sync.sync_all(new.core, SYSTEM))
            assert await new.value("SELECT sum(used) FROM codes") == 61
            assert await new.value("SELECT count(*) FROM codes WHERE reserved <> 0") == 0


async def test_a_run_that_is_broken_off_is_run_again(database_url: str):
    class Killed(Exception):
        pass

    async def die(done: int) -> None:
        raise Killed

    async with _old(database_url, seats=8) as house:
        made = await house.make_codes(450)
        async with _under(house, BOTH) as both:
            with pytest.raises(Killed):
                await rotation.rotate_keys(both.core, SYSTEM, die)
            assert (await rotation.rotation_left(both.core, SYSTEM)).left == {"codes": 450 - rotation.CHUNK, "teams": 1}
            for number in (0, 300):
                receipt = await both.redeem(f"p{number}@example.com", made[number], key=f"k{number}", wait=0)
                assert receipt.state == "invited"
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert (done.codes, done.teams, done.left) == (250, 1, {})


async def test_an_old_key_that_is_gone_costs_its_own_rows_and_no_others(database_url: str):
    async with _old(database_url, workspaces=2) as house:
        lost = (await house.make_codes(2))[0]
        async with _under(house, BOTH) as both:
            kept = (await both.make_codes(2))[0]
            session = house.sandbox.sessions()[1]
            again = await teams.preview_teams(both.core, SYSTEM, json.dumps(session))
            await teams.import_teams(both.core, SYSTEM, again)
        async with _under(house, ONLY_NEW) as new:
            assert (await new.redeem("a@example.com", lost, key="a", wait=0)).reason == "code_refused"
            assert (await new.redeem("b@example.com", kept, key="b", wait=0)).team == "Workspace 2"
            readings = {one.team: one for one in await sync.sync_all(new.core, SYSTEM)}
            assert (readings["Workspace 1"].complete, readings["Workspace 1"].reason) == (False, "undecipherable")
            assert readings["Workspace 2"].complete
            done = await rotation.rotate_keys(new.core, SYSTEM)
            assert [(one.kind, one.id) for one in done.unreadable] == [("code", 1), ("code", 2), ("team", 1)]
            assert done.left == {"codes": 2, "teams": 1}
            assert not done.complete
        async with _under(house, BOTH) as both:
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert (done.codes, done.teams, done.left, done.unreadable) == (2, 1, {}, [])
            assert (await both.redeem("a@example.com", lost, key="a2", wait=0)).state == "invited"


async def test_a_value_that_was_moved_to_another_row_is_refused(database_url: str):
    async with _old(database_url, workspaces=2) as house:
        made = await house.make_codes(3)
        await house.execute("UPDATE codes SET cipher = (SELECT cipher FROM codes WHERE id = 1) WHERE id = 2")
        await house.execute("UPDATE teams SET credential = (SELECT credential FROM teams WHERE id = 1) WHERE id = 2")
        with pytest.raises(Undecipherable):
            await reveal_code(house.core, SYSTEM, read_code(made[1], await house.core.shapes()))
        readings = {one.team: one.reason for one in await house.sync()}
        assert readings == {"Workspace 1": None, "Workspace 2": "undecipherable"}
        async with _under(house, BOTH) as both:
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert [(one.kind, one.id) for one in done.unreadable] == [("code", 2), ("team", 2)]
            assert (done.codes, done.teams) == (2, 1)


async def test_a_code_imported_again_after_the_change_is_known(database_url: str):
    async with _old(database_url) as house:
        plan = codes.BatchPlan(count=1)
        assert (await codes.import_codes(house.core, SYSTEM, ["SHOP-AAAA-BBBB-CCCC"], plan)).created == 1
        async with _under(house, BOTH) as both:
            again = await codes.import_codes(both.core, SYSTEM, ["SHOP-AAAA-BBBB-CCCC", "SHOP-AAAA-BBBB-DDDD"], plan)
            assert (again.created, again.known) == (1, 1)
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert (done.codes, done.unreadable) == (1, [])


async def test_what_lives_for_hours_is_waited_for(sqlite_url: str):
    async with _old(sqlite_url) as house:
        ends = house.clock.now().replace(hour=20)

        def draft(tx: sa.Connection) -> None:
            sealed = house.core.vault.encrypt("{}", row="drafts:x")
            values = {"id": "x", "owner": "o", "kind": "import", "content": sealed}
            tx.execute(sa.insert(t.drafts).values(created_at=house.clock.now(), expires_at=ends, **values))

        await house.core.write(draft)
        async with _under(house, BOTH) as both:
            done = await rotation.rotate_keys(both.core, SYSTEM)
            assert (done.left, done.keep_until, done.complete) == ({}, ends, False)
            house.clock.move(hours=9)
            assert (await rotation.rotation_left(both.core, SYSTEM)).complete


async def test_dialogues_that_redis_may_hold_are_waited_for(sqlite_url: str):
    async with _old(sqlite_url) as house, _under(house, BOTH, redis={"url": "redis://127.0.0.1:1/0"}) as both:
        changed_at = both.core.now()
        done = await rotation.rotate_keys(both.core, SYSTEM)
        assert (done.left, done.keep_until) == ({}, changed_at + LIFETIME)
        house.clock.move(hours=25)
        assert (await rotation.rotation_left(both.core, SYSTEM)).complete


async def test_only_owners_change_keys(sqlite_url: str):
    async with _old(sqlite_url) as house:
        with pytest.raises(NotAllowed):
            await rotation.rotate_keys(house.core, Actor("telegram", "1", Role.ADMIN))
        with pytest.raises(NotAllowed):
            await rotation.rotation_left(house.core, Actor("telegram", "1", Role.ADMIN))
        assert (await rotation.rotation_left(house.core, SYSTEM)).complete, "one key alone has no older ones"
