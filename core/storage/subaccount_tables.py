"""The tables of accounts that sources make for people. Credentials are ciphertext bound to their rows (`core.vault`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, String, Table

from core.storage.column_types import Id, Moment, State
from core.storage.schema import count, flag, metadata, number, partial, states

parents = Table(
    # Sources that can make accounts of their own for others. `base_url` and `credential` are those of their management.
    "parents",
    metadata,
    number(),
    Column("source_id", Id, ForeignKey("sources.id"), nullable=False, unique=True),
    Column("adapter", String(32), nullable=False),
    Column("base_url", String(300), nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("last4", String(8), nullable=False),
    flag("for_all", False),  # people may ask for one themselves
    # What each account that is made here may do:
    Column("concurrency", Integer, nullable=False),
    Column("rpm", Integer),
    Column("tpm", Integer),
    Column("daily_budget", sa.BigInteger),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("concurrency >= 1", name="concurrency"),
)

SUBACCOUNT_OPEN = ("sending", "unclear")
SUBACCOUNT_LIVE = (*SUBACCOUNT_OPEN, "ready", "ending")
"""In one of these states a subaccount exists at its parent, or may exist there."""

subaccounts = Table(
    # An account that a parent makes for one person. The row is the intent, and the fence after it.
    "subaccounts",
    metadata,
    number(),
    Column("parent_id", Id, ForeignKey("parents.id"), nullable=False, index=True),
    Column("person_id", Id, index=True),  # none: its person was erased
    Column("name", String(64), nullable=False),  # what it is called there, and found again by
    Column("state", State(8), nullable=False),
    Column("reference", String(200)),
    Column("source_id", Id, ForeignKey("sources.id"), index=True),  # where it is used
    Column("reason", String(64)),
    count("sends", 1),
    count("looks"),  # in vain, one after the other
    Column("sent_at", Moment, nullable=False),  # the last moment at which one may have been asked for
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment),
    states("state", *SUBACCOUNT_LIVE, "failed", "revoked"),
    CheckConstraint("state <> 'ready' OR (source_id IS NOT NULL AND reference IS NOT NULL)", name="ready_has_source"),
    CheckConstraint("(state IN ('failed', 'revoked')) = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("(state IN ('sending', 'unclear', 'ending')) = (due_at IS NOT NULL)", name="due"),
    partial(
        "uq_subaccounts_live",
        "parent_id",
        "person_id",
        unique=True,
        where="state IN ('sending', 'unclear', 'ready', 'ending') AND person_id IS NOT NULL",
    ),
    partial("ix_subaccounts_due", "due_at", where="due_at IS NOT NULL"),
)
