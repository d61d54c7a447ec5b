"""Every operation meets every other one, at every statement where it matters, and every promise is kept.

`make test` plays a part of the meetings on both databases, and what each guard keeps apart; `make races` all of them.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.storage import guards
from tests.races.all_operations import SITUATIONS
from tests.races.listing import NOT_TRIED, public
from tests.races.matrix import Matrix, Meeting, Outcome, touched
from tests.races.world import Stage

SAMPLE = {
    "seated": ("leases.leases.end", "people.privacy.erase_person"),
    "moving": ("transfers.transfers.cancel", "transfers.sweep.advance_transfers"),
    "planned": ("transfers.transfers.advance", "teams.removal.remove_team"),
    "unclear": ("leases.recovery.recover", "leases.leases.end"),
    "unused": ("redemptions.redemptions.redeem_all", "codes.codes.set_code_status"),
    "waiting": ("waitlist.serving.serve", "waitlist.waitlist.leave"),
    "job": ("jobs.sweep.work_off", "jobs.jobs.cancel"),
    "expired": ("leases.expiry.expire", "leases.leases.extend"),
    "staff": ("people.people.claim_token", "people.locks.ban"),
    "linking": ("people.staff.grant", "people.privacy.erase_person"),
    "wishing": ("transfers.address_changes.approve", "transfers.address_changes.decline"),
    "pooled": ("teams.pool_moves.move_team", "teams.pool_moves.merge_pool on"),
    "stranger": ("sync.strangers_sweep.remove_strangers", "redemptions.redemptions.redeem_all"),
}
"""The part: situation → the two operations that meet in it, at `HALTS` statements of the first one."""
HALTS = 4


@asynccontextmanager
async def matrix_on(
    url: str, folder: Path, chosen: Mapping[str, Collection[str]] | None = None
) -> AsyncIterator[Matrix]:
    stage = Stage(url, folder)
    matrix = Matrix(stage)
    try:
        await matrix.prepare(chosen)
        yield matrix
    finally:
        matrix.close()
        await stage.close()


def told(outcomes: list[Outcome]) -> str:
    return "\n".join(f"{outcome.meeting}: {outcome.found}" for outcome in outcomes if outcome.found)


def test_every_public_operation_meets_the_others_or_says_why_not():
    tried = {operation.function for situation in SITUATIONS.values() for operation in situation.operations}
    there = set(public())
    assert there - tried - set(NOT_TRIED) == set(), (
        "give it a situation in tests/races/operations.py, or a reason in listing.py"
    )
    assert (tried | set(NOT_TRIED)) - there == set(), "no longer an operation"
    assert not tried & set(NOT_TRIED)


def test_what_a_statement_touches_is_read_from_its_words():
    locking = touched("SELECT teams.id FROM teams JOIN pools ON true WHERE teams.id = $1 FOR NO KEY UPDATE")
    assert locking.writes == {"teams", "pools"}
    assert touched("SELECT * FROM seats").writes == set()
    assert touched("INSERT INTO audit_log (id) VALUES (1)").writes == set()
    claim = touched("UPDATE seats SET state = $1 WHERE id = (SELECT id FROM seats JOIN teams ON true)")
    assert claim.writes == {"seats"}
    assert claim.reads == {"seats", "teams"}


async def test_a_part_of_all_meetings_keeps_every_promise(database_url: str, tmp_path: Path):
    async with matrix_on(database_url, tmp_path, SAMPLE) as matrix:
        every = list(matrix.meetings())
        part: list[Meeting] = []
        for situation, (first, second) in SAMPLE.items():
            pair = [one for one in every if (one.situation, one.a.name, one.b.name) == (situation, first, second)]
            assert pair, (situation, first, second)
            part += pair[:: -(-len(pair) // HALTS)]
        assert told([outcome async for outcome in matrix.play_all(part)]) == ""


GUARDED = {
    "transfer_state": ("moving", "sync.sync.sync_team target", "transfers.sweep.advance_transfers"),
    "surplus_lock": ("leaving", "leases.removals.advance", "leases.removals.advance second"),
    "address_lock": (
        "unused",
        "redemptions.redemptions.redeem_all",
        "redemptions.redemptions.redeem_all spare",
    ),
    "person_lock": (
        "limited",
        "redemptions.redemptions.redeem_all",
        "redemptions.redemptions.redeem_all second",
    ),
    "place_fence": ("waiting", "waitlist.serving.serve", "people.privacy.erase_person"),
    "extension": ("seated", "leases.leases.extend", "leases.leases.extend"),
    "pool_kept": ("pooled", "teams.pool_moves.move_team", "teams.pool_moves.merge_pool on"),
    "term_over": ("expired", "leases.expiry.expire", "leases.leases.extend"),
    "wish_of_live": ("seated", "transfers.address_changes.ask", "leases.leases.end"),
}
"""Guard → the situation and the two operations that it keeps apart."""


@pytest.mark.parametrize("guard", GUARDED)
async def test_without_a_guard_the_matrix_finds_what_it_is_there_for(postgres_url: str, tmp_path: Path, guard: str):
    await found_without(guard, postgres_url, tmp_path)


async def test_without_a_guard_two_processes_on_one_file_are_found_out(sqlite_url: str, tmp_path: Path):
    """SQLite has one writer, so it loses only what is read in one transaction and written in the next."""
    found = await found_without("place_fence", sqlite_url, tmp_path)
    assert any("place_left_is_not_served" in one for one in found)


async def found_without(guard: str, url: str, folder: Path) -> list[str]:
    """What the two that a guard keeps apart do to each other; with it, nothing."""
    situation, first, second = GUARDED[guard]
    async with matrix_on(url, folder, {situation: {first, second}}) as matrix:
        pair = [each for each in matrix.meetings() if (each.a.name, each.b.name) == (first, second)]
        assert told([outcome async for outcome in matrix.play_all(pair)]) == ""
        with guards.without(guard):
            outcome = await first_breach(matrix, pair)
        assert outcome is not None
        return outcome.found


async def test_on_sqlite_the_other_side_is_a_process_of_its_own(sqlite_url: str, tmp_path: Path):
    async with matrix_on(sqlite_url, tmp_path, {"seated": {"leases.leases.end"}}) as matrix:
        meeting = next(matrix.meetings())
        assert not (await matrix.play(meeting)).found
        neighbour = matrix.neighbour
        assert neighbour is not None
        assert neighbour.pid not in {None, os.getpid()}
        assert "COMMIT" in neighbour.statements
    assert neighbour.ended


async def first_breach(matrix: Matrix, meetings: list[Meeting]) -> Outcome | None:
    for meeting in meetings:
        outcome = await matrix.play(meeting)
        if outcome.found:
            return outcome
    return None


@pytest.mark.races
@pytest.mark.timeout(0)
async def test_all_meetings_keep_every_promise(database_url: str, tmp_path: Path):
    """`ONLY=moving,leaving` plays some situations."""
    only = {name: () for name in os.environ.get("ONLY", "").split(",") if name} or None
    began = time.monotonic()
    found: list[Outcome] = []
    played: Counter[str] = Counter()
    async with matrix_on(database_url, tmp_path, only) as matrix:
        every = list(matrix.meetings())
        print(f"\n{len(every)} meetings, after {time.monotonic() - began:.0f} s of preparing", flush=True)
        async for outcome in matrix.play_all(every):
            played[outcome.meeting.situation] += 1
            played["waited"] += outcome.blocked
            if outcome.found:
                found.append(outcome)
                print(f"{outcome.meeting}: {outcome.found}", flush=True)
            await asyncio.sleep(0)
    waited = played.pop("waited")
    seconds = time.monotonic() - began
    print(f"{sum(played.values())} played ({waited} of them waited) in {seconds:.0f} s: {dict(played)}")
    assert told(found) == ""
