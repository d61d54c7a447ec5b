"""Who may start, stop and retry a job, and whether it may go on in the name of whoever started it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM, Role
from core.errors import BadChoice
from core.people import people
from core.storage import tables as t
from core.storage.rows import JobRow

if TYPE_CHECKING:
    from core.service import Core

ROLES: Mapping[str, Role] = {
    "resend": Role.OPERATOR,
    "cancelinvite": Role.OPERATOR,
    "reinvite": Role.OPERATOR,
    "remove": Role.ADMIN,
    "announce": Role.ADMIN,
    "sync": Role.OPERATOR,
    "rotate": Role.OWNER,
    "backup": Role.OWNER,
}
"""The role that a job of each kind takes."""
AT_THE_PROMPT = "terminal:"
CHORES = frozenset({"sync", "rotate", "backup"})
"""Jobs that are not about people."""


def role_of(kind: str) -> Role:
    """Raises: BadChoice."""
    if kind not in ROLES:
        raise BadChoice(name="kind", value=kind[:20], choices=list(ROLES))
    return ROLES[kind]


def may_go_on(tx: sa.Connection, core: Core, job: JobRow, now: datetime) -> bool:
    """Does whoever started the job still have the role for it? If not, it stops here and what is done stays done.

    At this machine's own prompt the role is stated when the session begins, and cannot be taken away.
    """
    if job.maker.startswith(AT_THE_PROMPT):
        return True
    if people.role_now(tx, core.settings.staff.owners, job.maker) >= ROLES[job.kind]:
        return True
    stopped = sa.and_(t.jobs.c.id == job.id, t.jobs.c.cancel_wanted.is_(sa.false()))
    if tx.execute(sa.update(t.jobs).where(stopped).values(cancel_wanted=True)).rowcount:
        audit.record(tx, SYSTEM, "job.stopped", "job", job.id, now, after={"reason": "not_allowed"})
    return False
