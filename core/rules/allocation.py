"""Which team is asked first: the allocation policies of a pool.

The answer is an order, not a seat: the seat is claimed in the database, and a team whose last seat went
meanwhile simply yields nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final


class Policy(StrEnum):
    """How a pool chooses among its teams."""

    FILL_FIRST = "fill_first"
    """The oldest team first, until it is full."""
    PROVEN = "proven"
    """The team with the most recent successful invite first; teams without one by age, at the end."""
    MOST_FREE = "most_free"
    """The team with the most free seats first; among equals the oldest."""
    ROUND_ROBIN = "round_robin"
    """In a circle by id, starting after the team that was chosen last."""


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """What the choice knows about one team.

    `open_for_new` is the caller's sum of state, switch, health and pause: only active, enabled, healthy teams
    that are not told to wait take new people.
    """

    id: int
    created_at: datetime
    free: int
    last_invited_at: datetime | None = None
    open_for_new: bool = True


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def order_teams(
    policy: Policy,
    candidates: Sequence[TeamChoice],
    last_team_id: int | None = None,
    exclude: Collection[int] = (),
) -> list[int]:
    """The ids of the teams that can take a person, in the order in which to ask them.

    Left out are the `exclude`d, the full, and those not open for new people. Every tie ends at the older
    team and then at the lower id, so that the same state always gives the same order. `last_team_id` matters to
    round robin only, and need not be a candidate any more.
    """
    able = [team for team in candidates if team.open_for_new and team.free > 0 and team.id not in exclude]
    by_age = sorted(able, key=lambda team: (team.created_at, team.id))
    match policy:
        case Policy.FILL_FIRST:
            chosen = by_age
        case Policy.PROVEN:
            chosen = sorted(by_age, key=lambda team: team.last_invited_at or _NEVER, reverse=True)
        case Policy.MOST_FREE:
            chosen = sorted(by_age, key=lambda team: team.free, reverse=True)
        case Policy.ROUND_ROBIN:
            last = last_team_id or 0
            chosen = sorted(able, key=lambda team: (team.id <= last, team.id))
    return [team.id for team in chosen]
