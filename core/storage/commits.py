"""What a unit of work says of its commit: that it may run again after one whose answer was lost, or needs none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

Unit = TypeVar("Unit", bound=Callable[..., Any])


class Mark(NamedTuple):
    """A transaction's number, and since when the server that gave it has not crashed."""

    number: int
    counting_since: datetime


class Crashed(Exception):
    """The server has crashed since, and the number may belong to another transaction by now.

    A server that crashes forgets the numbers of transactions of which nothing had been written down, and gives them out
    again. That the number is committed then proves nothing about the first transaction.
    """


class Unanswered(Exception):
    """The connection was lost around a commit. `answer` is what the unit had returned, `mark` its transaction."""

    def __init__(self, answer: Any, mark: Mark | None, *, nothing_written: bool = False) -> None:
        super().__init__()
        self.answer = answer
        self.mark = mark
        self.nothing_written = nothing_written


def repeatable(work: Unit) -> Unit:
    """Say of a unit that running it twice has the effect of running it once, by a key or a claim of its own.

    The second run has to be right for somebody who asked once: it finds its own row and returns that, or finds its
    claim gone and says so.
    """
    work.__dict__["repeatable"] = True
    return work


def autocommit(work: Unit) -> Unit:
    """Say of a unit that it is right wherever it ends: each of its statements is committed by itself.

    On PostgreSQL that saves the BEGIN, the COMMIT and the question for the transaction's number. When the connection is
    lost in the middle, the unit runs again only if it is `repeatable` too; otherwise the caller is told to try again.
    """
    work.__dict__["autocommit"] = True
    return work


def is_autocommit(work: Callable[..., Any]) -> bool:
    """Whether a unit said so of itself."""
    return bool(getattr(work, "autocommit", False))


def is_repeatable(work: Callable[..., Any]) -> bool:
    """Whether a unit said so of itself."""
    return bool(getattr(work, "repeatable", False))
