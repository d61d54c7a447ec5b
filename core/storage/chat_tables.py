"""The tables of talk: conversations, what was said in them, and the answers being made.

Everything that a person or a model has written is ciphertext bound to its row's `reference` (`core.vault`). Their
constraints are the last line of one promise: in one conversation, one question at a time is being answered.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from core.storage.column_types import Id, Json, Moment, State
from core.storage.schema import count, flag, metadata, number, partial, states

UNFINISHED = ("waiting", "answering")
"""A turn in one of these states still has to be answered."""


def _reference() -> Column[str]:
    """The random name that a row's ciphertexts are bound to."""
    return Column("reference", String(32), nullable=False, unique=True)


conversations = Table(
    "conversations",
    metadata,
    number(),
    _reference(),
    Column("person_id", Id, nullable=False, default=0, server_default="0"),  # 0: a group's
    Column("platform", String(16), nullable=False),
    Column("place", String(120), nullable=False),  # the chat, with its topic
    flag("is_current", True),
    Column("title", LargeBinary),
    Column("instructions", LargeBinary),
    Column("model", String(100)),
    Column("head_id", Id),  # the newest message of the branch that goes on
    flag("pinned", False),
    flag("left_out_told", False),
    Column("archived_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    partial("uq_conversations_current", "platform", "place", "person_id", where="is_current", unique=True),
    Index("ix_conversations_person", "person_id", "changed_at"),
)

messages = Table(
    # A tree: several answers to one question are versions, several questions after one answer are branches.
    "messages",
    metadata,
    number(),
    _reference(),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("parent_id", Id, index=True),
    Column("role", State(16), nullable=False),
    Column("state", State(16), nullable=False),
    Column("person_id", Id, nullable=False, default=0, server_default="0", index=True),  # who wrote it; 0: the model
    Column("content", LargeBinary, nullable=False),  # text, speaker
    count("size"),  # bytes of the text
    count("images"),
    Column("model", String(100)),
    Column("call_id", Id),
    count("version", 1),
    Column("made_at", Moment, nullable=False),
    states("role", "user", "assistant"),
    states("state", "complete", "interrupted", "stopped"),
    CheckConstraint("(role = 'user') = (model IS NULL)", name="model_answers"),
)

attachments = Table(
    "attachments",
    metadata,
    number(),
    _reference(),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, index=True),
    Column("kind", State(8), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    count("size"),
    states("kind", "image", "file", "voice"),
)

message_places = Table(
    # Where a message is shown, so that a reply finds its branch.
    "message_places",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("chat", String(120), primary_key=True),
    Column("shown", String(64), primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, index=True),
)

turns = Table(
    # A question and the answer in the making.
    "turns",
    metadata,
    number(),
    Column("request_key", String(200), nullable=False, unique=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("question_id", Id, ForeignKey("messages.id"), nullable=False, index=True),  # what the answer stands below
    Column("from_id", Id),  # the branch of another conversation that is read before the question
    Column("answer_id", Id, ForeignKey("messages.id"), index=True),
    Column("call_id", Id),
    Column("person_id", Id, nullable=False, default=0, server_default="0", index=True),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("payer", String(120)),  # who pays, where that is not who asks
    Column("place", String(120), nullable=False),
    Column("recipient", String(120), nullable=False),  # as the outbox writes the place
    Column("language", String(16), nullable=False),
    Column("model", String(100)),
    Column("shown", String(64)),  # the message in which the answer is painted
    Column("state", State(16), nullable=False),
    Column("reason", String(64)),
    Column("facts", Json),
    count("tries"),
    Column("stop_wanted_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    states("state", *UNFINISHED, "done", "failed"),
    CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended"),
    partial("uq_turns_answering", "conversation_id", where="state = 'answering'", unique=True),
    partial("ix_turns_due", "due_at", where="state IN ('waiting', 'answering')"),
)

sponsors = Table(
    # Whoever pays for the questions of a group.
    "sponsors",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("place", String(120), primary_key=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("payer", String(120), nullable=False),
    Column("daily_limit", sa.BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

shares = Table(
    # A revocable link to a copy of one branch; never the link itself.
    "shares",
    metadata,
    number(),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("last4", String(8), nullable=False),
    Column("person_id", Id, nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("head_id", Id, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    count("openings"),
    Column("created_at", Moment, nullable=False),
)
