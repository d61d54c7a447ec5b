"""Seeds of credit, each a minute of bad luck; nobody pays twice, and no call or place stays open."""

from __future__ import annotations

import os

import pytest

from core.storage import guards
from tests.simulation.play_calls import play

FIRST = int(os.environ.get("SEED", "0"))
FEW, MANY, QUICK, CONTROL_SEEDS = 40, 100, 12, 5
"""The suite plays a few, `make torture` many."""


def _wrong(count: int) -> list[tuple[int, list[str]]]:
    return [(seed, found) for seed in range(FIRST, FIRST + count) if (found := play(seed).breaches)]


@pytest.mark.parametrize(
    "seeds", [pytest.param(FEW, marks=pytest.mark.slow), pytest.param(MANY, marks=pytest.mark.torture)]
)
def test_seeds_of_asking_keep_every_promise(seeds: int) -> None:
    wrong = _wrong(seeds)
    assert not wrong, f"play(seed) replays it: {wrong[:5]}"


def test_a_few_seeds_keep_every_promise_and_replay_bit_for_bit() -> None:
    wrong = _wrong(QUICK)
    assert not wrong, f"play(seed) replays it: {wrong[:5]}"
    assert play(FIRST + 3).trace == play(FIRST + 3).trace


def test_without_the_attempt_row_what_was_asked_is_lost() -> None:
    with guards.without("attempt_row"):
        assert _wrong(CONTROL_SEEDS), "no seed shows what the row is there for"
