"""Transfers: what the next step is, when a failed one is tried again, and when a team counts as dead.

Reserve the new seat → invite there → wait for acceptance or the end of the grace → remove from the old team.
The order is what keeps the person somewhere at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import TransferRefused
from core.settings import TransferSettings


class TransferStep(StrEnum):
    """What a transfer does next."""

    RESERVE = "reserve"
    INVITE = "invite"
    WAIT = "wait"
    REMOVE = "remove"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is. `invited_at` is the moment the *confirmed* new invite was made, None before that.

    `skip_waiting` is for forced transfers only; nothing skips the reservation or the confirmed invite.
    `source_gone`: the old team no longer holds the person, by removal or because the team is dead.
    """

    reserved: bool = False
    invited_at: datetime | None = None
    joined: bool = False
    skip_waiting: bool = False
    source_gone: bool = False


def next_step(progress: Progress, now: datetime, limits: TransferSettings) -> TransferStep:
    """The step that follows from what is recorded; a transfer cut off by a crash resumes with it."""
    if not progress.reserved:
        return TransferStep.RESERVE
    if progress.invited_at is None:
        return TransferStep.INVITE
    if progress.source_gone:
        return TransferStep.FINISH
    if progress.joined or progress.skip_waiting or now >= progress.invited_at + timedelta(hours=limits.grace_hours):
        return TransferStep.REMOVE
    return TransferStep.WAIT


def retry_at(failures: int, now: datetime, limits: TransferSettings) -> datetime | None:
    """When to try again after this many failures, the present one included; None after the last retry.

    5 minutes after the first, doubled each time, at most 24 hours apart.
    """
    if failures > limits.tries:
        return None
    return now + timedelta(seconds=min(limits.longest_retry, limits.first_retry * (1 << min(max(failures - 1, 0), 20))))


def refuse_target(source_team_id: int, target_team_id: int) -> None:
    """Return if a person may be moved between these teams.

    Raises: TransferRefused (facts: reason).
    """
    if source_team_id == target_team_id:
        raise TransferRefused(reason="same_team")


def is_stuck(
    last_progress_at: datetime, now: datetime, stuck_after: timedelta, grace: timedelta, *, waiting: bool
) -> bool:
    """Has a transfer stood still for too long? Within the grace, waiting for the person to accept is no standstill."""
    allowed = grace + stuck_after if waiting else stuck_after
    return now - last_progress_at > allowed


def is_dead(
    unhealthy_since: datetime | None, now: datetime, dead_after: timedelta, *, deactivated: bool = False
) -> bool:
    """Must a team's people be moved elsewhere, without counting as a use?"""
    return deactivated or (unhealthy_since is not None and now - unhealthy_since >= dead_after)
