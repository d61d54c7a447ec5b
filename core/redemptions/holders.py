"""Holders who came with another system: their seat is nobody's here until they say whose it is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.storage import tables as t
from core.storage.rows import RedemptionRow


def meet(tx: sa.Connection, actor: Actor, redemption: RedemptionRow, language: str | None, now: datetime) -> None:
    """Whoever writes the code and the address of such a seat is its holder: from now on they are told about it.

    Staff who write them for somebody else are not.
    """
    if actor.role >= Role.OPERATOR or redemption.state != "invited":
        return
    holder = {"platform": actor.platform, "identity": actor.identity, "language": language}
    nobodys = (t.leases.c.id == redemption.lease_id, t.leases.c.platform.is_(None), t.leases.c.status.in_(t.LIVE))
    if tx.execute(sa.update(t.leases).where(*nobodys).values(**holder)).rowcount == 1:
        tx.execute(sa.update(t.redemptions).where(t.redemptions.c.id == redemption.id).values(**holder))
        audit.record(tx, actor, "lease.met_holder", "lease", redemption.lease_id, now)
