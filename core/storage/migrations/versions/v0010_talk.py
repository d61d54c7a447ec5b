"""Conversations, what was said in them, the answers in the making, and what is shared of them. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("person_id", Id, server_default="0", nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("instructions", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("head_id", Id, nullable=True),
        sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("left_out_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("archived_at", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("reference", name=op.f("uq_conversations_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversations_person", "conversations", ["person_id", "changed_at"], unique=False)
    op.create_index(
        "uq_conversations_current",
        "conversations",
        ["platform", "place", "person_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "sponsors",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("payer", sa.String(length=120), nullable=False),
        sa.Column("daily_limit", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("platform", "place", name=op.f("pk_sponsors")),
    )
    op.create_index(op.f("ix_sponsors_person_id"), "sponsors", ["person_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("parent_id", Id, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, server_default="0", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("images", sa.Integer(), server_default="0", nullable=False),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.CheckConstraint("(role = 'user') = (model IS NULL)", name=op.f("ck_messages_model_answers")),
        sa.CheckConstraint("role IN ('user', 'assistant')", name=op.f("ck_messages_role")),
        sa.CheckConstraint("state IN ('complete', 'interrupted', 'stopped')", name=op.f("ck_messages_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_messages_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("reference", name=op.f("uq_messages_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_messages_conversation_id"), "messages", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_messages_parent_id"), "messages", ["parent_id"], unique=False)
    op.create_index(op.f("ix_messages_person_id"), "messages", ["person_id"], unique=False)
    op.create_table(
        "shares",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last4", sa.String(length=8), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("head_id", Id, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_shares_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("digest", name=op.f("uq_shares_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shares_conversation_id"), "shares", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_shares_person_id"), "shares", ["person_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('image', 'file', 'voice')", name=op.f("ck_attachments_kind")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("reference", name=op.f("uq_attachments_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attachments_message_id"), "attachments", ["message_id"], unique=False)
    op.create_table(
        "message_places",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=120), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_places_message_id")),
        sa.PrimaryKeyConstraint("platform", "chat", "shown", name=op.f("pk_message_places")),
    )
    op.create_index(op.f("ix_message_places_message_id"), "message_places", ["message_id"], unique=False)
    op.create_table(
        "turns",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("question_id", Id, nullable=False),
        sa.Column("from_id", Id, nullable=True),
        sa.Column("answer_id", Id, nullable=True),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("person_id", Id, server_default="0", nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("payer", sa.String(length=120), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("facts", Json, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stop_wanted_at", Moment, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name=op.f("ck_turns_ended")),
        sa.CheckConstraint("state IN ('waiting', 'answering', 'done', 'failed')", name=op.f("ck_turns_state")),
        sa.ForeignKeyConstraint(["answer_id"], ["messages.id"], name=op.f("fk_turns_answer_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_turns_conversation_id")),
        sa.ForeignKeyConstraint(["question_id"], ["messages.id"], name=op.f("fk_turns_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
        sa.UniqueConstraint("request_key", name=op.f("uq_turns_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_turns_answer_id"), "turns", ["answer_id"], unique=False)
    op.create_index(op.f("ix_turns_conversation_id"), "turns", ["conversation_id"], unique=False)
    op.create_index(
        "ix_turns_due",
        "turns",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'answering')"),
        postgresql_where=sa.text("state IN ('waiting', 'answering')"),
    )
    op.create_index(op.f("ix_turns_person_id"), "turns", ["person_id"], unique=False)
    op.create_index(op.f("ix_turns_question_id"), "turns", ["question_id"], unique=False)
    op.create_index(
        "uq_turns_answering",
        "turns",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'answering'"),
        postgresql_where=sa.text("state = 'answering'"),
    )


def downgrade() -> None:
    for table in ("turns", "message_places", "attachments", "shares", "messages", "sponsors", "conversations"):
        op.drop_table(table)
