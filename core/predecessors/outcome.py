"""What carrying a system over does or would do: counted, and named where somebody has to look."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Left:
    """A team, a code or a holder that is not carried over, and the key of why. `other` is what it clashes with."""

    name: str
    reason: str
    team: str | None = None
    other: str | None = None


@dataclass(slots=True)
class Part:
    """`created` are new here, `known` were here before."""

    created: int = 0
    known: int = 0
    left: list[Left] = field(default_factory=list)


@dataclass(slots=True)
class CarriedOver:
    """`pools` were made. `past` are people of the past, who are carried over so that their codes are told truly.

    `unexplained` counts uses of which nobody knows by whom; `overdue` holders whose end is over already, so that what
    follows an end follows at once. `missing` are holders whom the reading of the upstream does not show, `unread` the
    teams that could not be read.
    """

    system: str
    zone: str
    done: bool = False
    pools: list[str] = field(default_factory=list)
    teams: Part = field(default_factory=Part)
    codes: Part = field(default_factory=Part)
    holders: Part = field(default_factory=Part)
    past: int = 0
    unexplained: int = 0
    overdue: int = 0
    missing: list[Left] = field(default_factory=list)
    unread: list[Left] = field(default_factory=list)
    team_ids: list[int] = field(default_factory=list)
    lease_ids: list[int] = field(default_factory=list)
