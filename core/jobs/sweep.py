"""Working off bulk jobs, several side by side, until none is due."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import structlog

from core import rounds
from core.jobs import items as bulk_items
from core.jobs import jobs as bulk
from core.jobs.jobs import JobClaim, JobLost
from core.rounds import Round

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

INTERVAL = 1.0
"""Seconds between two looks for jobs."""
TOGETHER = 4
"""Jobs worked on at once; each has several lines under way itself."""


async def work_off(core: Core) -> Round:
    """Take every job as far as it goes now. One bad job never stops the others."""
    counted: Counter[str] = Counter()

    async def due(room: int) -> list[JobClaim]:
        return await core.write(bulk.claim_due, core, core.now(), most=room)

    # A job that comes in meanwhile does not wait for a long one to end.
    await rounds.work_off(due, lambda claim: _one(core, claim, counted), together=TOGETHER, every=INTERVAL)
    return Round(dict(counted))


async def _one(core: Core, claim: JobClaim, counted: Counter[str]) -> None:
    try:
        over = await bulk_items.work(core, claim)
    except JobLost:
        counted["taken_over"] += 1
    except Exception:
        # The claim runs out and the job is tried again; whatever is wrong with it is this job's alone.
        log.exception("job_failed", job=claim.job.id, kind=claim.job.kind)
        counted["failed"] += 1
    else:
        counted["finished" if over else "left_for_later"] += 1
