"""A conversation as a file: to be read, to be kept, to be fed to other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.errors import NotFound
from core.storage.chat_tables import messages
from core.talk import attached, branches
from core.talk.contents import SUMMARISE, unseal, unseal_word
from core.talk.conversations import here, title_of
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

Format: TypeAlias = Literal["md", "json", "txt"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A branch as text. `messages` are in it, of `all` that the conversation has: its other versions are not."""

    title: str = field(repr=False)
    content: str = field(repr=False)
    messages: int
    all: int


@dataclass(frozen=True, slots=True)
class Wording:
    """How a file for people calls who asked, marks answers that are not whole (by state), and in which zone it tells time."""

    you: str = "user"
    marks: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"


async def save_chat(core: Core, actor: Actor, place: Place, form: Format, wording: Wording | None = None) -> Saved:
    """The branch that goes on here, as markdown, JSON or plain text. Raises: NotFound where nothing was said."""
    return await core.read(_save, core, actor, place, form, wording or Wording())


def _save(tx: sa.Connection, core: Core, actor: Actor, place: Place, form: Format, wording: Wording) -> Saved:
    talk = here(tx, actor, place)
    rows = [] if talk is None else branches.branch(tx, talk.head_id)
    opened = [(row, unseal(core.vault, row)) for row in rows]
    theirs = [(row, one) for row, one in opened if one.text != SUMMARISE]
    if talk is None or not theirs:
        raise NotFound(kind="question", name="")
    came = attached.read_with(tx, [row.id for row in rows if row.role == "user"])
    said = [
        {
            "role": row.role,
            "speaker": one.speaker,
            "model": row.model,
            "at": row.made_at.isoformat(),
            "state": row.state if row.state != "complete" else None,
            "text": one.text,
            "files": attached.names(core.vault, came[row.id]) if row.id in came else None,
        }
        for row, one in theirs
    ]
    whole_talk = sa.select(sa.func.count()).where(messages.c.conversation_id == talk.id)
    every = int(tx.execute(whole_talk).scalar_one()) - len(opened) + len(theirs)
    title = title_of(core, talk)
    begins = unseal_word(core.vault, "conversations", talk.reference, "instructions", talk.instructions)
    if form == "json":
        kept = [{name: value for name, value in one.items() if value is not None} for one in said]
        whole = {"title": title, **({"instructions": begins} if begins else {}), "messages": kept}
        return Saved(title, json.dumps(whole, ensure_ascii=False, indent=2) + "\n", len(said), every)
    return Saved(title, _written(title, said, form, wording), len(said), every)


def _written(title: str, said: list[dict[str, Any]], form: Format, wording: Wording) -> str:
    zone = ZoneInfo(wording.zone)
    mark = "## " if form == "md" else ""
    parts = [f"# {title}" if form == "md" else title] if title else []
    for one in said:
        who = one["model"] or one["speaker"] or wording.you
        marked = [wording.marks[one["state"]]] if one["state"] in wording.marks else []
        text = "\n\n".join([one["text"], *(f"[{name}]" for name in one["files"] or ()), *marked]).strip()
        at = datetime.fromisoformat(one["at"]).astimezone(zone)
        parts.append(f"{mark}{who} · {at:%Y-%m-%d %H:%M} {at.tzname()}\n\n{text}")
    return "\n\n".join(parts) + "\n"
