"""Codes as they are made, imported and switched, and that what was made can be redeemed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.actors import SYSTEM
from core.codes import codes, exports
from core.codes import writing as code_writing
from core.errors import CodeHasUses, QuotaExceeded
from core.rules.codes import read_code
from core.teams import pools
from tests.support.house import House, open_house


async def redeemed(house: House, text: str, address: str = "a@example.com") -> str:
    return (await house.redeem(address, text, key=f"{text}:{address}")).state


@pytest.mark.parametrize(("prefix", "groups"), [("TEAM", 4), ("TRIAL", 4), ("OIL", 3), ("L1", 6)])
async def test_a_code_of_any_prefix_and_length_can_be_redeemed(database_url: str, prefix: str, groups: int) -> None:
    async with open_house(database_url) as house:
        await pools.create_pool(house.core, SYSTEM, "other", pools.NewPool(prefix=prefix, groups=groups))
        await house.execute("UPDATE teams SET pool_id = (SELECT id FROM pools WHERE name = 'other')")
        await house.execute("UPDATE seats SET pool_id = (SELECT id FROM pools WHERE name = 'other')")
        [code] = await house.make_codes(pool="other")
        assert code.startswith(f"{prefix}-")
        assert len(code.split("-")) == groups + 1
        assert await redeemed(house, code.lower().replace("-", " ")) == "invited"


async def test_codes_of_another_system_keep_working(database_url: str) -> None:
    async with open_house(database_url) as house:
        lines = ["TEAM-ABCD-EFGH-IJKL", "old_code 77,2", "", "TEAM-ABCD-EFGH-IJKL", "x" * 300]
        imported = await codes.import_codes(house.core, SYSTEM, lines, codes.BatchPlan(count=1))
        assert imported.created == 2
        assert [bad.line for bad in imported.invalid] == [4, 5]
        assert await redeemed(house, "team abcd efgh ijkl") == "invited"
        assert await redeemed(house, "OLD_CODE 77", "b@example.com") == "invited"
        again = await codes.import_codes(house.core, SYSTEM, lines[:2], codes.BatchPlan(count=1))
        assert (again.created, again.known) == (0, 2)


async def test_generation_stops_at_the_quota_with_both_numbers(database_url: str) -> None:
    async with open_house(database_url, workspaces=2, seats=3) as house:
        batch, made = await codes.generate_list(house.core, SYSTEM, codes.BatchPlan(count=2, uses=2))
        assert (batch.available_before, batch.available, len(made)) == (6, 2, 2)
        with pytest.raises(QuotaExceeded) as refused:
            await codes.generate_list(house.core, SYSTEM, codes.BatchPlan(count=3))
        assert (refused.value.facts["wanted"], refused.value.facts["available"]) == (3, 2)
        await codes.set_batch_status(house.core, SYSTEM, batch.id, "disabled")
        assert (await codes.generate_list(house.core, SYSTEM, codes.BatchPlan(count=6)))[0].available == 0


async def test_disabled_codes_are_refused_and_come_back(database_url: str) -> None:
    async with open_house(database_url) as house:
        [code] = await house.make_codes()
        text = read_code(code, await house.core.shapes())
        await codes.set_code_status(house.core, SYSTEM, text, "disabled")
        assert (await house.redeem("a@example.com", code, key="1")).reason == "code_refused"
        await codes.set_code_status(house.core, SYSTEM, text, "active")
        assert (await house.redeem("a@example.com", code, key="2")).state == "invited"
        with pytest.raises(CodeHasUses):
            await codes.set_code_status(house.core, SYSTEM, text, "deleted")


async def test_a_batch_of_many_chunks_is_whole_and_comes_out_as_it_went_in(database_url: str) -> None:
    async with open_house(database_url) as house:
        count = 5 * code_writing.FIRST + 1  # also above LARGE
        assert count > code_writing.LARGE
        made = await house.make_codes(count, uses=2)
        assert len(set(made)) == count
        exported = [one async for one in await exports.export_codes(house.core, SYSTEM)]
        assert [one.code for one in exported] == made
        assert {(one.state, one.uses) for one in exported} == {("unused", 2)}
        assert await house.value("SELECT count(DISTINCT digest) FROM codes") == count
        assert await redeemed(house, made[-1]) == "invited"


async def test_no_code_stands_in_the_database_in_clear(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        await house.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        stored = await asyncio.to_thread(Path(sqlite_url.removeprefix("sqlite+aiosqlite:///")).read_bytes)
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored
