"""What a chat was asked and has answered so far, kept where a restart forgets nothing.

The state also keeps how it was before the last event. The same event, brought again after a crash, starts from
there and comes to the same state, instead of answering the next question with the last answer. So does a message that
was edited while it is still being asked about.

Questions whose answer cannot be taken back are no dialogue: they are buttons, whose rows say who may press them, until
when, and by which event they were used up. Those are always in the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.service import Core


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A command that lacks an argument: `values` are the raw texts given so far, `asked` is the missing one."""

    command: str
    asked: str
    values: dict[str, str] = field(default_factory=dict)


async def open_dialogue(core: Core, identity: str, request_key: str, *, edited: str = "") -> Dialogue | None:
    """The dialogue this event finds: the same one, however often the event is brought.

    `edited` is the message that this event is another wording of: it finds what the first wording found.
    """
    state = await core.dialogues.load(identity)
    if state is None:
        return None
    again = state["key"] == request_key or (edited and state.get("message") == edited)
    found = state["before"] if again else state["now"]
    return None if found is None else Dialogue(**found)


async def is_asked_about(core: Core, identity: str, message: str) -> bool:
    """Is the last thing asked a question about this very message?"""
    state = await core.dialogues.load(identity)
    return state is not None and bool(message) and state.get("message") == message and state["now"] is not None


async def keep_dialogue(
    core: Core,
    identity: str,
    request_key: str,
    before: Dialogue | None,
    now: Dialogue | None,
    *,
    message: str = "",
    edited: str = "",
) -> None:
    """Remember what is asked now, and about which message; None ends the dialogue."""
    if before is None and now is None and not edited:
        return
    state = {"key": request_key, "before": _plain(before), "now": _plain(now), "message": message}
    await core.dialogues.save(identity, state)


async def was_lost(core: Core, identity: str, request_key: str) -> bool:
    """May what this person writes be the answer to a question that is forgotten? True for one event, then it is told."""
    state = await core.dialogues.load(identity)
    if state is None or not state.get("lost") or state["key"] not in {"", request_key}:
        return False
    await core.dialogues.save(identity, {**state, "key": request_key})
    return True


def _plain(dialogue: Dialogue | None) -> dict[str, Any] | None:
    if dialogue is None:
        return None
    return {"command": dialogue.command, "asked": dialogue.asked, "values": dialogue.values}
