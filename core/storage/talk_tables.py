"""The tables of the second wing: models, sources, wallets, calls, plans. Money is whole micro-credits everywhere.

Their constraints are the last line of one promise: no wallet is ever below zero, and nobody is charged more than was
claimed for them. Credentials and answers are ciphertext bound to their rows (`core.vault`).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from core.storage.column_types import Id, Json, Moment, State
from core.storage.names import key_of_row
from core.storage.schema import amount, count, flag, metadata, number, partial, states

OPEN = ("claimed", "sending", "streaming")
"""A call in one of these states has a claim on its wallets."""
_OPEN = "state IN ('claimed', 'sending', 'streaming')"


def _name_key() -> Column[str]:
    """What a name is found and told apart by."""
    return Column("name_key", sa.Text, nullable=False, default=key_of_row, server_default="")


models = Table(
    "models",
    metadata,
    number(),
    Column("name", String(100), nullable=False, unique=True),
    _name_key(),
    Column("quota_group", String(64), nullable=False, default="", server_default=""),
    Column("context", Integer, nullable=False),  # tokens
    Column("max_output", Integer, nullable=False),  # tokens
    # Per 1,000,000 tokens, per call, per image.
    amount("price_input"),
    amount("price_cached"),
    amount("price_output"),
    amount("price_call"),
    amount("price_image"),
    Column("output_parameter", String(24), nullable=False, default="max_tokens", server_default="max_tokens"),
    Column("sees", Json, nullable=False),  # text, image, file
    Column("bytes_per_token", sa.Double, nullable=False, default=3.0, server_default="3.0"),  # learned
    flag("enabled", True),
    Column("created_at", Moment, nullable=False),
    states("output_parameter", "max_tokens", "max_completion_tokens"),
    CheckConstraint(
        "price_input >= 0 AND price_cached >= 0 AND price_output >= 0 AND price_call >= 0 AND price_image >= 0",
        name="prices",
    ),
    CheckConstraint("bytes_per_token > 0", name="bytes_per_token"),
    Index("uq_models_name_key", "name_key", unique=True),
)

limit_groups = Table(
    # Accounts that share one limit: a pause of one is a pause of all.
    "limit_groups",
    metadata,
    number(),
    Column("name", String(100), nullable=False, unique=True),
    _name_key(),
    Column("paused_until", Moment),
    count("failures"),
    Index("uq_limit_groups_name_key", "name_key", unique=True),
)

sources = Table(
    "sources",
    metadata,
    number(),
    Column("name", String(100), nullable=False, unique=True),
    _name_key(),
    Column("adapter", String(32), nullable=False),
    Column("base_url", String(300), nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False),  # keyed digest of the credential
    Column("last4", String(8), nullable=False),
    Column("owner_id", Id, index=True),  # none: the house's
    flag("shared", False),  # lent by its owner
    Column("tier", String(8), nullable=False, default="paid", server_default="paid"),
    Column("limit_group_id", Id, ForeignKey("limit_groups.id"), index=True),
    count("weight", 1),
    Column("concurrency", Integer, nullable=False),
    Column("rpm", Integer),
    Column("tpm", Integer),
    Column("daily_budget", sa.BigInteger),
    Column("day", Integer),  # the day that `spent` is about, as `datetime.date.toordinal` numbers it, UTC
    amount("spent"),
    flag("enabled", True),
    Column("health", String(16), nullable=False, default="healthy", server_default="healthy"),
    count("failures"),  # consecutive failed calls
    Column("paused_until", Moment),
    count("breaker_opened"),
    Column("unhealthy_since", Moment),
    Column("last_error", String(200)),
    Column("checked_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    sa.UniqueConstraint("adapter", "fingerprint"),
    states("tier", "free", "paid"),
    states("health", "healthy", "expired", "gone"),
    CheckConstraint("concurrency >= 0", name="concurrency"),
    CheckConstraint("owner_id IS NOT NULL OR NOT shared", name="shared_has_owner"),
    Index("uq_sources_name_key", "name_key", unique=True),
)

source_models = Table(
    "source_models",
    metadata,
    number(),
    Column("source_id", Id, ForeignKey("sources.id"), nullable=False),
    Column("model_id", Id, ForeignKey("models.id"), nullable=False, index=True),
    Column("upstream_name", String(200), nullable=False),
    Column("fraction", sa.Double),  # what is left of the account's quota; unknown counts as available
    Column("resets_at", Moment),
    Column("read_at", Moment),
    flag("enabled", True),
    sa.UniqueConstraint("source_id", "model_id"),
    CheckConstraint("fraction >= 0 AND fraction <= 1", name="fraction"),
)

source_slots = Table(
    "source_slots",
    metadata,
    number(),
    Column("source_id", Id, ForeignKey("sources.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", State(8), nullable=False, default="free", server_default="free"),
    Column("call_id", Id),
    Column("held_until", Moment),
    sa.UniqueConstraint("source_id", "number"),
    states("state", "free", "busy"),
    CheckConstraint("(state = 'busy') = (call_id IS NOT NULL)", name="busy_has_call"),
    partial("ix_source_slots_free", "source_id", "number", where="state = 'free'"),
    partial("uq_source_slots_call", "call_id", where="state = 'busy'", unique=True),
)

wallets = Table(
    "wallets",
    metadata,
    number(),
    Column("person_id", Id, index=True),  # none: its person was erased
    Column("kind", String(16), nullable=False),
    Column("quota_group", String(64), nullable=False, default="", server_default=""),
    Column("pool_id", Id, nullable=False, default=0, server_default="0"),  # whose codes filled it; 0: no pool
    amount("left"),  # for a wallet that refills: at `refilled_at`
    amount("claimed"),
    Column("cap", sa.BigInteger),
    Column("per_hour", sa.BigInteger),
    Column("refilled_at", Moment),
    Column("expires_at", Moment),
    Column("origin", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("kind", "credit", "allowance", "shared"),
    CheckConstraint('"left" >= 0', name="left"),
    CheckConstraint("claimed >= 0", name="claimed"),
    CheckConstraint("(kind = 'credit') = (cap IS NULL)", name="cap"),
    CheckConstraint(
        "(cap IS NULL) = (per_hour IS NULL) AND (cap IS NULL) = (refilled_at IS NULL)", name="refilling_is_whole"
    ),
    partial(
        "uq_wallets_endless_credit",
        "person_id",
        "pool_id",
        unique=True,
        where="kind = 'credit' AND expires_at IS NULL AND person_id IS NOT NULL",
    ),
    partial(
        "uq_wallets_refilling",
        "person_id",
        "kind",
        "quota_group",
        unique=True,
        where="kind <> 'credit' AND person_id IS NOT NULL",
    ),
    partial("ix_wallets_ending", "expires_at", where='expires_at IS NOT NULL AND "left" > 0'),
)

plans = Table(
    "plans",
    metadata,
    number(),
    Column("name", String(64), nullable=False, unique=True),
    amount("allowance"),  # the cap of the allowance; 0: none
    amount("per_hour"),
    count("questions"),  # a minute
    count("at_once"),
    count("keys"),
    count("key_requests"),  # a minute
    count("most_output"),
    count("context"),
    Column("models", Json),  # their names; none: all
    flag("waits_first", False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("allowance >= 0 AND per_hour >= 0", name="allowance"),
)

memberships = Table(
    "memberships",
    metadata,
    number(),
    Column("person_id", Id, index=True),
    Column("plan_id", Id, ForeignKey("plans.id"), nullable=False, index=True),
    Column("began_at", Moment, nullable=False),
    Column("until_at", Moment),  # none: without end
    Column("origin", String(120), nullable=False),
    Column("ended_at", Moment),
    partial("uq_memberships_live", "person_id", unique=True, where="ended_at IS NULL AND person_id IS NOT NULL"),
    partial("ix_memberships_ending", "until_at", where="ended_at IS NULL AND until_at IS NOT NULL"),
)

outside_links = Table(
    # Who somebody is at another site, as that site has proved: one of each for a person, and one person for each.
    "outside_links",
    metadata,
    number(),
    Column("site", String(32), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("person_id", Id, nullable=False),
    Column("facts", Json, nullable=False),
    Column("linked_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    UniqueConstraint("site", "subject", name="uq_outside_links_subject"),
    UniqueConstraint("site", "person_id", name="uq_outside_links_person"),
    Index("ix_outside_links_person", "person_id"),
)

outside_visits = Table(
    # Somebody went to another site to be proved there, and may come back once.
    "outside_visits",
    metadata,
    number(),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("site", String(32), nullable=False),
    Column("person_id", Id, nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("language", String(16)),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment),
)

keys = Table(
    # What programs show to be somebody; never the key itself.
    "keys",
    metadata,
    number(),
    Column("person_id", Id, index=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("last4", String(8), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("scopes", Json, nullable=False, default=lambda: ["chat"], server_default='["chat"]'),
    Column("role", String(16), nullable=False, default="anyone", server_default="anyone"),  # that its scopes need
    Column("models", Json),
    Column("daily_limit", sa.BigInteger),
    Column("rpm", Integer),
    Column("expires_at", Moment),
    Column("state", State(8), nullable=False, default="active", server_default="active"),
    Column("last_used_at", Moment),
    Column("created_at", Moment, nullable=False),
    states("state", "active", "paused", "revoked"),
)

calls = Table(
    "calls",
    metadata,
    number(),
    Column("request_key", String(200), nullable=False, unique=True),
    Column("content", LargeBinary(32), nullable=False),  # digest of what was asked: the same key carries the same
    Column("person_id", Id),  # who pays; none: erased
    Column("key_id", Id, ForeignKey("keys.id"), index=True),
    Column("via", String(16), nullable=False),
    Column("model_id", Id, ForeignKey("models.id")),
    Column("model", String(100), nullable=False),  # as asked for
    Column("source_id", Id, ForeignKey("sources.id"), index=True),
    Column("state", State(16), nullable=False),
    Column("finish", String(24)),  # how it ended
    Column("reason", String(64)),  # the key of a refusal or failure
    Column("facts", Json),
    Column("prices", Json, nullable=False),  # as they were when it was claimed
    amount("claimed"),
    amount("charged"),
    amount("absorbed"),  # used beyond the claim
    amount("billed"),  # what the upstreams may have billed, in our prices
    flag("estimated", False),
    flag("shortened", False),
    flag("own_only", False),  # for want of credit, only the asker's own sources may answer
    amount("input_bound"),  # tokens
    amount("output_bound"),
    amount("bytes_in"),
    amount("bytes_out"),
    amount("tokens_in"),
    amount("tokens_cached"),
    amount("tokens_out"),
    amount("tokens_reasoning"),
    count("images"),
    count("attempts"),
    Column("answer", LargeBinary),  # ciphertext of what has been delivered
    Column("turn_id", Id),  # that it answers, or writes down what was spoken for
    Column("beside", LargeBinary),  # and of what came along with it: tools that it calls, its reasoning, why it ended
    Column("made_at", Moment, nullable=False),
    Column("first_token_at", Moment),
    Column("ended_at", Moment),
    Column("stop_wanted_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment),
    states("state", *OPEN, "settled", "refused"),
    CheckConstraint("charged >= 0 AND charged <= claimed", name="charged"),
    CheckConstraint("absorbed >= 0 AND billed >= 0", name="house"),
    CheckConstraint("(state IN ('settled', 'refused')) = (ended_at IS NOT NULL)", name="ended"),
    partial("ix_calls_due", "due_at", where=_OPEN),
    partial("ix_calls_open", "person_id", where=_OPEN),
    Index("ix_calls_person", "person_id", "id"),
    Index("ix_calls_model", "model_id", "id"),
    Index("ix_calls_ended", "ended_at"),
)

call_parts = Table(
    "call_parts",
    metadata,
    Column("call_id", Id, ForeignKey("calls.id"), primary_key=True, autoincrement=False),
    Column("wallet_id", Id, ForeignKey("wallets.id"), primary_key=True, autoincrement=False),
    amount("claimed"),
    amount("charged"),
    CheckConstraint("charged >= 0 AND charged <= claimed", name="charged"),
    Index("ix_call_parts_wallet", "wallet_id"),
)

call_attempts = Table(
    # The intent, committed before a byte leaves.
    "call_attempts",
    metadata,
    Column("call_id", Id, ForeignKey("calls.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("sources.id"), nullable=False, index=True),
    Column("outcome", String(16), nullable=False, default="sending", server_default="sending"),
    Column("reason", String(64)),
    flag("possible_loss", False),
    Column("sent_at", Moment, nullable=False),
    Column("ended_at", Moment),
    states("outcome", "sending", "began", "refused", "unavailable", "unclear"),
)

gifts = Table(
    # One use of one code that gives credit, a plan or access instead of a seat.
    "gifts",
    metadata,
    number(),
    Column("request_key", String(200), nullable=False, unique=True),
    Column("code_id", Id, ForeignKey("codes.id"), nullable=False),
    Column("person_id", Id, index=True),
    Column("gives", String(8), nullable=False),
    amount("amount"),
    Column("plan", String(64)),
    Column("until_at", Moment),
    Column("wallet_id", Id, ForeignKey("wallets.id")),
    Column("membership_id", Id, ForeignKey("memberships.id")),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("created_at", Moment, nullable=False),
    states("gives", "credit", "plan", "access"),
    partial("uq_gifts_code_person", "code_id", "person_id", unique=True, where="person_id IS NOT NULL"),
    Index("ix_gifts_code", "code_id"),
    Index("ix_gifts_identity", "platform", "identity"),
)

ledger = Table(
    # Append-only: triggers made by the migrations refuse UPDATE and DELETE, except that an actor becomes a pseudonym.
    # What each kind does to its wallet:
    #   grant, refill, adjust  left + amount        expiry  left - amount
    #   claim    left - amount, claimed + amount    release  claimed - amount, left + amount
    #   charge   claimed - amount                   absorb   nothing: the house's, without a wallet
    "ledger",
    metadata,
    number(),
    Column("wallet_id", Id, ForeignKey("wallets.id")),
    Column("call_id", Id, ForeignKey("calls.id")),
    Column("code_id", Id, ForeignKey("codes.id")),
    Column("kind", String(8), nullable=False),
    Column("amount", sa.BigInteger, nullable=False),
    Column("actor", String(120)),  # of a grant or an adjustment by hand
    Column("reason", String(200)),
    Column("at", Moment, nullable=False),
    states("kind", "grant", "refill", "claim", "release", "charge", "expiry", "adjust", "absorb"),
    CheckConstraint("(kind = 'absorb') = (wallet_id IS NULL)", name="absorb_is_the_houses"),
    CheckConstraint("kind = 'adjust' OR amount > 0", name="amount"),
    partial("uq_ledger_call", "call_id", "wallet_id", "kind", unique=True, where="call_id IS NOT NULL"),
    Index("ix_ledger_wallet", "wallet_id", "id"),
    Index("ix_ledger_at", "at"),
)
