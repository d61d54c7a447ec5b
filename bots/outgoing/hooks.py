"""Events to addresses of other systems, signed as Standard Webhooks says."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import structlog

from bots.outgoing.posting import Post
from core.notices import events
from core.notices.deliveries import Due, note_sent
from core.providers.http import HttpReply, retry_after
from core.rules.events import signature
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

NAMES = uuid.UUID("6f1d6a53-6c0e-4f57-9f3b-0a5d1d1f5a77")
"""What numbers of notices become names under; the same event has the same one however often it is sent."""


class HookChannel:
    """Tells an address of an event. Nothing of its answer is read but whether it took it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def post(self, post: Post) -> str | None:
        """An event has no words, so it is never posted as a message."""
        raise NotImplementedError(post.template)

    async def send(self, due: Due) -> str:
        """Send one event and write down what became of it; returns the outcome."""
        core = self._core
        try:
            message = await events.message_of(core, due)
        except Undecipherable:
            log.warning("secret_undecipherable", notice=due.id)
            dead = await core.write(events.note_not_taken, due, "its secret cannot be read", core.now())
            return "dead" if dead else "failed"
        if message is None:
            await core.write(note_sent, due, None, core.now())
            return "not_needed"
        body = _body(message)
        identity, moment = f"msg_{uuid.uuid5(NAMES, str(due.id)).hex}", int(core.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(message.secret, identity, moment, body),
        }
        answer = await core.tell(message.url, body, headers)
        if isinstance(answer, HttpReply) and answer.ok:
            await core.write(events.note_taken, due, core.now())
            return "sent"
        if isinstance(answer, HttpReply) and answer.status == 410:
            await core.write(events.note_gone, due, core.now())
            return "gone"
        error = (
            f"status {answer.status}"
            if isinstance(answer, HttpReply)
            else str(getattr(answer, "detail", "unreachable"))
        )
        pause = None
        if isinstance(answer, HttpReply) and "retry-after" in answer.headers:
            pause = retry_after(answer.headers)
        dead = await core.write(events.note_not_taken, due, error, core.now(), pause)
        return "dead" if dead else "failed"


def _body(message: events.Message) -> bytes:
    said: dict[str, Any] = {"type": message.event, "timestamp": message.at.isoformat(), "data": message.data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
