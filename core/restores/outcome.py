"""What reconciling a restored database does or would do, counted and named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is done. `what` is a word of `Reconciled.counts`."""

    what: str
    address: str | None = None
    team: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class Reconciled:
    """What was counted, by word.

    seat_restored, seat_ended, use_noted, term_restored, gift_noted (from the journal); invite_settled, invite_given_up (what the
    backup had under way); lease_gone, transfer_closed, removal_dropped, member_protected (from the readings);
    batch_suspended, codes_waiting; team_unknown, team_unreadable, line_unreadable.
    """

    backup_at: datetime | None
    why: str
    journal: bool
    """The journal reaches back beyond the backup, so that nothing was used that it does not know."""
    done: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    items: list[Item] = field(default_factory=list)

    def note(self, what: str, *, address: str | None = None, team: str | None = None, detail: Any = None) -> None:
        self.counts[what] += 1
        self.items.append(Item(what, address, team, None if detail is None else str(detail)))
