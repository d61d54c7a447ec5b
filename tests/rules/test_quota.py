"""How many uses may still be generated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QuotaExceeded
from core.rules.quota import Quota, available_uses, refuse_generation, refuse_taking

QUOTAS = st.builds(Quota, st.integers(0, 50), st.integers(0, 50))


def test_what_is_free_and_not_promised_may_be_generated():
    refuse_generation(6, 1, Quota(free_seats=10, unused_uses=4))
    refuse_generation(2, 3, Quota(free_seats=10, unused_uses=4))


def test_more_than_that_is_refused_with_both_numbers():
    with pytest.raises(QuotaExceeded) as refused:
        refuse_generation(7, 1, Quota(free_seats=10, unused_uses=4))
    assert refused.value.facts == {"wanted": 7, "available": 6, "free_seats": 10, "unused_uses": 4}


def test_bound_codes_count_against_their_team_as_well():
    with pytest.raises(QuotaExceeded) as refused:
        refuse_generation(3, 1, Quota(10, 4), team=Quota(4, 2))
    assert refused.value.facts["available"] == 2
    with pytest.raises(QuotaExceeded) as refused:
        refuse_generation(3, 1, Quota(5, 4), team=Quota(4, 1))
    assert refused.value.facts["free_seats"] == 5


def test_an_owner_may_override():
    refuse_generation(1_000, 10, Quota(0, 0), override=True)


def test_a_shrunken_pool_has_nothing_to_give_but_says_how_far_it_is_over():
    assert Quota(3, 8).generatable == -5
    assert available_uses(Quota(3, 8)) == 0


@given(QUOTAS, st.none() | QUOTAS, st.integers(1, 20), st.integers(1, 5))
def test_generation_never_pushes_the_identity_below_zero(pool, team, codes, uses):
    try:
        refuse_generation(codes, uses, pool, team)
    except QuotaExceeded:
        assert codes * uses > available_uses(pool, team)
        return
    for side in filter(None, (pool, team)):
        assert Quota(side.free_seats, side.unused_uses + codes * uses).generatable >= 0


@given(QUOTAS)
def test_a_redemption_leaves_the_identity_as_it_is(quota):
    # The seat is held and the use reserved in one step: one less on both sides.
    assert Quota(quota.free_seats - 1, quota.unused_uses - 1).generatable == quota.generatable


def test_of_two_that_are_equally_tight_the_pool_is_named():
    with pytest.raises(QuotaExceeded) as refused:
        refuse_generation(7, 1, Quota(10, 4), team=Quota(8, 2))
    assert refused.value.facts == {"wanted": 7, "available": 6, "free_seats": 10, "unused_uses": 4}
    with pytest.raises(QuotaExceeded) as refused:
        refuse_generation(7, 1, Quota(10, 4), team=Quota(7, 2))
    assert refused.value.facts == {"wanted": 7, "available": 5, "free_seats": 7, "unused_uses": 2}


@pytest.mark.parametrize(
    ("pool", "team"),
    [
        (Quota(0, 0), None),  # the last seat was taken, and nothing was promised
        (Quota(3, 3), None),
        (Quota(5, 2), Quota(1, 1)),
        (Quota(1, 1), Quota(5, 2)),
    ],
)
def test_a_seat_may_be_taken_that_nobody_was_promised(pool: Quota, team: Quota | None):
    refuse_taking(pool, team)


@pytest.mark.parametrize(
    ("pool", "team", "free", "unused"),
    [
        (Quota(2, 3), None, 3, 3),
        (Quota(5, 2), Quota(0, 1), 1, 1),  # the team is the tighter side
        (Quota(0, 1), Quota(5, 2), 1, 1),
        (Quota(0, 1), Quota(1, 2), 1, 1),  # both alike: the pool is named
    ],
)
def test_one_that_was_promised_is_refused_as_it_was_before(pool: Quota, team: Quota | None, free: int, unused: int):
    with pytest.raises(QuotaExceeded) as refused:
        refuse_taking(pool, team)
    assert refused.value.facts == {"wanted": 1, "available": 0, "free_seats": free, "unused_uses": unused}
    refuse_taking(pool, team, override=True)
