"""Which source answers: who may be asked, in which order, and what a failure means for the source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

SourcePolicy: TypeAlias = Literal["least_busy", "random", "fill_first"]
Prefers: TypeAlias = Literal["dedicated", "shared"]

DEFAULT_PAUSE: Final = 60.0
"""Seconds that a source rests after a 429 that does not say how long."""


@dataclass(frozen=True, slots=True)
class CandidateSource:
    """A source that may be asked. `own`: it is the asker's and lent to nobody. `busy`: share of its slots, 0 to 1."""

    source_id: int
    own: bool
    busy: float
    weight: int = 1


def in_order(
    found: Sequence[CandidateSource], policy: SourcePolicy, prefers: Prefers, dice: Callable[[], float]
) -> list[CandidateSource]:
    """All of them, the one to try first in front: the preferred kind first, and within it by the policy.

    `least_busy` takes the smallest share of busy slots, `random` by weight, `fill_first` the oldest. `dice` gives
    numbers from 0 to 1.
    """
    if policy == "random":
        ranked = {one.source_id: -(dice() ** (1 / max(1, one.weight))) for one in found}
    elif policy == "least_busy":
        ranked = {one.source_id: one.busy / max(1, one.weight) for one in found}
    else:
        ranked = {one.source_id: 0.0 for one in found}
    first = prefers == "dedicated"
    return sorted(found, key=lambda one: (one.own is not first, ranked[one.source_id], one.source_id))
