"""Settling what killed processes left open: every call is settled within one recovery interval."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.calls import calls as asking
from core.rounds import Round
from core.sources.models import learn
from core.storage.talk_tables import OPEN, calls

if TYPE_CHECKING:
    from core.service import Core

ROUND = 50
BITE = 1_000


async def recover(core: Core) -> Round:
    """Settle every call whose process is silent. One bad row never stops the rest."""
    await core.set_clock()
    until = core.now() + timedelta(seconds=core.settings.redemption.recovery_interval)
    settled = 0
    while core.now() < until:
        done = await asking.recover(core, most=ROUND)
        settled += done
        if done < ROUND:
            break
    return Round({"calls_settled": settled})


async def tidy(core: Core) -> Round:
    """Forget answers that nobody can ask for again, and learn how long tokens are."""
    old = core.now() - timedelta(hours=core.settings.talk.keep_answers_hours)
    forgotten = 0
    while True:
        done = await core.write(_forget_answers, old)
        forgotten += done
        if done < BITE:
            break
    learned = await core.write(learn)
    return Round({"answers_forgotten": forgotten, "ratios_learned": learned})


def _forget_answers(tx: sa.Connection, old: object) -> int:
    kept = sa.or_(calls.c.answer.is_not(None), calls.c.beside.is_not(None))
    which = sa.and_(kept, calls.c.ended_at < old, calls.c.state.not_in(OPEN))
    chosen = sa.select(calls.c.id).where(which).limit(BITE)
    return tx.execute(sa.update(calls).where(calls.c.id.in_(chosen)).values(answer=None, beside=None)).rowcount
