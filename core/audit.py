"""The append-only log of every change, written in the change's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import outbox
from core.actors import Actor
from core.rules.events import EVENT_OF
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
    """One line: who did what to which row; where that is an event, other systems are told. States and ids only: never a code, a credential or an address."""
    _INSERT.later(
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
    if (event := EVENT_OF.get(action)) is not None and subject_id is not None:
        # What a redemption came to and what became of its seat are told in their order.
        lease = after.get("lease") if after else None
        outbox.emit(tx, event, subject, subject_id, now, line=f"lease:{lease}" if lease else f"{subject}:{subject_id}")
