"""What is asked all the time is found through an index, however much there is."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.leases import recovery
from core.notices import deliveries
from core.storage import tables as t
from core.transfers import sweep as transfers
from core.waitlist import sweep as waitlist
from tests.support.house import open_house

GROWING = "audit_log|codes|inbox|leases|notices|redemptions|removals|seats|transfers|waitlist"


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_a_state_is_spelled_out_and_other_values_are_not(dialect: sa.Dialect) -> None:
    wanted = sa.select(t.leases.c.id).where(
        t.leases.c.status.in_(t.LIVE), t.leases.c.status != "it's", t.leases.c.address_key == "a@example.com"
    )
    compiled: Any = wanted.compile(dialect=dialect)
    text = compiled._process_parameters_for_postcompile(compiled.params).statement
    assert "IN ('held', 'invited', 'active', 'transferring')" in text
    assert "!= 'it''s'" in text
    assert "example.com" not in text


async def test_no_growing_table_is_read_through(sqlite_url: str) -> None:
    said: list[str] = []
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        await house.core.write(lambda tx: _listen(tx, said.append))
        assert (await house.redeem("p@example.com", code, key="first")).state == "invited"
        for sweep in (recovery.recover, transfers.advance_transfers, waitlist.serve):
            await sweep(house.core)
        await house.core.write(deliveries.claim_due, ["telegram", "mail"], house.core.now(), most=10)
        await house.core.write(lambda tx: _listen(tx, None))
    database = sqlite3.connect(Path(sqlite_url.partition("///")[2]))
    try:
        asked = [text for text in said if text.startswith(("SELECT", "UPDATE", "INSERT", "DELETE"))]
        steps = [(text, str(row[3])) for text in asked for row in database.execute(f"EXPLAIN QUERY PLAN {text}")]
    finally:
        database.close()
    assert len(asked) > 15
    assert not [step for step in steps if re.match(rf"SCAN ({GROWING})\b(?!.*USING)", step[1])]
    [claim] = {step for text, step in steps if text.startswith("UPDATE seats") and "ix_seats_free" in step}
    assert claim.startswith("SEARCH")


def _listen(tx: sa.Connection, listener: Any) -> None:
    driver: Any = tx.connection.driver_connection
    driver.set_trace_callback(listener)
