"""What lending an account earns: one allowance per model group, which grows and shrinks with the accounts lent."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from core.credit import wallets
from core.rules.lending import share_of
from core.rules.money import MICRO
from core.storage.talk_tables import models, source_models, sources
from core.storage.talk_tables import wallets as wallet_rows
from core.talk_settings import SourceSettings


def follow_lending(tx: sa.Connection, settings: SourceSettings, person_id: int, now: datetime) -> None:
    """Bring a person's allowances of kind `shared` to what they lend now; taking an account back cuts what is left.

    An account counts once a reading has shown that its credential works, and as long as it does.
    """
    wallets.keep_to_oneself(tx, person_id)
    lent = tx.execute(
        sa.select(models.c.quota_group, sources.c.id, sources.c.tier)
        .select_from(sources)
        .join(source_models, source_models.c.source_id == sources.c.id)
        .join(models, models.c.id == source_models.c.model_id)
        .where(
            sources.c.owner_id == person_id,
            sources.c.shared,
            sources.c.enabled,
            sources.c.removed_at.is_(None),
            sources.c.health == "healthy",
            source_models.c.enabled,
            source_models.c.read_at.is_not(None),
        )
        .distinct()
    ).all()
    tiers: dict[str, list[str]] = defaultdict(list)
    for row in lent:
        tiers[row.quota_group].append(row.tier)
    mine = sa.and_(wallet_rows.c.person_id == person_id, wallet_rows.c.kind == "shared")
    for group in {*tiers, *tx.execute(sa.select(wallet_rows.c.quota_group).where(mine)).scalars()}:
        share = share_of(
            tiers[group].count("paid"),
            tiers[group].count("free"),
            full=round(settings.share * MICRO),
            cap=settings.shared_cap,
            refill_paid=settings.shared_refill_paid,
            refill_free=settings.shared_refill_free,
        )
        wanted = wallets.Refilling("shared", group, share.cap, share.per_hour, origin="lending")
        wallets.keep_refilling(tx, person_id, wanted, now, again=False)
