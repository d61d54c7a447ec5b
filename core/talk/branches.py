"""The tree of a conversation, read as branches: from a message back to where everything began."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import sqlalchemy as sa

from core.storage.chat_tables import messages, turns
from core.storage.talk_rows import MessageRow

DEEPEST = 2_000
"""Messages of one branch that are looked at: more fit into no context."""


def branch(tx: sa.Connection, head_id: int | None, *, most: int = DEEPEST) -> list[MessageRow]:
    """The rows of the messages that lead to `head_id`, oldest first, the head among them."""
    if head_id is None:
        return []
    found = sa.select(messages.c.id, messages.c.parent_id, sa.literal(0).label("depth")).where(messages.c.id == head_id)
    up = found.cte("up", recursive=True)
    parent = sa.select(messages.c.id, messages.c.parent_id, up.c.depth + 1).where(
        messages.c.id == up.c.parent_id, up.c.depth < most - 1
    )
    up = up.union_all(parent)
    rows = sa.select(messages).join(up, up.c.id == messages.c.id).order_by(up.c.depth.desc())
    return list(tx.execute(rows))


def answered(rows: Sequence[MessageRow]) -> list[MessageRow]:
    """Of the rows of a branch those that a model is shown: without the questions that got no answer, unless it is the
    last one. What was refused, or stopped before the first word, must not make the next question longer and dearer.
    """
    shown = [row for row, following in pairwise(rows) if "assistant" in {row.role, following.role}]
    return [*shown, *rows[-1:]]


def answer_above(tx: sa.Connection, question: MessageRow) -> int | None:
    """The message that a question stands below once those before it are over: past whatever got no answer."""
    parent_id = question.parent_id
    while parent_id is not None:
        above = tx.execute(sa.select(messages).where(messages.c.id == parent_id)).one_or_none()
        if above is None or above.role == "assistant":
            break
        if (given := newest_answer(tx, above.id)) is not None:
            return given
        parent_id = above.parent_id
    return None if parent_id is None else int(parent_id)


def versions(tx: sa.Connection, question_id: int) -> list[int]:
    """The numbers of the answers to one question, in the order in which they were given."""
    answers = sa.select(messages.c.id).where(messages.c.parent_id == question_id, messages.c.role == "assistant")
    return list(tx.execute(answers.order_by(messages.c.id)).scalars())


def models_of(tx: sa.Connection, which: Sequence[int]) -> set[str]:
    """The models that wrote these messages."""
    return set(tx.execute(sa.select(messages.c.model).where(messages.c.id.in_(which)).distinct()).scalars())


def newest_answer(tx: sa.Connection, question_id: int) -> int | None:
    """The last answer to a question, if it has one."""
    found = versions(tx, question_id)
    return found[-1] if found else None


def read_first(tx: sa.Connection, question_id: int) -> int | None:
    """The end of the other branch that a question was asked about, as a summary is: so it is when asked once more."""
    asked = sa.select(turns.c.from_id).where(turns.c.question_id == question_id).order_by(turns.c.id)
    return tx.execute(asked.limit(1)).scalar_one_or_none()
