"""Messages that hold a secret: taken away again when its reader has had time to copy it, whatever restarts meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from core import outbox
from core.errors import UsherError

if TYPE_CHECKING:
    from bots.messages.reply import Reply
    from core.service import Core

log = structlog.get_logger(__name__)


async def take_away_later(core: Core, platform: str, recipient: str, ref: str, reply: Reply) -> None:
    """Queue the end of the message `ref`, which shows `reply`; of one that may stay, nothing. Never raises UsherError.

    The secret stands there already: to answer once more because of this could only show that it cannot be shown again.
    """
    if reply.vanishes is None:
        return
    name, after = reply.vanishes
    notice = outbox.Notice(outbox.VANISH, {}, dedupe=name, due_at=core.now() + after)
    try:
        await core.write(outbox.put, platform, recipient, notice, core.now(), edits=ref)
    except UsherError as error:
        log.warning("secret_stays_until_its_button", error=error.key)
