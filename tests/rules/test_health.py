"""When a team is taken out of service, and how it comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.rules import breaker as breakers
from core.rules.breaker import FAILURES_TO_OPEN, TRIAL, Breaker, ask, pause_until
from core.rules.health import (
    FailureKind,
    HealthCounters,
    TeamVerdict,
    after_failure,
    after_new_credential,
    after_success,
    limits_for,
)
from core.team_settings import HealthSettings, SyncSettings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = HealthSettings()


def fail(counters: HealthCounters, kind: FailureKind, times: int, every: timedelta = timedelta(seconds=1)):
    verdicts = []
    for number in range(times):
        counters, verdict = after_failure(counters, kind, NOW + number * every, LIMITS)
        verdicts.append(verdict)
    return counters, verdicts


def test_the_fifth_failed_call_in_a_row_expires_the_team():
    _, verdicts = fail(HealthCounters(), FailureKind.CALL, 5)
    assert verdicts == [TeamVerdict.KEEP] * 4 + [TeamVerdict.EXPIRE]


def test_a_success_in_between_starts_the_count_again():
    counters, _ = fail(HealthCounters(), FailureKind.CALL, 4)
    counters, verdict = after_success(counters, LIMITS, members_call=False, expired=False)
    assert verdict is TeamVerdict.KEEP
    _, verdicts = fail(counters, FailureKind.CALL, 4)
    assert TeamVerdict.EXPIRE not in verdicts


def test_more_than_three_failures_of_the_members_call_within_ten_minutes_expire_the_team():
    _, verdicts = fail(HealthCounters(), FailureKind.MEMBERS, 4, timedelta(minutes=3))
    assert verdicts == [TeamVerdict.KEEP] * 3 + [TeamVerdict.EXPIRE]


def test_failures_of_the_members_call_far_apart_do_not():
    _, verdicts = fail(HealthCounters(), FailureKind.MEMBERS, 12, timedelta(minutes=5))
    assert TeamVerdict.EXPIRE not in verdicts


def test_other_calls_do_not_hide_that_the_members_cannot_be_read():
    counters, _ = fail(HealthCounters(), FailureKind.MEMBERS, 4)
    counters, verdict = after_success(counters, LIMITS, members_call=False, expired=True)
    assert verdict is TeamVerdict.KEEP
    _, verdict = after_success(counters, LIMITS, members_call=True, expired=True)
    assert verdict is TeamVerdict.RESTORE


def test_a_rejected_credential_is_confirmed_by_a_second_call():
    counters, verdict = after_failure(HealthCounters(), FailureKind.CREDENTIAL, NOW, LIMITS)
    assert verdict is TeamVerdict.CONFIRM
    assert after_failure(counters, FailureKind.CREDENTIAL, NOW, LIMITS, confirmed=True)[1] is TeamVerdict.EXPIRE
    assert after_success(counters, LIMITS, members_call=False, expired=False) == (
        HealthCounters(),
        TeamVerdict.KEEP,
    )


def test_a_success_or_a_new_credential_restores():
    counters, _ = fail(HealthCounters(), FailureKind.CALL, 7)
    assert after_success(counters, LIMITS, members_call=False, expired=True) == (
        HealthCounters(),
        TeamVerdict.RESTORE,
    )
    assert after_new_credential(expired=True) == (HealthCounters(), TeamVerdict.RESTORE)
    assert after_new_credential(expired=False) == (HealthCounters(), TeamVerdict.KEEP)


@given(st.lists(st.tuples(st.sampled_from([*FailureKind, "good", "good members"]), st.integers(0, 400))))
def test_a_team_is_expired_only_with_a_reason(events):
    counters, now, failures, members = HealthCounters(), NOW, 0, []
    for event, gap in events:
        now += timedelta(seconds=gap)
        if isinstance(event, FailureKind):
            counters, verdict = after_failure(counters, event, now, LIMITS)
            failures += event is not FailureKind.MEMBERS
            members += [now] if event is FailureKind.MEMBERS else []
            recent = [moment for moment in members if now - moment <= timedelta(seconds=LIMITS.members_window)]
            if verdict is TeamVerdict.EXPIRE:
                assert failures >= LIMITS.failures or len(recent) > LIMITS.members_failures
            assert verdict is TeamVerdict.EXPIRE or failures < LIMITS.failures
        else:
            counters, _ = after_success(counters, LIMITS, members_call=event == "good members", expired=False)
            failures, members = 0, [] if event == "good members" else members


@given(
    interval=st.floats(1, 7 * 86_400),
    limits=st.builds(
        HealthSettings,
        members_failures=st.integers(1, 20),
        members_window=st.floats(1, 86_400),
        longest_breaker_pause=st.floats(1, 86_400),
    ),
)
@example(interval=SyncSettings().interval, limits=LIMITS)
def test_members_that_cannot_be_read_close_a_team_at_any_interval(interval: float, limits: HealthSettings):
    effective = limits_for(limits, SyncSettings(interval=interval))
    counters, breaker, now, verdicts = HealthCounters(), Breaker(), NOW, []
    for _ in range(limits.members_failures + 1):
        counters, verdict = after_failure(counters, FailureKind.MEMBERS, now, effective)
        verdicts.append(verdict)
        # An invite that works in between proves the credential, and says nothing of the members.
        counters, _ = after_success(counters, effective, members_call=False, expired=False)
        breaker = breakers.after_failure(breaker, breaker.opened, now, limits)
        now = max(now + timedelta(seconds=interval), breaker.paused_until or now)
    assert verdicts == [TeamVerdict.KEEP] * limits.members_failures + [TeamVerdict.EXPIRE]


def test_where_the_window_of_the_members_call_ends():
    """One moment too late, and the failures are those of another row."""
    window, moment = timedelta(seconds=LIMITS.members_window), timedelta(microseconds=1)
    three = HealthCounters(members_failures=3, members_failures_since=NOW)
    assert after_failure(three, FailureKind.MEMBERS, NOW + window, LIMITS)[1] is TeamVerdict.EXPIRE
    begun_anew = HealthCounters(0, 1, NOW + window + moment)
    assert after_failure(three, FailureKind.MEMBERS, NOW + window + moment, LIMITS) == (begun_anew, TeamVerdict.KEEP)


@pytest.mark.parametrize(
    ("window", "interval", "pause", "effective"),
    [(600, 60, 40, 600), (100, 60, 40, 400), (400, 60, 40, 400), (1, 300, 900, 4800)],
)
def test_a_window_that_four_failures_fit_into(window: float, interval: float, pause: float, effective: float):
    limits = HealthSettings(members_window=window, longest_breaker_pause=pause)
    assert limits_for(limits, SyncSettings(interval=interval)).members_window == effective


def test_a_new_team_has_failed_in_nothing():
    assert HealthCounters() == HealthCounters(0, 0, None)


# The breaker


def opened(times: int = 1, now: datetime = NOW) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker = breakers.after_failure(breaker, 0, now, LIMITS)
    for _ in range(times - 1):
        breaker = breakers.after_failure(breaker, breaker.opened, now, LIMITS)
    return breaker


def test_three_failures_open_the_breaker_for_a_while():
    breaker = opened()
    assert ask(Breaker(failures=2), NOW) == (Breaker(failures=2), None)
    assert ask(breaker, NOW) == (breaker, NOW + timedelta(seconds=LIMITS.breaker_pause))


def test_where_a_breaker_begins_and_opens():
    assert Breaker() == Breaker(0, 0, None)
    assert timedelta(seconds=60) == TRIAL
    breaker, seen = Breaker(), []
    for _ in range(3):
        breaker = breakers.after_failure(breaker, breaker.opened, NOW, LIMITS)
        seen.append((breaker.failures, breaker.opened))
    assert seen == [(1, 0), (2, 0), (3, 1)]
    assert breaker.paused_until == NOW + timedelta(seconds=LIMITS.breaker_pause)
    # Opened once, each failure opens it again.
    again = breakers.after_failure(breaker, 1, NOW, LIMITS)
    assert (again.failures, again.opened) == (4, 2)


def test_after_the_pause_one_caller_tries_and_the_others_wait():
    later = NOW + timedelta(seconds=LIMITS.breaker_pause)
    trying, until = ask(opened(), later)
    assert until is None
    assert ask(trying, later) == (trying, later + TRIAL)


def test_a_trial_that_works_closes_and_one_that_fails_doubles_the_pause():
    later = NOW + timedelta(seconds=LIMITS.breaker_pause)
    trying, _ = ask(opened(), later)
    assert breakers.after_success(trying) == Breaker()
    failed = breakers.after_failure(trying, trying.opened, later, LIMITS)
    assert failed.paused_until == later + timedelta(seconds=2 * LIMITS.breaker_pause)


def test_a_caller_that_died_in_its_trial_blocks_nobody_for_long():
    later = NOW + timedelta(seconds=LIMITS.breaker_pause)
    trying, _ = ask(opened(), later)
    assert ask(trying, later + TRIAL)[1] is None


def test_the_pause_grows_to_its_limit():
    assert opened(40).paused_until == NOW + timedelta(seconds=LIMITS.longest_breaker_pause)


def test_twenty_calls_that_fail_at_once_open_it_once():
    breaker = Breaker()
    for _ in range(20):
        breaker = breakers.after_failure(breaker, 0, NOW, LIMITS)
    assert breaker == opened()


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [(7, 7), (0.5, 0.5), (None, 60), (0, 0), (-5, 0), (1e300, 86_400), (float("nan"), 60), (float("inf"), 86_400)],
)
def test_the_upstreams_wish_to_be_left_alone_is_granted_within_reason(stated, seconds):
    assert pause_until(NOW, stated) == NOW + timedelta(seconds=seconds)


def test_a_pause_holds_calls_back_and_a_shorter_wish_does_not_shorten_it():
    breaker = breakers.after_rate_limit(breakers.after_rate_limit(Breaker(), NOW, 600), NOW, 5)
    assert ask(breaker, NOW)[1] == NOW + timedelta(seconds=600)
    assert breakers.after_success(breaker) == breaker
    assert ask(breaker, NOW + timedelta(seconds=600)) == (breaker, None)


def test_a_rate_limit_while_the_breaker_is_open_ends_by_its_own_time():
    later = NOW + timedelta(seconds=LIMITS.breaker_pause)
    trying, _ = ask(opened(), later)
    resting = breakers.after_rate_limit(trying, later, 3600)
    assert resting == Breaker(FAILURES_TO_OPEN, 0, later + timedelta(hours=1))
    assert breakers.after_success(resting).paused_until == later + timedelta(hours=1)
    # A failure during the rest takes nothing away from it, and does not make it the breaker's; the next one opens.
    failed = breakers.after_failure(resting, 0, later, LIMITS)
    assert failed == Breaker(FAILURES_TO_OPEN + 1, 0, resting.paused_until)
    after = later + timedelta(hours=1)
    assert breakers.after_failure(failed, 0, after, LIMITS).opened == 1


def test_a_breaker_that_is_open_does_not_lengthen_a_rest_that_is_asked_for():
    resting = breakers.after_rate_limit(opened(8), NOW, 5)
    assert ask(resting, NOW)[1] == NOW + timedelta(seconds=5)
