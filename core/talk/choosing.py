"""Which model answers somebody, and whether there is any to talk with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.errors import NotFound
from core.people.people import person_of
from core.sources.models import Model, list_models, open_model
from core.sources.models import talks as can_talk
from core.storage import tables as t
from core.storage.chat_tables import conversations
from core.storage.names import name_key
from core.storage.talk_tables import models
from core.talk import places, sponsors
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Choice:
    """The models that can be asked; `chosen` is the name of the one that answers here, None where nobody chose."""

    models: list[Model]
    chosen: str | None


async def talks(core: Core) -> bool:
    """Can anybody talk with a model here?"""
    return core.settings.talk.enabled and await has_models(core)


async def has_models(core: Core) -> bool:
    """Is there any model here, so that credit is good for something?"""
    return await core.read(_any, core)


async def choice(core: Core, actor: Actor, place: Place) -> Choice:
    """Every model that can be asked, and which one answers here."""
    hears = name_key(core.settings.talk.transcription_model)
    found = [one for one in await list_models(core, enabled=True) if name_key(one.name) != hears]
    chosen = await core.read(_chosen, actor, place) or core.settings.talk.default_model or None
    if chosen is None and len(found) == 1:
        chosen = found[0].name
    return Choice(found, chosen if any(one.name == chosen for one in found) else None)


def named(models: Sequence[Model], words: str) -> list[Model]:
    """The models that somebody may mean: the one of that name, else all with these words in their names or groups."""
    key = name_key(words)
    exact = [one for one in models if name_key(one.name) == key]
    parts = key.split()
    return exact or [one for one in models if all(part in name_key(f"{one.name} {one.quota_group}") for part in parts)]


async def choose(core: Core, actor: Actor, place: Place, name: str) -> Model:
    """Let a model answer here from now on, and in what this person begins later. Raises: NotFound."""
    return await core.write(_choose, core, actor, place, name, core.now())


def _any(tx: sa.Connection, core: Core) -> bool:
    return tx.execute(sa.select(models.c.id).where(can_talk(core)).limit(1)).first() is not None


def _chosen(tx: sa.Connection, actor: Actor, place: Place) -> str | None:
    of = sa.select(t.people.c.id, t.people.c.default_model).join(
        t.identities, t.identities.c.person_id == t.people.c.id
    )
    mine = sa.and_(t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity)
    if (payer := sponsors.payer_of(tx, place)) is not None:
        mine = t.identities.c.platform.concat(":").concat(t.identities.c.identity) == payer
    person = tx.execute(of.where(mine)).one_or_none()
    if person is None:
        return None
    talk = places.current(tx, person.id if place.private else 0, place)
    chosen: str | None = (None if talk is None else talk.model) or person.default_model
    return chosen


def _choose(tx: sa.Connection, core: Core, actor: Actor, place: Place, name: str, now: datetime) -> Model:
    places.lock(tx, place)
    model = open_model(tx, name)
    if name_key(model.name) == name_key(core.settings.talk.transcription_model):
        raise NotFound(kind="model", name=name[:100])
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(default_model=model.name))
    talk = places.current(tx, person_id if place.private else 0, place, lock=True)
    if talk is not None:
        tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(model=model.name))
    return model
