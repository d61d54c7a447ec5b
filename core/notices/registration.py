"""What a platform was told last (its list of commands), and who tells it now: one process, and only what has changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import dialect_insert

CLAIM = timedelta(seconds=60)
"""How long the process that registers is left alone with it."""


def claim_telling(tx: sa.Connection, name: str, mark: str, token: str, now: datetime) -> str:
    """May `token` tell `name` what has the fingerprint `mark`? "registered" (it knows), "taken" (by another), "mine"."""
    empty = {"mark": None, "claim": None, "until": None}
    tx.execute(
        dialect_insert(t.facts, tx)
        .values(name=name, value=empty, changed_at=now)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    kept = tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == name).with_for_update()).scalar_one()
    if kept["mark"] == mark:
        return "registered"
    if kept["until"] is not None and kept["until"] > now:
        return "taken"
    value = {"mark": kept["mark"], "claim": token, "until": now + CLAIM}
    tx.execute(sa.update(t.facts).where(t.facts.c.name == name).values(value=value, changed_at=now))
    return "mine"


def note_told(tx: sa.Connection, name: str, mark: str | None, now: datetime) -> None:
    """`name` has been told what `mark` stands for; None: it was not, and anybody may try."""
    value = {"mark": mark, "claim": None, "until": None}
    tx.execute(sa.update(t.facts).where(t.facts.c.name == name).values(value=value, changed_at=now))
