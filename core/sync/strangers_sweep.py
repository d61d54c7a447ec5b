"""Taking out members that Usher did not invite: off unless switched on, slowly, by day, and in doubt not at all."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import structlog

from core.leases import removals
from core.rounds import Round
from core.rules.hours import DailyHours
from core.rules.removal import pause_between
from core.sync import strangers

if TYPE_CHECKING:
    from core.service import Core
    from core.settings import Settings

log = structlog.get_logger(__name__)


def interval(settings: Settings) -> float:
    """Seconds to the next round, drawn anew each time."""
    rules = settings.unauthorised
    return pause_between(rules.interval_low, rules.interval_high, random.random()).total_seconds()


def longest(settings: Settings) -> float:
    """Seconds, at most, to the next round."""
    return settings.unauthorised.interval_high


async def remove_strangers(core: Core) -> Round:
    """One round: at most so many removals, started a little apart from each other, within the active hours."""
    rules = core.settings.unauthorised
    if await core.write(strangers.switch, rules.enabled, core.now()):
        return Round(outcome="switched_on")
    if not rules.enabled:
        return Round(outcome="off")
    hours = DailyHours.parse(f"{rules.active_from}-{rules.active_to}", core.settings.timezone)
    if not hours.contain(core.now()):
        return Round(outcome="outside_hours")
    if await core.write(strangers.ask_to_look, core.now()):
        return Round(outcome="unseen")
    planned = await core.write(strangers.plan, core, core.now())
    places = asyncio.Semaphore(rules.workers)
    async with asyncio.TaskGroup() as group:
        for number, removal_id in enumerate(planned):
            if number:
                apart = pause_between(rules.spacing_low, rules.spacing_high, random.random())
                await asyncio.sleep(apart.total_seconds())
            group.create_task(_remove(core, removal_id, places))
    return Round({"taken_out": len(planned)})


async def _remove(core: Core, removal_id: int, places: asyncio.Semaphore) -> None:
    async with places:
        try:
            await removals.advance(core, removal_id)
        except Exception:
            # It is planned and due, as every other removal is: the others are not broken off for it.
            log.exception("stranger_not_removed", removal=removal_id)
