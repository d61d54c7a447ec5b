"""What an upstream's answer means for the seat and the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.providers.protocol import Done, Member, PendingInvite, Refused, Standing, Unavailable, Unclear
from core.rules.settlement import judge, judge_standing, look_again_after, proves_absence

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REFUSALS = [Refused("address"), Refused("full"), Refused("not_allowed"), Unavailable("credential"), Unclear("timeout")]


def member(joined_at: datetime | None) -> Standing:
    return Standing(Member("ann@example.com", "user-1", None, joined_at), None)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (Done("invite-1"), "invited"),
        (Refused("already_member"), "already_member"),
        (Refused("address"), "refused"),
        (Refused("full"), "next_team"),
        (Refused("not_allowed"), "next_team"),
        (Unavailable("gone"), "next_team"),
        (Unclear("the connection was dropped"), "unclear"),
    ],
)
def test_the_first_invite_is_taken_at_its_word(answer, fate):
    assert judge(answer, maybe_sent=False).fate == fate


@pytest.mark.parametrize("answer", REFUSALS)
def test_after_an_unclear_invite_no_refusal_frees_the_seat(answer):
    assert judge(answer, maybe_sent=True).fate == "unclear"


def test_after_an_unclear_invite_a_yes_and_a_membership_are_our_own_success():
    assert judge(Done("invite-1"), maybe_sent=True).reference == "invite-1"
    assert judge(Refused("already_member"), maybe_sent=True).fate == "invited"


def test_the_upstreams_wish_for_a_pause_is_passed_on():
    assert judge(Unavailable("rate_limited", retry_after=7), maybe_sent=False).retry_after == 7
    assert judge(Unavailable("rate_limited", retry_after=7), maybe_sent=True).retry_after == 7


def test_a_read_back_that_shows_the_person_settles():
    pending = judge_standing(Standing(None, PendingInvite("ann@example.com", "invite-1", None)), NOW)
    assert pending is not None
    assert (pending.fate, pending.reference) == ("invited", "invite-1")
    for joined, fate in [(None, "invited"), (NOW, "invited"), (NOW - timedelta(days=1), "already_member")]:
        verdict = judge_standing(member(joined), NOW)
        assert verdict is not None
        assert verdict.fate == fate
    assert judge_standing(Standing(None, None), NOW) is None


def test_where_nobody_knows_how_long_ago_it_was_sent_a_member_is_the_invites():
    verdict = judge_standing(member(NOW - timedelta(days=1)), None)
    assert verdict is not None
    assert verdict.fate == "invited"


def test_absence_is_proved_only_by_a_list_later_than_its_lag():
    assert not proves_absence(NOW, 60, NOW + timedelta(seconds=59))
    assert proves_absence(NOW, 60, NOW + timedelta(seconds=60))


@pytest.mark.parametrize(("age", "pause"), [(0, 2), (10, 10), (100, 30), (4000, 600)])
def test_an_unclear_invite_is_looked_at_again_and_again_but_not_for_ever_as_often(age, pause):
    assert look_again_after(NOW - timedelta(seconds=age), NOW, longest=30) == timedelta(seconds=pause)


def test_two_minutes_are_the_clocks_and_no_proof():
    apart = timedelta(seconds=120)
    for joined, fate in [(NOW - apart, "invited"), (NOW - apart - timedelta(microseconds=1), "already_member")]:
        verdict = judge_standing(member(joined), NOW)
        assert verdict is not None
        assert (verdict.fate, verdict.reason) == (fate, None if fate == "invited" else fate)


@pytest.mark.parametrize(("age", "pause"), [(1.9, 2), (2.1, 2.1), (29, 29), (3600, 30), (3600.1, 600)])
def test_where_the_pace_of_looking_changes(age: float, pause: float):
    assert look_again_after(NOW - timedelta(seconds=age), NOW, longest=30) == timedelta(seconds=pause)
