"""How many uses may still be generated: the quota identity.

generatable = free seats of active, enabled, healthy teams - unused uses of active, unexpired codes

General codes count against their pool; bound codes against their pool and their team.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import QuotaExceeded


@dataclass(frozen=True, slots=True)
class Quota:
    """One side of the identity, for a pool or for a team.

    `free_seats`: free seats of teams that are active, enabled and healthy. `unused_uses`: uses of active,
    unexpired codes that are neither reserved nor used (a reserved use has its seat already).
    """

    free_seats: int
    unused_uses: int

    @property
    def generatable(self) -> int:
        """May be negative: teams shrink, fall ill and are disabled after codes were handed out."""
        return self.free_seats - self.unused_uses


def available_uses(pool: Quota, team: Quota | None = None) -> int:
    """Uses that may be generated now, never negative; `team` for bound codes."""
    return max(0, pool.generatable if team is None else min(pool.generatable, team.generatable))


def refuse_generation(
    codes: int, uses_each: int, pool: Quota, team: Quota | None = None, *, override: bool = False
) -> None:
    """Return if `codes` codes of `uses_each` uses are covered by free seats, or an owner overrides; else raise.

    Raises: QuotaExceeded (facts: wanted, available, free_seats, unused_uses; of the tighter side).
    """
    wanted = codes * uses_each
    available = available_uses(pool, team)
    if override or wanted <= available:
        return
    tighter = team if team is not None and team.generatable < pool.generatable else pool
    raise QuotaExceeded(
        wanted=wanted, available=available, free_seats=tighter.free_seats, unused_uses=tighter.unused_uses
    )


def refuse_taking(pool: Quota, team: Quota | None = None, *, override: bool = False) -> None:
    """Return if the seats left after one is taken cover the uses handed out, or an owner overrides; else raise.

    Where more was promised already than there is, taking one more is refused too. Raises: QuotaExceeded.
    """
    tighter = team if team is not None and team.generatable < pool.generatable else pool
    if override or tighter.generatable >= 0:
        return
    free = tighter.free_seats + 1
    raise QuotaExceeded(wanted=1, available=0, free_seats=free, unused_uses=tighter.unused_uses)
