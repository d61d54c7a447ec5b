"""Beginning, finding and keeping conversations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.talk import places
from core.talk.contents import new_reference, seal_word
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

LONGEST_TITLE = 80


async def begin(core: Core, actor: Actor, place: Place, title: str | None = None) -> None:
    """Let a new conversation go on here; the one before it stays where it can be found.

    Doing it again before anything was said begins no second one.
    """
    await core.write(_begin, core, actor, place, title, core.now())


def _begin(tx: sa.Connection, core: Core, actor: Actor, place: Place, title: str | None, now: datetime) -> Any:
    owner = places.owner_of(tx, actor, place, now)
    talk = places.current(tx, owner, place, lock=True)
    reference = new_reference()
    named = {} if title is None else {"title": seal_title(core, reference, title)}
    if talk is not None and talk.head_id is None and title is None:
        return talk
    return places.begin(tx, owner, place, now, reference=reference, **named)


def seal_title(core: Core, reference: str, title: str) -> bytes:
    """The ciphertext of a title."""
    return seal_word(core.vault, "conversations", reference, "title", title[:LONGEST_TITLE])
