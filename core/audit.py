"""The append-only log of every change, written in the change's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.actors import Actor
from core.storage import tables as t
from core.storage.prepared import Prepared

_INSERT = Prepared(sa.insert(t.audit_log))


def record(
    tx: sa.Connection,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int | None,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """One line: who did what to which row. States and ids only: never a code, a credential or an address."""
    _INSERT.run(
        tx,
        {
            "at": now,
            "actor": actor.key,
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "before": dict(before) if before else None,
            "after": dict(after) if after else None,
        },
    )
