"""What follows when somebody tries a code that does not exist."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import attempts, audit
from core.actors import SYSTEM, Actor
from core.alerts import alerts

if TYPE_CHECKING:
    from core.service import Core


def note_wrong_code(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> None:
    """A guess was wrong: lock its maker at the limit, and alert staff to a burst of them."""
    limits = core.settings.limits
    until = attempts.punish_guess(tx, actor.key, limits, now)
    if until is not None:
        audit.record(tx, SYSTEM, "identity.locked", "identity", None, now, after={"until": until.isoformat()})
    burst = attempts.count_wrong_code(tx, now)
    if burst > limits.wrong_codes_per_minute:
        alerts.raise_alert(tx, "security", "wrong_codes", "warning", "wrong_code_burst", {"count": burst}, now)
