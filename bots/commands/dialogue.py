"""What a chat was asked and has answered so far: an encrypted row, so that a restart forgets nothing.

The row also keeps how it was before the last event. The same event, brought again after a crash, starts from
there and comes to the same state, instead of answering the next question with the last answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.service import Core
from core.storage.database import dialect_insert
from core.storage.tables import dialogues
from core.vault import Undecipherable

HOURS = 24
"""How long a question waits for its answer."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A command that lacks an argument: `values` are the raw texts given so far, `asked` is the missing one."""

    command: str
    asked: str
    values: dict[str, str] = field(default_factory=dict)


async def open_dialogue(core: Core, identity: str, request_key: str) -> Dialogue | None:
    """The dialogue this event finds: the same one, however often the event is brought."""
    state = await core.read(_read, core, identity)
    if state is None:
        return None
    found = state["before"] if state["key"] == request_key else state["now"]
    return None if found is None else Dialogue(**found)


async def keep_dialogue(
    core: Core, identity: str, request_key: str, before: Dialogue | None, now: Dialogue | None
) -> None:
    """Remember what is asked now; None ends the dialogue."""
    if before is None and now is None:
        return
    state = {"key": request_key, "before": _plain(before), "now": _plain(now)}
    await core.write(_write, core, identity, state)


def _plain(dialogue: Dialogue | None) -> dict[str, Any] | None:
    if dialogue is None:
        return None
    return {"command": dialogue.command, "asked": dialogue.asked, "values": dialogue.values}


def _read(tx: sa.Connection, core: Core, identity: str) -> dict[str, Any] | None:
    row = tx.execute(sa.select(dialogues).where(dialogues.c.identity == identity)).one_or_none()
    if row is None or row.expires_at <= core.now():
        return None
    try:
        state: dict[str, Any] = json.loads(core.vault.decrypt(row.state, row=_row(identity)))
    except Undecipherable:
        return None  # its key has left the configuration: the question is asked again
    return state


def _write(tx: sa.Connection, core: Core, identity: str, state: dict[str, Any]) -> None:
    values = {
        "state": core.vault.encrypt(json.dumps(state), row=_row(identity)),
        "expires_at": core.now() + timedelta(hours=HOURS),
    }
    tx.execute(
        dialect_insert(dialogues, tx)
        .values(identity=identity, **values)
        .on_conflict_do_update(index_elements=["identity"], set_=values)
    )


def _row(identity: str) -> str:
    return f"dialogues:{identity}:state"
