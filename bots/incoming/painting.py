"""An answer in the making: what passes meanwhile is painted, always the newest, one picture at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from bots.commands.dispatch import dispatch
from core.errors import Busy

if TYPE_CHECKING:
    from bots.commands.request import Request
    from bots.messages.reply import Reply
    from core.service import Core

Paint: TypeAlias = Callable[["Reply"], Awaitable[bool]]
"""Shows a passing state where the answer will stand; False when that is of no use any more."""
HANGS_WITHIN = 0.4
"""Seconds that a process which is stopped waits for the picture it is painting."""


async def answered(core: Core, request: Request, paint: Paint) -> Reply | None:
    """Let the catalogue answer, and call `paint` for the states it passes through; never two at once.

    The work does not wait for the painting, and `paint` is not called any more once this returns. Raises: Busy.
    """
    newest: list[Reply] = []
    wanted = asyncio.Event()
    closed = False
    reply: Reply | None = None
    busy: Busy | None = None

    async def show(reply: Reply) -> None:
        newest[:] = [reply]
        wanted.set()

    async def keep_painting() -> None:
        while True:
            await wanted.wait()
            wanted.clear()
            if closed:
                return
            if newest and not await paint(newest.pop()):
                return

    async with asyncio.TaskGroup() as group:
        painter = group.create_task(keep_painting(), name="painter")
        try:
            reply = await dispatch(core, replace(request, show=show))
        except Busy as fault:
            busy = fault  # raised in here it would come out in a group
        finally:
            closed = True
            wanted.set()
            # A picture on its way is waited for, also by who is stopped: only then it is known where it hangs.
            await asyncio.wait([painter], timeout=HANGS_WITHIN)
        await painter
    if busy is not None:
        raise busy
    return reply
