"""A conversation as a file: to be read, to be kept, to be fed to other programs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core.errors import NotFound
from core.talk import attached, branches
from core.talk.contents import unseal
from core.talk.conversations import here, title_of
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

Format: TypeAlias = Literal["md", "json", "txt"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A branch as text."""

    title: str = field(repr=False)
    content: str = field(repr=False)
    messages: int


async def save_chat(core: Core, actor: Actor, place: Place, form: Format) -> Saved:
    """The branch that goes on here, as markdown, JSON or plain text. Raises: NotFound where nothing was said."""
    return await core.read(_save, core, actor, place, form)


def _save(tx: sa.Connection, core: Core, actor: Actor, place: Place, form: Format) -> Saved:
    talk = here(tx, actor, place)
    rows = [] if talk is None else branches.branch(tx, talk.head_id)
    if not rows:
        raise NotFound(kind="question", name="")
    came = attached.read_with(tx, [row.id for row in rows if row.role == "user"])
    said = [
        {
            "role": row.role,
            "speaker": one.speaker,
            "model": row.model,
            "at": row.made_at.isoformat(),
            "text": one.text,
            "files": attached.names(core.vault, came[row.id]) if row.id in came else None,
        }
        for row, one in ((row, unseal(core.vault, row)) for row in rows)
    ]
    title = title_of(core, talk)
    return Saved(title, _written(title, said, form), len(said))


def _written(title: str, said: list[dict[str, Any]], form: Format) -> str:
    if form == "json":
        kept = [{name: value for name, value in one.items() if value is not None} for one in said]
        return json.dumps({"title": title, "messages": kept}, ensure_ascii=False, indent=2) + "\n"
    mark = "## " if form == "md" else ""
    parts = [f"# {title}" if form == "md" else title] if title else []
    for one in said:
        who = one["model"] or one["speaker"] or one["role"]
        text = "\n\n".join([one["text"], *(f"[{name}]" for name in one["files"] or ())]).strip()
        parts.append(f"{mark}{who} · {one['at'][:16].replace('T', ' ')}\n\n{text}")
    return "\n\n".join(parts) + "\n"
