"""Whom a sweep may remove from a team, and why not.

A removal cannot be undone from here, so any doubt keeps the person: lists must be complete and agree, an invite under
way protects its address, and an absurd number of candidates is taken as a sign that the list is wrong, not the people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

Purpose: TypeAlias = Literal["unauthorised", "ended"]


class KeptBecause(StrEnum):
    """Why somebody stays."""

    OWNER = "owner"
    LEASED = "leased"
    """Holds a live lease in this team."""
    IN_FLIGHT = "in_flight"
    """An invite for this address is under way: a redemption, a transfer or the waiting list."""
    GRANDFATHERED = "grandfathered"
    """Was there when the sweep was switched on."""
    PROTECTED = "protected"
    """Protected by hand."""
    UNCONFIRMED = "unconfirmed"
    """Not yet seen by enough complete lists in a row."""
    TOO_MANY = "too_many"
    """More candidates than can be right: nobody is removed, and staff are alerted."""
    NEXT_ROUND = "next_round"
    """The round is full; the next one goes on."""


AGREEING_LISTS: Final = 2
"""Complete lists in a row that must show a member before removal: a list of a moment ago may be somebody else's."""
TEAM_LEAST: Final = 3
TEAM_SHARE: Final = 10
"""At most `max(3, 10 %)` of a team's members in one round."""


@dataclass(frozen=True, slots=True)
class CandidateMember:
    """What is known of one member of one team.

    `seen` counts the complete lists in a row, up to the present one, that showed this member. `purpose` says
    why removal is considered: Usher never invited the person, or the membership has ended.
    """

    key: str
    seen: int
    purpose: Purpose = "unauthorised"
    is_owner: bool = False
    leased: bool = False
    in_flight: bool = False
    grandfathered: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """`tripped`: so many unauthorised members that the lists are doubted; an alert is due."""

    remove: tuple[CandidateMember, ...]
    keep: tuple[tuple[CandidateMember, KeptBecause], ...]
    tripped: bool = False


def why_kept(candidate: CandidateMember) -> KeptBecause | None:
    """Why this member must not be removed; None when removal is safe.

    An ended membership is Usher's own doing: having been there before the sweep protects from being called a
    stranger, not from the end of a lease.
    """
    if candidate.is_owner:
        return KeptBecause.OWNER
    if candidate.leased:
        return KeptBecause.LEASED
    if candidate.in_flight:
        return KeptBecause.IN_FLIGHT
    if candidate.protected:
        return KeptBecause.PROTECTED
    if candidate.grandfathered and candidate.purpose == "unauthorised":
        return KeptBecause.GRANDFATHERED
    if candidate.seen < AGREEING_LISTS:
        return KeptBecause.UNCONFIRMED
    return None


def plan_removals(
    candidates: Sequence[CandidateMember], members: int, most_per_round: int, removed_this_round: int = 0
) -> RemovalPlan:
    """Sort one team's candidates into those to remove now and those to keep, with the reason of each.

    `members` is the size of the team's complete list. More unauthorised members than `max(3, 10 %)` trip the
    plan: none of them is removed. Ended memberships are known by name, so for them the same number only
    spreads the work over rounds.
    """
    keep: list[tuple[CandidateMember, KeptBecause]] = []
    safe: list[CandidateMember] = []
    for candidate in candidates:
        reason = why_kept(candidate)
        if reason is None:
            safe.append(candidate)
        else:
            keep.append((candidate, reason))

    most = most_in_team(members)
    strangers = [candidate for candidate in safe if candidate.purpose == "unauthorised"]
    tripped = len(strangers) > most
    if tripped:
        keep += [(candidate, KeptBecause.TOO_MANY) for candidate in strangers]
        safe = [candidate for candidate in safe if candidate.purpose == "ended"]
    room = max(0, min(most, most_per_round - removed_this_round))
    keep += [(candidate, KeptBecause.NEXT_ROUND) for candidate in safe[room:]]
    return RemovalPlan(tuple(safe[:room]), tuple(keep), tripped)


def most_in_team(members: int) -> int:
    """The most members that one round may remove from a team of this size."""
    return max(TEAM_LEAST, members * TEAM_SHARE // 100)


def misses_after(misses: int, *, complete: bool, listed: bool) -> int:
    """How many complete lists in a row have not shown a person, who is gone after `sync.complete_misses` of them.

    An incomplete list says nothing.
    """
    if not complete:
        return misses
    return 0 if listed else misses + 1


def seen_after(seen: int, *, complete: bool, listed: bool) -> int:
    """How many complete lists in a row have shown a member. An incomplete list says nothing."""
    if not complete:
        return seen
    return seen + 1 if listed else 0


def pause_between(low: float, high: float, chance: float) -> timedelta:
    """A pause of `low` to `high` seconds, for a `chance` of 0…1 that the caller draws."""
    return timedelta(seconds=low + (high - low) * min(max(chance, 0.0), 1.0))
