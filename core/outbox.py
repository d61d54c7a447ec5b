"""Messages that must reach someone: rows that commit with the change they tell of, sent afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage.database import dialect_insert
from core.storage.tables import notices

CHATS = ("telegram", "discord")
"""Platforms a notice can be pushed to. A terminal reads its answers at once and gets none."""


def put(
    tx: sa.Connection,
    channel: str,
    recipient: str,
    template: str,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    language: str | None = None,
    dedupe: str | None = None,
) -> None:
    """Queue one notice. `template` names its text, `facts` (JSON values) fill it; the same `dedupe` is queued once."""
    statement = dialect_insert(notices, tx)
    if dedupe is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["dedupe"])
    tx.execute(
        statement,
        {
            "channel": channel,
            "recipient": recipient,
            "template": template,
            "facts": dict(facts),
            "language": language,
            "dedupe": dedupe,
            "state": "ready",
            "due_at": now,
            "created_at": now,
        },
    )


def tell(
    tx: sa.Connection,
    platform: str | None,
    identity: str | None,
    template: str,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    language: str | None = None,
    dedupe: str | None = None,
) -> None:
    """Queue a notice into a person's private chat, where the platform has one."""
    if platform in CHATS and identity:
        put(tx, platform, identity, template, facts, now, language=language, dedupe=dedupe)
