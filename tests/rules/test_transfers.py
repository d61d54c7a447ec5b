"""The order of a transfer, and what happens when it fails."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import TransferRefused
from core.rules.transfers import Progress, TransferStep, is_dead, is_stuck, next_step, refuse_target, retry_at
from core.settings import TransferSettings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = TransferSettings()
HOUR = timedelta(hours=1)


def test_reserve_then_invite_then_wait_then_remove_then_finish():
    assert next_step(Progress(), NOW, LIMITS) is TransferStep.RESERVE
    assert next_step(Progress(reserved=True), NOW, LIMITS) is TransferStep.INVITE
    invited = Progress(reserved=True, invited_at=NOW)
    assert next_step(invited, NOW + 71 * HOUR, LIMITS) is TransferStep.WAIT
    assert next_step(invited, NOW + 72 * HOUR, LIMITS) is TransferStep.REMOVE
    assert next_step(Progress(reserved=True, invited_at=NOW, joined=True), NOW, LIMITS) is TransferStep.REMOVE
    assert next_step(Progress(reserved=True, invited_at=NOW, source_gone=True), NOW, LIMITS) is TransferStep.FINISH


def test_force_skips_the_waiting_and_nothing_else():
    assert next_step(Progress(skip_waiting=True), NOW, LIMITS) is TransferStep.RESERVE
    assert next_step(Progress(reserved=True, skip_waiting=True), NOW, LIMITS) is TransferStep.INVITE
    assert next_step(Progress(reserved=True, invited_at=NOW, skip_waiting=True), NOW, LIMITS) is TransferStep.REMOVE


def test_whatever_is_recorded_nobody_is_removed_before_a_confirmed_invite():
    for reserved, invited, joined, skip, gone in itertools.product([True, False], repeat=5):
        progress = Progress(reserved, NOW if invited else None, joined, skip, gone)
        if next_step(progress, NOW + 1000 * HOUR, LIMITS) in {TransferStep.REMOVE, TransferStep.FINISH}:
            assert reserved
            assert invited


def test_a_failed_transfer_is_retried_ten_times_at_growing_distances():
    pauses = []
    for failures in range(1, 11):
        retry = retry_at(failures, NOW, LIMITS)
        assert retry is not None
        pauses.append((retry - NOW) / timedelta(minutes=1))
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]
    assert retry_at(11, NOW, LIMITS) is None


def test_nobody_is_moved_to_where_they_are():
    refuse_target(1, 2)
    with pytest.raises(TransferRefused):
        refuse_target(1, 1)


def test_standing_still_for_an_hour_is_stuck_but_waiting_for_the_person_is_not():
    assert is_stuck(NOW, NOW + 2 * HOUR, HOUR, 72 * HOUR, waiting=False)
    assert not is_stuck(NOW, NOW + 2 * HOUR, HOUR, 72 * HOUR, waiting=True)
    assert is_stuck(NOW, NOW + 74 * HOUR, HOUR, 72 * HOUR, waiting=True)


def test_a_team_is_dead_after_hours_without_a_credential_or_at_once_when_deactivated():
    assert not is_dead(None, NOW, 24 * HOUR)
    assert not is_dead(NOW - 23 * HOUR, NOW, 24 * HOUR)
    assert is_dead(NOW - 24 * HOUR, NOW, 24 * HOUR)
    assert is_dead(None, NOW, 24 * HOUR, deactivated=True)


def test_where_patience_ends():
    second = timedelta(seconds=1)
    for waiting, allowed in ((False, HOUR), (True, 73 * HOUR)):
        assert not is_stuck(NOW, NOW + allowed, HOUR, 72 * HOUR, waiting=waiting)
        assert is_stuck(NOW, NOW + allowed + second, HOUR, 72 * HOUR, waiting=waiting)
    assert not is_dead(NOW - 24 * HOUR + second, NOW, 24 * HOUR)
    invited = Progress(reserved=True, invited_at=NOW)
    assert next_step(invited, NOW + 72 * HOUR - second, LIMITS) is TransferStep.WAIT
    assert retry_at(0, NOW, LIMITS) == NOW + timedelta(minutes=5)
