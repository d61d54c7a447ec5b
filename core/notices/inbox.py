"""The durable inbox: what a platform brings is a row before it is acknowledged, and an answer before it is done.

Rows of one lane (a chat) are handled one after the other, lanes side by side. A row is claimed by a lease that is
renewed while it is handled: when the process dies, another one begins the row again, with the same request key.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

import structlog

from core import telemetry
from core.crashpoints import crashpoint
from core.errors import Busy
from core.notices import inbox_rows
from core.notices.inbox_rows import Begun, PlatformEvent
from core.service import Core
from core.waking import until_woken, wake_at_end

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks for rows that other processes stored or left behind."""
STOP_WITHIN = 7.0


class Later(Exception):
    """The platform cannot be reached just now: begin the row again after `seconds`, as often as it takes in two days."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


Handle: TypeAlias = Callable[[Begun], Awaitable[None]]


class Inbox:
    """Handles the rows whose key starts with `prefix`, at most `handlers` at a time in this process.

    A row whose handling fails is begun again after `first_pause` seconds, twice as long each time, at most five
    times; then `give_up` may say sorry, and staff hear of it.
    """

    def __init__(
        self,
        core: Core,
        prefix: str,
        handle: Handle,
        *,
        give_up: Handle,
        handlers: int = 64,
        platform: str = "",
        first_pause: float = 0.5,
    ) -> None:
        self._core = core
        self._prefix = prefix
        self._handle = handle
        self._give_up = give_up
        self._handlers = handlers
        self._first_pause = first_pause
        self._platform = platform or prefix.partition(":")[0]
        self._token = secrets.token_hex(12)
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._promised = 0

    def wake(self) -> None:
        """Something was stored: look now."""
        self._wake.set()

    async def take(self, events: Sequence[PlatformEvent]) -> None:
        """Keep events, all or none, and begin at once those whose turn it is, as far as there is room.

        For one caller at a time: two that keep events of one lane at once would have them begun at once. Raises: Busy.
        """
        with self._room(0 if self._group is None else self._handlers) as free:
            stored = await inbox_rows.keep(self._core, events, self._token, free)
            if self._group is not None:
                self._start(self._group, stored.begun)
                if stored.new > len(stored.begun):
                    self.wake()
                return
        if stored.begun:
            # It stops: others may begin these, and only these. What runs is still being answered here.
            keys = [row.key for row in stored.begun]
            await self._quietly(self._core.write(inbox_rows.hand_over, self._token, self._core.now(), keys))

    async def run(self, stop: asyncio.Event) -> None:
        """Handle rows until `stop` is set; what is not done within seven seconds is handed to another process."""
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self._keep_claims())
            ending = group.create_task(wake_at_end(stop, self._wake))
            self._group = group
            while not stop.is_set():
                self._wake.clear()
                if not await self._begin(group) and not stop.is_set():
                    await until_woken(self._wake, LOOK_EVERY)
            self._group = None
            if running := list(self._running.values()):
                _, late = await asyncio.wait(running, timeout=STOP_WITHIN)
                for task in late:
                    task.cancel()
                if late:
                    await asyncio.wait(late)
            keeper.cancel()
            ending.cancel()
        await self._quietly(self._core.write(inbox_rows.hand_over, self._token, self._core.now()))

    async def _begin(self, group: asyncio.TaskGroup) -> bool:
        """Start what is due; True when there may be more."""
        if self._left(self._handlers) <= 0:
            return False
        try:
            # No room is promised to a look: whoever keeps events meanwhile would find none, and wake this once more.
            if not await self._core.read(inbox_rows.is_due, self._prefix, self._core.now()):
                return False
            with self._room(self._handlers) as free:
                if free <= 0:
                    return False
                rows = await self._core.write(inbox_rows.claim, self._core, self._prefix, self._token, free)
                self._start(group, rows)
                return len(rows) == free
        except Busy:
            return False

    @contextlib.contextmanager
    def _room(self, most: int) -> Iterator[int]:
        """How many more rows may be begun; nobody else is promised the same room meanwhile."""
        free = max(0, self._left(most))
        self._promised += free
        try:
            yield free
        finally:
            self._promised -= free

    def _left(self, most: int) -> int:
        return most - len(self._running) - self._promised

    def _start(self, group: asyncio.TaskGroup, rows: Sequence[Begun]) -> None:
        for row in rows:
            # A claim that ran out before it could be renewed comes back to us while its row is still at work.
            if row.key not in self._running:
                self._running[row.key] = group.create_task(self._do(row), name="inbox")

    async def _do(self, row: Begun) -> None:
        waited_for = True
        try:
            waited_for = await self._try(row)
        except Later as later:
            await self._quietly(
                self._core.write(inbox_rows.wait_for_platform, row.key, self._token, later.seconds, self._core.now())
            )
            telemetry.count("usher_updates", platform=self._platform, outcome="later")
        except Exception:
            log.exception("update_failed", row=row.key, tries=row.tries)
            wait = min(60.0, self._first_pause * 2**row.tries)
            await self._quietly(self._core.write(inbox_rows.put_off, row.key, self._token, wait, self._core.now()))
            telemetry.count("usher_updates", platform=self._platform, outcome="failed")
        else:
            telemetry.count("usher_updates", platform=self._platform, outcome="done")
        finally:
            waited_for = waited_for or len(self._running) >= self._handlers
            self._running.pop(row.key, None)
            if waited_for:
                self._wake.set()

    async def _try(self, row: Begun) -> bool:
        """Handle a row or give it up; True when the lane goes on after it."""
        if row.tries > inbox_rows.MOST_TRIES:
            await self._core.write(inbox_rows.bury, self._core, row.key, self._token)
            await self._give_up(row)
            return True
        await self._handle(row)
        crashpoint("K8")
        mine = (row.key, row.lane, self._token, self._core.now())
        if row.along:
            return await self._core.write(inbox_rows.finish_all, *mine, row.along)
        return await self._core.write(inbox_rows.finish, *mine)

    async def _keep_claims(self) -> None:
        while True:
            await asyncio.sleep(inbox_rows.LEASE.total_seconds() / 3)
            if self._running:
                renewed = self._core.write(
                    inbox_rows.renew, list(self._running), self._token, self._core.now() + inbox_rows.LEASE
                )
                await self._quietly(renewed)

    async def _quietly(self, work: Awaitable[Any]) -> None:
        """A database that is away for a while stops nothing: the claim runs out, and the row is begun again."""
        try:
            await work
        except Exception as fault:
            log.exception("inbox_not_written", kind=type(fault).__name__)
