"""What a unit says of its commit: that it may simply run again after one whose answer never came, or needs none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

Unit = TypeVar("Unit", bound=Callable[..., Any])


class Mark(NamedTuple):
    """A transaction, and since when the server that gave it its number has not crashed."""

    number: int
    counting_since: datetime


class Crashed(Exception):
    """The server has crashed since, and the number may be another transaction's by now.

    A server that crashes forgets numbers that it gave to transactions of which nothing had been written down, and gives
    them again. That one of them is committed then says nothing of the first.
    """


class Unanswered(Exception):
    """The connection was lost around a commit. `answer` is what the unit had returned, `mark` its transaction."""

    def __init__(self, answer: Any, mark: Mark | None, *, nothing_written: bool = False) -> None:
        super().__init__()
        self.answer = answer
        self.mark = mark
        self.nothing_written = nothing_written


def repeatable(work: Unit) -> Unit:
    """Say of a unit that running it twice is running it once, by a key or a claim of its own.

    What it does the second time must be right for whoever asked once: it finds its own row and returns it, or its
    claim is given and it says so.
    """
    work.__dict__["repeatable"] = True
    return work


def autocommit(work: Unit) -> Unit:
    """Say of a unit that it is right wherever it ends: each of its statements is committed by itself.

    On PostgreSQL that saves it the BEGIN, the COMMIT and the question about the transaction. When the connection is
    lost in the middle, it runs again only if it is `repeatable`, too; of any other the caller is told to try again.
    """
    work.__dict__["autocommit"] = True
    return work


def is_autocommit(work: Callable[..., Any]) -> bool:
    """Whether a unit said so of itself."""
    return bool(getattr(work, "autocommit", False))


def is_repeatable(work: Callable[..., Any]) -> bool:
    """Whether a unit said so of itself."""
    return bool(getattr(work, "repeatable", False))
