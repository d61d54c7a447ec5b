"""What it costs that every seat is written down outside the database, on the disk, before its commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.figures import report
from tests.benchmarks.test_the_core import through_the_core
from tests.support.postgres import PostgresServer, migrated

pytestmark = pytest.mark.bench

ROUNDS = 5


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_redeeming_with_the_journal(kind: str, tmp_path: Path) -> None:
    """The two take turns, so that whatever else the machine does happens to both."""
    with PostgresServer(durable=True) as server:
        url = (
            server.create_database()
            if kind == "postgresql"
            else migrated(f"sqlite+aiosqlite:///{tmp_path / 'usher.db'}")
        )
        kept, bare = [], []
        for _ in range(ROUNDS):
            kept.append(await through_the_core(url, journal={"directory": str(tmp_path / "journal")}))
            bare.append(await through_the_core(url, journal={"enabled": False}))
    assert list((tmp_path / "journal").iterdir())
    report(f"redeem_journal_{kind}", kept, "redemptions/s", bare, floor_name="without the journal")
