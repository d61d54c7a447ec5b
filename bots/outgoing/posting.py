"""What the outbox asks of a platform: post one message, and say what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bots.messages.reply import Reply


class Unreachable(Exception):
    """This chat or mailbox does not take messages: blocked, gone, closed. Trying again is of no use."""


class NotNow(Exception):
    """The platform cannot be reached, or has had enough for now. `sent` messages of the post stand there already."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.sent = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One message to one chat. `edit` is the reference of an earlier message that it takes the place of.

    The first `skip` messages of it stand there already, from an earlier try. `key` is the same whenever the same notice is tried again, for platforms that can tell a repeat by it.
    """

    recipient: str
    reply: Reply
    template: str
    facts: Mapping[str, Any]
    language: str
    edit: str | None = None
    skip: int = 0
    key: str = ""


class Channel(Protocol):
    """One per platform, mail and operator channels."""

    async def post(self, post: Post) -> str | None:
        """Send it; returns a reference to the sent message, to edit it later. Raises: Unreachable, NotNow."""
        ...
