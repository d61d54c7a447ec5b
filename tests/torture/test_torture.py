"""Kill and verify: a short run in the ordinary suite, as long as you like by `make torture SEED=… DURATION=…`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import PostgresServer
from tests.torture.restoring import RestoringTorture
from tests.torture.schedule import DATABASE, PROCESSES, Schedule, strikes
from tests.torture.torture import Report, Torture

SEED = int(os.environ.get("SEED", "1"))
DURATION = float(os.environ.get("DURATION", "120"))
"""Seconds of blows on each database."""
CHOSEN = [os.environ["BACKEND"]] if "BACKEND" in os.environ else ["sqlite", "postgresql"]
SHORT = 60.0
"""Seconds of blows on each database in the ordinary suite: two minutes in all."""
VARIED = 1092
"""A seed whose first blows are one of each kind, on either database."""
MANY = int(os.environ.get("PROCESSES", "0"))
"""Processes at work; without a number four on PostgreSQL and two on SQLite, which has one writer at a time."""


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that may be killed without anybody else's test noticing."""
    with PostgresServer() as server:
        yield server


def _server(backend: str, request: pytest.FixtureRequest) -> PostgresServer | None:
    return request.getfixturevalue("own_server") if backend == "postgresql" else None


def _kept(report: Report) -> None:
    sys.stdout.write(f"\n{report}\n{report.as_json()}\n")
    assert not report.breaches, f"the same seed strikes in the same way again: {report}"
    assert report.operations["redeem ok"] > 0, report
    totals = report.totals()
    assert totals["kills"], totals
    assert totals["faults"], totals


@pytest.mark.slow
async def test_a_short_run_keeps_every_promise(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = _server(backend, request)
    report = await Torture(tmp_path, server, Schedule(seconds=SHORT, processes=2), seed=VARIED).run()
    _kept(report)


@pytest.mark.torture
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("backend", CHOSEN)
async def test_as_long_as_you_like(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = _server(backend, request)
    processes = MANY or (4 if server is not None else 2)
    report = await Torture(tmp_path, server, Schedule(seconds=DURATION, processes=processes), seed=SEED).run()
    _kept(report)


@pytest.mark.torture
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("reconciling", [True, False], ids=["reconciled", "negative control"])
@pytest.mark.parametrize("backend", CHOSEN)
async def test_an_older_backup_is_restored(
    backend: str, reconciling: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = _server(backend, request)
    schedule = Schedule(seconds=min(DURATION, SHORT), processes=2)
    torture = RestoringTorture(tmp_path, server, schedule, seed=SEED, reconciling=reconciling)
    report = await torture.run()
    assert report.blows["backups restored"] == 1
    if reconciling:
        _kept(report)
    else:
        # The number of a lost redemption stands for nothing, or for another one.
        assert any(found.startswith(("lost: ", "changed: ")) for found in report.breaches), report


def test_a_seed_strikes_in_the_same_way_again() -> None:
    first, again, other = (list(islice(strikes(seed, PROCESSES + DATABASE, 4), 200)) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert {strike.blow for strike in first} == set(PROCESSES + DATABASE)


@dataclass(frozen=True)
class Control:
    """A guard taken away, a schedule in which that shows within seconds, and what the checker must say."""

    guard: str
    schedule: Schedule
    signs: tuple[str, ...]
    open_line: tuple[str, ...] = ()


def _provoking(seconds: float, *doings: str, **wanted: Any) -> Schedule:
    """Two processes with many hands and no fault but those asked for, doing nothing but `doings`."""
    quiet: dict[str, Any] = {"faults": (), "blows": (), "hands": 8, "settled_within": 1}
    asked = tuple((doing, 1) for doing in doings)
    return Schedule(seconds, processes=2, doings=asked, **{**quiet, **wanted})


CONTROLS = {
    # Few seats, many hands: the seat that was free when it was chosen is another's when it is held.
    "an oversold team": Control(
        "seat_claim",
        _provoking(2.5, "redeem", "redeem", "redeem", "end", workspaces=2, single_codes=60),
        ("doctor seat_has_one_holder",),
        ("DROP INDEX uq_leases_live_seat",),
    ),
    # Many hands, few codes: the use that was left when it was looked at is another's when it is reserved.
    "an oversold code": Control(
        "code_uses",
        _provoking(1.5, "redeem", single_codes=4, people=10),
        ("doctor code_uses_within_bounds",),
        ("ALTER TABLE codes DROP CONSTRAINT ck_codes_uses",),
    ),
    # Invited without an answer, not yet in the lists, repeated, refused, and invited by the next team.
    "a double invite": Control(
        "list_lag",
        _provoking(
            5,
            "redeem",
            workspaces=4,
            seats=6,
            single_codes=40,
            faults=("applied-then-reset=0.5", "429=0.5", "list-lag=3.5"),
            settled_within=30,
        ),
        ("double invite",),
    ),
    # Everybody dies while the upstream thinks, and nobody takes over what they left.
    "a lost redemption and its leaked seat": Control(
        "recovery",
        _provoking(2, "redeem", single_codes=40, faults=("slow=400",), blows=("kill all",)),
        ("lost redemption", "leaked seat"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("violation", CONTROLS)
async def test_without_its_guard_the_checker_finds(violation: str, own_server: PostgresServer, tmp_path: Path) -> None:
    """Negative controls: a checker that finds nothing here finds nothing at all."""
    control = CONTROLS[violation]
    missed: list[str] = []
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        torture = Torture(
            folder,
            own_server,
            control.schedule,
            seed=SEED + attempt,
            without=[control.guard],
            open_line=control.open_line,
        )
        found = (await torture.run()).breaches
        missed = [sign for sign in control.signs if not any(breach.startswith(sign) for breach in found)]
        if not missed:
            return
    pytest.fail(f"without {control.guard}, {missed} was not found")
