"""Taking notices out of the outbox, and writing down what became of them.

A claim is a lease on the row: any number of processes may send, and what a dead one had claimed is sent by another
when the lease has run out. Notices of one chat go out one after the other; one that is held back on purpose lets
the later ones pass, one that is being tried again does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from core import outbox
from core.alerts import alerts, subscriptions
from core.rules.addresses import key_of
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.prepared import Prepared
from core.storage.row_claims import change
from core.storage.row_claims import claim_due as claim_rows

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
"""How long a claimed notice is nobody else's, unless the claim is renewed: what a killed process delays it by."""
AGAIN = timedelta(minutes=1)
"""How often a message that is kept up to date is looked at."""
FIRST_RETRY = timedelta(seconds=5)
MOST_TRIES = 6
"""Failures after which a notice is dead. A platform that is away is none of them."""
OLDEST = timedelta(days=2)
"""Age at which a notice is not worth sending any more, where its platform was away all the time."""
SENT = "sent"
"""The fact that says how many messages of a notice stand there already, after a try that did not get further."""
UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Due:
    """One claimed notice. `edits` is the sent message it replaces; `dead_end` that its reader cannot be reached."""

    id: int
    token: str
    channel: str
    recipient: str
    template: str
    facts: Mapping[str, Any]
    language: str | None
    tries: int
    edits: str | None
    claimed_at: datetime
    dead_end: bool = False
    timezone: str | None = None


_IS_DUE = Prepared(
    sa.select(t.notices.c.id)
    .where(
        t.notices.c.state == "ready",
        t.notices.c.channel == sa.bindparam("channel", type_=sa.String()),
        t.notices.c.due_at <= sa.bindparam("now", type_=Moment()),
    )
    .limit(1)
)


def is_due(tx: sa.Connection, channel: str, now: datetime) -> bool:
    """Is there anything that `claim_due` might claim? Asked all the time, and mostly answered with no."""
    return bool(_IS_DUE.all(tx, {"channel": channel, "now": now}))


def claim_due(
    tx: sa.Connection, channels: Collection[str], now: datetime, *, most: int, without: Collection[str] = ()
) -> list[Due]:
    """Claim up to `most` notices, the first of each chat, the longest waiting first.

    `without` are the beginnings of recipients who have enough under way.
    """
    before = t.notices.alias("before")
    in_the_way = sa.exists().where(
        before.c.state == "ready",
        before.c.channel == t.notices.c.channel,
        before.c.recipient == t.notices.c.recipient,
        before.c.id < t.notices.c.id,
        sa.or_(before.c.tries > 0, before.c.due_at <= now),
    )
    ready: tuple[sa.ColumnElement[bool], ...] = (
        t.notices.c.state == "ready",
        t.notices.c.due_at <= now,
        t.notices.c.channel.in_(list(channels)),
    )
    ready += tuple(~t.notices.c.recipient.startswith(begins, autoescape=True) for begins in without)
    order = [t.notices.c.due_at, t.notices.c.id]
    tries = t.notices.c.tries + 1
    rows = claim_rows(tx, t.notices, *ready, ~in_the_way, until=now + LEASE, order_by=order, most=most, tries=tries)
    if not rows:
        return []
    known = _people(tx, rows)
    zones = _zones(tx, rows)
    claimed = []
    for row in sorted(rows, key=lambda row: int(row.id)):
        unreachable, language, zone = known.get((row.channel, row.recipient), (False, None, None))
        claimed.append(
            Due(
                id=row.id,
                token=row.claim,
                channel=row.channel,
                recipient=row.recipient,
                template=row.template,
                facts=row.facts,
                language=row.language or language,
                tries=row.tries,
                edits=row.message_ref,
                claimed_at=now,
                dead_end=unreachable,
                timezone=zone or zones.get((row.channel, row.recipient)),
            )
        )
    return claimed


def note_sent(tx: sa.Connection, due: Due, ref: str | None, now: datetime) -> bool:
    """It has gone out as message `ref` (None: nothing had to be said). False if the claim had run out."""
    if not _close(tx, due, state="sent", sent_at=now, message_ref=ref or due.edits, error=None):
        return False
    if due.edits is None and ref is not None:
        if due.template == "alert":
            _keep_alert_message(tx, due, ref, now)
        elif due.template == "job":
            _keep_job_message(tx, due, ref, now)
    if due.template == "announcement":
        _settle_item(tx, due, "done", None, now)
    return True


def note_again(tx: sa.Connection, due: Due, ref: str | None, shown: str, now: datetime) -> bool:
    """It stands as message `ref` (None: as before) and comes again in a minute. False if the claim had run out."""
    facts = {**due.facts, "shown": shown}
    again = {"due_at": now + AGAIN, "created_at": now, "tries": 0, "error": None, "facts": facts}
    return _close(tx, due, message_ref=ref or due.edits, **again)


def renew(tx: sa.Connection, due: Due, now: datetime) -> bool:
    """Keep the claim while sending takes its time. False if it has run out."""
    return _changed(tx, due, due_at=now + LEASE)


def note_not_now(tx: sa.Connection, due: Due, seconds: float, now: datetime, *, sent: int = 0) -> bool:
    """The platform is away or asked for a pause, which costs no try. The chat's later notices wait, too.

    `sent` messages of this one stand there already, and are not sent again.

    False if the claim had run out.
    """
    created = tx.execute(sa.select(t.notices.c.created_at).where(*_mine(due))).scalar_one_or_none()
    if created is not None and created < now - OLDEST:
        return note_failed(tx, due, "the platform was away", now, final=True)
    later = now + timedelta(seconds=seconds)
    facts = {"facts": {**due.facts, SENT: sent}} if sent else {}
    return _changed(tx, due, claim=None, due_at=later, tries=max(1, due.tries - 1), error="not now", **facts)


def note_failed(tx: sa.Connection, due: Due, error: str, now: datetime, *, final: bool = False) -> bool:
    """It did not go out: later again, or never (`final`, or too many tries), which alerts staff. True if never."""
    wait = FIRST_RETRY * 2 ** (due.tries - 1)
    if not note_later(tx, due, error, wait, now, most=0 if final else MOST_TRIES):
        return False
    if _close(tx, due, state="dead", error=error[:200]):
        _settle_item(tx, due, "failed", "rejected" if final else "not_sent", now)
        facts = {"channel": due.channel, "template": due.template, "error": error[:200]}
        level = "warning" if final else "error"
        alerts.raise_alert(tx, "system", f"notices:{due.channel}", level, "notice_dead", facts, now)
    return True


def note_later(tx: sa.Connection, due: Due, error: str, wait: timedelta, now: datetime, *, most: int) -> bool:
    """Try again after `wait`, unless there were `most` tries already. True if there were."""
    if due.tries < most:
        _changed(tx, due, claim=None, due_at=now + wait, error=error[:200])
        return False
    return True


def note_dead(tx: sa.Connection, due: Due, error: str) -> bool:
    """It is never tried again. False if the claim had run out."""
    return _close(tx, due, state="dead", error=error[:200])


def note_unreachable(tx: sa.Connection, due: Due, now: datetime) -> None:
    """The reader cannot be reached there any more: nothing is tried again, and staff hear of a silent chat."""
    if not _close(tx, due, state="dead", error=UNREACHABLE):
        return
    _settle_item(tx, due, "failed", UNREACHABLE, now)
    if due.channel not in outbox.CHATS:
        return
    subscriptions.chat_unreachable(tx, due.channel, outbox.chat_of(due.recipient), now)
    silent = sa.and_(
        t.identities.c.platform == due.channel,
        t.identities.c.identity == due.recipient,
        t.identities.c.unreachable_since.is_(None),
    )
    tx.execute(sa.update(t.identities).where(silent).values(unreachable_since=now))
    waiting = (
        t.notices.c.channel == due.channel,
        t.notices.c.recipient == due.recipient,
        t.notices.c.template == "alert",
        t.notices.c.tries == 0,
    )
    if change(tx, t.notices, *waiting, expected="ready", returning=False, state="dead", error=UNREACHABLE).count:
        log.info("alerts_given_up", channel=due.channel)


def spread(tx: sa.Connection, due: Due, recipients: Collection[str], now: datetime) -> None:
    """Replace a notice by one for each of several recipients, which are then sent and retried by themselves."""
    if _close(tx, due, state="sent", sent_at=now):
        for recipient in recipients:
            dedupe = f"{due.id}:{recipient}"
            outbox.put(
                tx,
                due.channel,
                recipient,
                outbox.Notice(due.template, due.facts, language=due.language, dedupe=dedupe),
                now,
            )


def waiting(tx: sa.Connection, now: datetime) -> tuple[dict[str, int], float]:
    """How many notices are due by channel, and how long the oldest of them has been, in seconds."""
    due = sa.and_(t.notices.c.state == "ready", sa.or_(t.notices.c.due_at <= now, t.notices.c.tries > 0))
    rows = tx.execute(
        sa.select(t.notices.c.channel, sa.func.count().label("number"), sa.func.min(t.notices.c.due_at).label("oldest"))
        .where(due)
        .group_by(t.notices.c.channel)
    ).all()
    oldest = min((row.oldest for row in rows if row.oldest is not None), default=now)
    return {row.channel: int(row.number) for row in rows}, max(0.0, (now - oldest).total_seconds())


def _mine(due: Due) -> list[sa.ColumnElement[bool]]:
    return [t.notices.c.id == due.id, t.notices.c.claim == due.token, t.notices.c.state == "ready"]


def _close(tx: sa.Connection, due: Due, **values: Any) -> bool:
    return _changed(tx, due, claim=None, **values)


def _changed(tx: sa.Connection, due: Due, **values: Any) -> bool:
    """Change the notice if the claim to it has not run out."""
    mine = (t.notices.c.id == due.id, t.notices.c.claim == due.token)
    return change(tx, t.notices, *mine, expected="ready", returning=False, **values).count == 1


def _people(tx: sa.Connection, rows: Collection[Any]) -> dict[tuple[str, str], tuple[bool, str | None, str | None]]:
    """Whether the persons among the recipients are unreachable, which language they speak, and in which zone they are."""
    wanted = {row.recipient for row in rows if row.channel in outbox.CHATS}
    if not wanted:
        return {}
    found = tx.execute(
        sa.select(t.identities, t.people.c.language, t.people.c.timezone)
        .join(t.people, t.people.c.id == t.identities.c.person_id)
        .where(t.identities.c.identity.in_(wanted))
    )
    return {
        (row.platform, row.identity): (row.unreachable_since is not None, row.language, row.timezone) for row in found
    }


def _zones(tx: sa.Connection, rows: Collection[Any]) -> dict[tuple[str, str], str]:
    """The zones of readers who are named otherwise: by their chat, by a chat that is told of alerts, by their address."""
    chats = {outbox.chat_of(row.recipient): row.recipient for row in rows if row.channel in outbox.CHATS}
    mails = {key_of(row.recipient): row.recipient for row in rows if row.channel == "mail"}
    zones: dict[tuple[str, str], str] = {}
    if chats:
        told = sa.select(t.subscriptions.c.platform, t.subscriptions.c.chat_id, t.subscriptions.c.timezone)
        own = sa.select(t.identities.c.platform, t.identities.c.chat_id, t.people.c.timezone)
        own = own.join(t.people, t.people.c.id == t.identities.c.person_id)
        for table, asked in ((t.subscriptions, told), (t.identities, own)):
            for platform, chat, zone in tx.execute(asked.where(table.c.chat_id.in_(list(chats)))):
                if zone is not None:
                    zones[platform, chats[chat]] = zone
    if mails:
        holders = (
            sa.select(t.leases.c.address_key, t.people.c.timezone)
            .join(
                t.identities,
                sa.and_(t.identities.c.platform == t.leases.c.platform, t.identities.c.identity == t.leases.c.identity),
            )
            .join(t.people, t.people.c.id == t.identities.c.person_id)
            .where(t.leases.c.address_key.in_(list(mails)), t.people.c.timezone.is_not(None))
            .order_by(t.leases.c.id)
        )
        zones |= {("mail", mails[key]): zone for key, zone in tx.execute(holders)}
    return zones


def _keep_alert_message(tx: sa.Connection, due: Due, ref: str, now: datetime) -> None:
    # Whoever resolves the alert in this moment waits for its row, and finds the message in the table afterwards.
    alert_id = int(due.facts["alert"])
    row = tx.execute(sa.select(t.alerts).where(t.alerts.c.id == alert_id).with_for_update()).one_or_none()
    if row is None:
        return
    # Not as it was claimed: a group may have moved meanwhile.
    chat = outbox.chat_of(tx.execute(sa.select(t.notices.c.recipient).where(t.notices.c.id == due.id)).scalar_one())
    values = {"alert_id": alert_id, "platform": due.channel, "chat_id": chat, "message_ref": ref, "sent_at": now}
    tx.execute(sa.insert(t.alert_messages).values(**values))
    if row.resolved_at is not None and row.resolved_at >= due.claimed_at:
        alerts.show_change(tx, alert_id, now)


def _keep_job_message(tx: sa.Connection, due: Due, ref: str, now: datetime) -> None:
    job = tx.execute(
        sa.update(t.jobs).where(t.jobs.c.id == int(due.facts["job"])).values(message_ref=ref).returning(t.jobs)
    ).one_or_none()
    if job is not None and job.finished_at is not None and job.finished_at >= due.claimed_at:
        outbox.put_edit(
            tx, due.channel, due.recipient, outbox.Notice("job", due.facts, language=due.language), now, edits=ref
        )


def _settle_item(tx: sa.Connection, due: Due, state: str, reason: str | None, now: datetime) -> None:
    """An announcement's message has come to its end: so has its line in the job."""
    if due.template != "announcement" or "item" not in due.facts:
        return
    item = t.job_items.c.id == int(due.facts["item"])
    change(tx, t.job_items, item, expected="pending", state=state, reason=reason, done_at=now).one_or_none()
