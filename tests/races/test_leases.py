"""Several wishes about one person at the same instant: one wins, the others say why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from core.actors import SYSTEM
from core.errors import Refusal
from core.leases import expiry, leases, recovery
from core.reports import doctor
from core.storage import guards
from core.sync import sweep as sync
from core.transfers import sweep, transfers
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"


async def _sound(house: MovedHouse) -> None:
    broken = {one.name: one.detail for one in await doctor.examine(house.core, SYSTEM) if one.breaches}
    assert not broken


async def test_two_forced_transfers_an_expiry_and_an_end_at_once(database_url: str):
    async with open_moved_house(database_url, workspaces=4, latency_ms=20) as house:
        await house.seat(ANN, term="24h")
        house.clock.move(hours=25)
        outcomes = await asyncio.gather(
            transfers.transfer(house.core, SYSTEM, ANN, to="workspace 2", forced=True),
            transfers.transfer(house.core, SYSTEM, ANN, to="workspace 3", forced=True),
            leases.end(house.core, SYSTEM, ANN),
            expiry.expire(house.core),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes[:3] if isinstance(outcome, Refusal)]
        assert not [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, Refusal)]
        assert len(refused) >= 1, "of an end and a move one is refused; a second move by force takes the first one over"
        assert all(refusal.facts["reason"] in {"under_way", "moving", "ending", "ended", "held"} for refusal in refused)
        for _ in range(4):
            house.clock.move(minutes=2)
            await recovery.recover(house.core)
            await sweep.advance_transfers(house.core)
        live = "SELECT count(*) FROM transfers WHERE state IN ('planned', 'inviting', 'waiting', 'removing')"
        assert await house.value(live) <= 1
        assert len(house.where(ANN)) <= 2
        await _sound(house)


async def _moved_and_ended_at_once(house: MovedHouse) -> Sequence[object]:
    await house.seat(ANN)
    return await asyncio.gather(
        transfers.transfer(house.core, SYSTEM, ANN, to="workspace 2"),
        leases.end(house.core, SYSTEM, ANN),
        return_exceptions=True,
    )


async def test_of_a_move_and_an_end_the_lease_lets_one_through(database_url: str):
    async with open_moved_house(database_url, workspaces=2, latency_ms=20) as house:
        outcomes = await _moved_and_ended_at_once(house)
        assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1


async def test_without_the_claim_on_the_lease_both_would_go_through(database_url: str):
    """The negative control of the test above."""
    async with open_moved_house(database_url, workspaces=2, latency_ms=20) as house:
        with guards.without("lease_claim"):
            outcomes = await _moved_and_ended_at_once(house)
        assert not any(isinstance(outcome, Refusal) for outcome in outcomes), outcomes


@pytest.mark.parametrize("seed", range(3))
async def test_everything_about_many_people_at_once_stays_sound(database_url: str, seed: int):
    async with open_moved_house(database_url, workspaces=4, seats=4, latency_ms=5) as house:
        people = [f"p{number}@example.com" for number in range(8)]
        for person in people:
            await house.seat(person)

        refused: set[str] = set()

        async def tried(wish) -> None:
            try:
                await wish
            except Refusal as refusal:
                refused.add(refusal.key)

        for round_ in range(3):
            wishes: list[Awaitable[object]] = [
                transfers.transfer(house.core, SYSTEM, person, forced=True) for person in people
            ]
            wishes += [leases.end(house.core, SYSTEM, people[(seed + round_) % 8])]
            wishes += [leases.extend(house.core, SYSTEM, people[(seed + 3 + round_) % 8], "1d")]
            await asyncio.gather(*(tried(wish) for wish in wishes), sync.read_teams(house.core))
            house.clock.move(minutes=6)
            await recovery.recover(house.core)
            await sweep.advance_transfers(house.core)
            for person in people:
                house.sandbox.accept(person)
            await house.sync()
            await _sound(house)
        assert refused <= {"transfer_refused", "lease_refused", "not_found"}
        for person in people:
            live = [lease for lease in await house.leases(person) if lease[0] in {"invited", "active"}]
            assert len(live) <= 1
