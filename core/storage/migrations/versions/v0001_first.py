"""The first schema, frozen: what the tables become later is later migrations' business.

Everything it is made of stands here or in the two files that carry its number, none of which is ever changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.storage.migrations import v0001_append_only, v0001_figures

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:  # noqa: PLR0915 - a schema is a list
    op.create_table(
        "alerts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("last_seen_at", Moment, nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("muted_until", Moment, nullable=True),
        sa.Column("resolved_at", Moment, nullable=True),
        sa.Column("resolved_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "category IN ('team_capacity', 'transfer_failure', 'provider', 'database', 'security', 'system')",
            name=op.f("ck_alerts_category"),
        ),
        sa.CheckConstraint("level IN ('info', 'warning', 'error', 'critical')", name=op.f("ck_alerts_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_created_at"), "alerts", ["created_at"], unique=False)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["category", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("identity", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("window_started_at", Moment, nullable=False),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", Moment, nullable=True),
        sa.Column("locks", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("identity", "kind", name=op.f("pk_attempts")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", Id, nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_actor"), "audit_log", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "subject_id"], unique=False)
    op.create_table(
        "budgets",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("whole_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_budgets")),
    )
    op.create_table(
        "buttons",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("action", sa.LargeBinary(), nullable=False),
        sa.Column("once", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("used_at", Moment, nullable=True),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_buttons")),
    )
    op.create_index(op.f("ix_buttons_created_at"), "buttons", ["created_at"], unique=False)
    op.create_table(
        "dialogues",
        sa.Column("identity", sa.String(length=120), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_dialogues")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_expires_at"), "drafts", ["expires_at"], unique=False)
    op.create_index(op.f("ix_drafts_owner"), "drafts", ["owner"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "figure_changes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=True),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_changes")),
    )
    op.create_table(
        "figures",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pool_id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("amount", Id, nullable=False),
        sa.PrimaryKeyConstraint("day", "pool_id", "name", name=op.f("pk_figures")),
    )
    op.create_table(
        "imported_shapes",
        sa.Column("shape", sa.String(length=100), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("shape", name=op.f("pk_imported_shapes")),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("lane", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="ready", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("done_at", Moment, nullable=True),
        sa.CheckConstraint("state IN ('ready', 'done', 'dead')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_index(
        "ix_inbox_due",
        "inbox",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index("ix_inbox_received", "inbox", ["received_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("arguments", Json, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=True),
        sa.Column("chat_id", sa.String(length=100), nullable=True),
        sa.Column("message_ref", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancel_wanted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("finished_at", Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )
    op.create_index(
        "uq_jobs_pending",
        "jobs",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "notices",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("dedupe", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="ready", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("message_ref", sa.String(length=200), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("sent_at", Moment, nullable=True),
        sa.CheckConstraint("state IN ('ready', 'sent', 'dead')", name=op.f("ck_notices_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_notices_dedupe")),
    )
    op.create_index(
        "ix_notices_due",
        "notices",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_notices_order",
        "notices",
        ["channel", "recipient", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_table(
        "people",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("role", sa.String(length=16), server_default="anyone", nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("role IN ('anyone', 'viewer', 'operator', 'admin', 'owner')", name=op.f("ck_people_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "pools",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("groups", sa.Integer(), server_default="4", nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("default_term", sa.String(length=16), nullable=False),
        sa.Column("allowed_domains", Json, nullable=False),
        sa.Column("show_stock", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("waitlist_open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("transfer_requests", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("last_team_id", Id, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint(
            "policy IN ('fill_first', 'proven', 'most_free', 'round_robin')", name=op.f("ck_pools_policy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("name", name=op.f("uq_pools_name")),
    )
    op.create_table(
        "staff_tokens",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=True),
        sa.Column("used_by", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_tokens_digest")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("categories", Json, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_to", sa.String(length=5), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("unreachable_since", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("platform", "chat_id", name=op.f("uq_subscriptions_platform_chat_id")),
    )
    op.create_table(
        "sweeps",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", Moment, nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("started_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweeps")),
    )
    op.create_table(
        "alert_messages",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.String(length=100), nullable=False),
        sa.Column("message_ref", sa.String(length=200), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_alert_messages_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_messages")),
    )
    op.create_index(op.f("ix_alert_messages_alert_id"), "alert_messages", ["alert_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("chat_id", sa.String(length=100), nullable=True),
        sa.Column("unreachable_since", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("platform", "identity", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"], unique=False)
    op.create_table(
        "job_items",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="pending", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("done_at", Moment, nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed', 'skipped')", name=op.f("ck_job_items_state")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_items_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_items")),
        sa.UniqueConstraint("job_id", "subject", name=op.f("uq_job_items_job_id_subject")),
    )
    op.create_index("ix_job_items_job", "job_items", ["job_id", "state"], unique=False)
    op.create_table(
        "teams",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("credential_expires_at", Moment, nullable=True),
        sa.Column("owner_address", sa.String(length=320), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("capacity_learned", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("health", sa.String(length=16), server_default="healthy", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("members_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("members_failures_since", Moment, nullable=True),
        sa.Column("paused_until", Moment, nullable=True),
        sa.Column("breaker_opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unhealthy_since", Moment, nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("last_invited_at", Moment, nullable=True),
        sa.Column("read_at", Moment, nullable=True),
        sa.Column("read_due_at", Moment, nullable=True),
        sa.Column("count_apart", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("removed_at", Moment, nullable=True),
        sa.CheckConstraint("health IN ('healthy', 'expired', 'gone')", name=op.f("ck_teams_health")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_teams_capacity")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_teams_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
        sa.UniqueConstraint("provider", "external_id", name=op.f("uq_teams_provider_external_id")),
    )
    op.create_index(
        "ix_teams_paused",
        "teams",
        ["pool_id", "paused_until"],
        unique=False,
        sqlite_where=sa.text("paused_until IS NOT NULL"),
        postgresql_where=sa.text("paused_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_teams_pool_id"), "teams", ["pool_id"], unique=False)
    op.create_index("ix_teams_pool_proven", "teams", ["pool_id", "last_invited_at"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("maker", sa.String(length=100), nullable=False),
        sa.Column("term", sa.String(length=16), nullable=False),
        sa.Column("temporary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("auto_transfer", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("imported", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("codes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("uses", Id, server_default="0", nullable=False),
        sa.Column("used", Id, server_default="0", nullable=False),
        sa.Column("voided", Id, server_default="0", nullable=False),
        sa.Column("joined", Id, server_default="0", nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("made_at", Moment, nullable=True),
        sa.CheckConstraint("(kind = 'bound') = (team_id IS NOT NULL)", name=op.f("ck_batches_bound_team")),
        sa.CheckConstraint("kind IN ('general', 'bound')", name=op.f("ck_batches_kind")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_batches_pool_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_batches_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_pool_id"), "batches", ["pool_id"], unique=False)
    op.create_index(op.f("ix_batches_team_id"), "batches", ["team_id"], unique=False)
    op.create_table(
        "seats",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("team_created_at", Moment, nullable=False),
        sa.Column("state", sa.String(length=8), server_default="free", nullable=False),
        sa.Column("occupant", sa.String(length=320), nullable=True),
        sa.Column("open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("held_until", Moment, nullable=True),
        sa.Column("absent_reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("protected", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("grandfathered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("occupant IS NULL OR state = 'taken'", name=op.f("ck_seats_occupant")),
        sa.CheckConstraint("state IN ('free', 'held', 'taken')", name=op.f("ck_seats_state")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_seats_pool_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_seats_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint("team_id", "number", name=op.f("uq_seats_team_id_number")),
    )
    op.create_index(
        "ix_seats_free",
        "seats",
        ["pool_id", "open", "team_created_at", "team_id", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'free'"),
        postgresql_where=sa.text("state = 'free'"),
    )
    op.create_index(
        "ix_seats_team_free",
        "seats",
        ["team_id", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'free'"),
        postgresql_where=sa.text("state = 'free'"),
    )
    op.create_table(
        "team_endpoints",
        sa.Column("team_id", Id, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", Moment, nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_endpoints_team_id")),
        sa.PrimaryKeyConstraint("team_id", "name", name=op.f("pk_team_endpoints")),
    )
    op.create_table(
        "team_figures",
        sa.Column("team_id", Id, autoincrement=False, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("free", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_figures_team_id")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_team_figures")),
    )
    op.create_index("ix_team_figures_pool", "team_figures", ["pool_id", "share"], unique=False)
    op.create_index("ix_team_figures_share", "team_figures", ["share"], unique=False)
    op.create_table(
        "batch_changes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("codes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("uses", Id, server_default="0", nullable=False),
        sa.Column("used", Id, server_default="0", nullable=False),
        sa.Column("voided", Id, server_default="0", nullable=False),
        sa.Column("joined", Id, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_changes_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_changes")),
    )
    op.create_index(op.f("ix_batch_changes_batch_id"), "batch_changes", ["batch_id"], unique=False)
    op.create_table(
        "codes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=8), nullable=False),
        sa.Column("max_uses", sa.Integer(), server_default="1", nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.String(length=8), server_default="active", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('active', 'disabled', 'deleted')", name=op.f("ck_codes_status")),
        sa.CheckConstraint("used >= 0 AND reserved >= 0 AND used + reserved <= max_uses", name=op.f("ck_codes_uses")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_codes_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_codes_digest")),
    )
    op.create_index(op.f("ix_codes_batch_id"), "codes", ["batch_id"], unique=False)
    op.create_index(op.f("ix_codes_last4"), "codes", ["last4"], unique=False)
    op.create_table(
        "redemptions",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_id", Id, nullable=True),
        sa.Column("code_last4", sa.String(length=8), nullable=False),
        sa.Column("pool_id", Id, nullable=True),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("facts", Json, nullable=True),
        sa.Column("lease_id", Id, nullable=True),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("settled_at", Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('sending', 'unclear', 'invited', 'already_member', 'refused')", name=op.f("ck_redemptions_state")
        ),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_redemptions_code_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_redemptions_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("request_key", name=op.f("uq_redemptions_request_key")),
    )
    op.create_index(op.f("ix_redemptions_address_key"), "redemptions", ["address_key"], unique=False)
    op.create_index(op.f("ix_redemptions_created_at"), "redemptions", ["created_at"], unique=False)
    op.create_index("ix_redemptions_identity", "redemptions", ["platform", "identity"], unique=False)
    op.create_index(
        "ix_redemptions_open",
        "redemptions",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'unclear')"),
        postgresql_where=sa.text("state IN ('sending', 'unclear')"),
    )
    op.create_index(
        "uq_redemptions_code_address",
        "redemptions",
        ["code_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('sending', 'unclear', 'invited')"),
        postgresql_where=sa.text("state IN ('sending', 'unclear', 'invited')"),
    )
    op.create_table(
        "repeated_requests",
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("redemption_id", Id, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"], name=op.f("fk_repeated_requests_redemption_id")),
        sa.PrimaryKeyConstraint("request_key", name=op.f("pk_repeated_requests")),
    )
    op.create_index(op.f("ix_repeated_requests_redemption_id"), "repeated_requests", ["redemption_id"], unique=False)
    op.create_table(
        "waitlist",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("code_id", Id, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'served', 'left', 'closed')", name=op.f("ck_waitlist_state")),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_waitlist_code_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_waitlist_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist")),
    )
    op.create_index(
        "ix_waitlist_order",
        "waitlist",
        ["pool_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_waitlist_waiting",
        "waitlist",
        ["code_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "leases",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("seat_id", Id, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("redemption_id", Id, nullable=True),
        sa.Column("transfer_id", Id, nullable=True),
        sa.Column("term", sa.String(length=16), nullable=False),
        sa.Column("auto_transfer", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("temporary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("protected", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=True),
        sa.Column("identity", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("invite_reference", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("invited_at", Moment, nullable=True),
        sa.Column("joined_at", Moment, nullable=True),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("warned_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("end_reason", sa.String(length=64), nullable=True),
        sa.Column("transfer_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("absent_reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("sends", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_sent_at", Moment, nullable=True),
        sa.Column("last_sent_at", Moment, nullable=True),
        sa.Column("unclear_since", Moment, nullable=True),
        sa.CheckConstraint("status IN ('ended', 'failed') OR seat_id IS NOT NULL", name=op.f("ck_leases_live_seat")),
        sa.CheckConstraint(
            "status IN ('held', 'invited', 'active', 'transferring', 'ended', 'failed')", name=op.f("ck_leases_status")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_leases_pool_id")),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"], name=op.f("fk_leases_redemption_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], name=op.f("fk_leases_seat_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_leases_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_address_key"), "leases", ["address_key"], unique=False)
    op.create_index(
        "ix_leases_due",
        "leases",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_index(
        "ix_leases_expiring",
        "leases",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('invited', 'active')"),
        postgresql_where=sa.text("status IN ('invited', 'active')"),
    )
    op.create_index("ix_leases_identity", "leases", ["platform", "identity"], unique=False)
    op.create_index(
        "ix_leases_joined",
        "leases",
        ["joined_at"],
        unique=False,
        sqlite_where=sa.text("joined_at IS NOT NULL"),
        postgresql_where=sa.text("joined_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_leases_redemption_id"), "leases", ["redemption_id"], unique=False)
    op.create_index("ix_leases_team", "leases", ["team_id", "status"], unique=False)
    op.create_index(op.f("ix_leases_transfer_id"), "leases", ["transfer_id"], unique=False)
    op.create_index(
        "uq_leases_live_address",
        "leases",
        ["team_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
        postgresql_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
    )
    op.create_index(
        "uq_leases_live_seat",
        "leases",
        ["seat_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
        postgresql_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
    )
    op.create_table(
        "transfers",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("lease_id", Id, nullable=False),
        sa.Column("target_lease_id", Id, nullable=True),
        sa.Column("target_team_id", Id, nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("forced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("skip_acceptance", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("grace_ends_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.CheckConstraint(
            "cause IN ('expiry', 'manual', 'abnormal', 'request', 'address')", name=op.f("ck_transfers_cause")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'planned', 'inviting', 'waiting', 'removing', 'done', 'failed', 'cancelled')",
            name=op.f("ck_transfers_state"),
        ),
        sa.ForeignKeyConstraint(["lease_id"], ["leases.id"], name=op.f("fk_transfers_lease_id")),
        sa.ForeignKeyConstraint(["target_lease_id"], ["leases.id"], name=op.f("fk_transfers_target_lease_id")),
        sa.ForeignKeyConstraint(["target_team_id"], ["teams.id"], name=op.f("fk_transfers_target_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(
        "ix_transfers_due",
        "transfers",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
        postgresql_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
    )
    op.create_index(
        "uq_transfers_live_lease",
        "transfers",
        ["lease_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
        postgresql_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
    )
    op.create_table(
        "removals",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("lease_id", Id, nullable=True),
        sa.Column("transfer_id", Id, nullable=True),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("absent_reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("sent_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.CheckConstraint(
            "cause IN ('ended', 'expired', 'transferred', 'unauthorised', 'staff', 'offer_expired')",
            name=op.f("ck_removals_cause"),
        ),
        sa.CheckConstraint("state IN ('planned', 'done', 'failed', 'cancelled')", name=op.f("ck_removals_state")),
        sa.ForeignKeyConstraint(["lease_id"], ["leases.id"], name=op.f("fk_removals_lease_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_removals_team_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_removals_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    op.create_index(
        "ix_removals_due",
        "removals",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(op.f("ix_removals_lease_id"), "removals", ["lease_id"], unique=False)
    op.create_index(op.f("ix_removals_team_id"), "removals", ["team_id"], unique=False)
    op.create_index(
        "uq_removals_live",
        "removals",
        ["team_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    v0001_append_only.protect(op)
    v0001_figures.maintain(op)


def downgrade() -> None:  # noqa: PLR0915 - the same list
    v0001_figures.release(op)
    v0001_append_only.release(op)
    op.drop_index(
        "uq_removals_live",
        table_name="removals",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index(op.f("ix_removals_team_id"), table_name="removals")
    op.drop_index(op.f("ix_removals_lease_id"), table_name="removals")
    op.drop_index(
        "ix_removals_due",
        table_name="removals",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_table("removals")
    op.drop_index(
        "uq_transfers_live_lease",
        table_name="transfers",
        sqlite_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
        postgresql_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
    )
    op.drop_index(
        "ix_transfers_due",
        table_name="transfers",
        sqlite_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
        postgresql_where=sa.text("state IN ('planned', 'inviting', 'waiting', 'removing')"),
    )
    op.drop_table("transfers")
    op.drop_index(
        "uq_leases_live_seat",
        table_name="leases",
        sqlite_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
        postgresql_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
    )
    op.drop_index(
        "uq_leases_live_address",
        table_name="leases",
        sqlite_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
        postgresql_where=sa.text("status IN ('held', 'invited', 'active', 'transferring')"),
    )
    op.drop_index(op.f("ix_leases_transfer_id"), table_name="leases")
    op.drop_index("ix_leases_team", table_name="leases")
    op.drop_index(op.f("ix_leases_redemption_id"), table_name="leases")
    op.drop_index(
        "ix_leases_joined",
        table_name="leases",
        sqlite_where=sa.text("joined_at IS NOT NULL"),
        postgresql_where=sa.text("joined_at IS NOT NULL"),
    )
    op.drop_index("ix_leases_identity", table_name="leases")
    op.drop_index(
        "ix_leases_expiring",
        table_name="leases",
        sqlite_where=sa.text("status IN ('invited', 'active')"),
        postgresql_where=sa.text("status IN ('invited', 'active')"),
    )
    op.drop_index(
        "ix_leases_due",
        table_name="leases",
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.drop_index(op.f("ix_leases_address_key"), table_name="leases")
    op.drop_table("leases")
    op.drop_index(
        "uq_waitlist_waiting",
        table_name="waitlist",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_waitlist_order",
        table_name="waitlist",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_table("waitlist")
    op.drop_index(op.f("ix_repeated_requests_redemption_id"), table_name="repeated_requests")
    op.drop_table("repeated_requests")
    op.drop_index(
        "uq_redemptions_code_address",
        table_name="redemptions",
        sqlite_where=sa.text("state IN ('sending', 'unclear', 'invited')"),
        postgresql_where=sa.text("state IN ('sending', 'unclear', 'invited')"),
    )
    op.drop_index(
        "ix_redemptions_open",
        table_name="redemptions",
        sqlite_where=sa.text("state IN ('sending', 'unclear')"),
        postgresql_where=sa.text("state IN ('sending', 'unclear')"),
    )
    op.drop_index("ix_redemptions_identity", table_name="redemptions")
    op.drop_index(op.f("ix_redemptions_created_at"), table_name="redemptions")
    op.drop_index(op.f("ix_redemptions_address_key"), table_name="redemptions")
    op.drop_table("redemptions")
    op.drop_index(op.f("ix_codes_last4"), table_name="codes")
    op.drop_index(op.f("ix_codes_batch_id"), table_name="codes")
    op.drop_table("codes")
    op.drop_index(op.f("ix_batch_changes_batch_id"), table_name="batch_changes")
    op.drop_table("batch_changes")
    op.drop_index("ix_team_figures_share", table_name="team_figures")
    op.drop_index("ix_team_figures_pool", table_name="team_figures")
    op.drop_table("team_figures")
    op.drop_table("team_endpoints")
    op.drop_index(
        "ix_seats_team_free",
        table_name="seats",
        sqlite_where=sa.text("state = 'free'"),
        postgresql_where=sa.text("state = 'free'"),
    )
    op.drop_index(
        "ix_seats_free",
        table_name="seats",
        sqlite_where=sa.text("state = 'free'"),
        postgresql_where=sa.text("state = 'free'"),
    )
    op.drop_table("seats")
    op.drop_index(op.f("ix_batches_team_id"), table_name="batches")
    op.drop_index(op.f("ix_batches_pool_id"), table_name="batches")
    op.drop_table("batches")
    op.drop_index("ix_teams_pool_proven", table_name="teams")
    op.drop_index(op.f("ix_teams_pool_id"), table_name="teams")
    op.drop_index(
        "ix_teams_paused",
        table_name="teams",
        sqlite_where=sa.text("paused_until IS NOT NULL"),
        postgresql_where=sa.text("paused_until IS NOT NULL"),
    )
    op.drop_table("teams")
    op.drop_index("ix_job_items_job", table_name="job_items")
    op.drop_table("job_items")
    op.drop_index(op.f("ix_identities_person_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(op.f("ix_alert_messages_alert_id"), table_name="alert_messages")
    op.drop_table("alert_messages")
    op.drop_table("sweeps")
    op.drop_table("subscriptions")
    op.drop_table("staff_tokens")
    op.drop_table("pools")
    op.drop_table("people")
    op.drop_index(
        "ix_notices_order",
        table_name="notices",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_index(
        "ix_notices_due",
        table_name="notices",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_table("notices")
    op.drop_index(
        "uq_jobs_pending",
        table_name="jobs",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(
        "ix_jobs_due",
        table_name="jobs",
        sqlite_where=sa.text("state IN ('pending', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )
    op.drop_table("jobs")
    op.drop_index("ix_inbox_received", table_name="inbox")
    op.drop_index(
        "ix_inbox_due",
        table_name="inbox",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_table("inbox")
    op.drop_table("imported_shapes")
    op.drop_table("figures")
    op.drop_table("figure_changes")
    op.drop_table("facts")
    op.drop_index(op.f("ix_drafts_owner"), table_name="drafts")
    op.drop_index(op.f("ix_drafts_expires_at"), table_name="drafts")
    op.drop_table("drafts")
    op.drop_table("dialogues")
    op.drop_index(op.f("ix_buttons_created_at"), table_name="buttons")
    op.drop_table("buttons")
    op.drop_table("budgets")
    op.drop_index("ix_audit_log_subject", table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_at"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_actor"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("attempts")
    op.drop_index(
        "uq_alerts_open",
        table_name="alerts",
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_index(op.f("ix_alerts_created_at"), table_name="alerts")
    op.drop_table("alerts")
