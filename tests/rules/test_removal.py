"""Whom a sweep may remove: in doubt, nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.removal import (
    AGREEING_LISTS,
    CandidateMember,
    KeptBecause,
    misses_after,
    most_in_team,
    pause_between,
    plan_removals,
    seen_after,
    why_kept,
)

STRANGER = CandidateMember("stranger@example.com", seen=2)
ENDED = CandidateMember("ended@example.com", seen=2, purpose="ended")


def strangers(count: int) -> list[CandidateMember]:
    return [replace(STRANGER, key=f"stranger{number}@example.com") for number in range(count)]


def test_a_stranger_whom_two_lists_show_may_be_removed():
    assert why_kept(STRANGER) is None


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ({"is_owner": True}, KeptBecause.OWNER),
        ({"leased": True}, KeptBecause.LEASED),
        ({"in_flight": True}, KeptBecause.IN_FLIGHT),
        ({"protected": True}, KeptBecause.PROTECTED),
        ({"grandfathered": True}, KeptBecause.GRANDFATHERED),
        ({"seen": 1}, KeptBecause.UNCONFIRMED),
    ],
)
def test_everybody_else_stays_with_a_reason(fact, reason):
    assert why_kept(replace(STRANGER, **fact)) is reason


def test_the_end_of_a_membership_reaches_those_who_were_there_before_but_never_the_owner():
    assert why_kept(replace(ENDED, grandfathered=True)) is None
    assert why_kept(replace(ENDED, is_owner=True)) is KeptBecause.OWNER
    assert why_kept(replace(ENDED, in_flight=True)) is KeptBecause.IN_FLIGHT


def test_too_many_strangers_are_a_wrong_list_and_nobody_goes():
    plan = plan_removals(strangers(4), members=7, most_per_round=5)
    assert plan.tripped
    assert plan.remove == ()
    assert {reason for _, reason in plan.keep} == {KeptBecause.TOO_MANY}


def test_three_strangers_are_believable_in_any_team_and_a_tenth_in_a_large_one():
    assert [most_in_team(members) for members in (0, 7, 30, 39, 40, 100)] == [3, 3, 3, 3, 4, 10]
    assert len(plan_removals(strangers(3), members=4, most_per_round=5).remove) == 3


def test_a_round_removes_no_more_than_its_share_and_the_next_goes_on():
    plan = plan_removals(strangers(9), members=100, most_per_round=5)
    assert (len(plan.remove), plan.tripped) == (5, False)
    assert [reason for _, reason in plan.keep] == [KeptBecause.NEXT_ROUND] * 4
    assert plan_removals(strangers(9), members=100, most_per_round=5, removed_this_round=5).remove == ()


def test_many_memberships_that_end_together_are_spread_over_rounds():
    ended = [replace(ENDED, key=str(number)) for number in range(7)]
    plan = plan_removals([*ended, *strangers(4)], members=7, most_per_round=5)
    assert plan.tripped
    assert [candidate.purpose for candidate in plan.remove] == ["ended"] * 3


def test_only_complete_lists_count():
    assert misses_after(2, complete=False, listed=False) == 2
    assert misses_after(2, complete=True, listed=False) == 3
    assert misses_after(2, complete=True, listed=True) == 0
    assert seen_after(1, complete=False, listed=True) == 1
    assert seen_after(1, complete=True, listed=True) == 2
    assert seen_after(1, complete=True, listed=False) == 0


def test_rounds_are_spread_by_chance():
    assert pause_between(90, 120, 0) == timedelta(seconds=90)
    assert pause_between(90, 120, 0.5) == timedelta(seconds=105)
    assert pause_between(90, 120, 7) == timedelta(seconds=120)


@given(
    st.lists(
        st.builds(
            CandidateMember,
            key=st.text(max_size=3),
            seen=st.integers(0, 4),
            purpose=st.sampled_from(["unauthorised", "ended"]),
            is_owner=st.booleans(),
            leased=st.booleans(),
            in_flight=st.booleans(),
            grandfathered=st.booleans(),
            protected=st.booleans(),
        )
    ),
    st.integers(0, 200),
    st.integers(0, 10),
    st.integers(0, 10),
)
def test_no_plan_ever_breaks_the_safety_rules(candidates, members, most, removed):
    plan = plan_removals(candidates, members, most, removed)
    for candidate in plan.remove:
        assert not any((candidate.is_owner, candidate.leased, candidate.in_flight, candidate.protected))
        assert candidate.seen >= AGREEING_LISTS
        assert candidate.purpose == "ended" or not candidate.grandfathered
    assert len(plan.remove) <= min(max(0, most - removed), most_in_team(members))
    assert len(plan.remove) + len(plan.keep) == len(candidates)
    if plan.tripped:
        assert all(candidate.purpose == "ended" for candidate in plan.remove)


@pytest.mark.parametrize(("before", "removed"), [(0, 3), (4, 1), (5, 0), (6, 0), (9, 0)])
def test_a_round_that_has_removed_enough_removes_nobody_more(before: int, removed: int):
    plan = plan_removals(strangers(3), members=30, most_per_round=5, removed_this_round=before)
    assert (len(plan.remove), len(plan.keep)) == (removed, 3 - removed)


def test_a_tenth_of_a_large_team():
    assert [most_in_team(members) for members in (0, 39, 40, 999, 1000)] == [3, 3, 4, 99, 100]
    assert [pause_between(2, 6, chance).total_seconds() for chance in (-0.5, 0, 0.5, 1, 1.5)] == [2, 2, 4, 6, 6]
