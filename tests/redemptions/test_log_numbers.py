"""Whatever is logged in the course of a redemption, by whoever, can be found by its number."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from core import telemetry
from core.leases import recovery
from core.settings import LogSettings
from tests.support.moved import MovedHouse, open_moved_house

SETTLES = "UPDATE leases SET status"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The file that everything is logged into, as `usher run` does it."""
    root, configured = logging.getLogger(), structlog.get_config()
    before = list(root.handlers), root.level, logging.raiseExceptions
    telemetry.configure_logging(LogSettings(file=str(tmp_path / "usher.log"), level="info"))
    yield tmp_path / "usher.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], level, logging.raiseExceptions = before
    root.setLevel(level)
    structlog.configure(**configured)


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


async def test_every_line_of_a_redemption_carries_its_number(database_url: str, log: Path) -> None:
    # So slow is every statement, and each of them is a line that somebody far below writes.
    slow = {"slow_statement": 1e-9}
    async with open_moved_house(database_url, workspaces=2, database=slow) as house:
        codes = await house.make_codes(3)
        empty(log)
        await asyncio.gather(*(redeem(house, number, code) for number, code in enumerate(codes[:2])))
        house.sandbox.set_faults(["applied-then-reset=1"])
        await redeem(house, 2, codes[2])
        house.clock.move(seconds=30)
        await recovery.recover(house.core)
        known = [row[0] for row in await house.rows("SELECT id FROM redemptions WHERE state = 'invited' ORDER BY id")]
    settling = [line for line in lines(log) if SETTLES in str(line.get("statement"))]
    assert len(known) == 3
    assert sorted(line["redemption"] for line in settling) == known
    assert {line.get("redemption") for line in lines(log)} == {None, *known}


def empty(log: Path) -> None:
    log.write_text("")


async def redeem(house: MovedHouse, number: int, code: str) -> None:
    await house.redeem(f"person{number}@example.com", code, key=str(number), wait=0)
