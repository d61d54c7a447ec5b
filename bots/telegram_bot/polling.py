"""Taking updates from Telegram: stored first, acknowledged afterwards.

Long polling moves its offset only after the commit, a webhook is answered only after it. Of several processes one
polls: Telegram refuses a second poller.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import sqlalchemy as sa
import structlog

from bots.standing import StandingBoard
from bots.telegram_bot.binding import WANTED, event_of
from core.alerts import alerts
from core.errors import Busy
from core.notices.inbox_rows import PlatformEvent
from core.rounds import Round
from core.sweeps import locks
from core.waking import until_woken, wake_at_end

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

POLLER = "telegram-poller"
POLL = 20
"""Seconds that one request waits for updates."""
PERSISTS = 3
"""Refusals in a row before another poller is more than a restart that overlaps."""
REJECTED = frozenset({401, 404})
"""What Telegram answers to a token that was revoked, or never was one."""
LOOK_AGAIN = 2.0
"""Seconds between two looks whether the polling process is gone."""

Keep: TypeAlias = Callable[[Sequence[PlatformEvent]], Awaitable[None]]


class TelegramRefused(Exception):
    """getUpdates was answered with an error; `code` is Telegram's."""

    def __init__(self, code: int, retry_after: float | None) -> None:
        super().__init__(f"getUpdates was refused ({code})")
        self.code = code
        self.retry_after = retry_after


class Poller:
    """Polls while this process holds the lease, and idles while another one does."""

    def __init__(
        self,
        core: Core,
        bot_id: int,
        token: str,
        *,
        keep: Keep,
        poll: float = POLL,
        standing: StandingBoard | None = None,
    ) -> None:
        self._core = core
        self._bot_id = bot_id
        self._url = f"{core.settings.telegram.api_base.rstrip('/')}/bot{token}/getUpdates"
        self._keep = keep
        self._standing = standing or StandingBoard(core.settings.language)
        self._poll = poll
        self._wake = asyncio.Event()

    async def run(self, stop: asyncio.Event, *, drop_webhook: Callable[[], Awaitable[Any]]) -> None:
        """Take updates until `stop` is set. A database or a Telegram that is away is waited for."""
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(wake_at_end(stop, self._wake))
            while not stop.is_set():
                token = await self._lead()
                if token is None:
                    await self._pause(LOOK_AGAIN)
                    continue
                log.info("telegram_polling")
                try:
                    await self._poll_while_leading(token, stop, drop_webhook)
                finally:
                    await self._resign(token)
            ending.cancel()

    async def _lead(self) -> str | None:
        now = self._core.now()
        try:
            await self._core.write(locks.register, {POLLER: now}, {POLLER: now})
            return await self._core.write(locks.claim, POLLER, now, early=True)
        except Busy:
            return None

    async def _resign(self, token: str) -> None:
        now = self._core.now()
        with contextlib.suppress(Busy):
            await self._core.write(locks.release, POLLER, token, now, now, Round(outcome="polling_ended"))

    async def _poll_while_leading(
        self, token: str, stop: asyncio.Event, drop_webhook: Callable[[], Awaitable[Any]]
    ) -> None:
        async with asyncio.TaskGroup() as group:
            polling = group.create_task(self._take(drop_webhook), name="telegram-poll")
            leading = group.create_task(self._keep_leading(token), name="telegram-lease")
            stopping = group.create_task(stop.wait())
            await asyncio.wait([polling, leading, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in (polling, leading, stopping):
                task.cancel()

    async def _keep_leading(self, token: str) -> None:
        """Return when the lease is another's."""
        while True:
            try:
                await self._core.write(_renew, token, self._core.now())
            except locks.LockLost:
                log.warning("telegram_polling_lost")
                return
            except Busy:
                log.warning("telegram_lease_not_renewed")
            await asyncio.sleep(locks.HOLD.total_seconds() / 3)

    async def _take(self, drop_webhook: Callable[[], Awaitable[Any]]) -> None:
        offset: int | None = None
        faults = 0
        alerted = True  # an alert of an earlier process ends with the first success as well
        timeout = aiohttp.ClientTimeout(total=self._poll + 15, connect=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    updates = await self._get(session, offset)
                    if updates:
                        await self._keep([event_of(self._bot_id, update) for update in updates])
                        # Only now: what Telegram forgets, the database has.
                        offset = max(update["update_id"] for update in updates) + 1
                    faults = 0
                    self._standing.well("telegram", "token", "conflict")
                    if alerted:
                        alerted = not await self._core.write(_end_alert, self._core.now())
                except TelegramRefused as refusal:
                    faults += 1
                    if refusal.code == 409:
                        await drop_webhook()
                    if refusal.code in REJECTED:
                        self._standing.trouble("telegram", "token")
                    elif refusal.code == 409 and faults >= PERSISTS:
                        self._standing.trouble("telegram", "conflict")
                    if refusal.code in {*REJECTED, 409} and faults == PERSISTS:
                        await self._core.write(_alert, refusal.code, self._core.now())
                        alerted = True
                    log.warning("telegram_poll_refused", status=refusal.code)
                    await asyncio.sleep(refusal.retry_after or min(30.0, 0.5 * 2**faults))
                except (aiohttp.ClientError, TimeoutError, OSError, ValueError, Busy) as fault:
                    faults += 1
                    log.warning("telegram_poll_failed", kind=type(fault).__name__)
                    await asyncio.sleep(min(30.0, 0.25 * 2**faults))

    async def _get(self, session: aiohttp.ClientSession, offset: int | None) -> list[dict[str, Any]]:
        wish = {"timeout": self._poll, "limit": 100, "allowed_updates": WANTED}
        if offset is not None:
            wish["offset"] = offset
        async with session.post(self._url, json=wish) as response:
            body = json.loads(await response.read())
        if not isinstance(body, dict) or not body.get("ok"):
            body = body if isinstance(body, dict) else {}
            wait = (body.get("parameters") or {}).get("retry_after")
            raise TelegramRefused(int(body.get("error_code", response.status)), wait)
        return [update for update in body["result"] if isinstance(update, dict) and "update_id" in update]

    async def _pause(self, seconds: float) -> None:
        await until_woken(self._wake, seconds)


def _end_alert(tx: sa.Connection, now: datetime) -> bool:
    """Returns True: there is nothing left to end."""
    alerts.end_condition(tx, "system", "telegram", now)
    return True


def _alert(tx: sa.Connection, code: int, now: datetime) -> None:
    title = "telegram_conflict" if code == 409 else "telegram_token_rejected"
    alerts.raise_alert(tx, "system", "telegram", "error", title, {"status": code}, now)


def _renew(tx: sa.Connection, token: str, now: datetime) -> None:
    locks.renew(tx, POLLER, token, now, endless=True)
