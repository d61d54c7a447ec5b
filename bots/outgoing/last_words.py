"""What can still be said when the database is gone: in the log, and in the operator channels.

Every other message waits in the outbox, which is in the database.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.outgoing.operator_channels import shout
from core import holds
from core.errors import DatabaseGone, UsherError
from core.rules.alerts import Level

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between two looks."""
AGAIN = 3600.0
"""Seconds until it is said again."""


async def watch(core: Core, stop: asyncio.Event) -> None:
    """Look until `stop` is set, and say once an hour that the database is gone while it is. Never raises."""
    loop = asyncio.get_running_loop()
    said_at: float | None = None
    while not stop.is_set():
        try:
            await core.read(holds.names)
        except DatabaseGone as gone:
            if said_at is None or loop.time() - said_at > AGAIN:
                said_at = loop.time()
                await _say(core, gone)
        except UsherError:
            pass  # busy or away: that ends by itself, and others log it
        except Exception:
            log.exception("database_look_failed")
        try:
            await asyncio.wait_for(stop.wait(), EVERY)
        except TimeoutError:
            continue


async def _say(core: Core, gone: DatabaseGone) -> None:
    log.critical("database_gone", file=gone.facts["file"])
    look = Look(core.settings.language, "plain", 10_000, core.settings.timezone)
    try:
        told = await shout(core.settings, Level.CRITICAL, words(Say("database-gone", dict(gone.facts)), look))
    except Exception:
        log.exception("operators_not_told")
    else:
        log.info("operators_told", channels=told)
