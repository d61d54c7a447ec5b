from __future__ import annotations

from core.rules.lending import Share, share_of
from core.rules.source_choice import DEFAULT_PAUSE, CandidateSource, in_order

FOUND = [
    CandidateSource(3, own=False, busy=0.2),
    CandidateSource(1, own=True, busy=0.9),
    CandidateSource(2, own=False, busy=0.5, weight=5),
    CandidateSource(4, own=True, busy=0.1),
]


def order(
    policy: str, prefers: str, throws: list[float] | None = None, found: list[CandidateSource] = FOUND
) -> list[int]:
    dice = iter(throws or [])
    return [one.source_id for one in in_order(found, policy, prefers, lambda: next(dice))]  # type: ignore[arg-type]


def test_the_preferred_kind_comes_first():
    assert order("fill_first", "dedicated") == [1, 4, 2, 3]
    assert order("fill_first", "shared") == [2, 3, 1, 4]


def test_the_least_busy_for_its_weight_comes_first():
    assert order("least_busy", "dedicated") == [4, 1, 2, 3]  # 0.5 of five is less than 0.2 of one
    even = [CandidateSource(2, own=True, busy=0.5, weight=0), CandidateSource(1, own=True, busy=0.5)]
    assert order("least_busy", "dedicated", found=even) == [1, 2]
    heavier = [CandidateSource(1, own=True, busy=0.5), CandidateSource(2, own=True, busy=0.9, weight=2)]
    assert order("least_busy", "dedicated", found=heavier) == [2, 1]
    assert order("random", "dedicated", [0.8, 0.7], heavier) == [2, 1]


def test_lots_are_drawn_by_weight():
    assert order("random", "shared", [0.5, 0.1, 0.5, 0.9]) == [2, 3, 4, 1]  # the fifth root of a half wins
    assert order("random", "shared", [0.9, 0.1, 0.5, 0.0]) == [3, 2, 1, 4]
    weightless = [CandidateSource(1, own=True, busy=0, weight=0), CandidateSource(2, own=True, busy=0)]
    assert order("random", "dedicated", [0.4, 0.6], weightless) == [2, 1]


def test_numbers_of_resting_and_lending():
    assert DEFAULT_PAUSE == 60
    rates = {"cap": 2.0, "refill_paid": 0.4, "refill_free": 0.012}
    assert share_of(1, 0, full=1_000_000, **rates) == Share(2_000_000, 400_000)
    assert share_of(2, 3, full=1_000_000, **rates) == Share(10_000_000, 836_000)
    assert share_of(0, 0, full=1_000_000, **rates) == Share(0, 0)
