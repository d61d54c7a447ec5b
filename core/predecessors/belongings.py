"""What an existing system holds, in one form whichever system it was: teams, codes, and who holds what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OldTeam:
    """`key` is what codes and holdings of the same file call it. `why`: a key of why its token cannot be had."""

    key: str
    external_id: str
    name: str | None
    token: str | None = field(repr=False)
    owner: str | None = None
    capacity: int | None = None
    pool: str | None = None
    enabled: bool = True
    expires_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class OldCode:
    """`text` as its holders write it; of a code of which only the SHA-256 is kept, that in hexadecimal digits.

    `team` binds it. `term` is what a membership by it lasts, none where the system does not say.
    """

    text: str = field(repr=False)
    hashed: bool = False
    uses: int = 1
    used: int = 0
    expires_at: datetime | None = None
    enabled: bool = True
    team: str | None = None
    pool: str | None = None
    term: str | None = None
    temporary: bool = False
    auto_transfer: bool = True
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """An address that has, or had, a seat in a team; `code` is the text of the code that gave it, where that is known.

    `live`: it has the seat now. `pending`: it is invited and has not joined. Without `ends_at` it never ends.
    """

    address: str
    team: str
    code: str | None = None
    since: datetime | None = None
    joined_at: datetime | None = None
    ends_at: datetime | None = None
    live: bool = True
    pending: bool = False
    temporary: bool = False
    auto_transfer: bool = True


@dataclass(frozen=True, slots=True)
class Belongings:
    """All of a system. `system` is its name for people; `placeless` are addresses in teams that the file does not know."""

    system: str
    teams: tuple[OldTeam, ...]
    codes: tuple[OldCode, ...]
    holdings: tuple[Holding, ...]
    placeless: tuple[str, ...] = ()
    zone: str = ""
    """Where the moments stood that the file gives without an offset."""


def merged(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Each address once for each team and code, as it was last; of several that are live in one team, one is."""
    kept: dict[tuple[str, str, str | None], Holding] = {}
    for one in holdings:
        key = (one.address.strip().lower(), one.team, one.code)
        before = kept.get(key)
        if before is None or (one.live, _moment(one)) >= (before.live, _moment(before)):
            kept[key] = one
    seated: dict[tuple[str, str], Holding] = {}
    for (address, team, _), one in kept.items():
        if one.live:
            before = seated.get((address, team))
            if before is None or (one.code is not None, _moment(one)) >= (before.code is not None, _moment(before)):
                seated[address, team] = one
    return tuple(
        one if not one.live or seated[address, team] is one else _over(one) for (address, team, _), one in kept.items()
    )


def _over(one: Holding) -> Holding:
    return Holding(one.address, one.team, one.code, one.since, one.joined_at, one.ends_at, live=False)


def _moment(one: Holding) -> float:
    at = one.joined_at or one.since
    return at.timestamp() if at else 0.0
