"""Which team is asked first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.allocation import Policy, TeamChoice, order_teams

START = datetime(2026, 1, 1, tzinfo=UTC)


def team(id: int, *, age: int = 0, free: int = 1, invited: int | None = None, open_for_new: bool = True) -> TeamChoice:  # noqa: A002
    last = None if invited is None else START + timedelta(hours=invited)
    return TeamChoice(id, START - timedelta(days=age), free, last, open_for_new)


def test_fill_first_takes_the_oldest_team():
    assert order_teams(Policy.FILL_FIRST, [team(1), team(2, age=9), team(3, age=5)]) == [2, 3, 1]


def test_proven_takes_the_most_recent_success_and_untried_teams_last_by_age():
    teams = [team(1, age=1), team(2, invited=5), team(3, age=9), team(4, invited=7)]
    assert order_teams(Policy.PROVEN, teams) == [4, 2, 3, 1]


def test_most_free_takes_the_emptiest_and_among_equals_the_oldest():
    teams = [team(1, free=2), team(2, free=3, age=1), team(3, free=3, age=2)]
    assert order_teams(Policy.MOST_FREE, teams) == [3, 2, 1]


@pytest.mark.parametrize(
    ("last", "order"), [(None, [1, 2, 5]), (1, [2, 5, 1]), (3, [5, 1, 2]), (5, [1, 2, 5]), (9, [1, 2, 5])]
)
def test_round_robin_goes_on_after_the_last_team_even_when_that_one_is_gone(last, order):
    assert order_teams(Policy.ROUND_ROBIN, [team(5), team(1), team(2)], last) == order


def test_a_team_takes_people_unless_it_is_said_not_to():
    assert order_teams(Policy.FILL_FIRST, [TeamChoice(1, START, 1), team(2, open_for_new=False)]) == [1]


TEAMS = st.lists(
    st.builds(
        team,
        st.integers(1, 99),
        age=st.integers(0, 3),
        free=st.integers(0, 3),
        invited=st.none() | st.integers(0, 3),
        open_for_new=st.booleans(),
    ),
    unique_by=lambda choice: choice.id,
)


@given(st.sampled_from(Policy), TEAMS, st.none() | st.integers(0, 99), st.sets(st.integers(1, 99)), st.randoms())
def test_every_policy_names_each_able_team_once_and_ties_do_not_depend_on_chance(policy, teams, last, exclude, random):
    order = order_teams(policy, teams, last, exclude)
    able = {choice.id for choice in teams if choice.open_for_new and choice.free > 0 and choice.id not in exclude}
    assert set(order) == able
    assert len(order) == len(able)
    shuffled = random.sample(teams, len(teams))
    assert order_teams(policy, shuffled, last, exclude) == order


@given(TEAMS)
def test_round_robin_gives_every_team_its_turn(teams):
    able = {choice.id for choice in teams if choice.open_for_new and choice.free > 0}
    last, served = None, []
    for _ in able:
        last = order_teams(Policy.ROUND_ROBIN, teams, last)[0]
        served.append(last)
    assert sorted(served) == sorted(able)
