"""Seeds, each a minute of bad luck; every one must end with everybody having what is theirs."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import pytest

from core.storage import guards
from tests.simulation import play_living
from tests.simulation.play import play
from tests.support.processes import REPOSITORY

FIRST = int(os.environ.get("SEED", "0"))
SEEDS = (250, 700)
MOVING_SEEDS = (30, 60)
LIVING_SEEDS = (20, 45)
"""How many the suite plays, and how many `make torture`: those beyond the first say little that is new, every time."""
CONTROL_SEEDS = 150
"""Within so many seeds a missing guard must show."""


def _play(seeds: tuple[Iterable[int], bool]) -> list[tuple[int, list[str]]]:
    return [(seed, found) for seed in seeds[0] if (found := play(seed, moving=seeds[1]).breaches)]


def _everywhere(count: int, *, moving: bool) -> list[tuple[int, list[str]]]:
    """The seeds that went wrong, played on two processors."""
    shares = [(range(FIRST + start, FIRST + count, 8), moving) for start in range(8)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        return sorted(wrong for found in pool.map(_play, shares) for wrong in found)


def _first_wrong(word: str, *, most: int = CONTROL_SEEDS, constraints: bool = True) -> bool:
    """Whether a breach with that word shows within so many seeds."""
    for seed in range(FIRST, FIRST + most):
        if any(word in breach for breach in play(seed, constraints=constraints).breaches):
            return True
    return False


def _both(few: int, many: int) -> pytest.MarkDecorator:
    marked = [pytest.param(few, marks=pytest.mark.slow), pytest.param(many, marks=pytest.mark.torture)]
    return pytest.mark.parametrize("seeds", marked)


@_both(*SEEDS)
def test_seeds_of_redeeming_keep_every_promise(seeds: int) -> None:
    wrong = _everywhere(seeds, moving=False)
    assert not wrong, f"play(seed) replays it: {wrong[:5]}"


@_both(*MOVING_SEEDS)
def test_seeds_with_transfers_ends_and_sync_keep_every_promise(seeds: int) -> None:
    wrong = _everywhere(seeds, moving=True)
    assert not wrong, f"play(seed, moving=True) replays it: {wrong[:5]}"


def _play_living(seeds: Iterable[int]) -> list[tuple[int, list[str]]]:
    return [(seed, found) for seed in seeds if (found := play_living.play(seed).breaches)]


@_both(*LIVING_SEEDS)
def test_seeds_with_erasing_links_bans_wrong_clocks_and_restored_backups_keep_every_promise(seeds: int) -> None:
    shares = [range(FIRST + start, FIRST + seeds, 8) for start in range(8)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        wrong = sorted(wrong for found in pool.map(_play_living, shares) for wrong in found)
    assert not wrong, f"play_living.play(seed) replays it: {wrong[:5]}"


def test_a_seed_replays_bit_for_bit() -> None:
    digests = []
    for moving in (False, True):
        first, again = play(FIRST + 7, moving=moving), play(FIRST + 7, moving=moving)
        assert first.trace == again.trace
        digests.append(first.digest)
    script = (
        "from tests.simulation.play import play\n"
        f"for moving in (False, True): print(play({FIRST + 7}, moving=moving).digest)"
    )
    for hashing in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": hashing}
        elsewhere = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert elsewhere.stdout.split() == digests


def test_seeds_differ() -> None:
    assert len({play(FIRST + seed).digest for seed in range(5)}) == 5


class TestNegativeControls:
    def test_without_reconciling_a_restored_backup_forgets_who_was_invited(self) -> None:
        seeds = range(FIRST, FIRST + CONTROL_SEEDS)
        assert any(
            "was told invited" in breach
            for seed in seeds
            for breach in play_living.play(seed, reconciling=False).breaches
        )

    def test_without_the_count_of_uses_a_code_is_used_too_often(self) -> None:
        with guards.without("code_uses"):
            assert _first_wrong("code_uses_within_bounds", constraints=False)

    def test_without_the_fence_two_processes_settle_one_invite(self) -> None:
        with guards.without("claim_fence"):
            assert _first_wrong("")

    def test_without_patience_for_the_lists_somebody_is_invited_twice(self) -> None:
        with guards.without("list_lag"):
            assert _first_wrong("invites", most=4 * CONTROL_SEEDS)

    def test_without_recovery_a_redemption_is_lost_and_its_seat_leaks(self) -> None:
        with guards.without("recovery"):
            assert _first_wrong("liveness")
