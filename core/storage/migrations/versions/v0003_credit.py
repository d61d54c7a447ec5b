"""The second wing: models, sources, wallets, the ledger, calls, plans, and codes that give something else than a seat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")

_WORDS = (
    ("batches", "gives", 8, "seat", ("seat", "credit", "plan", "access")),
    ("people", "standing", 16, "active", ("active", "suspended")),
    ("people", "prefers", 16, "dedicated", ("dedicated", "shared")),
)
"""New columns that hold one of a few words: table, column, width, what rows that exist get, the words."""
_PLAIN = (
    ("batches", lambda: sa.Column("gift", Json)),
    ("people", lambda: sa.Column("default_model", sa.String(100))),
    ("people", lambda: sa.Column("spend_limit", sa.BigInteger())),
    ("pools", lambda: sa.Column("credit_limit", sa.BigInteger())),
)


def upgrade() -> None:
    for table, column, width, given, words in _WORDS:
        listed = ", ".join(f"'{word}'" for word in words)
        # Written out: Alembic would make the table anew on SQLite, and lose its triggers on the way.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR({width}) DEFAULT '{given}' NOT NULL "
            f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({listed}))"
        )
    for table, plain in _PLAIN:
        op.add_column(table, plain())

    op.create_table(
        "keys",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last4", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("models", Json, nullable=True),
        sa.Column("daily_limit", sa.BigInteger(), nullable=True),
        sa.Column("rpm", sa.Integer(), nullable=True),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("state", sa.String(length=8), server_default="active", nullable=False),
        sa.Column("last_used_at", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'revoked')", name=op.f("ck_keys_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_keys_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_keys_last4"), "keys", ["last4"], unique=False)
    op.create_index(op.f("ix_keys_person_id"), "keys", ["person_id"], unique=False)
    op.create_table(
        "limit_groups",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("paused_until", Moment, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_limit_groups_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "models",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("quota_group", sa.String(length=64), server_default="", nullable=False),
        sa.Column("context", sa.Integer(), nullable=False),
        sa.Column("max_output", sa.Integer(), nullable=False),
        sa.Column("price_input", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_cached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_output", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_call", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_image", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_parameter", sa.String(length=24), server_default="max_tokens", nullable=False),
        sa.Column("sees", Json, nullable=False),
        sa.Column("bytes_per_token", sa.Double(), server_default="3.0", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint(
            "output_parameter IN ('max_tokens', 'max_completion_tokens')", name=op.f("ck_models_output_parameter")
        ),
        sa.CheckConstraint("bytes_per_token > 0", name=op.f("ck_models_bytes_per_token")),
        sa.CheckConstraint(
            "price_input >= 0 AND price_cached >= 0 AND price_output >= 0 AND price_call >= 0 AND price_image >= 0",
            name=op.f("ck_models_prices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("name", name=op.f("uq_models_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "plans",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("allowance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("per_hour", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("questions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at_once", sa.Integer(), server_default="0", nullable=False),
        sa.Column("keys", sa.Integer(), server_default="0", nullable=False),
        sa.Column("key_requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("most_output", sa.Integer(), server_default="0", nullable=False),
        sa.Column("context", sa.Integer(), server_default="0", nullable=False),
        sa.Column("models", Json, nullable=True),
        sa.Column("waits_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("allowance >= 0 AND per_hour >= 0", name=op.f("ck_plans_allowance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("name", name=op.f("uq_plans_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wallets",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("quota_group", sa.String(length=64), server_default="", nullable=False),
        sa.Column("pool_id", Id, server_default="0", nullable=False),
        sa.Column("left", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("per_hour", sa.BigInteger(), nullable=True),
        sa.Column("refilled_at", Moment, nullable=True),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("(kind = 'credit') = (cap IS NULL)", name=op.f("ck_wallets_cap")),
        sa.CheckConstraint("kind IN ('credit', 'allowance', 'shared')", name=op.f("ck_wallets_kind")),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_wallets_left")),
        sa.CheckConstraint(
            "(cap IS NULL) = (per_hour IS NULL) AND (cap IS NULL) = (refilled_at IS NULL)",
            name=op.f("ck_wallets_refilling_is_whole"),
        ),
        sa.CheckConstraint("claimed >= 0", name=op.f("ck_wallets_claimed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallets")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_wallets_ending",
        "wallets",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text('expires_at IS NOT NULL AND "left" > 0'),
        postgresql_where=sa.text('expires_at IS NOT NULL AND "left" > 0'),
    )
    op.create_index(op.f("ix_wallets_person_id"), "wallets", ["person_id"], unique=False)
    op.create_index(
        "uq_wallets_endless_credit",
        "wallets",
        ["person_id", "pool_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'credit' AND expires_at IS NULL AND person_id IS NOT NULL"),
        postgresql_where=sa.text("kind = 'credit' AND expires_at IS NULL AND person_id IS NOT NULL"),
    )
    op.create_index(
        "uq_wallets_refilling",
        "wallets",
        ["person_id", "kind", "quota_group"],
        unique=True,
        sqlite_where=sa.text("kind <> 'credit' AND person_id IS NOT NULL"),
        postgresql_where=sa.text("kind <> 'credit' AND person_id IS NOT NULL"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("until_at", Moment, nullable=True),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_memberships_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_memberships_ending",
        "memberships",
        ["until_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL AND until_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND until_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_memberships_person_id"), "memberships", ["person_id"], unique=False)
    op.create_index(op.f("ix_memberships_plan_id"), "memberships", ["plan_id"], unique=False)
    op.create_index(
        "uq_memberships_live",
        "memberships",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND person_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND person_id IS NOT NULL"),
    )
    op.create_table(
        "sources",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("adapter", sa.String(length=32), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last4", sa.String(length=8), nullable=False),
        sa.Column("owner_id", Id, nullable=True),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tier", sa.String(length=8), server_default="paid", nullable=False),
        sa.Column("limit_group_id", Id, nullable=True),
        sa.Column("weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("rpm", sa.Integer(), nullable=True),
        sa.Column("tpm", sa.Integer(), nullable=True),
        sa.Column("daily_budget", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("health", sa.String(length=16), server_default="healthy", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", Moment, nullable=True),
        sa.Column("breaker_opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unhealthy_since", Moment, nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("checked_at", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("removed_at", Moment, nullable=True),
        sa.CheckConstraint("health IN ('healthy', 'expired', 'gone')", name=op.f("ck_sources_health")),
        sa.CheckConstraint("tier IN ('free', 'paid')", name=op.f("ck_sources_tier")),
        sa.CheckConstraint("concurrency >= 0", name=op.f("ck_sources_concurrency")),
        sa.CheckConstraint("owner_id IS NOT NULL OR NOT shared", name=op.f("ck_sources_shared_has_owner")),
        sa.ForeignKeyConstraint(["limit_group_id"], ["limit_groups.id"], name=op.f("fk_sources_limit_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("adapter", "fingerprint", name=op.f("uq_sources_adapter_fingerprint")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sources_limit_group_id"), "sources", ["limit_group_id"], unique=False)
    op.create_index(op.f("ix_sources_owner_id"), "sources", ["owner_id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("key_id", Id, nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("model_id", Id, nullable=True),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("source_id", Id, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("finish", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("facts", Json, nullable=True),
        sa.Column("prices", Json, nullable=False),
        sa.Column("claimed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("absorbed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("billed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("estimated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shortened", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("own_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("input_bound", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_bound", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("images", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("first_token_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("stop_wanted_at", Moment, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.CheckConstraint("(state IN ('settled', 'refused')) = (ended_at IS NOT NULL)", name=op.f("ck_calls_ended")),
        sa.CheckConstraint(
            "state IN ('claimed', 'sending', 'streaming', 'settled', 'refused')", name=op.f("ck_calls_state")
        ),
        sa.CheckConstraint("absorbed >= 0 AND billed >= 0", name=op.f("ck_calls_house")),
        sa.CheckConstraint("charged >= 0 AND charged <= claimed", name=op.f("ck_calls_charged")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_calls_key_id")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_calls_model_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_calls_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("request_key", name=op.f("uq_calls_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_calls_due",
        "calls",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('claimed', 'sending', 'streaming')"),
        postgresql_where=sa.text("state IN ('claimed', 'sending', 'streaming')"),
    )
    op.create_index("ix_calls_ended", "calls", ["ended_at"], unique=False)
    op.create_index(op.f("ix_calls_key_id"), "calls", ["key_id"], unique=False)
    op.create_index("ix_calls_model", "calls", ["model_id", "id"], unique=False)
    op.create_index(
        "ix_calls_open",
        "calls",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('claimed', 'sending', 'streaming')"),
        postgresql_where=sa.text("state IN ('claimed', 'sending', 'streaming')"),
    )
    op.create_index("ix_calls_person", "calls", ["person_id", "id"], unique=False)
    op.create_index(op.f("ix_calls_source_id"), "calls", ["source_id"], unique=False)
    op.create_table(
        "source_models",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("upstream_name", sa.String(length=200), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=True),
        sa.Column("resets_at", Moment, nullable=True),
        sa.Column("read_at", Moment, nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("fraction >= 0 AND fraction <= 1", name=op.f("ck_source_models_fraction")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_source_models_model_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_models_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_models")),
        sa.UniqueConstraint("source_id", "model_id", name=op.f("uq_source_models_source_id_model_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_source_models_model_id"), "source_models", ["model_id"], unique=False)
    op.create_table(
        "source_slots",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="free", nullable=False),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("held_until", Moment, nullable=True),
        sa.CheckConstraint("(state = 'busy') = (call_id IS NOT NULL)", name=op.f("ck_source_slots_busy_has_call")),
        sa.CheckConstraint("state IN ('free', 'busy')", name=op.f("ck_source_slots_state")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_slots_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_slots")),
        sa.UniqueConstraint("source_id", "number", name=op.f("uq_source_slots_source_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_source_slots_free",
        "source_slots",
        ["source_id", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'free'"),
        postgresql_where=sa.text("state = 'free'"),
    )
    op.create_index(
        "uq_source_slots_call",
        "source_slots",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("state = 'busy'"),
        postgresql_where=sa.text("state = 'busy'"),
    )
    op.create_table(
        "call_attempts",
        sa.Column("call_id", Id, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("outcome", sa.String(length=16), server_default="sending", nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("possible_loss", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('sending', 'began', 'refused', 'unavailable', 'unclear')",
            name=op.f("ck_call_attempts_outcome"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_attempts_call_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_call_attempts_source_id")),
        sa.PrimaryKeyConstraint("call_id", "number", name=op.f("pk_call_attempts")),
    )
    op.create_index(op.f("ix_call_attempts_source_id"), "call_attempts", ["source_id"], unique=False)
    op.create_table(
        "call_parts",
        sa.Column("call_id", Id, autoincrement=False, nullable=False),
        sa.Column("wallet_id", Id, autoincrement=False, nullable=False),
        sa.Column("claimed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("charged >= 0 AND charged <= claimed", name=op.f("ck_call_parts_charged")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_parts_call_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name=op.f("fk_call_parts_wallet_id")),
        sa.PrimaryKeyConstraint("call_id", "wallet_id", name=op.f("pk_call_parts")),
    )
    op.create_index("ix_call_parts_wallet", "call_parts", ["wallet_id"], unique=False)
    op.create_table(
        "gifts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("code_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("gives", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=True),
        sa.Column("until_at", Moment, nullable=True),
        sa.Column("wallet_id", Id, nullable=True),
        sa.Column("membership_id", Id, nullable=True),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("gives IN ('credit', 'plan', 'access')", name=op.f("ck_gifts_gives")),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_gifts_code_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_gifts_membership_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name=op.f("fk_gifts_wallet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gifts")),
        sa.UniqueConstraint("request_key", name=op.f("uq_gifts_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_gifts_code", "gifts", ["code_id"], unique=False)
    op.create_index("ix_gifts_identity", "gifts", ["platform", "identity"], unique=False)
    op.create_index(op.f("ix_gifts_person_id"), "gifts", ["person_id"], unique=False)
    op.create_index(
        "uq_gifts_code_person",
        "gifts",
        ["code_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("person_id IS NOT NULL"),
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_table(
        "ledger",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("wallet_id", Id, nullable=True),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("code_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("(kind = 'absorb') = (wallet_id IS NULL)", name=op.f("ck_ledger_absorb_is_the_houses")),
        sa.CheckConstraint("kind = 'adjust' OR amount > 0", name=op.f("ck_ledger_amount")),
        sa.CheckConstraint(
            "kind IN ('grant', 'refill', 'claim', 'release', 'charge', 'expiry', 'adjust', 'absorb')",
            name=op.f("ck_ledger_kind"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_ledger_call_id")),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_ledger_code_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name=op.f("fk_ledger_wallet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_at", "ledger", ["at"], unique=False)
    op.create_index("ix_ledger_wallet", "ledger", ["wallet_id", "id"], unique=False)
    op.create_index(
        "uq_ledger_call",
        "ledger",
        ["call_id", "wallet_id", "kind"],
        unique=True,
        sqlite_where=sa.text("call_id IS NOT NULL"),
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )

    _protect()


def _protect() -> None:
    """The ledger only grows."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER ledger_no_{verb} BEFORE {verb.upper()} ON ledger "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER ledger_no_{verb}")
    else:
        op.execute("DROP TRIGGER ledger_append_only ON ledger")
        op.execute("DROP FUNCTION ledger_append_only()")

    for name in (
        "ledger",
        "gifts",
        "call_parts",
        "call_attempts",
        "source_slots",
        "source_models",
        "calls",
        "sources",
        "memberships",
        "wallets",
        "plans",
        "models",
        "limit_groups",
        "keys",
    ):
        op.drop_table(name)
    for table, plain in _PLAIN:
        op.drop_column(table, plain().name)
    for table, column, *_ in _WORDS:
        op.drop_column(table, column)
